"""Exports of usage: which lines they have, and as of when."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .knobs import DAY, chance, next_month
from .truth import World
from .usage import Line, is_billed


@dataclass
class Export:
    """What a partner exported on a day: lines with the quantity they had then, invoiced or not."""

    role: str
    day: date
    lines: list[tuple[Line, Decimal, str]]  # with quantity and invoice number


def as_of(lines: list[Line], day: date) -> list[tuple[Line, Decimal, str]]:
    """The unbilled lines as they were on that day."""
    return [
        (line, line.earlier[0] if line.earlier and day < line.earlier[1] else line.quantity, "")
        for line in lines
        if line.visible <= day
    ]


def unbilled_exports(world: World, role: str, lines: list[Line]) -> list[Export]:
    """Month-to-date exports: some on the way, of all or one currency, and a last one of what is not invoiced."""
    rng = world.rngs["lifecycle"]

    def billed(line: Line) -> bool:
        return is_billed(world, role, line.customer.currency, line.invoice_month)

    # A correction that waits for the next invoice was never in an unbilled export of its own month.
    lines = [line for line in lines if line.invoice_month == line.day.replace(day=1)]
    settled = max((max(line.visible, line.earlier[1] if line.earlier else line.visible) for line in lines))
    last = max(settled, world.calendar.days[-1]) + rng.randint(1, 3) * DAY
    straggling = chance(rng, 0.2)  # the last export still has a month that has been invoiced
    exports = [Export(role, last, as_of([line for line in lines if straggling or not billed(line)], last))]
    if not world.has("lifecycle"):
        return [Export(role, last, as_of([line for line in lines if not billed(line)], last))]
    days = sorted({line.visible for line in lines} - {last})
    for day in rng.sample(days, min(len(days), rng.randint(1, 4))):
        months = {line.invoice_month for line in lines}
        if len(months) > 1 and chance(rng, 0.5):
            months = {max(month for month in months if month <= day)}
        currencies = {line.customer.currency for line in lines}
        if len(currencies) > 1 and chance(rng, 0.3):
            currencies = {rng.choice(sorted(currencies))}
        some = [line for line in lines if line.invoice_month in months and line.customer.currency in currencies]
        exports.append(Export(role, day, as_of(some, day)))
    return exports


def billed_exports(world: World, role: str, lines: list[Line]) -> list[Export]:
    """Exports of invoices: one or two invoices for a month and currency, some exported again after a correction."""
    rng, ids = world.rngs["lifecycle"], world.rngs["ids"]
    exports = []
    for month in world.calendar.months:
        day = next_month(month) + rng.randint(5, 9) * DAY
        content: list[tuple[Line, Decimal, str]] = []
        for currency in sorted({line.customer.currency for line in lines}):
            if not is_billed(world, role, currency, month):
                continue
            numbers = [f"G{ids.randrange(10**8, 10**9)}" for _ in range(2)]
            by_customer = chance(rng, 0.4)
            customers = sorted({line.customer.tenant_id for line in lines})
            content += [
                (line, line.quantity, numbers[customers.index(line.customer.tenant_id) % 2 if by_customer else 0])
                for line in lines
                if line.invoice_month == month and line.customer.currency == currency
            ]
        if not content:
            continue
        exports.append(Export(role, day, content))
        if world.has("lifecycle") and chance(rng, 0.35):
            number = rng.choice(content)[2]
            first = [(ln, ln.earlier[0] if ln.earlier else q, n) for ln, q, n in content if n == number]
            first = [entry for entry in first if chance(rng, 0.9)]
            exports.append(Export(role, day - rng.randint(1, 3) * DAY, first))
    return exports
