"""The benchmark measures the right thing: the hand-written script and the warehouse say the same of an invented month, and a difference is seen."""

import sys

import duckdb
import pytest
import warehouse as w

sys.path.append(str(w.PROJECT / "benchmarks"))
import by_hand  # noqa: E402
import compare  # noqa: E402
import month  # noqa: E402

# Small groups, so that few lines are spread over many subscriptions and the scopes in them.
TINY = month.Month(lines=10_800, resources_per_group=2, groups_per_subscription=2)
SELECTED = ("build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test", "--select")
MARTS = ("+fct_pec_eligibility_daily", "+fct_pec_charges_daily", "+pec_monthly_statement", "+fct_meter_month_to_date")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Results of the hand-written script and a warehouse with the marts that it computes, of one tiny month."""
    folder = tmp_path_factory.mktemp("bench")
    month.write_month(folder / "zone", TINY)
    by_hand.run(folder / "zone", folder / "hand.duckdb")
    return folder / "hand.duckdb", w.build(folder / "zone", folder, *SELECTED, *MARTS)


def test_hand_written_script_says_what_the_marts_say(tiny):
    compared = {one.what: one for one in compare.Results().against_hand(*tiny)}
    assert {what: one.differing for what, one in compared.items()} == dict.fromkeys(compare.HAND_ROWS, 0)
    assert compared["charges"].rows == TINY.lines
    assert compared["eligibility"].rows == TINY.resources * month.DAYS_PER_MONTH
    assert compared["month_to_date"].rows > 1000 and compared["statement"].rows > 10


def test_the_month_exercises_the_rules(tiny):
    reasons = {row["access_reason"] for row in w.query(tiny[1], "select distinct access_reason from marts.fct_pec_eligibility_daily")}
    assert reasons == {
        "full_day", "partial_day", "denied", "not_permanent", "not_linked", "ineligible_role", "other_partner", "no_access",
    }  # fmt: skip
    products = {row["pec_reason"] for row in w.query(tiny[1], "select distinct pec_reason from marts.fct_pec_charges_daily")}
    assert {"reservation", "savings_plan", "third_party", "marketplace", "spot", "azure_credit", "not_on_price_list"} <= products


@pytest.mark.parametrize(
    ("what", "bend"),
    [
        ("eligibility", "update eligibility_daily set covered_seconds = 1 where resource_key = 1 and usage_date = '2026-09-30'"),
        ("charges", "update keyed_charges set credit = credit + 0.0000000000000001 where resource_key = 1 and usage_date = '2026-09-30'"),
        ("month_to_date", "delete from meter_month_to_date where plan_key = 1 and usage_date = '2026-09-30'"),
        ("statement", "update monthly_statement set customer_id = null where partner_id = '6011111'"),
    ],
)
def test_a_bent_result_is_seen(tiny, tmp_path, what, bend):
    bent = tmp_path / "bent.duckdb"
    bent.write_bytes(tiny[0].read_bytes())
    with duckdb.connect(str(bent)) as connection:
        connection.execute(bend)
    assert [one.what for one in compare.Results().against_hand(bent, tiny[1]) if one.differing] == [what]
