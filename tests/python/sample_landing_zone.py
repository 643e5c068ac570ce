"""The sample landing zone: an invented cloud partner, its customers, and two months of their exports.

`python tests/python/sample_landing_zone.py` rewrites `seeds/landing_zone`; `write(zone)` writes it elsewhere. The
output depends on nothing but this file: no clock, no randomness. Every name, id, price and domain is invented.

**Who.** Fjellblick Cloud GmbH (partner id 6011111, and 6011112 for its second location) is billed by Microsoft for
three customers: Kieselbrück Maschinenbau in Germany, directly; Maison Orvelle in France, sold through the reseller
Atelier Nuvelle (6022222); and the depot of Thornwick Freight in Great Britain. Thornwick's fleet is billed to another
organisation of the same landing zone, Skerrane Cloud Ltd (6044444). Greymarsh (6033333) is somebody else's partner.

**When.** August 2026 is invoiced, September 2026 is open: month to date up to the 12th, exported again and again.

**What.** Each `Resource` tells in `access` what the evidence says, from which day on: either `path/level` (access all
day long, reported so) or the reason why the day is lost. `MICROSOFT_DIFFERS` lists the days on which Microsoft
decided otherwise; on all other days it applied what is due. The grants, delegations, denials and log records further
down are the evidence for those words.
"""

import csv
import dataclasses
import gzip
import hashlib
import io
import json
import pathlib
import shutil
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, ROUND_UP, Decimal

YEAR = 2026
CREDIT_PERCENT = 15
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "partner-earned-credit.example")


def guid(name: str) -> str:
    """Give an invented thing its id: always the same for the same name."""
    return str(uuid.uuid5(NAMESPACE, name))


def day(text: str) -> date:
    """Read `08-19`."""
    return date.fromisoformat(f"{YEAR}-{text}")


def days(text: str) -> list[date]:
    """Read `08-04..08-06 08-11`: ranges and single days, both ends included."""
    found = []
    for span in text.split():
        first, last = day(span.split("..")[0]), day(span.split("..")[-1])
        found += [first + timedelta(n) for n in range((last - first).days + 1)]
    return found


# ---------------------------------------------------------------------------------------------------------------------
# Who: partners, customers, their subscriptions
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Partner:
    """A location of a partner organisation."""

    partner_id: str
    global_id: str
    name: str
    organisation: str

    @property
    def tenant_id(self) -> str:
        return guid(f"tenant of {self.organisation}")


@dataclass(frozen=True)
class Customer:
    name: str
    domain: str
    country: str
    currency: str

    @property
    def tenant_id(self) -> str:
        return guid(f"tenant of {self.name}")


@dataclass(frozen=True)
class Subscription:
    """An Azure subscription, under an Azure plan that the customer has with the transacting partner."""

    name: str
    customer: Customer
    partner: Partner
    reseller_id: str = ""

    @property
    def id(self) -> str:
        return guid(f"subscription {self.name}")

    @property
    def plan_id(self) -> str:
        return guid(f"Azure plan of {self.customer.name} with {self.partner.organisation}")

    @property
    def scope(self) -> str:
        return f"/subscriptions/{self.id}"


FJELLBLICK = Partner("6011111", "6010000", "Fjellblick Cloud GmbH, Hamburg", "Fjellblick Cloud GmbH")
FJELLBLICK_LEEDS = Partner("6011112", "6010000", "Fjellblick Cloud GmbH, Leeds", "Fjellblick Cloud GmbH")
NUVELLE = Partner("6022222", "6020000", "Atelier Nuvelle SARL", "Atelier Nuvelle SARL")
GREYMARSH = Partner("6033333", "6030000", "Greymarsh Managed Services Ltd", "Greymarsh Managed Services Ltd")
SKERRANE = Partner("6044444", "6040000", "Skerrane Cloud Ltd", "Skerrane Cloud Ltd")
PARTNERS = (FJELLBLICK, FJELLBLICK_LEEDS, NUVELLE, GREYMARSH, SKERRANE)

KIESELBRUECK = Customer("Kieselbrück Maschinenbau GmbH", "kieselbrueck.example", "DE", "EUR")
ORVELLE = Customer("Maison Orvelle SAS", "maison-orvelle.example", "FR", "EUR")
THORNWICK = Customer("Thornwick Freight Ltd", "thornwick.example", "GB", "GBP")

PRODUCTION = Subscription("Kieselbrück Production", KIESELBRUECK, FJELLBLICK)
LAB = Subscription("Kieselbrück Lab", KIESELBRUECK, FJELLBLICK)
SHOPS = Subscription("Orvelle Shops", ORVELLE, FJELLBLICK, reseller_id=NUVELLE.partner_id)
DEPOT = Subscription("Thornwick Depot", THORNWICK, FJELLBLICK_LEEDS)
FLEET = Subscription("Thornwick Fleet", THORNWICK, SKERRANE)
SUBSCRIPTIONS = (PRODUCTION, LAB, SHOPS, DEPOT, FLEET)

LAB_MANAGEMENT_GROUP = "mg-kieselbrueck-lab"
LAB_MANAGEMENT_GROUP_SCOPE = f"/providers/Microsoft.Management/managementGroups/{LAB_MANAGEMENT_GROUP}"


# ---------------------------------------------------------------------------------------------------------------------
# Prices: a line per market and product
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Price:
    """Graduated tiers, each (upper limit, price of a unit); the last one has no limit. `end` is a day included."""

    start: str
    tiers: tuple[tuple[int | None, str], ...]
    end: str = ""

    def holds_on(self, on: date) -> bool:
        return date.fromisoformat(self.start) <= on and (not self.end or on <= date.fromisoformat(self.end))


def flat(price: str, start: str = "2024-03-01", end: str = "") -> tuple[Price, ...]:
    return (Price(start, ((None, price),), end),)


@dataclass(frozen=True)
class Product:
    """A meter that is sold. Without `prices` it is not on the list, and costs its `unit_price`."""

    market: str
    title: str
    product_id: str
    sku_id: str
    category: str
    meter: str
    unit: str
    region: tuple[str, str]
    consumed_service: str
    prices: tuple[Price, ...] = ()
    unit_price: str = "0"
    service_type: str = ""
    publisher: str = "Microsoft"
    meter_id: str = ""
    tags: str = "Azure"

    @property
    def sku_name(self) -> str:
        return f"{self.title} - {self.meter} - {self.region[0]}"

    @property
    def meter_key(self) -> str:
        return self.meter_id or guid(f"meter {self.sku_name}")

    def tiers_on(self, on: date) -> tuple[tuple[int | None, str], ...]:
        return next((price.tiers for price in self.prices if price.holds_on(on)), ((None, self.unit_price),))


FRANKFURT, PARIS, LONDON = ("DE West Central", "DEWestCentral"), ("FR Central", "FRCentral"), ("UK South", "UKSouth")
COMPUTE, DISKS, STORAGE = "Microsoft.Compute", "Microsoft.Compute", "Microsoft.Storage"
NETWORK, INSIGHTS, SQL = "Microsoft.Network", "Microsoft.OperationalInsights", "Microsoft.Sql"

