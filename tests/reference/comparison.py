"""Marts against the reference: reads both as {key: row} and says where they differ."""

from project import warehouse as w
import collections
from decimal import Decimal

import reference

MARTS = {
    "eligibility": ("fct_pec_eligibility_daily", ["usage_date", "subscription_id", "resource_id", "transacting_partner_id"]),
    "month_to_date": (
        "fct_meter_month_to_date",
        ["billing_month", "plan_subscription_id", "product_id", "sku_id", "meter_id", "usage_date"],
    ),
    "statement": ("pec_monthly_statement", ["billing_month", "transacting_partner_id", "customer_id", "subscription_id"]),
    "gaps": ("pec_access_gaps", ["transacting_partner_id", "subscription_id", "resource_id", "gap_start"]),
    "missed": ("pec_missed_credit", ["billing_month", "subscription_id", "resource_id", "first_date"]),
    "claims": ("pec_claims", ["claim_id"]),
}
LINE = ("source_file", "line_number")
HALF_A_UNIT, HALF_A_PRICE = Decimal("5e-19"), Decimal("5e-17")
# What decides the order in which lines fill tiers (M2), but for the stable line key of last resort, and what a place in that order is worth.
ORDER = ("usage_date", "subscription_id", "resource_id", "transacting_partner_id", "product_id", "sku_id", "meter_id", "quantity", "pec_status")
WORTH = ("list_cost_usd", "pec_credit_usd", "net_cost_usd", "recoverable_credit_usd")
REPAIRED = "sum(lost_credit_usd) as lost_credit_usd, sum(win_per_day_usd) as win_per_day_usd"
# The marts that are compared, and all that they are made from, for a build that makes no more.
COMPARED = (
    "--indirect-selection", "cautious",
    "--select", "+fct_pec_eligibility_daily", "+fct_pec_charges_daily", "+pec_missed_credit", "+pec_access_gaps", "+pec_repairs", "+pec_monthly_statement",
    "+fct_meter_month_to_date", "+rejected_rows", "+evidence_coverage", "+access_grants",
)  # fmt: skip


def differences(got, expected, what):
    """What differs between two {key: {column: value}}, as text: keys on one side only, and all columns of expected."""
    found = [f"{what} {key}: only in the marts" for key in set(got) - set(expected)]
    found += [f"{what} {key}: only in the reference" for key in set(expected) - set(got)]
    return found + [
        f"{what} {key}: {column} is {got[key][column]!r}, expected {value!r}"
        for key, row in expected.items()
        if key in got
        for column, value in row.items()
        if got[key][column] != value
    ]


def by_line(charges):
    """Charges by file and line. Of lines that are the same in all that orders them, the rules leave open which comes first: that part is put in order."""
    found = {tuple(row[k] for k in LINE): dict(row) for row in charges}
    twins = collections.defaultdict(list)
    for key in sorted(found):
        twins[tuple(found[key][k] for k in ORDER)].append(found[key])
    for rows in twins.values():
        worth = sorted(([row[k] for k in WORTH] for row in rows), key=lambda values: (values[1], str(values)))
        for row, values in zip(rows, worth, strict=True):
            row |= zip(WORTH, values, strict=True)
    return found


def unit_prices(charges):
    """Lines whose list_unit_price is not what a unit cost (list_cost_usd ÷ quantity), as text: to the 18 decimals that a cost has, and 16 of a price."""
    off = []
    for row in charges:
        quantity, price = row["quantity"], row["list_unit_price"]
        if (price is None) != (quantity == 0) or (
            price is not None and abs(price * quantity - row["list_cost_usd"]) > HALF_A_UNIT + abs(quantity) * HALF_A_PRICE
        ):
            off.append(f"charge {tuple(row[k] for k in LINE)}: {quantity} at {price} is not {row['list_cost_usd']}")
    return off


def coverage(rows, expected):
    """What differs between evidence_coverage and the recomputation, as text.

    Where nothing is inferred and nothing unresolved, days without evidence are all that is in doubt, to the last decimal. Elsewhere they are the least that is,
    and all days the most; where lines are negative (refunds) neither is a bound.
    """
    got = {(row["subscription_id"],): row for row in rows}
    bounds = ("least_in_doubt", "most_in_doubt", "has_refunds")
    columns = {key: {name: value for name, value in row.items() if name not in bounds} for key, row in expected.items()}
    found = differences(got, columns, "coverage")
    for key in got.keys() & expected.keys():
        row, usd = expected[key], got[key]["credit_in_doubt_usd"]
        is_plain = got[key]["days_inferred"] == got[key]["unresolved_items"] == 0
        least, most = row["least_in_doubt"], row["least_in_doubt"] if is_plain else row["most_in_doubt"]
        if not (least <= usd <= most or row["has_refunds"] and not is_plain):
            found.append(f"coverage {key}: {usd} in doubt is not from {least} to {most}")
    return found


def against_reference(zone, warehouse, quarantined=(), **settings):
    """All differences between a built warehouse's marts and the recomputation of its landing zone.

    settings: of reference.recompute().  quarantined: files that rejected_rows must name as unreadable, beside those that are so in this zone.
    """
    expected = reference.recompute(zone, w.ROLES, **settings)
    found = []
    for what, (mart, key) in MARTS.items():
        rows = w.query(warehouse, f"select * from marts.{mart}")
        found += differences({tuple(row[k] for k in key): row for row in rows}, expected[what], what)
    found += coverage(w.query(warehouse, "select * from marts.evidence_coverage"), expected["coverage"])
    key = ["transacting_partner_id", "subscription_id"]
    rows = w.query(warehouse, f"select {', '.join(key)}, {REPAIRED} from marts.pec_repairs group by all")
    found += differences({tuple(row[k] for k in key): row for row in rows}, expected["repairs"], "repairs")
    charges = w.query(warehouse, "select * from marts.fct_pec_charges_daily")
    found += differences(by_line(charges), by_line(expected["charges"]), "charge")
    found += unit_prices(charges)
    rejected = w.query(warehouse, "select * from marts.rejected_rows where source_file like 'daily_rated_usage/%'")
    put_aside = expected["quarantined"] | set(quarantined)
    found += [f"put aside, but not named: {file}" for file in put_aside - {row["source_file"] for row in rejected}]
    lines = {tuple(row[k] for k in LINE) for row in rejected} ^ expected["rejected"]
    return found + [f"rejected on one side only: {(file, line)}" for file, line in lines if file not in put_aside]
