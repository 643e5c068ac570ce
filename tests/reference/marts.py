"""The marts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path
from typing import Any

from .access import LADDER, Access, Weighed, read_roles
from .cost_management import beside_none, read_cost_management, read_links
from .claims import settle
from .coverage import coverage_of
from .directory import read_directory
from .prices import Rated, meter_key, product_reason, rate_lines, read_prices
from .usage import Usage, accepted, read_usage
from .values import FOREVER, ZERO, amount
from .windows import Windows, both, whole_day, without

PRECISION = 80
RATES = ((date.min, Decimal("0.15")),)


def quotient(upper: Decimal, lower: Decimal, places: int) -> Decimal | None:
    """A quotient, rounded half up; None when the divisor is 0."""
    if lower == 0:
        return None
    return (upper / lower).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def eligibility_of(access: Access, lines: list[Usage], resellers: list[str | None]) -> dict[tuple, dict[str, Any]]:
    """`fct_pec_eligibility_daily` by (usage_date, subscription_id, resource_id, transacting_partner_id).

    **Choice**: lines of one key may name several resellers or resource groups: the greatest non-blank one is the
    row's, and the row's decision is every line's.
    """
    names: dict[tuple, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for line, reseller in zip(lines, resellers):
        groups, partners = names[eligibility_key(line)]
        groups += [line.resource_group_name] if line.resource_group_name else []
        partners += [reseller] if reseller else []
    out = {}
    for key, (groups, partners) in names.items():
        day, subscription, resource, partner = key
        group, reseller = max(groups, default=None), max(partners, default=None)
        decision = access.on_day(day, resource, group, subscription, partner, reseller)
        out[key] = {"resource_group_name": group, "reseller_partner_id": reseller, **decision}
    return out


def rate_on(day: date, rates: Sequence[tuple[date, Decimal]]) -> Decimal:
    """The rate of a day: the one that began last."""
    return max((begin, rate) for begin, rate in rates if begin <= day)[1]


def eligibility_key(line: Usage) -> tuple:
    """The grain of the eligibility mart."""
    return line.usage_date, line.subscription_id, line.resource_id, line.transacting_partner_id


def charge_of(
    line: Usage, reseller: str | None, rated: Rated, access: dict[str, Any], rate: Decimal
) -> dict[str, Any]:
    """One row of `fct_pec_charges_daily` (M3 and the status ladder).

    M3: the list cost comes rounded, credit is made from it and rounded, net is their difference: exact. So is every
    other share of a line's list cost (recoverable, applied): rounded once, line by line, and exact in every sum.

    **Choice**: status goes by rates, not by money: a due line of a free tier that Microsoft shows at 0 % is missed,
    with a credit of 0.
    """
    product = product_reason(line, rated)
    is_due = product is None and access["access_reason"] == "full_day"
    is_applied = line.applied_pec_rate > 0
    credit = amount(rated.list_cost * rate) if is_due else ZERO
    status = {
        (True, True): "earned",
        (True, False): "missed",
        (False, True): "unexpected",
        (False, False): "not_earned",
    }[is_due, is_applied]
    recoverable = amount(rated.list_cost * rate) if product is None and status == "not_earned" else ZERO
    return {
        "source_file": line.source_file,
        "line_number": line.line_number,
        "usage_date": line.usage_date,
        "invoice_number": line.invoice_number,
        "customer_id": line.customer_id,
        "customer_name": line.customer_name,
        "subscription_id": line.subscription_id,
        "resource_group_name": line.resource_group_name,
        "resource_id": line.resource_id,
        "transacting_partner_id": line.transacting_partner_id,
        "reseller_partner_id": reseller,
        "product_id": line.product_id,
        "sku_id": line.sku_id,
        "meter_id": line.meter_id,
        "meter_category": line.meter_category,
        "meter_name": line.meter_name,
        "quantity": line.quantity,
        "list_cost_usd": rated.list_cost,
        "pec_rate": rate if is_due else ZERO,
        "pec_credit_usd": credit,
        "net_cost_usd": rated.list_cost - credit,
        "applied_pec_rate": line.applied_pec_rate,
        "applied_net_cost_usd": line.applied_net_cost_usd,
        "pec_status": status,
        "pec_reason": "eligible" if is_due else product or access["access_reason"],
        "recoverable_credit_usd": recoverable,
        "billing_currency": line.billing_currency,
        "exchange_rate": line.exchange_rate,
    }


def month_to_date_of(
    lines: list[Usage], rated: dict[int, Rated], charges: list[dict[str, Any]]
) -> dict[tuple, dict[str, Any]]:
    """`fct_meter_month_to_date` (M4): one row per meter and day with lines, cumulated over the days of the month."""
    by_day: dict[tuple, dict[date, list[int]]] = defaultdict(lambda: defaultdict(list))
    for i, line in enumerate(lines):
        if not rated[i].covered:
            by_day[meter_key(line)][line.usage_date].append(i)
    out = {}
    for key, days in by_day.items():
        quantity = net = billable = ZERO
        for day in sorted(days):
            for i in days[day]:
                quantity += lines[i].quantity
                net += charges[i]["net_cost_usd"]
                billable += rated[i].billable_quantity
            cost = net.quantize(Decimal("0.01"), rounding=ROUND_DOWN)
            out[(*key, day)] = {
                "cumulative_quantity": quantity,
                "cumulative_net_cost_usd": net,
                "billable_cost_usd": cost,
                "effective_unit_price": quotient(cost, billable, 15),
            }
    return out


def statement_of(charges: list[dict[str, Any]]) -> dict[tuple, dict[str, Decimal]]:
    """`pec_monthly_statement` by (billing_month, transacting_partner_id, customer_id, subscription_id)."""
    names = ("list_cost_usd", "pec_credit_usd", "net_cost_usd", "applied_credit_usd", "missed_credit_usd")
    names += ("unexpected_credit_usd", "recoverable_credit_usd")
    out: dict[tuple, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(names, ZERO))
    for row in charges:
        month = row["usage_date"].replace(day=1)
        total = out[month, row["transacting_partner_id"], row["customer_id"], row["subscription_id"]]
        applied = amount(row["list_cost_usd"] * row["applied_pec_rate"])
        for name in ("list_cost_usd", "pec_credit_usd", "net_cost_usd", "recoverable_credit_usd"):
            total[name] += row[name]
        total["applied_credit_usd"] += applied
        if row["pec_status"] == "missed":
            total["missed_credit_usd"] += row["pec_credit_usd"]
        if row["pec_status"] == "unexpected":
            total["unexpected_credit_usd"] += applied
    return dict(out)


def gaps_of(
    access: Access, eligibility: dict[tuple, dict[str, Any]], charges: list[dict[str, Any]]
) -> dict[tuple, dict[str, Any]]:
    """`pec_access_gaps` by (transacting_partner_id, subscription_id, resource_id, gap_start).

    Time is cut at the usage days of the resource under the partner: what a day's eligibility row names (the reseller,
    and the resource group of a resource_id that is no ARM path) holds from that day's 00:00 until the next usage day;
    the last one's holds for ever. The agreement plays no part, as in the covered seconds.

    **Choices**: a gap runs on over days without usage, and over a change of reseller, and it may begin in the future
    (a link or membership with a known end). A day's lost credit goes to the first gap that touches the day, whatever
    else (the agreement) stands in its way too; a day that no gap touches loses nothing here.
    """
    days: dict[tuple, dict[date, dict[str, Any]]] = defaultdict(dict)
    for (day, subscription, resource, partner), row in eligibility.items():
        days[partner, subscription, resource][day] = row
    lost: dict[tuple, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in charges:
        key = row["transacting_partner_id"], row["subscription_id"], row["resource_id"]
        lost[key][row["usage_date"]] += row["recoverable_credit_usd"]
    newest_of = newest_days(eligibility)
    out = {}
    for key, rows in days.items():
        partner, subscription, resource = key
        begins = [whole_day(day)[0] for day in sorted(rows)]
        pieces: list[tuple[Windows, list[Weighed]]] = []
        for day, begin, end in zip(sorted(rows), begins, [*begins[1:], FOREVER]):
            group, reseller = rows[day]["resource_group_name"], rows[day]["reseller_partner_id"]
            pieces.append(([(begin, end)], access.seen_by(resource, group, subscription, partner, reseller)))
        held = [w for piece, grants in pieces for grant in grants for w in both(grant.counts, piece)]
        told: set[date] = set()
        for start, end in without([(begins[0], FOREVER)], held):
            within = [(both(piece, [(start, end)]), grants) for piece, grants in pieces]
            steps = [step for times, grants in within for step in (grant.step(times) for grant in grants) if step]
            touched = {day for day in rows if day not in told and both([whole_day(day)], [(start, end)])}
            told |= touched
            newest = newest_of[subscription]
            is_losing = end == FOREVER and max(rows) == newest and start < whole_day(newest)[1]
            out[(*key, start)] = {
                "gap_end": None if end == FOREVER else end,
                "access_reason": max(steps, key=LADDER.index, default=LADDER[0]),
                "lost_credit_usd": sum((lost[key][day] for day in touched), ZERO),
                "last_usage_date": max(rows),
                "is_losing_now": is_losing,
                "lost_credit_per_day_usd": recent(lost[key], touched, newest, start.date()) if is_losing else ZERO,
            }
    return out


def recent(lost: dict[date, Decimal], days: set[date], newest: date, begin: date) -> Decimal:
    """What some days lost in the seven that end on the newest, per day: of the seven, or of those since the begin."""
    count = min(7, (newest - begin).days + 1)
    return quotient(sum((lost[day] for day in days if (newest - day).days < 7), ZERO), Decimal(count), 18)


def newest_days(eligibility: dict[tuple, dict[str, Any]]) -> dict[str, date]:
    """The newest day of usage of each subscription, whoever is billed for it."""
    newest: dict[str, date] = {}
    for day, subscription, _, _ in eligibility:
        newest[subscription] = max(day, newest.get(subscription, day))
    return newest


def repairs_of(
    gaps: dict[tuple, dict[str, Any]], eligibility: dict[tuple, dict[str, Any]], charges: list[dict[str, Any]]
) -> dict[tuple, dict[str, Decimal]]:
    """What the rows of `pec_repairs` add up to, by (transacting_partner_id, subscription_id).

    Each gap has one repair. A day that lost credit and that no gap touches lacked an agreement (D4): its resource loses
    now if its newest lost day is the newest day of usage of the subscription.
    """
    total: dict[tuple, dict[str, Decimal]] = defaultdict(lambda: {"lost_credit_usd": ZERO, "win_per_day_usd": ZERO})
    spans: dict[tuple, Windows] = defaultdict(list)
    for (partner, subscription, resource, start), gap in gaps.items():
        spans[partner, subscription, resource].append((start, gap["gap_end"] or FOREVER))
        total[partner, subscription]["lost_credit_usd"] += gap["lost_credit_usd"]
        total[partner, subscription]["win_per_day_usd"] += gap["lost_credit_per_day_usd"]
    lost: dict[tuple, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in charges:
        key = row["transacting_partner_id"], row["subscription_id"], row["resource_id"]
        if row["recoverable_credit_usd"] and not both([whole_day(row["usage_date"])], sorted(spans[key])):
            lost[key][row["usage_date"]] += row["recoverable_credit_usd"]
    newest_of = newest_days(eligibility)
    for (partner, subscription, _), days in lost.items():
        newest = newest_of[subscription]
        total[partner, subscription]["lost_credit_usd"] += sum(days.values(), ZERO)
        if max(days) == newest:
            total[partner, subscription]["win_per_day_usd"] += recent(days, set(days), newest, min(days))
    return dict(total)


def recompute(
    zone: Path,
    roles_csv: Path,
    rates: Sequence[tuple[date, Decimal]] = RATES,
    offers_need_no_link: bool = False,
    tolerance: int = 0,
) -> dict[str, Any]:
    """All marts of a landing zone, rejected lines, files put aside or counted under another name, superseded lines.

    rates: the first day of each rate, and the rate (P3).  offers_need_no_link: the older reading of Marketplace delegations (A3).
    tolerance: how many seconds a whole day may lack (A6).
    Keys: eligibility, charges, month_to_date, statement, gaps, repairs, missed, claims, coverage, rejected, quarantined, duplicates, superseded.
    """
    with localcontext() as context:
        context.prec = PRECISION
        read = read_usage(zone)
        directory = read_directory(zone / "partner_directory")
        read_links(zone / "partner_id_links", directory)
        daily, second = accepted(read.lines), read_cost_management(zone, directory)
        lines = daily + beside_none(daily, second)
        resellers = [
            line.reseller_partner_id
            or (
                None
                if line.invoice_number
                else directory.reseller_on(line.subscription_id, line.transacting_partner_id, line.usage_date)
            )
            for line in lines
        ]
        access = Access(zone, directory, read_roles(roles_csv), read.lines + second, offers_need_no_link, tolerance)
        eligibility = eligibility_of(access, lines, resellers)
        rated = rate_lines(lines, read_prices(zone))
        charges = [
            charge_of(line, reseller, rated[i], eligibility[eligibility_key(line)], rate_on(line.usage_date, rates))
            for i, (line, reseller) in enumerate(zip(lines, resellers))
        ]
        missed, claims = settle(zone, charges, read.quarantined)
        return {
            "eligibility": eligibility,
            "charges": charges,
            "month_to_date": month_to_date_of(lines, rated, charges),
            "statement": statement_of(charges),
            "gaps": (gaps := gaps_of(access, eligibility, charges)),
            "repairs": repairs_of(gaps, eligibility, charges),
            "missed": missed,
            "claims": claims,
            "coverage": coverage_of(zone, eligibility, charges),
            "rejected": read.rejected,
            "quarantined": read.quarantined,
            "duplicates": read.duplicates,
            "superseded": len(read.lines) - len(daily),
        }