# The price of this machine rises in the middle of August.
VM_DE = Product(
    "DE", "Virtual Machines Dsv5 Series", "QZH840Z0VM01", "00D4", "Virtual Machines", "D4s v5", "1 Hour", FRANKFURT,
    COMPUTE, flat("0.2300", end="2026-08-15") + flat("0.2415", start="2026-08-16"), service_type="Standard_D4s_v5",
)
SPOT_DE = Product(
    "DE", "Virtual Machines Dsv5 Series", "QZH840Z0VM01", "00SP", "Virtual Machines", "D8s v5 Spot", "1 Hour",
    FRANKFURT, COMPUTE, flat("0.0921"), service_type="Standard_D8s_v5",
)
STORAGE_DE = Product(
    "DE", "Blob Storage", "QZH840Z0ST01", "006G", "Storage", "Hot LRS Data Stored", "1 GB/Month", FRANKFURT, STORAGE,
    (Price("2024-03-01", ((51200, "0.0208"), (512000, "0.0199"), (None, "0.0191"))),),
)
# Two meters with a free tier, which a busy month leaves: 5 GB of logs and 100 GB of traffic.
LOGS_DE = Product(
    "DE", "Log Analytics", "QZH840Z0LA01", "003J", "Log Analytics", "Pay-as-you-go Data Ingestion", "1 GB", FRANKFURT,
    INSIGHTS, (Price("2024-03-01", ((5, "0"), (None, "2.99"))),),
)
TRAFFIC_DE = Product(
    "DE", "Bandwidth", "QZH840Z0BW01", "0012", "Bandwidth", "Standard Data Transfer Out", "1 GB", FRANKFURT, NETWORK,
    (Price("2024-03-01", ((100, "0"), (10240, "0.08"), (None, "0.065"))),),
)
FIREWALL_DE = Product(
    "DE", "Shieldwall Firewall", "QZH840Z0TP01", "0001", "Virtual Machine Licenses", "Shieldwall Firewall", "1 Hour",
    FRANKFURT, COMPUTE, flat("0.31"), publisher="Shieldwall Networks Inc.", tags="Azure;ThirdParty",
)
MARKETPLACE_DE = Product(
    "DE", "Larkspur Monitoring Agent", "", "", "Virtual Machine Licenses", "Larkspur Agent - 4 Core Hours",
    "1 Compute Hour - 4core", FRANKFURT, COMPUTE, unit_price="0.045", publisher="Larkspur Software Ltd",
    meter_id="4core",
)
PREVIEW_DE = Product(
    "DE", "Azure Simulation Service (Preview)", "QZH840Z0PV01", "0001", "Simulation", "Standard Solver Hour", "1 Hour",
    FRANKFURT, "Microsoft.Simulation", unit_price="0.85",
)
VM_FR = Product(
    "FR", "Virtual Machines Dsv5 Series", "QZH840Z0VM01", "00F2", "Virtual Machines", "D2s v5", "1 Hour", PARIS,
    COMPUTE, flat("0.1120"), service_type="Standard_D2s_v5",
)
STORAGE_FR = Product(
    "FR", "Blob Storage", "QZH840Z0ST01", "00FG", "Storage", "Hot LRS Data Stored", "1 GB/Month", PARIS, STORAGE,
    (Price("2024-03-01", ((51200, "0.0216"), (None, "0.0207"))),),
)
LOGS_FR = Product(
    "FR", "Log Analytics", "QZH840Z0LA01", "00FJ", "Log Analytics", "Pay-as-you-go Data Ingestion", "1 GB", PARIS,
    INSIGHTS, (Price("2024-03-01", ((5, "0"), (None, "2.76"))),),
)
ADDRESS_FR = Product(
    "FR", "IP Addresses", "QZH840Z0IP01", "00F1", "Virtual Network", "Standard IPv4 Static Public IP", "1 Hour", PARIS,
    NETWORK, flat("0.005"),
)
DISK_FR = Product(
    "FR", "Premium SSD Managed Disks", "QZH840Z0DK01", "00FP", "Storage", "P10 LRS Disk", "1/Month", PARIS, DISKS,
    flat("21.68"),
)
DATABASE_FR = Product(
    "FR", "SQL Database Single General Purpose", "QZH840Z0DB01", "00FV", "SQL Database", "vCore", "1 Hour", PARIS, SQL,
    flat("0.1634"),
)
VM_GB = Product(
    "GB", "Virtual Machines Dsv5 Series", "QZH840Z0VM01", "00G2", "Virtual Machines", "D2s v5", "1 Hour", LONDON,
    COMPUTE, flat("0.1110"), service_type="Standard_D2s_v5",
)
STORAGE_GB = Product(
    "GB", "Blob Storage", "QZH840Z0ST01", "00GG", "Storage", "Hot LRS Data Stored", "1 GB/Month", LONDON, STORAGE,
    (Price("2024-03-01", ((51200, "0.0201"), (None, "0.0193"))),),
)
PRODUCTS = (
    VM_DE, SPOT_DE, STORAGE_DE, LOGS_DE, TRAFFIC_DE, FIREWALL_DE, MARKETPLACE_DE, PREVIEW_DE,
    VM_FR, STORAGE_FR, LOGS_FR, ADDRESS_FR, DISK_FR, DATABASE_FR, VM_GB, STORAGE_GB,
)

# Billing currency for one US dollar, fixed for a month.
EXCHANGE_RATES = {
    "2026-08": {"EUR": "0.857632933", "GBP": "0.742390497"},
    "2026-09": {"EUR": "0.853242321", "GBP": "0.739644970"},
}


# ---------------------------------------------------------------------------------------------------------------------
# What was used: resources, their access story, their meters
# ---------------------------------------------------------------------------------------------------------------------


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
WORKSPACE = "Microsoft.OperationalInsights/workspaces"

# Kieselbrück Production: the customer's new admin removed the partner at 10:00 on 19 August and put it back at 11:00.
# One hour costs the day; only the workspace, where a service principal of the partner has a role of its own, keeps it.
REMOVED_FOR_AN_HOUR = "08-01 aobo/subscription, 08-19 partial_day, 08-20 aobo/subscription"
KEPT_BY_A_SERVICE_PRINCIPAL = "08-01 aobo/subscription, 08-19 direct/resource_group, 08-20 aobo/subscription"
ERP = Resource("vm-erp-01", PRODUCTION, "rg-erp", VIRTUAL_MACHINE, REMOVED_FOR_AN_HOUR)
ERP_DATA = Resource("kieselbrueckerp", PRODUCTION, "rg-erp", STORAGE_ACCOUNT, REMOVED_FOR_AN_HOUR)
ERP_TRAFFIC = Resource("", PRODUCTION, "RG-ERP", "", REMOVED_FOR_AN_HOUR)
ERP_LOGS = Resource("log-kieselbrueck", PRODUCTION, "rg-monitoring", WORKSPACE, KEPT_BY_A_SERVICE_PRINCIPAL)
CAD = Resource("vm-cad-01", PRODUCTION, "rg-cad", VIRTUAL_MACHINE, REMOVED_FOR_AN_HOUR)
WAREHOUSE = Resource("vm-sql-01", PRODUCTION, "rg-erp", VIRTUAL_MACHINE, REMOVED_FOR_AN_HOUR)
FIREWALL = Resource("vm-shieldwall-01", PRODUCTION, "rg-network", VIRTUAL_MACHINE, REMOVED_FOR_AN_HOUR)

# Kieselbrück Lab: a Reader only, until the partner's group became Contributor of the management group at 14:20 on
# 12 August. In rg-sim an engineer is eligible by PIM, and activated it for one working day: neither is a whole day.
LAB_STORY = "08-01 ineligible_role, 08-12 partial_day, 08-13 direct/management_group"
SIMULATION_STORY = (
    "08-01 not_permanent, 08-06 partial_day, 08-07 not_permanent, 08-12 partial_day, 08-13 direct/management_group"
)
LAB_FILES = Resource("kieselbruecklab", LAB, "rg-lab", STORAGE_ACCOUNT, LAB_STORY)
SOLVER = Resource("sim-solver", LAB, "rg-lab", "Microsoft.Simulation/solvers", LAB_STORY)
SIMULATION = Resource("vm-sim-07", LAB, "rg-sim", VIRTUAL_MACHINE, SIMULATION_STORY)

# Orvelle Shops: nobody has the whole subscription, each resource group has its own story.
BOUTIQUE = Resource("vm-boutique-01", SHOPS, "rg-boutique", VIRTUAL_MACHINE, "08-01 lighthouse/resource_group")
SHOP_DATA = Resource("orvelleplatform", SHOPS, "rg-platform", STORAGE_ACCOUNT, "08-01 lighthouse/resource_group")
SHOP_LOGS = Resource("log-orvelle", SHOPS, "rg-platform", WORKSPACE, "08-01 lighthouse/resource_group")
TILL = Resource(
    "vm-pos-03", SHOPS, "rg-stores", VIRTUAL_MACHINE, "08-01 direct/resource, 09-04 partial_day, 09-05 no_access"
)
WIFI = Resource("vm-wifi-01", SHOPS, "rg-wifi", VIRTUAL_MACHINE, "08-01 other_partner")
LEGACY_ADDRESS = Resource("pip-legacy", SHOPS, "rg-legacy", "Microsoft.Network/publicIPAddresses", "08-01 no_access")
ANALYTICS = Resource(
    "vm-analytics-01", SHOPS, "rg-analytics", VIRTUAL_MACHINE,
    "08-01 not_linked, 08-20 partial_day, 08-21 direct/resource_group",
)
PRINT_DISK = Resource("disk-print-01", SHOPS, "rg-print", "Microsoft.Compute/disks", "08-01 not_permanent")
CATALOGUE = Resource(
    "sql-catalogue/catalogue", SHOPS, "rg-catalogue", "Microsoft.Sql/servers/databases",
    "08-01 direct/resource_group, 08-05 partial_day, 08-06 denied, 08-13 partial_day, 08-14 direct/resource_group",
)

# Thornwick Depot: the AOBO role vanished between two snapshots, without a record. Its end is the last time it was
# seen; three days later the customer delegated the subscription through Azure Lighthouse.
DEPOT_STORY = "08-01 aobo/subscription, 08-24 no_access, 08-27 partial_day, 08-28 lighthouse/subscription"
DEPOT_MACHINE = Resource("vm-depot-01", DEPOT, "rg-depot", VIRTUAL_MACHINE, DEPOT_STORY)
DEPOT_FILES = Resource("thornwickdepot", DEPOT, "rg-depot", STORAGE_ACCOUNT, DEPOT_STORY)

# Thornwick Fleet: Skerrane has had access for years, but its agreement with Microsoft begins at 09:00 on 10 August.
FLEET_MACHINE = Resource(
    "vm-fleet-01", FLEET, "rg-fleet", VIRTUAL_MACHINE, "08-01 no_agreement, 08-11 aobo/subscription"
)


@dataclass(frozen=True)
class Usage:
    """A meter of a resource: so much a day, give or take `wobble`; `never` is why the product earns no credit."""

    resource: Resource
    product: Product
    days: str
    quantity: str
    wobble: str = "0"
    never: str = ""
    benefit: str = ""
    working_days_only: bool = False
    charge_type: str = "new"

    def dates(self) -> list[date]:
        return [on for on in days(self.days) if on.weekday() < 5 or not self.working_days_only]

    def quantity_on(self, on: date) -> Decimal:
        digest = hashlib.sha256(f"{self.resource.id} {self.product.sku_name} {on}".encode()).digest()
        swing = Decimal(int.from_bytes(digest[:4], "big")) / 2**31 - 1
        return (Decimal(self.quantity) * (1 + Decimal(self.wobble) * swing)).quantize(Decimal("0.000001"))


