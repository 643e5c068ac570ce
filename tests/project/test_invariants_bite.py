"""Every invariant is green on the sample and red once the data are bent in the way that it forbids."""

import pathlib
import shutil

import duckdb
from project import warehouse as w
import pytest

CHARGES, DAYS, GAPS = "marts.fct_pec_charges_daily", "marts.fct_pec_eligibility_daily", "marts.pec_access_gaps"
INVOICE = "marts.invoice_reconciliation"
LINES, NAMES = "staging.stg_partner_center__usage_lines", "staging.stg_partner_center__usage"
BENDS = {
    "a6_whole_days_and_nothing_else": [
        f"update {DAYS} set covered_seconds = 86399.999999 where is_access_eligible",
        f"update {DAYS} set covered_seconds = null where access_reason = 'no_access'",
        f"update {DAYS} set covering_access_path = null where is_access_eligible",
        f"update {DAYS} set access_reason = 'denied' where access_reason = 'partial_day'",
    ],
    "a7_existence_periods_are_disjoint": [
        "insert into intermediate.int_access_existence_periods by name select * replace (existence_period + 1 as existence_period) from intermediate.int_access_existence_periods limit 1"
    ],
    "d1_resource_days_are_the_lines_days": [
        f"delete from {DAYS} where usage_date = (select min(usage_date) from {DAYS})",
        f"delete from {DAYS}; delete from {LINES}",
    ],
    "d4_p2_no_credit_without_access_product_and_agreement": [
        "update intermediate.int_charge_lines set pec_reason = 'eligible' where pec_reason = 'spot'",
        "update intermediate.int_charge_lines set pec_reason = 'eligible' where pec_reason = 'no_agreement'",
        "update intermediate.int_charge_lines set pec_rate = 0.1 where pec_reason = 'partial_day'",
        "delete from intermediate.int_agreement_days",
    ],
    "keys_stand_for_one_thing": [
        f"update {NAMES}_resources set resource_key = (select min(resource_key) from {NAMES}_resources)",
        f"update {NAMES}_bills set bill_key = bill_key + 1",
        f"update {NAMES}_details set detail_key = detail_key + 1",
        f"delete from {NAMES}_products",
        f"update {LINES} set product_key = null where line_number = 2",
        f"delete from {LINES}; delete from {NAMES}_bills",
        "update staging.stg_partner_center__usage_resources set plan_key = 1",
        "update staging.stg_partner_center__usage_resources set scope_key = 1",
        "update staging.stg_partner_center__usage_resources set resource_partner_key = 1",
        "update staging.stg_partner_center__usage_products set meter_key = 1",
        "delete from staging.stg_partner_center__usage_products",
    ],
    "gaps_are_maximal_and_disjoint": [f"insert into {GAPS} by name select * replace (gap_end as gap_start) from {GAPS} where gap_end is not null"],
    "gaps_explain_every_lost_day": [
        f"delete from {GAPS} where lost_credit_usd > 0",
        f"update {DAYS} set subscription_id = resource_id where access_reason = 'partial_day'",
        f"update {CHARGES} set recoverable_credit_usd = 0",
    ],
    "lifecycle_every_landed_row_has_one_place": [
        f"delete from {CHARGES} where usage_line_id = (select min(usage_line_id) from {CHARGES})",
        f"update {CHARGES} set applied_net_cost_usd = applied_net_cost_usd + 0.01",
        f"insert into {CHARGES} select * from {CHARGES} limit 1",
        f"delete from {CHARGES}; delete from {LINES}",
    ],
    "lifecycle_every_landed_record_is_counted": [
        "update marts.landed_files set used_count = used_count - 1 where kind = 'lighthouse'",
        "update marts.landed_files set irrelevant_count = 0",
        "update marts.landed_files set rejected_count = rejected_count + 1",
        "update marts.landed_files set superseded_count = 0",
        """
        update marts.landed_files set used_count = used_count + 1, superseded_count = superseded_count - 1
        where kind = 'daily_rated_usage' and superseded_count > 0
        """,
        "update marts.landed_files set used_count = used_count - 1, superseded_count = superseded_count + 1 where kind = 'invoice_reconciliation'",
        "delete from marts.landed_files where kind = 'lighthouse'",
        """
        update marts.landed_files set superseded_count = record_count, used_count = 0, rejected_count = 0, irrelevant_count = 0
        where kind = 'price_sheet'
        """,
        """
        delete from intermediate.int_access_snapshot_observations
        where item_kind = 'role_assignment' and snapshot_at = (select min(snapshot_at) from intermediate.int_access_snapshot_observations)
        """,
        "delete from intermediate.int_access_events where is_delete",
        "delete from intermediate.int_access_evidence where evidence = 'written' and item_kind = 'role_assignment'",
    ],
    "lifecycle_one_current_export_per_month": ["update intermediate.int_usage_exports set superseded_by = null"],
    "m2_tier_quantities_are_the_quantity": ["update intermediate.int_tier_quantities set tier_quantity = tier_quantity + 0.00000001"],
    "m3_credit_and_net_are_list": [
        f"update {CHARGES} set net_cost_usd = net_cost_usd + 0.000000000000000001",
        f"update {CHARGES} set pec_credit_usd = pec_credit_usd + 0.000000000000000001, net_cost_usd = net_cost_usd - 0.000000000000000001",
        f"update {CHARGES} set pec_credit_usd = null where pec_status = 'earned'",
        f"update {CHARGES} set pec_status = 'earned' where pec_status = 'missed'",
        f"update {CHARGES} set recoverable_credit_usd = 1 where pec_status = 'earned'",
    ],
    "m4_month_to_date_ends_at_the_month": [
        "update marts.fct_meter_month_to_date set billable_cost_usd = billable_cost_usd + 0.01",
        f"update {CHARGES} set plan_subscription_id = subscription_id",
        "delete from marts.fct_meter_month_to_date where usage_date >= '2026-09-12'",
    ],
    "focus_is_the_charges": [
        "delete from marts.focus_cost_and_usage_1_0 where BilledCost = (select max(BilledCost) from marts.focus_cost_and_usage_1_0)",
        "update marts.focus_cost_and_usage set x_ListCostInUsd = x_ListCostInUsd + 0.000000000000000001",
        "update marts.focus_cost_and_usage set x_PartnerCreditDueInUsd = 0",
        "update marts.focus_cost_and_usage set BilledCost = BilledCost + 0.000000000000000001",
        "update marts.focus_cost_and_usage_1_0 set BilledCost = 0",
        "insert into marts.focus_cost_and_usage select * from marts.focus_cost_and_usage where ListCost = 0 limit 1",
    ],
    "m5_billing_amounts_are_converted_usd": [
        f"update {CHARGES} set net_cost_billing = net_cost_usd where billing_currency = 'EUR'",
        f"update {CHARGES} set pec_credit_billing = null, net_cost_billing = null where pec_status = 'earned'",
        f"update {CHARGES} set billing_exchange_rate = 1",
        # One line up and another down by the same: no sum is another.
        f"""
        update {CHARGES} set net_cost_billing = net_cost_billing + case when line_number = lines.first then 0.01 else -0.01 end
        from (select source_file as id, min(line_number) as first, max(line_number) as last from {CHARGES} group by source_file) as lines
        where source_file = lines.id and line_number in (lines.first, lines.last)
        """,
    ],
    "m5_causes_are_the_difference": [
        f"update {INVOICE} set difference_rounding_billing = difference_rounding_billing + 0.000000000000000001",
        f"update {INVOICE} set difference_billing = difference_billing + 0.01",
        f"update {INVOICE} set within_tolerance = not within_tolerance",
        f"update {INVOICE} set match_status = 'not_usage'",
    ],
    "m5_every_invoiced_cent_and_billed_line_is_told": [
        f"delete from {INVOICE} where invoiced_billing = (select max(invoiced_billing) from {INVOICE})",
        f"update {INVOICE} set usage_line_count = usage_line_count + 1 where match_status = 'matched'",
    ],
    "m7_settlements_are_the_register": [
        "update marts.pec_missed_credit set settled_credit_usd = missed_credit_usd",
        "update marts.pec_missed_credit set open_credit_usd = 0",
        "update marts.pec_claims set finding = 'unknown_claim'",
        "delete from marts.pec_claims",
    ],
    "history_ends_at_the_statement": [
        "update marts.pec_statement_history set net_cost_usd = net_cost_usd + 1",
        "delete from marts.pec_statement_history",
    ],
    "repairs_win_what_gaps_lose": [
        "update marts.pec_repairs set win_per_day_usd = win_per_day_usd + 0.000000000000000001 where repair_rank = 1",
        "update marts.pec_access_gaps set lost_credit_per_day_usd = 1 where gap_end is not null",
        "delete from marts.pec_repairs where action = 'keep_access'",
        "delete from marts.pec_repairs where action = 'sign_agreement'",
        "update marts.pec_access_gaps set repair_id = 'none' where is_losing_now",
        "update marts.pec_repairs set is_losing_now = true where action = 'keep_whole_days'",
    ],
    "statement_sums_are_the_lines": [
        "update marts.pec_monthly_statement set missed_credit_usd = 0",
        "delete from marts.pec_missed_credit",
        f"delete from {CHARGES}; delete from marts.pec_monthly_statement",
    ],
}


