"""The marts against an independent recomputation in plain Python Decimals, on seeded random worlds."""

import os

import pytest
import reference
import warehouse as w
import worlds

SEEDS = range(int(os.environ.get("PEC_WORLDS_FROM", "1")), int(os.environ.get("PEC_WORLDS_FROM", "1")) + int(os.environ.get("PEC_WORLDS", "8")))

MARTS = {
    "eligibility": ("fct_pec_eligibility_daily", ["usage_date", "subscription_id", "resource_id", "transacting_partner_id"]),
    "month_to_date": (
        "fct_meter_month_to_date",
        ["billing_month", "plan_subscription_id", "product_id", "sku_id", "meter_id", "usage_date"],
    ),
    "statement": ("pec_monthly_statement", ["billing_month", "transacting_partner_id", "customer_id", "subscription_id"]),
}


def compare(got, expected, what):
    """Asserts that two {key: {column: value}} agree on all columns of expected, and says where not."""
    assert set(got) == set(expected), (
        f"{what}: only in the marts {sorted(map(str, set(got) - set(expected)))[:5]}, "
        f"only in the reference {sorted(map(str, set(expected) - set(got)))[:5]}"
    )
    differences = [
        f"{what} {key}: {column} is {got[key][column]!r}, expected {value!r}"
        for key, row in expected.items()
        for column, value in row.items()
        if got[key][column] != value
    ]
    assert not differences, f"{len(differences)} differences:\n" + "\n".join(differences[:12])


@pytest.mark.parametrize("seed", SEEDS)
def test_marts_are_what_the_reference_says(seed, tmp_path):
    zone = tmp_path / "zone"
    worlds.write_world(seed, zone)
    expected = reference.recompute(zone, w.ROLES)
    warehouse = w.build(zone, tmp_path / "build")

    for what, (mart, key) in MARTS.items():
        got = {tuple(row[k] for k in key): row for row in w.query(warehouse, f"select * from marts.{mart}")}
        compare(got, expected[what], what)

    charges = w.query(
        warehouse,
        "select c.*, l.line_number from marts.fct_pec_charges_daily as c "
        "join staging.stg_partner_center__daily_rated_usage as l using (usage_line_id)",
    )
    line = ("source_file", "line_number")
    compare(
        {tuple(row[k] for k in line): row for row in charges},
        {tuple(row[k] for k in line): row for row in expected["charges"]},
        "charges",
    )
    rejected = w.query(warehouse, "select * from marts.rejected_rows where source_file like 'daily_rated_usage/%'")
    assert {(row["source_file"], row["line_number"]) for row in rejected} == set(expected["rejected"])