ALL = "08-01..09-12"
USAGE = (
    Usage(ERP, VM_DE, ALL, "24"),
    Usage(ERP, VM_DE, "08-14", "-6", charge_type="Cancel"),
    Usage(ERP, MARKETPLACE_DE, "08-17..08-21", "24", never="marketplace"),
    Usage(ERP_DATA, STORAGE_DE, ALL, "33.5", "0.02"),
    Usage(ERP_TRAFFIC, TRAFFIC_DE, ALL, "11.5", "0.3", working_days_only=True),
    Usage(ERP_LOGS, LOGS_DE, ALL, "0.9", "0.25"),
    Usage(CAD, SPOT_DE, "08-04..08-06 08-11..08-13", "9.5", "0.2", never="spot"),
    Usage(WAREHOUSE, VM_DE, "08-24..09-12", "24", never="reservation", benefit="Reservation"),
    Usage(FIREWALL, FIREWALL_DE, "08-10..08-14", "24", never="third_party"),
    Usage(LAB_FILES, STORAGE_DE, ALL, "12.4", "0.05"),
    Usage(SOLVER, PREVIEW_DE, "08-18..08-20", "3.5", "0.4", never="not_on_price_list"),
    Usage(SIMULATION, VM_DE, ALL, "12", working_days_only=True),
    Usage(BOUTIQUE, VM_FR, "08-01..08-20", "24"),
    Usage(BOUTIQUE, VM_FR, "08-21..09-12", "16", never="savings_plan", benefit="SavingsPlan"),
    Usage(BOUTIQUE, VM_FR, "08-21..09-12", "8", benefit="Charge"),
    Usage(SHOP_DATA, STORAGE_FR, ALL, "42.8", "0.03"),
    Usage(SHOP_LOGS, LOGS_FR, "08-01..08-05", "2.1", "0.2", never="azure_credit"),
    Usage(SHOP_LOGS, LOGS_FR, "08-06..08-20", "2.1", "0.2"),
    Usage(TILL, VM_FR, "08-10..09-12", "14"),
    Usage(WIFI, VM_FR, "08-01..08-10", "24"),
    Usage(LEGACY_ADDRESS, ADDRESS_FR, "08-03..08-14", "24"),
    Usage(ANALYTICS, VM_FR, "08-14..09-12", "10", "0.3"),
    Usage(PRINT_DISK, DISK_FR, "08-20..08-27", "0.032258"),
    Usage(CATALOGUE, DATABASE_FR, "08-03..08-22", "48"),
    Usage(DEPOT_MACHINE, VM_GB, ALL, "24"),
    Usage(DEPOT_FILES, STORAGE_GB, ALL, "19.6", "0.04"),
    Usage(FLEET_MACHINE, VM_GB, ALL, "24"),
)


@dataclass(frozen=True)
class Differs:
    """Days on which Microsoft applied another percentage than the evidence asks for."""

    resource: Resource
    days: str
    applied_percent: int
    why: str


MICROSOFT_DIFFERS = (
    Differs(BOUTIQUE, "08-10..08-12", 0, "missed: the delegation stood all day, the credit failed for three days"),
    Differs(SIMULATION, "08-13..08-14", 0, "missed: a management-group role noticed two days late"),
    Differs(LAB_FILES, "08-13..08-14", 0, "missed: as above"),
    Differs(SHOP_DATA, "09-03", 0, "missed: one day of an open month"),
    Differs(DEPOT_MACHINE, "08-24..08-25", 15, "unexpected: the role was still there, our evidence ends before"),
    Differs(DEPOT_FILES, "08-24..08-25", 15, "unexpected: as above"),
    Differs(TILL, "09-05", 15, "unexpected: the role was removed the day before"),
)


def applied_percent(usage: Usage, on: date) -> int:
    """The credit that Microsoft applied: what is due, unless `MICROSOFT_DIFFERS` says otherwise."""
    due = CREDIT_PERCENT if "/" in usage.resource.access_on(on) and not usage.never else 0
    told = [d.applied_percent for d in MICROSOFT_DIFFERS if d.resource == usage.resource and on in days(d.days)]
    return told[0] if told and not usage.never else due


# ---------------------------------------------------------------------------------------------------------------------
# The exports of Partner Center
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Export:
    """One file of daily rated usage. An open month may end in the middle of a day: `last_day_share`."""

    file: str
    partner: Partner
    currency: str
    first: str
    last: str
    layout: str
    invoice: str = ""
    last_day_share: str = "1"

    @property
    def month(self) -> str:
        return f"{YEAR}-{self.first[:2]}"


AUGUST_EUR, AUGUST_GBP, AUGUST_FLEET = "G087650801", "G087650802", "G091120801"
EXPORTS = (
    Export("fjellblick/unbilled_eur_2026-08-11.csv.gz", FJELLBLICK, "EUR", "08-01", "08-10", "csv",
           last_day_share="0.75"),
    Export(f"fjellblick/billed_2026-09-10_{AUGUST_EUR}.csv.gz", FJELLBLICK, "EUR", "08-01", "08-31", "csv", AUGUST_EUR),
    Export(f"fjellblick/billed_2026-09-10_{AUGUST_GBP}.csv.gz", FJELLBLICK_LEEDS, "GBP", "08-01", "08-31",
           "older csv", AUGUST_GBP),
    Export("fjellblick/unbilled_eur_2026-09-08.csv.gz", FJELLBLICK, "EUR", "09-01", "09-07", "csv",
           last_day_share="0.75"),
    Export("fjellblick/unbilled_eur_2026-09-13.csv", FJELLBLICK, "EUR", "09-01", "09-12", "csv"),
    Export("fjellblick/unbilled_gbp_2026-09-13.jsonl", FJELLBLICK_LEEDS, "GBP", "09-01", "09-12", "json lines"),
    Export(f"skerrane/billed_2026-09-10_{AUGUST_FLEET}.csv", SKERRANE, "GBP", "08-01", "08-31", "iso csv",
           AUGUST_FLEET),
    Export("skerrane/unbilled_gbp_2026-09-13.csv", SKERRANE, "GBP", "09-01", "09-12", "iso csv"),
)


@dataclass(frozen=True)
class Unreadable:
    """A copy of an export's last row that somebody spoilt: a value no reader accepts, or a row cut short."""

    file: str
    column: str = ""
    value: str = ""
    fields: int | None = None


UNREADABLE = (
    Unreadable("fjellblick/unbilled_eur_2026-09-13.csv", "UsageDate", "9/31/2026"),
    Unreadable("fjellblick/unbilled_eur_2026-09-13.csv", "Quantity", "#VALUE!"),
    Unreadable(f"skerrane/billed_2026-09-10_{AUGUST_FLEET}.csv", fields=23),
)

USAGE_COLUMNS = (
    "PartnerId,PartnerName,CustomerId,CustomerName,CustomerDomainName,CustomerCountry,MpnId,Tier2MpnId,InvoiceNumber,"
    "ProductId,SkuId,AvailabilityId,SkuName,ProductName,PublisherName,PublisherId,SubscriptionDescription,"
    "SubscriptionId,ChargeStartDate,ChargeEndDate,UsageDate,MeterType,MeterCategory,MeterId,MeterSubCategory,MeterName,"
    "MeterRegion,Unit,ResourceLocation,ConsumedService,ResourceGroup,ResourceURI,ChargeType,UnitPrice,Quantity,"
    "UnitType,BillingPreTaxTotal,BillingCurrency,PricingPreTaxTotal,PricingCurrency,ServiceInfo1,ServiceInfo2,Tags,"
    "AdditionalInfo,EffectiveUnitPrice,PCToBCExchangeRate,PCToBCExchangeRateDate,EntitlementId,EntitlementDescription,"
    "PartnerEarnedCreditPercentage,CreditPercentage,CreditType,BenefitOrderId,BenefitId,BenefitType"
).split(",")

# Older files print two names otherwise, swap two of the last three columns, and one has a column nobody documents.
OLDER_NAMES = {"MpnId": "MPNID", "Tier2MpnId": "ResellerMPNID"}
OLDER_COLUMNS = USAGE_COLUMNS[:-3] + ["BenefitId", "BenefitOrderId", "BenefitType", "SettlementGroup"]

# The names of the billing API, where they are not just the column's name in camel case.
API_NAMES = {
    "Tier2MpnId": "resellerMpnId", "Unit": "unitOfMeasure", "ResourceURI": "resourceUri",
    "PartnerEarnedCreditPercentage": "rateOfPartnerEarnedCredit", "CreditPercentage": "rateOfCredit",
    "PCToBCExchangeRate": "pcToBCExchangeRate", "PCToBCExchangeRateDate": "pcToBCExchangeRateDate",
}


