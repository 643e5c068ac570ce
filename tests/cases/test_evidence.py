"""Evidence from the field (A7): what is incomplete ends nothing, what is blank is absent, and no shape goes unseen."""

from decimal import Decimal

from cases import evidence_zone as zones
from project import warehouse as w
import pytest


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evidence")
    zones.write(folder / "zone")
    return w.build(folder / "zone", folder / "build")


@pytest.fixture(scope="module")
def days(built):
    """Of each subscription: its days in order."""
    found = {}
    for row in w.query(built, "from marts.fct_pec_eligibility_daily order by usage_date"):
        found.setdefault(row["subscription_id"], []).append(row)
    return found


@pytest.mark.parametrize("case", zones.CASES)
def test_days_are_what_they_are(case, days):
    assert [row["access_reason"] for row in days[zones.id_of(case)]] == zones.CASES[case][1]


def test_credit_is_that_of_the_days(built):
    earned = sum(reasons.count(zones.FULL) for _, reasons in zones.CASES.values())
    assert w.query(built, "select sum(pec_credit_usd) as usd from marts.fct_pec_charges_daily") == [{"usd": Decimal("1.5") * earned}]


def test_an_exact_instant_is_exact(days):
    for case in ("deletion with empty bodies", "AzureActivity"):
        assert days[zones.id_of(case)][3]["covered_seconds"] == Decimal("36000.765432")
    assert days[zones.id_of("Get-AzActivityLog")][3]["covered_seconds"] == Decimal("36000.765")


NAMED = {
    "empty list file": "empty: nothing was exported", "list file of a newline": "empty: nothing was exported", "null": "one JSON value",
    "error": "an error message in place of a list", "error beside an empty list": "an error message beside a list",
    "status beside an empty list": "an error message beside a list", "cut list": "no JSON, or cut off", "first page": "one page of several",
    "first page of Resource Graph": "one page of several", "a page is cut": "one page of several", "classic administrators": "no principal",
    "item without id": "no assignment id", "grant without its role": "no role", "grant of an unreadable creation": "not an ISO 8601 instant",
    "deletion with an unreadable body": "not JSON", "unknown shape": "an unknown shape",
    "CSV of as many rows as a page": "as many rows as one page has", "CSV without a record": "not proven to be whole",
    "Get-AzDenyAssignment as CSV": "of an unknown shape", "deletion of what a page shows": "one page of several",
    "definitions among delegations": "definitions alone", "role assignments among denies": "no list of what its folder is for",
    **{case: "of an unknown shape" for case in zones.CASES if case.startswith("deny of ")},
    **{case: "no list of what its folder is for" for case in zones.CASES if case.endswith(" among role assignments")},
}  # fmt: skip


@pytest.mark.parametrize("case", zones.CASES)
def test_what_could_not_be_read_is_named_and_nothing_else(case, built):
    rows = w.query(built, f"select reason from marts.rejected_rows where contains(source_file, '{zones.id_of(case)}')")
    if case in NAMED:
        assert any(NAMED[case] in row["reason"] for row in rows)
    else:
        assert rows == []


def test_what_began_unseen_is_named_and_no_gap_is_exact(built, days):
    unseen = w.query(built, "select scope_id from marts.pec_unresolved_access where reason = 'deletion_begun_unseen'")
    assert unseen == [{"scope_id": f"/subscriptions/{zones.id_of('deletion begun unseen')}"}]
    found = [row["evidence_strength"] for row in days[zones.id_of("deletion begun unseen")]]
    assert found == ["inferred"] * 4 + ["exact"] * 2
    (gap,) = w.query(built, f"from marts.pec_access_gaps where subscription_id = '{zones.id_of('deletion begun unseen')}'")
    assert gap["evidence_strength"] == "inferred"
    assert "older list" in gap["repair"]
    assert {row["evidence_strength"] for row in days[zones.id_of("deletion that tells its creation")]} == {"exact"}


def test_an_unknown_shape_is_named(built):
    rows = w.query(built, "select item_id from marts.pec_unresolved_access where reason = 'unread_shape' and item_kind = 'activity_log'")
    assert [zones.id_of("unknown shape") in row["item_id"] for row in rows] == [True]


def test_a_write_without_content_is_named(built):
    rows = w.query(built, "select scope_id from marts.pec_unresolved_access where reason = 'assignment_without_content'")
    assert rows == [{"scope_id": f"/subscriptions/{zones.id_of('writing without a principal')}"}]
