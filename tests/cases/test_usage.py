"""Usage lines, price sheets and keys from the field (issue 14, kinds 2, 5 and 7): one landing zone, one Azure subscription for each trait.

Of the folders of cases: 11 (a second byte-order mark), 14 (day-first dates), 16 (shapes of tiers), 24 (exponents).
"""

import pathlib
import shutil
from datetime import date
from decimal import Decimal

import pytest
from project import warehouse as w
from reference import comparison

ZONE = pathlib.Path(__file__).parent / "usage"
D = Decimal


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The zone and its warehouse."""
    folder = tmp_path_factory.mktemp("usage")
    zone = pathlib.Path(shutil.copytree(ZONE, folder / "zone"))
    return zone, w.build(zone, folder / "build", "build", "--exclude-resource-type", "unit_test")


def lines_of(built, number):
    """The charges of a subscription, by day."""
    where = f"where subscription_id like '{number:08d}-%' order by usage_date"
    return w.query(built[1], f"select * from marts.fct_pec_charges_daily {where}")


def sums(rows):
    return len(rows), sum(row["list_cost_usd"] for row in rows), sum(row["pec_credit_usd"] for row in rows)


def test_a_mark_before_the_first_line_belongs_to_no_value(built):
    rows = lines_of(built, 11)
    assert sums(rows) == (3, 30, D("4.50")), "the billed export replaces all three lines"
    assert {row["invoice_number"] for row in rows} == {"G055000011"}


def test_marks_braces_and_case_make_no_other_key(built):
    rows = lines_of(built, 12)
    assert sums(rows) == (2, 20, D("3.00"))
    assert len({(row["resource_id"], row["plan_subscription_id"], row["customer_id"], row["product_id"], row["meter_id"]) for row in rows}) == 1
    assert {row["pec_status"] for row in rows} == {"earned"} and {row["reseller_partner_id"] for row in rows} == {None}
    assert {row["transacting_partner_id"] for row in rows} == {"6055501"}


def test_a_day_first_file_is_rejected_and_a_month_first_one_is_read(built):
    assert lines_of(built, 14) == []
    rejected = w.query(built[1], "select * from marts.rejected_rows where source_file like '%_14.csv' order by line_number")
    assert [(row["line_number"], row["column_name"]) for row in rejected] == [(n, "UsageDate") for n in (2, 3, 4, 5)]
    assert all("day-first" in row["reason"] for row in rejected)
    assert [row["usage_date"] for row in lines_of(built, 15)] == [date(2026, 8, 5), date(2026, 8, 6)]
    (sheet,) = w.query(built[1], "select * from marts.rejected_rows where source_file like '%_IT_%'")
    assert "day-first" in sheet["reason"]


@pytest.mark.parametrize("number", [16, 17, 18, 24])
def test_tiers_of_every_shape(built, number):
    assert sums(lines_of(built, number)) == (1, 125, D("18.75"))


def test_a_newer_price_of_one_tier_leaves_the_tiers_below_it(built):
    assert sums(lines_of(built, 19)) == (1, D("112.50"), D("16.875")), "100 at 1, and 50 at the newer 0.25"


def test_a_file_with_decimal_commas_is_rejected(built):
    assert lines_of(built, 39) == []
    rejected = w.query(built[1], "select * from marts.rejected_rows where source_file like '%_39.csv' order by line_number")
    assert [(row["line_number"], row["reason"].startswith("the file has decimal commas")) for row in rejected] == [(2, True), (3, True)]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (31, [("reservation", 0)]),
        (32, [("benefit_paid", 0)]),
        (33, [("eligible", 10)]),
        (34, [("eligible", 10), ("eligible", 10)]),
        (35, [("no_market", 10)]),
        (36, [("no_price_sheet", 10)]),
        (37, [("list_cost_out_of_range", 200_000_000)]),
        (38, []),
    ],
)
def test_reasons_of_products(built, number, expected):
    rows = lines_of(built, number)
    assert [(row["pec_reason"], row["list_cost_usd"]) for row in rows] == expected
    claims = [row for row in rows if row["pec_status"] == "missed"]
    assert len(claims) == sum(reason == "eligible" for reason, _ in expected), "only what can earn is claimed"
    assert all(row["recoverable_credit_usd"] == 0 for row in rows)


def test_what_is_no_number_or_date_is_rejected_by_name(built):
    rows = w.query(built[1], "select * from marts.rejected_rows where source_file not like '%_14.csv' and source_file not like '%_39.csv' and source_file not like '%_IT_%'")
    found = {(row["source_file"].split("/")[-1], row["line_number"], row["column_name"]) for row in rows}
    assert found == {
        *(("unbilled_2026-08-20_p2.csv", n, c) for n, c in zip(range(10, 15), ["Quantity", "UnitPrice", "PCToBCExchangeRate", "UsageDate", "UsageDate"])),
        *(("azure_consumption_DE_202608.csv", n, c) for n, c in zip((13, 14, 15), ["UnitPrice", "UnitPrice", "EffectiveStartDate"])),
        *(("fx_202608.csv", n, c) for n, c in zip((3, 4, 5, 7), ["USDPerUnit", "USDPerUnit", "USDPerUnit", "Month"])),
        *(("partner_id_links.csv", n, "valid_from") for n in (3, 4, 5, 6)),
    }


def test_the_reference_says_the_same(built):
    assert comparison.against_reference(*built) == []


def test_the_next_night_goes_on(built):
    """No date of no year stays behind to break a later build; a header that has a column twice puts its file aside."""
    zone, warehouse = built
    path = zone / "daily_rated_usage" / "unbilled_2026-08-20_15.csv"
    text = path.read_text(encoding="utf-8-sig")
    (zone / "daily_rated_usage" / "unbilled_2026-08-21_15.csv").write_text(text.replace("BenefitType", "Quantity", 1))
    again = w.build(zone, warehouse.parent, "build", "--exclude-resource-type", "unit_test")
    assert len(lines_of((zone, again), 15)) == 2, "the last good export stays"
    (row,) = w.query(again, "select * from marts.rejected_rows where source_file like '%2026-08-21_15.csv'")
    assert (row["line_number"], "stands twice in the header" in row["reason"]) == (0, True)