@pytest.fixture(scope="module")
def compiled(sample, tmp_path_factory):
    """SQL of the invariants, and of the models that count records, by name, as dbt compiles it for the sample's warehouse when they look at all days."""
    folder = tmp_path_factory.mktemp("invariants")
    done = w.invoke(
        w.PROJECT, w.SAMPLE, sample, "compile", "--full-refresh", "--select", "test_type:singular", "int_record_places", "landed_files",
        "--target-path", str(folder), "--log-path", str(folder),
    )  # fmt: skip
    assert done.success, done.exception
    return {path.stem: path.read_text() for path in folder.glob("compiled/**/*.sql")}


def test_no_invariant_is_left_out():
    assert {path.stem for path in (w.PROJECT / "tests" / "invariants").glob("*.sql")} == set(BENDS)


@pytest.mark.parametrize("name, bend", [(name, bend) for name, bends in BENDS.items() for bend in bends])
def test_invariant_bites(name, bend, compiled, sample, tmp_path):
    copy = pathlib.Path(shutil.copy(sample, tmp_path / "warehouse.duckdb"))
    with duckdb.connect(str(copy)) as connection:
        connection.execute("set variable pec_archive = ?", [str(w.archive_of(sample))])  # as the adapter does (pec/dbt_plugin.py)
        # A build without news has no changed months: here all are looked at.
        connection.execute("delete from intermediate.int_changed_months")
        connection.execute("insert into intermediate.int_changed_months select billing_month, 'all' from intermediate.int_month_fingerprints")
        assert connection.execute(compiled[name]).fetchall() == [], "red before anything was bent"
        w.freeze_views(connection, bend)
        connection.execute(bend)
        assert connection.execute(compiled[name]).fetchall() != [], "still green"


