"""Prices and tiers (P1, P2, M1, M2, M6)."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from .usage import Usage
from .values import DAY, ZERO, amount, date_orders, day_of, decimal_marks, files_in, ident, number, table


@dataclass(frozen=True)
class Price:
    """One row of a price sheet."""

    market: str
    product_id: str
    sku_id: str
    meters: frozenset[str]
    first_day: date
    last_day: date
    lower: Decimal
    upper: Decimal | None
    unit_price: Decimal
    third_party: bool
    source: str
    stated: Decimal | None = None  # the maximum that the row states

    def in_effect(self, day: date) -> bool:
        """The end day is included (M1)."""
        return self.first_day <= day <= self.last_day

    def displaces(self, older: Price) -> bool:
        """Whether this row, newer or at least not older, takes the other one's place: they price the same quantities.

        Rows of one version (same first day, same file) stand beside each other, even where their ranges touch.
        """
        if self.lower == older.lower:
            return True
        if (self.first_day, self.source) == (older.first_day, older.source):
            return False
        return (self.upper is None or self.upper > older.lower) and (older.upper is None or older.upper > self.lower)


def read_prices(zone: Path) -> dict[tuple, list[Price]]:
    """All rows of `price_sheet/` by market, product and SKU. Rows that cannot be read are left out.

    **Choices**: all sheets of a market are one list and the effective dates alone decide what holds on a day; only
    rows in USD (or without a currency) and with a first day whose TermDuration is pay-as-you-go (or blank) are consumption prices; several
    MeterIds may be separated by commas, semicolons, bars or spaces.
    """
    out: dict[tuple, list[Price]] = defaultdict(list)
    for path in files_in(zone / "price_sheet", ".csv", ".csv.gz"):
        rows = table(path)
        dates, numbers = ("effectivestartdate", "effectiveenddate"), ("unitprice", "pricingtierrangemin", "pricingtierrangemax")
        orders = date_orders([row.get(name) for row in rows for name in dates])
        if decimal_marks([row.get(name) for row in rows for name in numbers]) == {","}:
            continue
        for row in rows:
            if "day" in orders and any("/" in (row.get(name) or "") for name in dates):
                if date_orders([row.get(name) for name in dates]) != {"month"}:
                    continue
            try:
                first_day, last_day = day_of(row.get("effectivestartdate")), day_of(row.get("effectiveenddate"), 9999)
                lower, upper = number(row.get("pricingtierrangemin")), number(row.get("pricingtierrangemax"))
                unit_price = number(row.get("unitprice"))
            except ValueError:
                continue
            market, product, sku = (ident(row.get(name)) for name in ("market", "productid", "skuid"))
            if unit_price is None or unit_price < 0 or first_day is None or not (market and product and sku):
                continue
            if upper is not None and (lower or ZERO) > upper:
                continue
            if not (ident(row.get("termduration")) or "payg").startswith("payg"):
                continue
            if (ident(row.get("currency")) or "usd") != "usd":
                continue
            price = Price(
                market=market,
                product_id=product,
                sku_id=sku,
                meters=frozenset(m for m in re.split(r"[,;|\s]+", ident(row.get("meterids")) or "") if m),
                first_day=first_day,
                last_day=last_day or date.max,
                lower=lower or ZERO,
                upper=upper,
                unit_price=unit_price,
                third_party=bool(re.search(r"third[\s_-]*party", row.get("tags") or "", re.I)),
                source=path.relative_to(zone).as_posix(),
            )
            out[market, product, sku].append(price)
    return {key: with_maxima(rows) for key, rows in out.items()}


def with_maxima(rows: list[Price]) -> list[Price]:
    """What a row says of quantities, where sheets are compared: a blank maximum is where the next tier of its sheet and set of meters begins.

    **Choice**: a tier whose price began later, while this row holds, is a next one; one that began earlier is not.
    """
    out = []
    for row in rows:
        same = [
            r.lower for r in rows
            if (r.source, r.meters) == (row.source, row.meters) and r.lower > row.lower and row.first_day <= r.first_day <= row.last_day
        ]  # fmt: skip
        out.append(replace(row, upper=min(same) if row.upper is None and same else row.upper, stated=row.upper))
    return out


def on_a_day(rows: list[Price]) -> list[Price]:
    """Rows that hold on a day: of lines of one sheet with one start and minimum the last; a blank maximum ends where the next of them begins (M2).

    rows: of one set of meters, in the order of their lines within a sheet.  **Choice**: as of with_maxima().
    """
    rows = list({(row.first_day, row.source, row.lower): row for row in rows}.values())
    return [
        replace(row, upper=row.stated if row.stated is not None else min(
            (r.lower for r in rows if r.lower > row.lower and r.first_day >= row.first_day), default=None
        ))
        for row in rows
    ]  # fmt: skip


def markets_of(lines: list[Usage]) -> list[str | None]:
    """The market of each line: its country, else that of its customer's other lines (M1).

    **Choice**: where these differ, the first in alphabetical order.
    """
    known: dict[str, str] = {}
    for line in lines:
        if line.customer_id and line.country:
            known[line.customer_id] = min(line.country, known.get(line.customer_id, line.country))
    return [line.country or known.get(line.customer_id or "") for line in lines]


def has_sheet(market: str, month: date, prices: dict[tuple, list[Price]]) -> bool:
    """Whether the market's sheets speak for a month: the time from their first day to their last touches it (M1, **Choice**)."""
    rows = [row for key, found in prices.items() if key[0] == market for row in found]
    after = (month.replace(day=28) + 4 * DAY).replace(day=1)
    return bool(rows) and min(row.first_day for row in rows) < after and max(row.last_day for row in rows) >= month


