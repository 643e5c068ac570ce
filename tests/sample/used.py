"""What was used: resources, their access story, their meters."""

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .products import (
    ADDRESS_FR, DATABASE_DE, DATABASE_FR, DATABASE_GB, DISK_DE, DISK_FR, FIREWALL_DE, GATEWAY_DE, HUGE_VM_DE,
    LARGE_VM_DE, LOGS_DE, LOGS_FR, MARKETPLACE_DE, PREVIEW_DE, SENSORS_DE, SPOT_DE, SPOT_FR, STORAGE_DE, STORAGE_FR,
    STORAGE_GB, TRAFFIC_DE, VM_AT, VM_DE, VM_FR, VM_GB, VM_NOWHERE, Product,
)  # fmt: skip
from .who import (
    CREDIT_PERCENT, DEPOT, FACTORY, FLEET, IMAGING, LAB, LIFTS, PLATFORM, PRODUCTION, SHOPS, STUDIO, WEBSHOP,
    Subscription, day, days,
)  # fmt: skip


@dataclass(frozen=True)
class Resource:
    """Something that costs money. Without a `type` a meter names no resource: the group stands for it."""

    name: str
    subscription: Subscription
    group: str
    type: str
    access: str

    @property
    def uri(self) -> str:
        provider, _, kinds = self.type.partition("/")
        path = "/".join(f"{kind}/{name}" for kind, name in zip(kinds.split("/"), self.name.split("/")))
        return f"{self.subscription.scope}/resourceGroups/{self.group}/providers/{provider}/{path}" if self.type else ""

    @property
    def id(self) -> str:
        return (self.uri or f"{self.subscription.scope}/resourceGroups/{self.group}").lower()

    def access_on(self, on: date) -> str:
        """Look up the last step of the access story that has begun: `path/level`, or the reason of a lost day."""
        steps = [step.split() for step in self.access.split(", ")]
        return [state for since, state in steps if day(since) <= on][-1]


VIRTUAL_MACHINE, STORAGE_ACCOUNT = "Microsoft.Compute/virtualMachines", "Microsoft.Storage/storageAccounts"
WORKSPACE, DISKS = "Microsoft.OperationalInsights/workspaces", "Microsoft.Compute/disks"
DATABASE = "Microsoft.Sql/servers/databases"

# Kieselbrück Production: the customer's new admin removed the partner at 10:00 on 19 August and put it back at 11:00.
# One hour costs the day; only the workspace, where a service principal of the partner has a role of its own, keeps it.
REMOVED_FOR_AN_HOUR = "07-01 aobo/subscription, 08-19 partial_day, 08-20 aobo/subscription"
KEPT_BY_A_SERVICE_PRINCIPAL = "07-01 aobo/subscription, 08-19 direct/resource_group, 08-20 aobo/subscription"
ERP = Resource("vm-erp-01", PRODUCTION, "rg-erp", VIRTUAL_MACHINE, REMOVED_FOR_AN_HOUR)
ERP_DATA = Resource("kieselbrueckerp", PRODUCTION, "rg-erp", STORAGE_ACCOUNT, REMOVED_FOR_AN_HOUR)
ERP_TRAFFIC = Resource("", PRODUCTION, "RG-ERP", "", REMOVED_FOR_AN_HOUR)
ERP_LOGS = Resource("log-kieselbrueck", PRODUCTION, "rg-monitoring", WORKSPACE, KEPT_BY_A_SERVICE_PRINCIPAL)
CAD = Resource("vm-cad-01", PRODUCTION, "rg-cad", VIRTUAL_MACHINE, REMOVED_FOR_AN_HOUR)
ERP_DATABASE = Resource("vm-erp-db-01", PRODUCTION, "rg-erp", VIRTUAL_MACHINE, REMOVED_FOR_AN_HOUR)
ERP_DISKS = Resource("disk-erp-db-data", PRODUCTION, "rg-erp", DISKS, REMOVED_FOR_AN_HOUR)
WAREHOUSE = Resource("vm-sql-01", PRODUCTION, "rg-erp", VIRTUAL_MACHINE, REMOVED_FOR_AN_HOUR)
FIREWALL = Resource("vm-shieldwall-01", PRODUCTION, "rg-network", VIRTUAL_MACHINE, REMOVED_FOR_AN_HOUR)