@dataclass(frozen=True)
class Line:
    """A usage line, rated as Microsoft rates it."""

    usage: Usage
    on: date
    quantity: Decimal
    unit_price: Decimal = Decimal(0)
    list_cost: Decimal = Decimal(0)
    billable_quantity: Decimal = Decimal(0)
    net_cost: Decimal = Decimal(0)
    effective_unit_price: Decimal = Decimal(0)

    @property
    def meter(self) -> tuple[str, str, str, str]:
        product = self.usage.product
        return self.usage.resource.subscription.plan_id, product.product_id, product.sku_id, product.meter_key

    @property
    def percent(self) -> int:
        return applied_percent(self.usage, self.on)

    @property
    def costs_nothing(self) -> bool:
        return self.usage.never in ("reservation", "savings_plan")

    @property
    def paid_with_azure_credit(self) -> bool:
        return self.usage.never == "azure_credit"


def cents(amount: Decimal) -> Decimal:
    """Round toward zero to cents, as every step of an invoice does."""
    return amount.quantize(Decimal("0.01"), ROUND_DOWN)


def effective_unit_price(net_cost: Decimal, billable_quantity: Decimal) -> Decimal:
    """Billable cost ÷ billable quantity; rounded up at the end, so that the product is the billable cost again."""
    if not billable_quantity:
        return Decimal(0)
    return (cents(net_cost) / billable_quantity).quantize(Decimal("1e-15"), ROUND_UP)


