"""Rules broken on purpose: each mutation must turn something red. A test that cannot fail proves nothing."""

import pytest
import warehouse as w

# file, text, replacement, and what must go red: part of the name of a failing test, or `reference` for the recomputation
MUTATIONS = {
    "a1_vm1_covers_vm10": (
        "models/intermediate/eligibility/int_resource_nodes.sql",
        "on prefixes.scope_id = nodes.scope_id and",
        "on starts_with(prefixes.resource_id, nodes.scope_id) and",
    ),
    "a5_denies_ignored": ("models/intermediate/access/int_deny_assignments.sql", "::boolean\n)", "::boolean and false\n)"),
    "a6_tolerates_an_hour": ("dbt_project.yml", "access_gap_tolerance_seconds: 0", "access_gap_tolerance_seconds: 3600"),
    "a7_start_of_the_operation_counts": ("models/intermediate/access/int_access_events.sql", "where status = 'succeeded'", "where status != 'failed'"),
    "d2_reseller_forgotten": (
        "models/intermediate/eligibility/int_node_day_coverage.sql",
        "in (days.transacting_organisation_id, days.reseller_organisation_id)",
        "in (days.transacting_organisation_id)",
    ),
    "d4_agreement_ignored": ("models/marts/fct_pec_eligibility_daily.sql", "when not has_agreement then 'no_agreement'", ""),
    "lifecycle_old_exports_count": (
        "models/intermediate/usage/int_usage_exports.sql",
        "when newest.exported_at < newest.newest_exported_at then 'newer_export'",
        "when false then 'newer_export'",
    ),
    "m2_tiers_ignored": ("models/intermediate/rating/int_priced_lines.sql", "where tier_count > 1", "where tier_count > 99"),
    "m3_credit_on_top": ("models/marts/fct_pec_charges_daily.sql", "list_cost_usd - list_cost_usd * pec_rate", "list_cost_usd + list_cost_usd * pec_rate"),
    "m4_rounded_half_up": ("models/marts/fct_meter_month_to_date.sql", "trunc(cumulative_net_cost_usd, 2)", "round(cumulative_net_cost_usd, 2)"),
    "p2_spot_earns": ("seeds/reference/pec_product_exclusions.csv", "5,spot,meter_name", "5,spot,benefit_type"),
    "p3_rate_of_another_year": ("seeds/reference/pec_rates.csv", ",,0.15,", ",2026-08-15,0.15,"),
}  # fmt: skip


def figures(project, folder):
    """Builds the sample with a project's models; the names of failed tests, and the figures that the sample must show."""
    done = w.run_as_user(
        project, "dbt", "build", "--exclude-resource-type", "unit_test", "--target-path", str(folder / "t"), "--log-path", str(folder / "l"),
        PEC_LANDING_ZONE=str(w.SAMPLE), PEC_WAREHOUSE=str(folder / "warehouse.duckdb"),
    )  # fmt: skip
    if done.returncode != 0:
        return "red", done.stdout
    rows = w.query(
        folder / "warehouse.duckdb",
        "select (select hash(list(x order by x)) from (select hash(columns(*))::varchar as x from marts.pec_monthly_statement)) as statement, "
        "(select list((usage_date, resource_id, access_reason, covered_seconds) order by all) from marts.fct_pec_eligibility_daily) as days, "
        "(select list((usage_line_id, pec_status, pec_reason, list_cost_usd, net_cost_usd) order by all) from marts.fct_pec_charges_daily) as lines, "
        "(select list((meter_id, usage_date, billable_cost_usd) order by all) from marts.fct_meter_month_to_date) as months",
    )
    return "green", str(rows)