def prices_for(line: Usage, prices: dict[tuple, list[Price]]) -> list[Price]:
    """The tiers that price a line, lowest first; empty when the line is not on the list.

    **Choices**: where a sheet names meters, rows that name the line's meter go before rows that name none, and rows
    that name others do not apply. "Overlapping" means the same days and the same quantities: a newer row displaces
    only those tiers of older rows whose range it touches, and does so even where a still newer one displaces it: a
    price that was replaced does not come back. Rows that begin on the same day: the last file by name, with its end.
    """
    found = prices.get((line.country, line.product_id, line.sku_id), [])
    for rows in ([p for p in found if line.meter_id in p.meters], [p for p in found if not p.meters]):
        rows.sort(key=lambda p: (p.first_day, p.source), reverse=True)
        said = [
            p for i, p in enumerate(rows) if not any(q.first_day == p.first_day and q.source != p.source and q.displaces(p) for q in rows[:i])
        ]
        said = on_a_day([p for p in said if p.in_effect(line.usage_date)])
        tiers = [p for p in said if not any(q.first_day > p.first_day and q.displaces(p) for q in said)]
        if tiers:
            break
    return sorted(tiers, key=lambda p: p.lower)


def split(total: Decimal, tiers: list[Price]) -> list[Decimal]:
    """How a cumulative quantity is spread over the tiers: each holds what lies above the previous one's maximum.

    **Choices**: the last tier has no end, and a total below zero lies in the first tier (so that a refund in a month
    without usage is worth the first tier's price).
    """
    out, below = [], ZERO
    for place, tier in enumerate(tiers):
        last = place == len(tiers) - 1 or tier.upper is None
        top = total if last else min(total, tier.upper)
        out.append(top if place == 0 else max(top - below, ZERO))
        below = below if last else max(below, tier.upper)
    return out


@dataclass
class Rated:
    """What the price list makes of a line. Its cost is rounded once, here (M3); quantities are exact."""

    list_cost: Decimal
    exact_cost: Decimal  # not rounded
    billable_quantity: Decimal
    listed: bool
    third_party: bool
    covered: bool = False  # paid by a reservation, a savings plan or another benefit (P2)
    unlisted_reason: str = "not_on_price_list"


def meter_key(line: Usage) -> tuple:
    """What consumption accumulates over (M2) and the month-to-date mart is keyed by."""
    return line.month, line.plan_subscription_id, line.product_id, line.sku_id, line.meter_id