# Kieselbrück Lab: a Reader only, until the partner's group became Contributor of the management group at 14:20 on
# 12 August. In rg-sim an engineer is eligible by PIM, and activated it for one working day: neither is a whole day.
LAB_STORY = "07-01 ineligible_role, 08-12 partial_day, 08-13 direct/management_group"
SIMULATION_STORY = (
    "07-01 not_permanent, 08-06 partial_day, 08-07 not_permanent, 08-12 partial_day, 08-13 direct/management_group"
)
LAB_FILES = Resource("kieselbruecklab", LAB, "rg-lab", STORAGE_ACCOUNT, LAB_STORY)
SOLVER = Resource("sim-solver", LAB, "rg-lab", "Microsoft.Simulation/solvers", LAB_STORY)
SIMULATION = Resource("vm-sim-07", LAB, "rg-sim", VIRTUAL_MACHINE, SIMULATION_STORY)

# Orvelle Shops: nobody has the whole subscription, each resource group has its own story.
# The two offers of the marketplace differ in one thing: nobody linked a partner id to the principal of the studio's.
BOUTIQUE = Resource("vm-boutique-01", SHOPS, "rg-boutique", VIRTUAL_MACHINE, "07-01 lighthouse/resource_group")
SHOP_DATA = Resource("orvelleplatform", SHOPS, "rg-platform", STORAGE_ACCOUNT, "07-01 lighthouse/resource_group")
SHOP_LOGS = Resource("log-orvelle", SHOPS, "rg-platform", WORKSPACE, "07-01 lighthouse/resource_group")
TILL = Resource(
    "vm-pos-03", SHOPS, "rg-stores", VIRTUAL_MACHINE, "07-01 direct/resource, 09-04 partial_day, 09-05 no_access"
)
RENDERING = Resource("vm-render-01", SHOPS, "rg-render", VIRTUAL_MACHINE, "07-01 not_linked")
INTRANET = Resource("vm-intranet-01", SHOPS, "rg-legacy", VIRTUAL_MACHINE, "07-01 no_access")
WIFI = Resource("vm-wifi-01", SHOPS, "rg-wifi", VIRTUAL_MACHINE, "07-01 other_partner")
LEGACY_ADDRESS = Resource("pip-legacy", SHOPS, "rg-legacy", "Microsoft.Network/publicIPAddresses", "07-01 no_access")
ANALYTICS = Resource(
    "vm-analytics-01", SHOPS, "rg-analytics", VIRTUAL_MACHINE,
    "07-01 not_linked, 08-20 partial_day, 08-21 direct/resource_group",
)
PRINT_DISK = Resource("disk-print-01", SHOPS, "rg-print", "Microsoft.Compute/disks", "07-01 not_permanent")
CATALOGUE = Resource(
    "sql-catalogue/catalogue", SHOPS, "rg-catalogue", "Microsoft.Sql/servers/databases",
    "07-01 direct/resource_group, 08-05 partial_day, 08-06 denied, 08-13 partial_day, 08-14 direct/resource_group",
)

# Thornwick Depot: the AOBO role vanished between two snapshots, without a record. Its end is the last time it was
# seen; three days later the customer delegated the subscription through Azure Lighthouse.
DEPOT_STORY = "07-01 aobo/subscription, 08-24 no_access, 08-27 partial_day, 08-28 lighthouse/subscription"
DEPOT_MACHINE = Resource("vm-depot-01", DEPOT, "rg-depot", VIRTUAL_MACHINE, DEPOT_STORY)
DEPOT_DATABASE = Resource("sql-depot/stock", DEPOT, "rg-depot", DATABASE, DEPOT_STORY)
DEPOT_FILES = Resource("thornwickdepot", DEPOT, "rg-depot", STORAGE_ACCOUNT, DEPOT_STORY)