def graduated(tiers: tuple[tuple[int | None, str], ...], quantity: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Cost of the first `quantity` units, how many of them are not free, and the price of the last one."""
    cost = billable = lower = Decimal(0)
    for upper, price in tiers:
        part = (min(quantity, Decimal(upper)) if upper else quantity) - lower
        cost, lower = cost + part * Decimal(price), lower + part
        billable += part if Decimal(price) else 0
        if not upper or quantity <= upper:
            return cost, billable, Decimal(price)
    raise ValueError("the last tier must be open")


def lines_of(export: Export) -> list[Line]:
    """Rate the usage of an export: tiers fill up by day, resource and quantity, per meter and plan."""
    wanted = set(days(f"{export.first}..{export.last}"))
    shares = {day(export.last): Decimal(export.last_day_share)}
    lines = [
        Line(usage, on, (usage.quantity_on(on) * shares.get(on, Decimal(1))).quantize(Decimal("0.000001")))
        for usage in USAGE
        for on in usage.dates()
        if on in wanted
        and usage.resource.subscription.partner == export.partner
        and usage.resource.subscription.customer.currency == export.currency
    ]
    lines.sort(key=lambda line: (line.on, line.usage.resource.id, line.quantity, line.usage.product.sku_name))
    used: dict[tuple, Decimal] = defaultdict(Decimal)
    return with_effective_unit_prices([rated(line, used) for line in lines])


def rated(line: Line, used: dict[tuple, Decimal]) -> Line:
    tiers = line.usage.product.tiers_on(line.on)
    before = used[line.meter]
    after = before + line.quantity
    cost_before, billable_before, _ = graduated(tiers, before)
    cost_after, billable_after, price = graduated(tiers, after)
    if line.costs_nothing:
        return dataclasses.replace(line, unit_price=price)
    used[line.meter] = after
    list_cost = cost_after - cost_before
    return dataclasses.replace(
        line,
        unit_price=price,
        list_cost=list_cost,
        billable_quantity=billable_after - billable_before,
        net_cost=Decimal(0) if line.paid_with_azure_credit else list_cost * (100 - line.percent) / 100,
    )


def with_effective_unit_prices(lines: list[Line]) -> list[Line]:
    """Month to date, Microsoft bills the meter, not the resource: the price of a day is that at the day's end."""
    net_cost: dict[tuple, Decimal] = defaultdict(Decimal)
    quantity: dict[tuple, Decimal] = defaultdict(Decimal)
    at_day_end = {}
    for line in lines:
        net_cost[line.meter] += line.net_cost
        quantity[line.meter] += 0 if line.paid_with_azure_credit else line.billable_quantity
        at_day_end[line.meter, line.on] = effective_unit_price(net_cost[line.meter], quantity[line.meter])
    return [
        line
        if line.costs_nothing or line.paid_with_azure_credit
        else dataclasses.replace(line, effective_unit_price=at_day_end[line.meter, line.on])
        for line in lines
    ]


def usage_fields(line: Line, export: Export) -> dict[str, object]:
    """The 55 columns of a line; dates and numbers are spelled by the layout of the file."""
    usage, product, resource = line.usage, line.usage.product, line.usage.resource
    subscription, customer = resource.subscription, resource.subscription.customer
    first, rate = line.on.replace(day=1), Decimal(EXCHANGE_RATES[export.month][export.currency])
    benefit = f"{usage.benefit} of {subscription.name}" if line.costs_nothing else ""
    return {
        "PartnerId": export.partner.tenant_id,
        "PartnerName": export.partner.organisation,
        "CustomerId": customer.tenant_id,
        "CustomerName": customer.name,
        "CustomerDomainName": customer.domain,
        "CustomerCountry": customer.country,
        "MpnId": export.partner.partner_id,
        "Tier2MpnId": subscription.reseller_id if export.invoice else "",
        "InvoiceNumber": export.invoice,
        "ProductId": product.product_id,
        "SkuId": product.sku_id,
        "AvailabilityId": product.product_id and product.product_id[:8] + "AV" + product.sku_id[-2:],
        "SkuName": product.sku_name,
        "ProductName": product.title,
        "PublisherName": product.publisher,
        "SubscriptionDescription": "Azure plan",
        "SubscriptionId": subscription.plan_id,
        "ChargeStartDate": first,
        "ChargeEndDate": (first + timedelta(31)).replace(day=1) - timedelta(1),
        "UsageDate": line.on,
        "MeterType": product.unit,
        "MeterCategory": product.category,
        "MeterId": product.meter_key,
        "MeterSubCategory": product.title,
        "MeterName": product.meter,
        "MeterRegion": product.region[0],
        "Unit": product.unit,
        "ResourceLocation": product.region[1],
        "ConsumedService": product.consumed_service,
        "ResourceGroup": resource.group,
        "ResourceURI": resource.uri,
        "ChargeType": usage.charge_type,
        "UnitPrice": line.unit_price,
        "Quantity": line.quantity,
        "UnitType": product.unit,
        "BillingPreTaxTotal": line.net_cost * rate,
        "BillingCurrency": export.currency,
        "PricingPreTaxTotal": line.net_cost,
        "PricingCurrency": "USD",
        "AdditionalInfo": compact({"ServiceType": product.service_type}) if product.service_type else "",
        "EffectiveUnitPrice": line.effective_unit_price,
        "PCToBCExchangeRate": rate,
        "PCToBCExchangeRateDate": first,
        "EntitlementId": subscription.id,
        "EntitlementDescription": subscription.name,
        "PartnerEarnedCreditPercentage": Decimal(line.percent),
        "CreditPercentage": Decimal(100 if line.paid_with_azure_credit else 0),
        "CreditType": "Azure Credit Applied" if line.paid_with_azure_credit
        else "Partner Earned Credit Applied" if line.percent else "Credit Not Applied",
        "BenefitOrderId": benefit and guid(f"order of {benefit}"),
        "BenefitId": benefit and guid(benefit),
        "BenefitType": usage.benefit,
    }


def number(value: Decimal) -> str:
    return format(value.normalize(), "f") if value else "0"


def us_date(value: date) -> str:
    return f"{value.month}/{value.day}/{value.year}"


def spelled(value: object, date_spelling=us_date) -> str:
    """Spell a value as CSV files do."""
    if isinstance(value, Decimal):
        return number(value)
    return date_spelling(value) if isinstance(value, date) else str(value)


def usage_csv(export: Export, columns: list[str] = USAGE_COLUMNS, date_spelling=us_date) -> str:
    rows = [
        [spelled(fields.get(column, ""), date_spelling) for column in columns]
        for fields in (usage_fields(line, export) for line in lines_of(export))
    ]
    spoilt = []
    for bad in (bad for bad in UNREADABLE if bad.file == export.file):
        row = [bad.value if column == bad.column else value for column, value in zip(columns, rows[-1])]
        spoilt.append(row[: bad.fields])
    header = [OLDER_NAMES.get(column, column) if columns == OLDER_COLUMNS else column for column in columns]
    return csv_text([header, *rows, *spoilt])


def older_usage_csv(export: Export) -> str:
    return "\ufeff" + usage_csv(export, OLDER_COLUMNS)


def iso_usage_csv(export: Export) -> str:
    return usage_csv(export, date_spelling=date.isoformat)


def usage_json_lines(export: Export) -> str:
    """The billing API's record: camel case, ISO dates, rates as fractions, and a 0 where there is no reseller."""
    lines = []
    for fields in (usage_fields(line, export) for line in lines_of(export)):
        fields = {column: fields.get(column, "") for column in USAGE_COLUMNS} | {
            "Tier2MpnId": 0,
            "PartnerEarnedCreditPercentage": fields["PartnerEarnedCreditPercentage"] / 100,
            "CreditPercentage": fields["CreditPercentage"] / 100,
        }
        record = {
            API_NAMES.get(column, column[0].lower() + column[1:]):
            float(value) if isinstance(value, Decimal)
            else f"{value}T00:00:00Z" if isinstance(value, date)
            else value
            for column, value in fields.items()
        }
        record["hasPartnerEarnedCredit"] = record["rateOfPartnerEarnedCredit"] > 0
        record["invoiceLineItemType"] = "usage_line_items"
        record["attributes"] = {"objectType": "DailyRatedUsageLineItem"}
        lines.append(compact(record))
    return "\n".join(lines) + "\n"


LAYOUTS = {"csv": usage_csv, "older csv": older_usage_csv, "iso csv": iso_usage_csv, "json lines": usage_json_lines}

# ---------------------------------------------------------------------------------------------------------------------
# Price sheets, exchange rates, invoices
# ---------------------------------------------------------------------------------------------------------------------

PRICE_COLUMNS = (
    "ProductTitle,ProductId,SkuId,SkuTitle,Publisher,SkuDescription,UnitOfMeasure,TermDuration,Market,Currency,"
    "UnitPrice,PricingTierRangeMin,PricingTierRangeMax,EffectiveStartDate,EffectiveEndDate,MeterIds,MeterType,Tags"
).split(",")
OPEN_TIER = "9223372036854780000"


def price_sheet(market: str, month: str) -> str:
    """What is on sale in a market in a month: the newest prices have no end, tiers count whole units."""
    first = date.fromisoformat(f"{month}-01")
    last = (first + timedelta(31)).replace(day=1) - timedelta(1)
    rows = []
    for product in (product for product in PRODUCTS if product.market == market):
        for price in (p for p in product.prices if p.holds_on(last) or p.holds_on(first)):
            lower = 0
            for upper, amount in price.tiers:
                ranges = [str(lower + 1), str(upper or OPEN_TIER)] if len(price.tiers) > 1 else ["", ""]
                rows.append([
                    product.title, product.product_id, product.sku_id, product.sku_name, product.publisher,
                    product.sku_name, product.unit, "payG-1", market, "USD", number(Decimal(amount)), *ranges,
                    us_date(date.fromisoformat(price.start)) + " 12:00:00 AM",
                    (us_date(date.fromisoformat(price.end)) if price.end else "11/30/9999") + " 11:59:59 PM",
                    product.meter_key, product.unit, product.tags,
                ])
                lower = upper
    return csv_text([PRICE_COLUMNS, *rows], csv.QUOTE_ALL)


def fx_rates(month: str) -> str:
    """Dollars for one unit of a currency: the inverse of the rate on the invoice."""
    rates = EXCHANGE_RATES[month] | {"USD": "1"}
    rows = [
        [currency, number((1 / Decimal(rate)).quantize(Decimal("1e-17"))), month.replace("-", "")]
        for currency, rate in sorted(rates.items())
    ]
    return csv_text([["CurrencyCode", "USDPerUnit", "Month"], *rows], csv.QUOTE_ALL)


INVOICE_COLUMNS = (
    "PartnerId,CustomerId,CustomerName,CustomerDomainName,CustomerCountry,InvoiceNumber,MpnId,ResellerMpnId,OrderId,"
    "OrderDate,ProductId,SkuId,AvailabilityId,SkuName,ProductName,ChargeType,UnitPrice,Quantity,Subtotal,TaxTotal,"
    "Total,Currency,PriceAdjustmentDescription,PublisherName,PublisherId,SubscriptionDescription,SubscriptionId,"
    "ChargeStartDate,ChargeEndDate,TermAndBillingCycle,EffectiveUnitPrice,UnitType,AlternateId,BillableQuantity,"
    "BillingFrequency,PricingCurrency,PCToBCExchangeRate,PCToBCExchangeRateDate,MeterDescription,ReservationOrderId,"
    "CreditReasonCode,SubscriptionStartDate,SubscriptionEndDate,ReferenceId,ProductQualifiers,PromotionId"
).split(",")


def invoice(export: Export) -> str:
    """Sum up a billed export: a line per meter and price, apart with credit, without it, and on an Azure credit.

    Subtotal = ROUNDDOWN(ROUNDDOWN(EffectiveUnitPrice × BillableQuantity, 2) × PCToBCExchangeRate, 2).
    """
    invoiced: dict[tuple, list[Line]] = defaultdict(list)
    for line in lines_of(export):
        if not line.costs_nothing:
            invoiced[line.meter, line.unit_price, line.percent, line.paid_with_azure_credit].append(line)
    rows = [invoice_row(export, key, lines) for key, lines in sorted(invoiced.items())]
    return csv_text([INVOICE_COLUMNS, *[[spelled(row.get(column, "")) for column in INVOICE_COLUMNS] for row in rows]])


def invoice_row(export: Export, key: tuple, lines: list[Line]) -> dict[str, object]:
    fields, product = usage_fields(lines[0], export), lines[0].usage.product
    quantity = sum(line.billable_quantity for line in lines)
    price = effective_unit_price(sum(line.net_cost for line in lines), quantity)
    subtotal = cents(cents(price * quantity) * fields["PCToBCExchangeRate"])
    return {column: fields[column] for column in INVOICE_COLUMNS if column in fields} | {
        "ResellerMpnId": fields["Tier2MpnId"],
        "OrderId": guid(f"order of {fields['SubscriptionId']}"),
        "OrderDate": date(2026, 9, 2),
        "ChargeType": "new",
        "UnitPrice": lines[0].unit_price,
        "Quantity": 1,
        "Subtotal": str(subtotal),
        "TaxTotal": 0,
        "Total": str(subtotal),
        "Currency": export.currency,
        "PriceAdjustmentDescription": adjustments(lines[0]),
        "PublisherId": "NA",
        "TermAndBillingCycle": product.meter,
        "EffectiveUnitPrice": price,
        "AlternateId": guid(f"alternate id of {fields['SubscriptionId']}")[-12:],
        "BillableQuantity": quantity,
        "MeterDescription": f"{product.title} - {product.meter}",
        "CreditReasonCode": "Azure Credit Offer" if lines[0].paid_with_azure_credit else "",
        "ReferenceId": guid(f"line of {export.invoice} {key}"),
    }


def adjustments(line: Line) -> str:
    return compact(["15.0% Partner earned credit for services managed"]) if line.percent else ""


# ---------------------------------------------------------------------------------------------------------------------
# Access: who may do what, where, since when
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Principal:
    """Somebody with an object id: `name` is what Azure shows, and empty for a group of another tenant."""

    who: str
    type: str
    name: str = ""

    @property
    def id(self) -> str:
        return guid(f"principal {self.who}")


def guest(first: str, last: str, home: str, customer: Customer) -> Principal:
    """A partner's employee, invited into a customer's directory."""
    return Principal(f"{first} {last}", "User", f"{first}.{last}_{home}.example".lower() + f"#EXT#@{customer.domain}")


FJELLBLICK_ADMINS = Principal("AdminAgents of Fjellblick", "ForeignGroup")
FJELLBLICK_HELPDESK = Principal("HelpdeskAgents of Fjellblick", "ForeignGroup")
NUVELLE_ADMINS = Principal("AdminAgents of Nuvelle", "ForeignGroup")
GREYMARSH_ADMINS = Principal("AdminAgents of Greymarsh", "ForeignGroup")
SKERRANE_ADMINS = Principal("AdminAgents of Skerrane", "ForeignGroup")

FJELLBLICK_OPERATIONS = Principal("Fjellblick Cloud Operations", "Group", "Fjellblick Cloud Operations")
OPERATIONS_AUTOMATION = Principal("Fjellblick operations automation", "ServicePrincipal", "fjellblick-ops-automation")
MONITORING = Principal("Fjellblick monitoring", "ServicePrincipal", "fjellblick-monitoring")
LAB_OPERATORS = Principal("Kieselbrück lab operators", "Group", "Fjellblick Lab Operators")
MARA = guest("Mara", "Holm", "fjellblick", KIESELBRUECK)
JONAS = guest("Jonas", "Brandt", "fjellblick", KIESELBRUECK)
NUVELLE_OPERATIONS = Principal("Nuvelle operations", "Group", "Nuvelle Exploitation")
LUC = guest("Luc", "Marchand", "nuvelle", ORVELLE)
CAMILLE = guest("Camille", "Roy", "nuvelle", ORVELLE)
INES = guest("Ines", "Faure", "nuvelle", ORVELLE)
GREYMARSH_OPERATIONS = Principal("Greymarsh operations", "Group", "Greymarsh NOC")

ADMINS = {
    customer.name: Principal(f"administrator of {customer.name}", "User", f"admin@{customer.domain}")
    for customer in (KIESELBRUECK, ORVELLE, THORNWICK)
}

ROLES = {
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Monitoring Contributor": "749f88d5-cbae-40b8-bcfc-e573ddc772fa",
    "Virtual Machine Contributor": "9980e02c-c2be-4d73-94e8-173b1dc7cf3c",
}


@dataclass(frozen=True)
class Item:
    """Anything that Azure keeps at a scope and logs: when it came, when it went, and the texts about it."""

    subscription: Subscription
    scope: str
    created: str
    gone: str = field(default="", kw_only=True)

    KIND = ""

    @property
    def name(self) -> str:
        return guid(f"{self.KIND} at {self.scope} since {self.created}")

    @property
    def id(self) -> str:
        return f"{self.scope}/providers/{self.KIND}/{self.name}"

    def stands_at(self, instant: str) -> bool:
        return self.created <= instant and (not self.gone or instant < self.gone)

    def write_body(self) -> dict:
        raise NotImplementedError

    def delete_body(self) -> dict:
        return {**self.write_body(), "id": self.id, "type": self.KIND, "name": self.name}


@dataclass(frozen=True)
class Grant(Item):
    """A role assignment."""

    principal: Principal
    role: str

    KIND = "Microsoft.Authorization/roleAssignments"

    @property
    def role_definition_id(self) -> str:
        return f"{self.subscription.scope}/providers/Microsoft.Authorization/roleDefinitions/{ROLES[self.role]}"

    def write_body(self) -> dict:
        return {
            "Id": self.name,
            "Properties": {
                "PrincipalId": self.principal.id,
                "PrincipalType": self.principal.type,
                "RoleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{ROLES[self.role]}",
                "Scope": self.scope,
            },
        }

    def delete_body(self) -> dict:
        properties = {
            "roleDefinitionId": self.role_definition_id,
            "principalId": self.principal.id,
            "principalType": self.principal.type,
            "scope": self.scope,
            "createdOn": self.created,
        }
        return {"properties": properties, "id": self.id, "type": self.KIND, "name": self.name}

    def exported(self) -> dict:
        """As `az role assignment list --all --include-inherited` prints it."""
        created = iso(self.created)
        return {
            "condition": None,
            "createdBy": ADMINS[self.subscription.customer.name].id,
            "createdOn": created,
            "description": None,
            "id": self.id,
            "name": self.name,
            "principalId": self.principal.id,
            "principalName": self.principal.name,
            "principalType": self.principal.type,
            "roleDefinitionId": self.role_definition_id,
            "roleDefinitionName": self.role,
            "scope": self.scope,
            "type": self.KIND,
            "updatedOn": created,
        }


@dataclass(frozen=True)
class Delegation(Item):
    """An Azure Lighthouse registration assignment; `plan` is set when it came from the marketplace."""

    title: str
    partner: Partner
    authorizations: tuple[tuple[Principal, str], ...]
    eligible: tuple[tuple[Principal, str], ...] = ()
    plan: str = ""

    KIND = "Microsoft.ManagedServices/registrationAssignments"

    @property
    def definition_id(self) -> str:
        name = guid(f"definition {self.title} {self.subscription.id}")
        return f"{self.subscription.scope}/providers/Microsoft.ManagedServices/registrationDefinitions/{name}"

    def write_body(self) -> dict:
        return {"properties": {"registrationDefinitionId": self.definition_id}}

    def exported(self) -> dict:
        """As the REST API returns it with its definition expanded."""
        properties = {
            "registrationDefinitionName": self.title,
            "managedByTenantId": self.partner.tenant_id,
            "managedByTenantName": self.partner.organisation,
            "manageeTenantId": self.subscription.customer.tenant_id,
            "provisioningState": "Succeeded",
            "authorizations": [authorization(principal, role) for principal, role in self.authorizations],
        }
        if self.eligible:
            policy = {"multiFactorAuthProvider": "Azure", "maximumActivationDuration": "PT8H"}
            properties["eligibleAuthorizations"] = [
                {"justInTimeAccessPolicy": policy} | authorization(principal, role) for principal, role in self.eligible
            ]
        definition = {"id": self.definition_id, "properties": properties}
        if self.plan:
            definition["plan"] = {
                "name": self.plan,
                "publisher": self.partner.organisation.lower().replace(" ", "-"),
                "product": "managed-azure",
                "version": "1.2.0",
            }
        return {
            "id": self.id,
            "name": self.name,
            "type": self.KIND,
            "properties": {
                "registrationDefinitionId": self.definition_id,
                "provisioningState": "Succeeded",
                "registrationDefinition": definition,
            },
        }


def authorization(principal: Principal, role: str) -> dict:
    return {"principalId": principal.id, "principalIdDisplayName": principal.name, "roleDefinitionId": ROLES[role]}


@dataclass(frozen=True)
class Denial(Item):
    """A deny assignment for everyone."""

    title: str
    actions: tuple[str, ...]
    data_actions: tuple[str, ...] = ()
    own_scope_only: bool = False

    KIND = "Microsoft.Authorization/denyAssignments"

    def write_body(self) -> dict:
        return {"properties": self.properties()}

    def properties(self) -> dict:
        permission = {"actions": self.actions, "notActions": ["*/read"] if self.actions else []}
        permission |= {"dataActions": self.data_actions, "notDataActions": []}
        return {
            "denyAssignmentName": self.title,
            "permissions": [permission],
            "scope": self.scope,
            "doNotApplyToChildScopes": self.own_scope_only,
            "principals": [{"id": str(uuid.UUID(int=0)), "type": "SystemDefined"}],
            "excludePrincipals": [{"id": guid("catalogue publisher"), "type": "ServicePrincipal"}],
            "isSystemProtected": True,
        }

    def exported(self) -> dict:
        properties = self.properties() | {"createdOn": self.created, "updatedOn": self.created}
        return {"id": self.id, "name": self.name, "type": self.KIND, "properties": properties}


@dataclass(frozen=True)
class Activation(Item):
    """A PIM request that turns an eligibility into a role assignment for some hours."""

    grant: Grant

    KIND = "Microsoft.Authorization/roleAssignmentScheduleRequests"

    def write_body(self) -> dict:
        expiration = {"Type": "AfterDuration", "EndDateTime": None, "Duration": "PT8H"}
        return {"Properties": {
            "PrincipalId": self.grant.principal.id,
            "RoleDefinitionId": self.grant.role_definition_id,
            "RequestType": "SelfActivate",
            "ScheduleInfo": {"StartDateTime": self.created, "Expiration": expiration},
        }}


def schedule_instance(kind: str, grant: Grant, **properties: object) -> dict:
    """A PIM schedule instance, of an assignment or of an eligibility."""
    full_kind = f"Microsoft.Authorization/{kind}ScheduleInstances"
    name = guid(f"{full_kind} of {grant.id}")
    return {
        "id": f"{grant.scope}/providers/{full_kind}/{name}",
        "name": name,
        "type": full_kind,
        "properties": {
            "scope": grant.scope,
            "roleDefinitionId": grant.role_definition_id,
            "principalId": grant.principal.id,
            "principalType": grant.principal.type,
            "memberType": "Direct",
            "status": "Provisioned",
            "startDateTime": grant.created,
            "endDateTime": grant.gone or None,
            **properties,
        },
    }


def group(subscription: Subscription, name: str) -> str:
    return f"{subscription.scope}/resourceGroups/{name}"


# Role assignments. Kieselbrück Production: AOBO, interrupted for an hour on 19 August.
AOBO = Grant(
    PRODUCTION, PRODUCTION.scope, "2025-10-06T08:14:27Z", FJELLBLICK_ADMINS, "Owner", gone="2026-08-19T10:00:00Z"
)
AOBO_AGAIN = Grant(PRODUCTION, PRODUCTION.scope, "2026-08-19T11:00:00Z", FJELLBLICK_ADMINS, "Owner")
AOBO_ATTEMPT = Grant(PRODUCTION, PRODUCTION.scope, "2026-08-19T10:42:00Z", FJELLBLICK_ADMINS, "Owner")

# Kieselbrück Lab: Jonas' role exists for the eight hours of his activation only.
JONAS_ELIGIBLE = Grant(LAB, group(LAB, "rg-sim"), "2026-03-02T09:00:00Z", JONAS, "Contributor")
JONAS_ACTIVE = Grant(
    LAB, group(LAB, "rg-sim"), "2026-08-06T09:00:00Z", JONAS, "Contributor", gone="2026-08-06T17:00:00Z"
)
JONAS_ACTIVATION = Activation(LAB, group(LAB, "rg-sim"), "2026-08-06T09:00:00Z", JONAS_ACTIVE)

# Orvelle Shops: Luc loses the till on 4 September.
LUC_AT_THE_TILL = Grant(
    SHOPS, TILL.uri, "2026-05-18T07:45:10Z", LUC, "Virtual Machine Contributor", gone="2026-09-04T16:30:00Z"
)

GRANTS = (
    AOBO,
    AOBO_AGAIN,
    Grant(PRODUCTION, PRODUCTION.scope, "2025-10-06T08:14:31Z", FJELLBLICK_HELPDESK, "Reader"),
    Grant(PRODUCTION, PRODUCTION.scope, "2025-10-06T09:30:00Z", ADMINS[KIESELBRUECK.name], "Owner"),
    Grant(PRODUCTION, group(PRODUCTION, "rg-monitoring"), "2026-02-11T13:05:44Z", MONITORING, "Monitoring Contributor"),
    Grant(LAB, LAB.scope, "2026-02-16T10:20:03Z", MARA, "Reader"),
    Grant(LAB, LAB_MANAGEMENT_GROUP_SCOPE, "2026-08-12T14:20:00Z", LAB_OPERATORS, "Contributor"),
    JONAS_ACTIVE,
    LUC_AT_THE_TILL,
    Grant(SHOPS, SHOPS.scope, "2025-09-29T15:12:00Z", ADMINS[ORVELLE.name], "Owner"),
    Grant(SHOPS, group(SHOPS, "rg-analytics"), "2026-05-18T07:52:36Z", CAMILLE, "Contributor"),
    Grant(SHOPS, group(SHOPS, "rg-catalogue"), "2026-05-18T07:58:02Z", INES, "Contributor"),
    Grant(
        DEPOT, DEPOT.scope, "2025-11-03T09:21:44Z", FJELLBLICK_ADMINS, "Owner", gone="2026-08-26T15:40:00Z"
    ),
    Grant(FLEET, FLEET.scope, "2024-04-22T11:02:19Z", SKERRANE_ADMINS, "Owner"),
    Grant(FLEET, FLEET.scope, "2022-09-05T08:00:51Z", GREYMARSH_ADMINS, "Owner"),
)

# Delegations. Their creation time is in no export: only a log record or the first snapshot tells.
DEPOT_DELEGATION = Delegation(
    DEPOT, DEPOT.scope, "2026-08-27T08:12:00Z", "Fjellblick operations", FJELLBLICK,
    ((FJELLBLICK_OPERATIONS, "Contributor"),),
)
DELEGATIONS = (
    Delegation(
        SHOPS, group(SHOPS, "RG-Boutique"), "2026-05-20T09:00:00Z", "Nuvelle Azure managé", NUVELLE,
        ((NUVELLE_OPERATIONS, "Contributor"),), plan="managed-basic",
    ),
    Delegation(
        SHOPS, group(SHOPS, "rg-platform"), "2026-05-20T09:30:00Z", "Fjellblick operations", FJELLBLICK,
        ((FJELLBLICK_OPERATIONS, "Contributor"),),
    ),
    Delegation(
        SHOPS, group(SHOPS, "rg-print"), "2026-06-02T10:00:00Z", "Fjellblick on call", FJELLBLICK,
        ((FJELLBLICK_OPERATIONS, "Reader"),), eligible=((FJELLBLICK_OPERATIONS, "Contributor"),),
    ),
    Delegation(
        SHOPS, group(SHOPS, "rg-wifi"), "2026-01-13T14:00:00Z", "Greymarsh network", GREYMARSH,
        ((GREYMARSH_OPERATIONS, "Contributor"),),
    ),
    DEPOT_DELEGATION,
)

# Deny assignments: one that costs days, and two that cost nothing (data only; the group itself, not what is in it).
FREEZE = Denial(
    SHOPS, group(SHOPS, "rg-catalogue"), "2026-08-05T14:50:00Z", "Catalogue freeze", ("*",),
    gone="2026-08-13T09:30:00Z",
)
DENIALS = (
    FREEZE,
    Denial(
        SHOPS, group(SHOPS, "rg-platform"), "2026-06-15T12:00:00Z", "Keep blobs", (),
        ("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",),
    ),
    Denial(
        SHOPS, group(SHOPS, "rg-boutique"), "2026-06-15T12:05:00Z", "Keep the group", ("*/delete",),
        own_scope_only=True,
    ),
)


# Snapshots: when somebody exported everything that stands.
@dataclass(frozen=True)
class Snapshot:
    folder: str
    subscription: Subscription
    taken: str
    file: str = ""

    @property
    def path(self) -> str:
        return f"{self.folder}/" + (self.file or f"{self.subscription.id}/{self.taken}.json")

    def items(self) -> list[dict]:
        instant = self.taken if "T" in self.taken else f"{self.taken}T00:00:00Z"
        items = {"role_assignments": GRANTS, "lighthouse": DELEGATIONS, "deny_assignments": DENIALS}[self.folder]
        return [i.exported() for i in items if i.subscription == self.subscription and i.stands_at(instant)]


SNAPSHOTS = (
    Snapshot("role_assignments", PRODUCTION, "2026-07-31"),
    Snapshot("role_assignments", PRODUCTION, "2026-08-31"),
    Snapshot("role_assignments", LAB, "2026-07-31"),
    Snapshot("role_assignments", LAB, "2026-08-31"),
    Snapshot("role_assignments", SHOPS, "2026-07-31"),
    Snapshot("role_assignments", SHOPS, "2026-08-31"),
    Snapshot("role_assignments", SHOPS, "2026-09-08"),
    Snapshot("role_assignments", DEPOT, "2026-07-31", f"thornwick/2026-07-31_{DEPOT.id}.json"),
    Snapshot("role_assignments", DEPOT, "2026-08-24", f"thornwick/2026-08-24_{DEPOT.id}.json"),
    Snapshot("role_assignments", DEPOT, "2026-09-08", f"thornwick/2026-09-08_{DEPOT.id}.json"),  # an empty list
    Snapshot("role_assignments", FLEET, "2026-07-31"),
    Snapshot("role_assignments", FLEET, "2026-09-08"),
    Snapshot("lighthouse", SHOPS, "2026-07-31"),
    Snapshot("lighthouse", SHOPS, "2026-09-08"),
    Snapshot("lighthouse", DEPOT, "2026-07-31"),  # an empty list
    Snapshot("lighthouse", DEPOT, "2026-08-31"),
    Snapshot("deny_assignments", SHOPS, "2026-07-31"),
    Snapshot("deny_assignments", SHOPS, "2026-08-10"),
    Snapshot("deny_assignments", SHOPS, "2026-08-31"),
)

ELIGIBILITY = schedule_instance("roleEligibility", JONAS_ELIGIBLE)
ACTIVATED = schedule_instance(
    "roleAssignment", JONAS_ACTIVE, assignmentType="Activated", originRoleAssignmentId=JONAS_ACTIVE.id,
    linkedRoleEligibilityScheduleInstanceId=ELIGIBILITY["id"],
)
ROLE_SCHEDULES = {
    f"role_schedules/{LAB.id}/2026-07-31.json": [ELIGIBILITY],
    f"role_schedules/{LAB.id}/2026-08-06T120000Z.json": [ACTIVATED, ELIGIBILITY],
    f"role_schedules/{LAB.id}/2026-08-31.json": [ELIGIBILITY],
}


# ---------------------------------------------------------------------------------------------------------------------
# The activity log
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Logged:
    """An operation on an item. It starts a moment before it ends; `outcome` is Succeeded or Failed."""

    item: Item
    verb: str
    outcome: str = "Succeeded"

    @property
    def operation(self) -> str:
        return f"{self.item.KIND}/{self.verb}"

    @property
    def ended(self) -> datetime:
        return datetime.fromisoformat(self.item.created if self.verb == "write" else self.item.gone)

    @property
    def started(self) -> datetime:
        return self.ended - timedelta(milliseconds=600)

    @property
    def status_code(self) -> str:
        return "Forbidden" if self.outcome == "Failed" else "Created" if self.verb == "write" else "OK"

    @property
    def admin(self) -> Principal:
        return ADMINS[self.item.subscription.customer.name]

    def properties(self, status: str) -> dict:
        """What was granted stands in the record of the start, what was removed in that of the success."""
        subscription = self.item.subscription
        properties = {
            "eventCategory": "Administrative",
            "entity": self.item.id,
            "message": self.operation,
            "hierarchy": f"{subscription.customer.tenant_id}/{subscription.id}",
        }
        if status == "Started" and self.verb == "write":
            properties["requestbody"] = compact(self.item.write_body())
        if status != "Started":
            properties["statusCode"] = self.status_code
        if status == "Succeeded" and self.verb == "delete":
            properties["responseBody"] = compact(self.item.delete_body())
        return properties

    def claims(self) -> dict:
        schema = "http://schemas.microsoft.com/identity/claims"
        return {
            f"{schema}/objectidentifier": self.admin.id,
            f"{schema}/tenantid": self.item.subscription.customer.tenant_id,
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": self.admin.name,
        }

    def key(self, *parts: str) -> str:
        return guid(" ".join([self.operation, self.item.id, self.outcome, *parts]))


CLI_LOGS = {
    "kieselbrueck-production_2026-08-20.json": (
        Logged(AOBO, "delete"),
        Logged(AOBO_ATTEMPT, "write", "Failed"),
        Logged(AOBO_AGAIN, "write"),
    ),
    "kieselbrueck-lab_2026-08-07.json": (
        Logged(JONAS_ACTIVATION, "write"),
        Logged(JONAS_ACTIVE, "write"),
        Logged(JONAS_ACTIVE, "delete"),
    ),
}

DIAGNOSTIC_LOGS = (
    Logged(FREEZE, "write"),
    Logged(FREEZE, "delete"),
    Logged(DEPOT_DELEGATION, "write"),
    Logged(LUC_AT_THE_TILL, "delete"),
)
# A file holds the hour in which records arrive, which may be the hour after they happened.
ARRIVAL_DELAY = timedelta(minutes=12)


def value_pair(value: str) -> dict:
    return {"value": value, "localizedValue": value}


def cli_records(logged: Logged) -> list[dict]:
    """As `az monitor activity-log list` prints an operation, the newest first."""
    steps = (
        ("EndRequest", logged.outcome, logged.status_code, logged.ended),
        ("BeginRequest", "Started", "", logged.started),
    )
    provider, kind = logged.item.KIND.split("/")
    return [
        {
            "authorization": {"action": logged.operation, "role": None, "scope": logged.item.id},
            "caller": logged.admin.name,
            "category": value_pair("Administrative"),
            "claims": logged.claims(),
            "correlationId": logged.key("correlation"),
            "eventDataId": logged.key("event", status),
            "eventName": value_pair(event),
            "eventTimestamp": instant.isoformat(),
            "level": "Informational",
            "operationId": logged.key("operation"),
            "operationName": value_pair(logged.operation),
            "properties": logged.properties(status),
            "resourceId": logged.item.id,
            "resourceProviderName": value_pair(provider),
            "resourceType": value_pair(f"{provider}/{kind}"),
            "status": value_pair(status),
            "subStatus": value_pair(sub_status),
            "submissionTimestamp": (instant + ARRIVAL_DELAY).isoformat(),
            "subscriptionId": logged.item.subscription.id,
            "tenantId": logged.item.subscription.customer.tenant_id,
        }
        for event, status, sub_status, instant in steps
    ]


def cli_log(operations: tuple[Logged, ...]) -> str:
    records = [record for logged in operations for record in cli_records(logged)]
    return pretty(sorted(records, key=lambda record: record["eventTimestamp"], reverse=True))


def diagnostic_records(logged: Logged) -> list[dict]:
    """As a diagnostic setting writes an operation into a storage account: upper case, other words."""
    steps = (
        ("Started", "Start", "Started.", logged.started),
        ("Succeeded", "Success", f"Succeeded.{logged.status_code}", logged.ended),
    )
    return [
        {
            "RoleLocation": "West Europe",
            "time": instant.strftime("%Y-%m-%dT%H:%M:%S.%f0Z"),
            "resourceId": logged.item.id.upper(),
            "operationName": logged.operation.upper(),
            "category": "Administrative",
            "resultType": result,
            "resultSignature": signature,
            "durationMs": "600",
            "callerIpAddress": "203.0.113.24",
            "correlationId": logged.key("correlation"),
            "identity": {
                "authorization": {"scope": logged.item.id, "action": logged.operation},
                "claims": logged.claims(),
            },
            "level": "Information",
            "properties": logged.properties(status),
            "tenantId": logged.item.subscription.customer.tenant_id,
        }
        for status, result, signature, instant in steps
    ]


def diagnostic_path(logged: Logged) -> str:
    arrived = logged.ended + ARRIVAL_DELAY
    return (
        f"activity_log/insights-activity-logs/resourceId=/SUBSCRIPTIONS/{logged.item.subscription.id.upper()}/"
        f"{arrived:y=%Y/m=%m/d=%d/h=%H}/m=00/PT1H.json"
    )


# ---------------------------------------------------------------------------------------------------------------------
# The partner directory: what no export gives and the partner knows
# ---------------------------------------------------------------------------------------------------------------------

DIRECTORY = {
    "partner_locations.csv": [
        ("partner_id", "partner_global_id", "name"),
        *[(partner.partner_id, partner.global_id, partner.name) for partner in PARTNERS],
    ],
    "agent_groups.csv": [
        ("group_object_id", "group_name", "partner_tenant_id", "partner_id"),
        (FJELLBLICK_ADMINS.id, "AdminAgents", FJELLBLICK.tenant_id, FJELLBLICK.partner_id),
        (FJELLBLICK_HELPDESK.id, "HelpdeskAgents", FJELLBLICK.tenant_id, FJELLBLICK.partner_id),
        (NUVELLE_ADMINS.id, "AdminAgents", NUVELLE.tenant_id, NUVELLE.partner_id),
        (GREYMARSH_ADMINS.id, "AdminAgents", GREYMARSH.tenant_id, GREYMARSH.partner_id),
        (SKERRANE_ADMINS.id, "AdminAgents", SKERRANE.tenant_id, SKERRANE.partner_id),
    ],
    "partner_id_links.csv": [
        ("principal_id", "partner_id", "valid_from", "valid_to"),
        (OPERATIONS_AUTOMATION.id, FJELLBLICK.partner_id, "2025-01-15T10:00:00Z", ""),
        (MONITORING.id, FJELLBLICK_LEEDS.partner_id, "2026-02-11T13:30:00Z", ""),
        (MARA.id, FJELLBLICK.partner_id, "2026-02-16T11:00:00Z", ""),
        (JONAS.id, FJELLBLICK.partner_id, "2026-03-02T09:30:00Z", ""),
        (LUC.id, NUVELLE.partner_id, "2026-05-18T08:30:00Z", ""),
        (INES.id, NUVELLE.partner_id, "2026-05-18T08:40:00Z", ""),
        (CAMILLE.id, NUVELLE.partner_id, "2026-08-20T13:05:00Z", ""),
        (GREYMARSH_OPERATIONS.id, GREYMARSH.partner_id, "2025-12-01T00:00:00Z", ""),
    ],
    "partner_principals.csv": [
        ("principal_id", "partner_id", "name"),
        (FJELLBLICK_OPERATIONS.id, FJELLBLICK.partner_id, "Fjellblick Cloud Operations (group)"),
        (OPERATIONS_AUTOMATION.id, FJELLBLICK.partner_id, "Operations automation (service principal)"),
        (MONITORING.id, FJELLBLICK_LEEDS.partner_id, "Monitoring (service principal)"),
        (LAB_OPERATORS.id, FJELLBLICK.partner_id, "Fjellblick Lab Operators (group)"),
        (MARA.id, FJELLBLICK.partner_id, "Mara Holm (guest at Kieselbrück)"),
        (JONAS.id, FJELLBLICK.partner_id, "Jonas Brandt (guest at Kieselbrück)"),
        (NUVELLE_OPERATIONS.id, NUVELLE.partner_id, "Nuvelle Exploitation (group)"),
        (LUC.id, NUVELLE.partner_id, "Luc Marchand (guest at Orvelle)"),
        (CAMILLE.id, NUVELLE.partner_id, "Camille Roy (guest at Orvelle)"),
        (INES.id, NUVELLE.partner_id, "Inès Faure (guest at Orvelle)"),
        (GREYMARSH_OPERATIONS.id, GREYMARSH.partner_id, "Greymarsh NOC (group)"),
    ],
    "group_members.csv": [
        ("group_object_id", "member_principal_id", "valid_from", "valid_to"),
        (FJELLBLICK_OPERATIONS.id, OPERATIONS_AUTOMATION.id, "2025-01-15T10:00:00Z", ""),
        (LAB_OPERATORS.id, MARA.id, "2026-02-16T10:30:00Z", ""),
    ],
    "agreements.csv": [
        ("partner_global_id", "valid_from", "valid_to"),
        (FJELLBLICK.global_id, "2023-05-01T00:00:00Z", ""),
        (NUVELLE.global_id, "2024-02-01T00:00:00Z", ""),
        (SKERRANE.global_id, "2026-08-10T09:00:00Z", ""),
    ],
    "subscription_partners.csv": [
        ("subscription_id", "transacting_partner_id", "reseller_partner_id", "valid_from", "valid_to"),
        *[(s.id, s.partner.partner_id, s.reseller_id, "2025-09-29T00:00:00Z", "") for s in SUBSCRIPTIONS],
    ],
    "management_groups.csv": [
        ("management_group_id", "subscription_id"),
        (LAB_MANAGEMENT_GROUP, LAB.id),
    ],
}


# ---------------------------------------------------------------------------------------------------------------------
# Writing
# ---------------------------------------------------------------------------------------------------------------------


def iso(instant: str) -> str:
    """Spell an instant as the Azure CLI does."""
    return instant.replace("Z", ".000000+00:00")


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def csv_text(rows: list, quoting: int = csv.QUOTE_MINIMAL) -> str:
    """Rows with CRLF, as the exports have them."""
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def gzipped(content: bytes) -> bytes:
    """Compress without a file name and a time, so that the same content gives the same file."""
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as file:
        file.write(content)
    return packed.getvalue()


def files() -> dict[str, str]:
    """Every file of the landing zone, by its path; one that ends in `.gz` is packed when written."""
    texts = {f"daily_rated_usage/{export.file}": LAYOUTS[export.layout](export) for export in EXPORTS}
    for month in EXCHANGE_RATES:
        compact_month = month.replace("-", "")
        texts[f"fx_rates/fx_rates_{compact_month}.csv"] = fx_rates(month)
        for market in sorted({product.market for product in PRODUCTS}):
            path = f"price_sheet/{market}/azure_consumption_{market}_{compact_month}.csv"
            texts[path] = price_sheet(market, month)
    for export in EXPORTS:
        if export.invoice:
            texts[f"invoice_reconciliation/{export.invoice}.csv"] = invoice(export)
    for snapshot in SNAPSHOTS:
        in_the_cli_shape = snapshot.folder == "role_assignments"
        texts[snapshot.path] = pretty(snapshot.items() if in_the_cli_shape else {"value": snapshot.items()})
    texts |= {path: pretty({"value": instances}) for path, instances in ROLE_SCHEDULES.items()}
    texts |= {f"activity_log/cli/{file}": cli_log(operations) for file, operations in CLI_LOGS.items()}
    for logged in DIAGNOSTIC_LOGS:
        lines = "".join(compact(record) + "\n" for record in diagnostic_records(logged))
        texts[diagnostic_path(logged)] = texts.get(diagnostic_path(logged), "") + lines
    return texts | {f"partner_directory/{file}": csv_text(rows) for file, rows in DIRECTORY.items()}


def write(zone: pathlib.Path) -> None:
    """Write the sample into a folder; files of other names are left alone."""
    for path, text in files().items():
        file = zone / path
        file.parent.mkdir(parents=True, exist_ok=True)
        content = text.encode()
        file.write_bytes(gzipped(content) if file.suffix == ".gz" else content)


if __name__ == "__main__":
    SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "seeds" / "landing_zone"
    shutil.rmtree(SAMPLE, ignore_errors=True)
    write(SAMPLE)
