"""Products and their prices."""

import random
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .calendar import Calendar
from .knobs import DAY, guid, next_month
from .truth import World

LISTED_SINCE = date(2023, 3, 1)
Tiers = tuple[tuple[Decimal | None, Decimal], ...]  # (upper limit, price of a unit); the last has no limit


@dataclass(frozen=True)
class PriceRow:
    """A set of tiers on a market's price list, for some meters, from a day to a day (included)."""

    begin: date
    end: date | None
    tiers: Tiers
    meters: str

    def holds(self, day: date) -> bool:
        return self.begin <= day and (self.end is None or day <= self.end)


@dataclass
class Product:
    name: str
    product_id: str
    sku_id: str
    meters: tuple[str, ...]
    category: str
    meter_name: str
    publisher: str
    tags: str
    is_tiered: bool
    rows: dict[str, list[PriceRow]] = field(default_factory=dict)  # by market
    unlisted_price: Decimal = Decimal("0.7125")  # what a line carries where no row holds

    def own_price(self, market: str, day: date, meter: str) -> Decimal:
        """A price that a line may carry: of the newest row's last tier, or an invented one when it is not listed."""
        rows = [r for r in self.rows.get(market, []) if r.holds(day) and (not r.meters or meter in r.meters)]
        return max(rows, key=lambda row: row.begin).tiers[-1][1] if rows else self.unlisted_price


# name: (category, name of the meter, kinds of resources that use it, number of meters)
PRODUCT_KINDS = {
    "machine": ("Virtual Machines", "D2s v5", ("Compute",), 1),
    "spot": ("Virtual Machines", "D4s v5 Spot", ("Compute",), 1),
    "hotspot": ("Virtual Machines", "D2s v5 HotSpot", ("Compute",), 1),
    "cool spot": ("Storage", "Cool Spot", ("Storage",), 1),
    "storage": ("Storage", "Hot LRS Data Stored", ("Storage", "Sql"), 1),
    "ingestion": ("Log Analytics", "Pay-as-you-go Data Ingestion", ("OperationalInsights", "Network"), 1),
    "database": ("SQL Database", "vCore", ("Sql",), 2),
    "backup": ("Backup", "Protected Instances", ("Sql", "Compute"), 2),
    "bandwidth": ("Bandwidth", "Data Transfer Out", ("Network", "Compute"), 1),
    "third party": ("Virtual Machine Licenses", "Shield PAYG", ("Compute",), 1),
    "marketplace": ("Virtual Machine Licenses", "Firewall 4 Core Hours", ("Compute",), 1),
    "unlisted": ("Preview", "Preview Hours", ("Sql", "Network"), 1),
    "other meter": ("Preview", "Preview Operations", ("Storage",), 1),
    "leaving": ("Classic", "Classic Hours", ("Compute", "OperationalInsights"), 1),
    "arriving": ("Modern", "Modern Hours", ("Compute", "OperationalInsights"), 1),
}
TIERED = ("storage", "ingestion", "backup")
FREE = ("ingestion",)


def invent_price(rng: random.Random) -> Decimal:
    """A price with 2 to 16 decimals."""
    decimals = rng.choice((2, 3, 4, 4, 6, 10, 16))
    return Decimal(rng.randrange(10 ** (decimals - 1), 3 * 10**decimals)).scaleb(-decimals)


def invent_tiers(rng: random.Random, kind: str, is_tiered: bool) -> Tiers:
    if not is_tiered:
        return ((None, invent_price(rng)),)
    limits = sorted(rng.sample((5, 10, 25, 40, 60, 100), rng.randint(1, 2)))
    prices = sorted((invent_price(rng) for _ in range(len(limits) + 1)), reverse=True)
    if kind in FREE:
        prices[0] = Decimal(0)
    return tuple(zip([*map(Decimal, limits), None], prices, strict=True))


def invent_rows(
    rng: random.Random, calendar: Calendar, kind: str, is_tiered: bool, meters: str
) -> list[PriceRow]:
    """The price history of one market: constant, changed in the month, overlapped for good or for some days."""

    def row(begin: date, end: date | None) -> PriceRow:
        return PriceRow(begin, end, invent_tiers(rng, kind, is_tiered), meters)

    if kind == "leaving":
        return [row(LISTED_SINCE, calendar.months[-1] - DAY)]
    if kind == "arriving":
        return [row(calendar.months[-1], None)]
    day = rng.choice(calendar.days)
    until = min(day + rng.randint(0, 3) * DAY, next_month(day.replace(day=1)) - DAY)
    shape = rng.choices(("constant", "changed", "overlapped", "inset", "month"), (35, 25, 15, 15, 10))[0]
    if shape == "constant":
        return [row(LISTED_SINCE, None)]
    if shape == "changed":
        return [row(LISTED_SINCE, day - DAY), row(day, None)]
    if shape == "overlapped":
        return [row(LISTED_SINCE, None), row(day, None)]
    if shape == "inset":
        return [row(LISTED_SINCE, None), row(day, until)]
    return [row(LISTED_SINCE, calendar.months[-1] - DAY), row(calendar.months[-1], None)]


def invent_products(world: World) -> None:
    """One product of each kind, with a price history on each market."""
    rng, ids = world.rngs["products"], world.rngs["ids"]
    markets = sorted({subscription.customer.country for subscription in world.subscriptions})
    for number, (name, (category, meter_name, _, count)) in enumerate(PRODUCT_KINDS.items()):
        if name in ("leaving", "arriving") and len(world.calendar.months) == 1:
            continue
        meters = tuple(guid(ids) for _ in range(count))
        is_third, is_market = name == "third party", name == "marketplace"
        product = Product(
            name,
            "" if is_market else f"QZH770Z0{0 if name == 'spot' else number:02d}WX",  # Spot: another SKU of the machine
            "" if is_market else f"00{number:02X}",
            ("4core",) if is_market else meters,
            category,
            meter_name,
            "Invented Networks, Inc." if is_third or is_market else "Microsoft",
            rng.choice(("Azure;ThirdParty", "ThirdParty", "Azure;Third Party")) if is_third else "Azure",
            name in TIERED and world.has("tiers"),
        )
        world.products.append(product)
        if name in ("marketplace", "unlisted"):
            continue
        for market in markets:
            if name == "database":  # a row for each meter
                listed = [(meter, invent_rows(rng, world.calendar, name, False, meter)) for meter in meters]
            elif name == "other meter":
                other = guid(ids)
                listed = [(other, invent_rows(rng, world.calendar, name, False, other))]
            else:
                named = rng.choice((meters[0], "")) if count == 1 else rng.choice((",", ";", " ", ", ")).join(meters)
                listed = [(named, invent_rows(rng, world.calendar, name, product.is_tiered, named))]
            product.rows[market] = [row for _, rows in listed for row in rows]
