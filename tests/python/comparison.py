"""Marts against the reference: reads both as {key: row} and says where they differ."""

import reference
import warehouse as w

MARTS = {
    "eligibility": ("fct_pec_eligibility_daily", ["usage_date", "subscription_id", "resource_id", "transacting_partner_id"]),
    "month_to_date": (
        "fct_meter_month_to_date",
        ["billing_month", "plan_subscription_id", "product_id", "sku_id", "meter_id", "usage_date"],
    ),
    "statement": ("pec_monthly_statement", ["billing_month", "transacting_partner_id", "customer_id", "subscription_id"]),
    "gaps": ("pec_access_gaps", ["transacting_partner_id", "subscription_id", "resource_id", "gap_start"]),
    "missed": ("pec_missed_credit", ["billing_month", "subscription_id", "resource_id", "first_date"]),
}
LINE = ("source_file", "line_number")
# The marts that are compared, and all that they are made from, for a build that makes no more.
COMPARED = (
    "--indirect-selection", "cautious",
    "--select", "+fct_pec_eligibility_daily", "+fct_pec_charges_daily", "+pec_missed_credit", "+pec_access_gaps", "+pec_monthly_statement",
    "+fct_meter_month_to_date", "+rejected_rows",
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


def against_reference(zone, warehouse):
    """All differences between a built warehouse's marts and the recomputation of its landing zone."""
    expected = reference.recompute(zone, w.ROLES)
    found = []
    for what, (mart, key) in MARTS.items():
        rows = w.query(warehouse, f"select * from marts.{mart}")
        found += differences({tuple(row[k] for k in key): row for row in rows}, expected[what], what)
    charges = w.query(warehouse, "select * from marts.fct_pec_charges_daily")
    by_line = {tuple(row[k] for k in LINE): row for row in charges}
    found += differences(by_line, {tuple(row[k] for k in LINE): row for row in expected["charges"]}, "charge")
    rejected = w.query(warehouse, "select * from marts.rejected_rows where source_file like 'daily_rated_usage/%'")
    for row in {tuple(row[k] for k in LINE) for row in rejected} ^ set(expected["rejected"]):
        found.append(f"rejected on one side only: {row}")
    return found