# Thornwick Fleet: Skerrane has had access for years, but its agreement with Microsoft begins at 09:00 on 10 August.
FLEET_MACHINE = Resource(
    "vm-fleet-01", FLEET, "rg-fleet", VIRTUAL_MACHINE, "07-01 no_agreement, 08-11 aobo/subscription"
)
FLEET_DATABASE = Resource("sql-fleet/telematics", FLEET, "rg-fleet", DATABASE, "07-01 no_agreement, 08-11 aobo/subscription")

# Aldersbrunn Platform, the leak: a new administrator removed AdminAgents at 10:00 on 14 July. Nobody noticed for four
# weeks, until the partner asked for it, and had it back at 11:00 on 11 August.
LEAK = "07-01 aobo/subscription, 07-14 partial_day, 07-15 no_access, 08-11 partial_day, 08-12 aobo/subscription"
CLUSTER = Resource("aks-clinic-nodes", PLATFORM, "rg-clinic", "Microsoft.Compute/virtualMachineScaleSets", LEAK)
RECORDS = Resource("sqlmi-records", PLATFORM, "rg-clinic", "Microsoft.Sql/managedInstances", LEAK)
RECORD_FILES = Resource("aldersbrunnrecords", PLATFORM, "rg-clinic", STORAGE_ACCOUNT, LEAK)
CLINIC_FIREWALL = Resource("afw-clinic", PLATFORM, "rg-network", "Microsoft.Network/azureFirewalls", LEAK)
CLINIC_LOGS = Resource("log-clinic", PLATFORM, "rg-network", WORKSPACE, LEAK)

# Aldersbrunn Imaging: AdminAgents stood all the time, and still Microsoft's run failed for nine days of July. That
# credit was claimed, and paid.
IMAGES_DATABASE = Resource("vm-pacs-db-01", IMAGING, "rg-pacs", VIRTUAL_MACHINE, "07-01 aobo/subscription")
IMAGES = Resource("aldersbrunnimages", IMAGING, "rg-pacs", STORAGE_ACCOUNT, "07-01 aobo/subscription")
IMAGE_DISKS = Resource("disk-pacs-db-data", IMAGING, "rg-pacs", DISKS, "07-01 aobo/subscription")

# Frostquell: the service principal of the web shop has a role, and no partner id; in the factory the partner may only
# read, since somebody chose Reader.
SHOP_NODES = Resource("vmss-shop", WEBSHOP, "rg-shop", "Microsoft.Compute/virtualMachineScaleSets", "07-01 not_linked")
SHOP_DATABASE = Resource("sqlmi-shop", WEBSHOP, "rg-shop", "Microsoft.Sql/managedInstances", "07-01 not_linked")
SHOP_TRAFFIC = Resource("", WEBSHOP, "rg-shop", "", "07-01 not_linked")
SENSORS = Resource("iot-factory", FACTORY, "rg-iot", "Microsoft.Devices/IotHubs", "07-01 ineligible_role")
FACTORY_NODES = Resource("vmss-factory", FACTORY, "rg-iot", "Microsoft.Compute/virtualMachineScaleSets", "07-01 ineligible_role")
FACTORY_DATA = Resource("frostquelldata", FACTORY, "rg-iot", STORAGE_ACCOUNT, "07-01 ineligible_role")

# Two small customers: a market without a price sheet, and lines without a country.
LIFT_CONTROL = Resource("vm-lift-control-01", LIFTS, "rg-lifts", VIRTUAL_MACHINE, "07-01 aobo/subscription")
EDITING = Resource("vm-editing-01", STUDIO, "rg-editing", VIRTUAL_MACHINE, "07-01 aobo/subscription")


def season(name: str, on: date) -> Decimal:
    """How much of the usual quantity a day needs.

    office: little at the weekend; growing: 1.2 % more each day; summer: a peak in the last week of July, which is three
    times as high as the rest of the year and higher at the weekend; sales: half as much again in the first three weeks
    of July and in September.
    """
    weekend = on.weekday() > 4
    if name == "office":
        return Decimal("0.35") if weekend else Decimal(1)
    if name == "growing":
        return 1 + Decimal("0.012") * (on - day("07-01")).days
    if name == "summer":
        peak = max(Decimal(0), 1 - Decimal(abs((on - day("07-28")).days)) / 32)
        return (1 + 2 * peak) * (Decimal("1.25") if weekend else 1)
    if name == "sales":
        return Decimal("1.5") if on <= day("07-21") or on.month == 9 else Decimal(1)
    return Decimal(1)


