"""Prices: a line per market and product."""

from dataclasses import dataclass
from datetime import date

from .who import guid


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
LARGE_VM_DE = Product(
    "DE", "Virtual Machines Esv5 Series", "QZH840Z0VM02", "00E9", "Virtual Machines", "E32s v5", "1 Hour", FRANKFURT,
    COMPUTE, flat("2.4320"), service_type="Standard_E32s_v5",
)
# A day of this machine costs 150 USD, its credit 22.50: claims of whole days are whole cents.
HUGE_VM_DE = Product(
    "DE", "Virtual Machines Msv2 Series", "QZH840Z0VM03", "00M3", "Virtual Machines", "M32ms v2", "1 Hour", FRANKFURT,
    COMPUTE, flat("6.25"), service_type="Standard_M32ms_v2",
)
DATABASE_DE = Product(
    "DE", "SQL Managed Instance General Purpose", "QZH840Z0DB02", "00MI", "SQL Managed Instance", "vCore", "1 Hour",
    FRANKFURT, SQL, flat("0.1836"),
)
DISK_DE = Product(
    "DE", "Premium SSD Managed Disks", "QZH840Z0DK01", "00D3", "Storage", "P30 LRS Disk", "1/Month", FRANKFURT, DISKS,
    flat("148.68"),
)
GATEWAY_DE = Product(
    "DE", "Azure Firewall", "QZH840Z0FW01", "00DW", "Azure Firewall", "Standard Deployment", "1 Hour", FRANKFURT,
    NETWORK, flat("1.25"),
)
SENSORS_DE = Product(
    "DE", "IoT Hub", "QZH840Z0IH01", "00S2", "IoT Hub", "S2 Unit", "1/Day", FRANKFURT, "Microsoft.Devices",
    flat("8.3333"),
)
VM_FR = Product(
    "FR", "Virtual Machines Dsv5 Series", "QZH840Z0VM01", "00F2", "Virtual Machines", "D16s v5", "1 Hour", PARIS,
    COMPUTE, flat("0.8960"), service_type="Standard_D16s_v5",
)
SPOT_FR = Product(
    "FR", "Virtual Machines Dsv5 Series", "QZH840Z0VM01", "00FS", "Virtual Machines", "D16s v5 Spot", "1 Hour", PARIS,
    COMPUTE, flat("0.2688"), service_type="Standard_D16s_v5",
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
DATABASE_GB = Product(
    "GB", "SQL Database Single General Purpose", "QZH840Z0DB01", "00GV", "SQL Database", "vCore", "1 Hour", LONDON, SQL,
    flat("0.1629"),
)
STORAGE_GB = Product(
    "GB", "Blob Storage", "QZH840Z0ST01", "00GG", "Storage", "Hot LRS Data Stored", "1 GB/Month", LONDON, STORAGE,
    (Price("2024-03-01", ((51200, "0.0201"), (None, "0.0193"))),),
)
# What customers buy whose market has no sheet here costs what Microsoft says.
VM_AT = Product(
    "AT", "Virtual Machines Dsv5 Series", "QZH840Z0VM01", "00A4", "Virtual Machines", "D8s v5", "1 Hour",
    ("AT East", "ATEast"), COMPUTE, unit_price="0.4680", service_type="Standard_D8s_v5",
)
VM_NOWHERE = Product(
    "", "Virtual Machines Dsv5 Series", "QZH840Z0VM01", "00G8", "Virtual Machines", "D8s v5", "1 Hour", LONDON,
    COMPUTE, unit_price="0.4440", service_type="Standard_D8s_v5",
)
PRODUCTS = (
    VM_DE, SPOT_DE, STORAGE_DE, LOGS_DE, TRAFFIC_DE, FIREWALL_DE, MARKETPLACE_DE, PREVIEW_DE, LARGE_VM_DE, HUGE_VM_DE,
    DATABASE_DE, DISK_DE, GATEWAY_DE, SENSORS_DE, VM_FR, SPOT_FR, STORAGE_FR, LOGS_FR, ADDRESS_FR, DISK_FR,
    DATABASE_FR, VM_GB, DATABASE_GB, STORAGE_GB, VM_AT, VM_NOWHERE,
)
MARKETS = sorted({product.market for product in PRODUCTS if product.prices})

# Billing currency for one US dollar, fixed for a month.
EXCHANGE_RATES = {
    "2026-07": {"EUR": "0.861204815", "GBP": "0.744908126"},
    "2026-08": {"EUR": "0.857632933", "GBP": "0.742390497"},
    "2026-09": {"EUR": "0.853242321", "GBP": "0.739644970"},
}