def rate_lines(lines: list[Usage], prices: dict[tuple, list[Price]]) -> dict[int, Rated]:
    """List cost of every line (M1, M2, M6), twice: what a benefit paid without saying which is told by the first rating, and fills no tier (P2)."""
    lines = [replace(line, country=market) for line, market in zip(lines, markets_of(lines))]
    paid: set[int] = set()
    for i, rated in rate(lines, prices, paid).items():
        usd, billing = lines[i].charged
        is_free = (usd if usd is not None else billing) == 0 and not billing
        if is_free and rated.exact_cost > 0 and lines[i].quantity > 0 and not lines[i].applied_pec_rate and not product_reason(lines[i], rated):
            paid.add(i)
    return rate(lines, prices, paid)


def rate(lines: list[Usage], prices: dict[tuple, list[Price]], paid: set[int]) -> dict[int, Rated]:
    """List cost of every line, by its position in the list. paid: the lines that another benefit paid.

    **Choices**: the stable line key of last resort is (source file, line number). A legacy line is not on the list:
    it costs its quantity x UnitPrice and fills no tier. A line that is not on the list is billable when its UnitPrice
    is above 0. When prices change within the month, each line is rated with the tiers in effect on its own day, from
    the same cumulative quantity. A line of 10^15 USD or more (whole units x whole dollars of the highest tier) is not rated
    by the list.
    """
    sheets: dict[tuple, bool] = {}
    out: dict[int, Rated] = {}
    so_far: dict[tuple, Decimal] = defaultdict(Decimal)
    order = sorted(
        range(len(lines)),
        key=lambda i: (
            lines[i].usage_date,
            lines[i].resource_id,
            lines[i].quantity,
            lines[i].source_file,
            lines[i].line_number,
        ),
    )
    for i in order:
        line = lines[i]
        tiers = prices_for(line, prices)
        third_party = any(tier.third_party for tier in tiers)
        listed = bool(tiers) and not line.is_legacy
        why = "not_on_price_list"
        if not listed and not line.is_legacy:
            place = line.country or "", line.month
            if place not in sheets:
                sheets[place] = has_sheet(*place, prices)
            why = why if sheets[place] else "no_price_sheet" if line.country else "no_market"
        if line.is_covered_by_benefit or i in paid:
            out[i] = Rated(ZERO, ZERO, ZERO, listed, third_party, True, "benefit_paid" if i in paid else why)
            continue
        if listed and int(abs(line.quantity)) * int(max(tier.unit_price for tier in tiers)) >= 10**15:
            listed, why = False, "list_cost_out_of_range"
        if not listed:
            billable = line.quantity if line.unit_price > 0 else ZERO
            cost = line.quantity * line.unit_price
            out[i] = Rated(amount(cost), cost, billable, False, third_party, False, why)
        else:
            before = so_far[meter_key(line)]
            after = before + line.quantity
            so_far[meter_key(line)] = after
            moved = [new - old for new, old in zip(split(after, tiers), split(before, tiers))]
            cost = sum((part * tier.unit_price for part, tier in zip(moved, tiers)), ZERO)
            billable = sum((part for part, tier in zip(moved, tiers) if tier.unit_price > 0), ZERO)
            out[i] = Rated(amount(cost), cost, billable, True, third_party)
    return out


def product_reason(line: Usage, rated: Rated) -> str | None:
    """Why the product never earns, in P2's order; None when it may.

    **Choices**: the publisher is Microsoft when its name is "Microsoft" or begins with "Microsoft "; blank and NA name
    nobody. Either sign of an Azure credit is enough: the credit type, or a credit percentage of 100.
    """
    publisher = (line.publisher or "na").casefold()
    foreign = publisher not in ("na", "n/a", "microsoft") and not publisher.startswith("microsoft ")
    is_vm = (line.meter_category or "").casefold() == "virtual machines"
    if line.benefit_type == "reservation":
        return "reservation"
    if line.benefit_type == "savingsplan":
        return "savings_plan"
    if rated.third_party:
        return "third_party"
    if foreign:
        return "marketplace"
    if is_vm and re.search(r"(^|\W)spot$", line.meter_name or "", re.I):
        return "spot"
    if line.credit_type == "azure credit applied" or line.credit_percentage == 100:
        return "azure_credit"
    if not rated.listed:
        return rated.unlisted_reason
    if rated.covered:
        return "benefit_paid"
    return None