# Staging models by schema.name -> which rows of it count as used.
TAKERS = {
    "staging.stg_azure__activity_log": "failure is null and not is_other_operation",
    "staging.stg_azure__role_assignments": "failure is null",
    "staging.stg_azure__deny_assignments": "failure is null",
    "staging.stg_azure__delegations": "failure is null",
    "staging.stg_azure__role_schedules": "failure is null",
    "staging.stg_archive__rejected_records": "true",
    "staging.base_partner_directory": "failure is null",
    "staging.base_fx_rates": "failure is null",
    "staging.base_invoice_lines": "failure is null",
    "staging.base_claims": "failure is null",
    "staging.base_price_sheet": "failure is null",
    "intermediate.int_usage_exported_groups": "true",
}


@pytest.mark.parametrize("model", TAKERS)
def test_a_record_that_no_model_takes_is_seen(model, compiled, sample, tmp_path):
    """By construction: whatever a model loses, the archive has counted it."""
    copy = pathlib.Path(shutil.copy(sample, tmp_path / "warehouse.duckdb"))
    with duckdb.connect(str(copy)) as connection:
        connection.execute("set variable pec_archive = ?", [str(w.archive_of(sample))])
        connection.execute(f"create table lossy as from {model} qualify row_number() over (order by ({TAKERS[model]}) desc) > 1")
        lost = connection.execute(f"select (select count(*) from {model}) - (select count(*) from lossy)").fetchone()[0]
        assert lost == 1, "the sample has nothing that could be lost"
        places = compiled["int_record_places"].replace('"warehouse".', "").replace(quoted(model), "lossy")
        assert "lossy" in places
        connection.execute(f"create or replace table intermediate.int_record_places as {places}")
        connection.execute(f"create table landed as {compiled['landed_files'].replace(quoted(model), 'lossy')}")
        connection.execute("delete from marts.landed_files; insert into marts.landed_files by name from landed")
        assert connection.execute(compiled["lifecycle_every_landed_record_is_counted"]).fetchall() != []


def quoted(model):
    """schema.name as dbt writes it."""
    return ".".join(f'"{part}"' for part in model.split("."))