@dataclass(frozen=True)
class Usage:
    """A meter of a resource: so much a day, give or take `wobble`; `never` is why the product earns no credit.

    `charged_at`: the price that Microsoft charges, where it is not that of the sheet.
    """

    resource: Resource
    product: Product
    days: str
    quantity: str
    wobble: str = "0"
    season: str = ""
    never: str = ""
    benefit: str = ""
    working_days_only: bool = False
    charge_type: str = "new"
    charged_at: str = ""

    def dates(self) -> list[date]:
        return [on for on in days(self.days) if on.weekday() < 5 or not self.working_days_only]

    def quantity_on(self, on: date) -> Decimal:
        digest = hashlib.sha256(f"{self.resource.id} {self.product.sku_name} {on}".encode()).digest()
        swing = Decimal(int.from_bytes(digest[:4], "big")) / 2**31 - 1
        usual = Decimal(self.quantity) * season(self.season, on)
        return (usual * (1 + Decimal(self.wobble) * swing)).quantize(Decimal("0.000001"))


ALL = "07-01..09-12"
USAGE = (
    Usage(ERP, VM_DE, "07-01..08-25 08-28..09-12", "24"),
    Usage(ERP, VM_DE, "08-26..08-27", "24", charged_at="0.2300"),  # the price of before the 16th
    Usage(ERP, VM_DE, "08-14", "-6", charge_type="Cancel"),
    Usage(ERP, MARKETPLACE_DE, "08-17..08-21", "24", never="marketplace"),
    Usage(ERP_DATABASE, LARGE_VM_DE, ALL, "24"),
    Usage(ERP_DISKS, DISK_DE, ALL, "0.258065"),
    Usage(ERP_DATA, STORAGE_DE, ALL, "1930", "0.02"),
    Usage(ERP_TRAFFIC, TRAFFIC_DE, ALL, "186", "0.3", working_days_only=True),
    Usage(ERP_LOGS, LOGS_DE, ALL, "14", "0.25", season="office"),
    Usage(CAD, SPOT_DE, "07-20..07-24 08-04..08-06 08-11..08-13", "190", "0.2", never="spot"),
    Usage(WAREHOUSE, VM_DE, "08-24..09-12", "96", never="reservation", benefit="Reservation"),
    Usage(FIREWALL, FIREWALL_DE, "08-10..08-14", "24", never="third_party"),
    Usage(LAB_FILES, STORAGE_DE, ALL, "420", "0.05"),
    Usage(SOLVER, PREVIEW_DE, "08-18..08-20", "35", "0.4", never="not_on_price_list"),
    Usage(SIMULATION, VM_DE, ALL, "240", working_days_only=True),
    Usage(CLUSTER, VM_DE, ALL, "960", "0.04", season="office"),
    Usage(RECORDS, DATABASE_DE, ALL, "1152"),
    Usage(RECORD_FILES, STORAGE_DE, ALL, "2650", "0.01"),
    Usage(CLINIC_FIREWALL, GATEWAY_DE, ALL, "24"),
    Usage(CLINIC_LOGS, LOGS_DE, ALL, "18", "0.2", season="office"),
    Usage(IMAGES_DATABASE, HUGE_VM_DE, ALL, "24"),
    Usage(IMAGES, STORAGE_DE, ALL, "3400", "0.01", season="growing"),
    Usage(IMAGE_DISKS, DISK_DE, ALL, "0.516129"),
    Usage(SHOP_NODES, VM_DE, ALL, "240", "0.06", season="summer"),
    Usage(SHOP_DATABASE, DATABASE_DE, ALL, "192"),
    Usage(SHOP_TRAFFIC, TRAFFIC_DE, ALL, "230", "0.1", season="summer"),
    Usage(SENSORS, SENSORS_DE, ALL, "4"),
    Usage(FACTORY_NODES, VM_DE, ALL, "192", "0.03", season="growing"),
    Usage(FACTORY_DATA, STORAGE_DE, ALL, "940", "0.02", season="growing"),
    Usage(LIFT_CONTROL, VM_AT, ALL, "24", season="summer", never="not_on_price_list"),
    Usage(BOUTIQUE, VM_FR, "07-01..08-20", "24"),
    Usage(BOUTIQUE, VM_FR, "08-21..09-12", "16", never="savings_plan", benefit="SavingsPlan"),
    Usage(BOUTIQUE, VM_FR, "08-21..09-12", "8", benefit="Charge"),
    Usage(SHOP_DATA, STORAGE_FR, ALL, "1740", "0.03", season="sales"),
    Usage(SHOP_LOGS, LOGS_FR, "08-01..08-05", "9.1", "0.2", never="azure_credit"),
    Usage(SHOP_LOGS, LOGS_FR, "07-06..07-31 08-06..08-20", "9.1", "0.2", season="sales"),
    Usage(TILL, VM_FR, "08-10..09-12", "14"),
    Usage(RENDERING, SPOT_FR, "07-06..07-17 08-24..08-28", "120", "0.2", never="spot"),
    Usage(INTRANET, VM_FR, "09-01..09-04", "24", never="benefit_paid"),  # charged 0, and nothing says by which benefit
    Usage(INTRANET, VM_FR, "09-05..09-12", "24", never="reservation"),  # told by AdditionalInfo alone
    Usage(WIFI, VM_FR, "07-20..08-10", "24"),
    Usage(LEGACY_ADDRESS, ADDRESS_FR, "07-01..08-14", "96"),
    Usage(ANALYTICS, VM_FR, "08-14..09-12", "10", "0.3"),
    Usage(PRINT_DISK, DISK_FR, "08-20..08-27", "0.129032"),
    Usage(CATALOGUE, DATABASE_FR, "07-13..08-22", "384"),
    Usage(DEPOT_MACHINE, VM_GB, ALL, "24"),
    Usage(DEPOT_DATABASE, DATABASE_GB, ALL, "192", season="office"),
    Usage(DEPOT_FILES, STORAGE_GB, ALL, "1710", "0.04"),
    Usage(EDITING, VM_NOWHERE, ALL, "10", working_days_only=True, never="not_on_price_list"),
    Usage(FLEET_MACHINE, VM_GB, ALL, "24"),
    Usage(FLEET_DATABASE, DATABASE_GB, ALL, "288", season="office"),
)


