"""Invoices and claims from the field (issue 14, kinds 2 and 8): one landing zone, one plan subscription for each shape of an invoice."""

import pathlib
import shutil
from datetime import date
from decimal import Decimal

import pytest
from cases.invoices import RECONCILED, ZONE, reconciled
from project import warehouse as w
from reference import comparison

BUILD = ("build", "--exclude-resource-type", "unit_test")
ENGLISH, GERMAN, TURKISH, NO_TEXT, OLD_TIERS, NEW_TIERS, ONE_LINE, PROMOTION, REFUND, EXPONENTS, NOT_USAGE, CREDIT = range(101, 113)


def zone_copy(folder):
    """A copy of the case's landing zone, for changes."""
    return pathlib.Path(shutil.copytree(ZONE, folder))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The zone and its warehouse."""
    folder = tmp_path_factory.mktemp("invoices")
    zone = zone_copy(folder / "zone")
    return zone, w.build(zone, folder / "build", *BUILD)


def lines_of(warehouse, plan):
    """The reconciliation of a plan subscription, in the order of the invoice's lines."""
    where = f"where plan_subscription_id like '{plan:08d}-%' order by line_number"
    return w.query(warehouse, f"select * from marts.invoice_reconciliation {where}")


def amounts(rows):
    return [(row["match_status"], row["invoiced_billing"], row["difference_billing"], row["within_tolerance"]) for row in rows]


@pytest.mark.parametrize("plan", [ENGLISH, GERMAN, TURKISH, NO_TEXT])
def test_words_do_not_decide(built, plan):
    assert amounts(lines_of(built[1], plan)) == [("matched", Decimal("30.00"), 0, True), ("matched", Decimal("25.50"), 0, True)]


def test_both_layouts_of_a_free_tier_are_alike(built):
    cent = Decimal("0.01")
    for plan in (OLD_TIERS, NEW_TIERS):
        rows = lines_of(built[1], plan)
        assert amounts(rows) == [("matched", 0, 0, True), ("matched", Decimal("81.33"), cent, True)]
        assert [row["usage_quantity"] for row in rows] == [row["invoiced_quantity"] for row in rows] == [5, 32]
        assert [row["difference_formula_billing"] for row in rows] == [0, cent]
        assert [row["difference_price_billing"] for row in rows] == [0, 0]
    assert amounts(lines_of(built[1], ONE_LINE)) == [("matched", Decimal("81.32"), 0, True)]


def test_promotions_are_a_cause_of_their_own(built):
    (row,) = lines_of(built[1], PROMOTION)
    assert amounts([row]) == [("matched", Decimal("22.95"), Decimal("-2.55"), False)]
    assert row["difference_promotion_billing"] == Decimal("-2.55")
    assert row["promotion_id"]


def test_refunds_and_exponents(built):
    assert amounts(lines_of(built[1], REFUND)) == [("matched", Decimal("25.50"), 0, True), ("matched", Decimal("-8.50"), 0, True)]
    assert amounts(lines_of(built[1], EXPONENTS)) == [("matched", Decimal("7.48"), 0, True)]


def test_licences_purchases_and_credits_stay_out(built):
    rows = lines_of(built[1], NOT_USAGE) + lines_of(built[1], CREDIT)
    assert [(row["match_status"], row["difference_not_usage_billing"], row["within_tolerance"]) for row in rows] == [
        ("not_usage", Decimal("200.50"), True), ("not_usage", 500, True), ("customer_credit", -2, True),
    ]  # fmt: skip


def test_the_case_is_what_the_reference_says(built):
    """And so red in test_mutations.py means that a rule was broken."""
    assert reconciled(built[1]) == RECONCILED
    assert comparison.against_reference(built[0], built[1]) == []


CLAIM = "split_part(resource_id, '/', 9) as vm, first_date, claim_status, missed_credit_usd, settled_credit_usd, open_credit_usd, possible_settlement_usd"


def test_the_register_alone_settles_and_fills_the_oldest_run_first(built):
    rows = w.query(built[1], f"select {CLAIM} from marts.pec_missed_credit order by vm, first_date")
    assert [tuple(row.values()) for row in rows] == [
        (vm, date.fromisoformat(f"2026-{first}"), status, *map(Decimal, numbers))
        for vm, first, status, *numbers in (
            ("late", "07-05", "late", "1.5", "0", "1.5", "2"),
            ("open", "08-05", "open", "1.5", "0", "1.5", "2"),
            ("overpaid", "08-05", "settled", "1.5", "1.5", "0", "0"),
            ("paid-in-part", "08-05", "settled", "3", "3", "0", "0"),
            ("paid-in-part", "08-10", "partly_settled", "1.5", "1", "0.5", "2"),
            ("submitted", "08-05", "submitted", "1.5", "0", "1.5", "2"),
        )
    ]  # fmt: skip


def test_what_a_settlement_exceeds_its_claim_by_is_named(built):
    rows = w.query(built[1], "select finding, ticket, excess_settlement_usd as usd from marts.pec_claims where finding is not null order by 1")
    assert [tuple(row.values()) for row in rows] == [
        ("settled_more_than_claimed", "2609120003", Decimal("3.5")), ("unknown_claim", "2609120004", Decimal("7.25")),
    ]  # fmt: skip
    rejected = w.query(built[1], "select column_name, line_number from marts.rejected_rows where source_file like '%claims.csv'")
    assert [tuple(row.values()) for row in rejected] == [("settled_usd", 7)]


def test_a_claim_says_what_a_ticket_needs(built):
    (row,) = w.query(built[1], "select * from marts.pec_missed_credit where resource_id like '%/open'")
    assert (row["claim_by"], row["customer_name"]) == (date(2026, 10, 30), "Birch")
    for text in ("Birch", row["claim_id"], "2026-08-05 to 2026-08-05", "10.00 USD", "1.50 USD", "Owner", "Guest engineer", "from 2026-06-20"):
        assert text in row["ticket_text"], text
    assert {"billed_2026-09-11.csv", "2026-08-04.json"} <= {name.split("/")[-1] for name in row["source_files"].split(", ")}


def test_a_registered_payment_shows_at_once_and_restates_nothing(built):
    """The months are settled, no other file is new: the claim is paid all the same, and no statement changes."""
    zone, warehouse = built
    path = zone / "partner_directory" / "claims.csv"
    (row,) = w.query(warehouse, "select claim_id from marts.pec_missed_credit where resource_id like '%/open'")
    before = w.query(warehouse, "select * from marts.pec_monthly_statement order by all")
    path.write_text(f"{path.read_text()}{row['claim_id']},2026-10-16,1,2026-10-20,1.5,\n")
    w.build(zone, warehouse.parent, *BUILD)
    assert w.query(warehouse, "select * from intermediate.int_changed_months") == []
    (row,) = w.query(warehouse, "select claim_status, open_credit_usd from marts.pec_missed_credit where resource_id like '%/open'")
    assert row == {"claim_status": "settled", "open_credit_usd": 0}
    assert w.query(warehouse, "select * from marts.pec_restatements") == []
    assert w.query(warehouse, "select * from marts.pec_monthly_statement order by all") == before
