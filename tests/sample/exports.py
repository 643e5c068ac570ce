"""The exports of Partner Center: which there are, and their lines, rated."""

import dataclasses
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from .used import USAGE, Usage, applied_percent
from .who import FJELLBLICK, FJELLBLICK_LEEDS, SKERRANE, YEAR, Partner, day, days


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


JULY_EUR, JULY_GBP, JULY_FLEET = "G087650701", "G087650702", "G091120701"
AUGUST_EUR, AUGUST_GBP, AUGUST_FLEET = "G087650801", "G087650802", "G091120801"
EXPORTS = (
    Export(f"fjellblick/billed_2026-08-10_{JULY_EUR}.csv.gz", FJELLBLICK, "EUR", "07-01", "07-31", "csv", JULY_EUR),
    Export(f"fjellblick/billed_2026-08-10_{JULY_GBP}.csv.gz", FJELLBLICK_LEEDS, "GBP", "07-01", "07-31",
           "older csv", JULY_GBP),
    Export(f"skerrane/billed_2026-08-10_{JULY_FLEET}.csv.gz", SKERRANE, "GBP", "07-01", "07-31", "iso csv",
           JULY_FLEET),
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
        return self.usage.never in ("reservation", "savings_plan", "benefit_paid")

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
    tiers = ((None, line.usage.charged_at),) if line.usage.charged_at else line.usage.product.tiers_on(line.on)
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