@dataclass(frozen=True)
class Differs:
    """Days on which Microsoft applied another percentage than the evidence asks for."""

    resource: Resource
    days: str
    applied_percent: int
    why: str


MICROSOFT_DIFFERS = (
    Differs(IMAGES_DATABASE, "07-18..07-26", 0, "missed: the run failed for nine days; claimed and paid"),
    *(
        Differs(resource, "08-12..08-14", 0, "missed: the repair of the leak noticed three days late; not claimed yet")
        for resource in (CLUSTER, RECORDS, RECORD_FILES, CLINIC_FIREWALL, CLINIC_LOGS)
    ),
    Differs(BOUTIQUE, "08-10..08-12", 0, "missed: the delegation stood all day, the credit failed for three days"),
    Differs(SIMULATION, "08-13..08-14", 0, "missed: a management-group role noticed two days late"),
    Differs(LAB_FILES, "08-13..08-14", 0, "missed: as above"),
    Differs(SHOP_DATA, "09-03", 0, "missed: one day of an open month"),
    Differs(DEPOT_MACHINE, "08-24..08-25", 15, "unexpected: the role was still there, our evidence ends before"),
    Differs(DEPOT_DATABASE, "08-24..08-25", 15, "unexpected: as above"),
    Differs(DEPOT_FILES, "08-24..08-25", 15, "unexpected: as above"),
    Differs(TILL, "09-05", 15, "unexpected: the role was removed the day before"),
)


def applied_percent(usage: Usage, on: date) -> int:
    """The credit that Microsoft applied: what is due, unless `MICROSOFT_DIFFERS` says otherwise."""
    due = CREDIT_PERCENT if "/" in usage.resource.access_on(on) and not usage.never else 0
    told = [d.applied_percent for d in MICROSOFT_DIFFERS if d.resource == usage.resource and on in days(d.days)]
    return told[0] if told and not usage.never else due
