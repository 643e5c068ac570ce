"""Rules broken on purpose: the recomputation of the sample must see each. A test that cannot fail proves nothing."""

import shutil

from cases import invoices
from project import warehouse as w
import pytest
from reference import comparison

MATCHES, CLAIMS = "models/intermediate/billing/int_invoice_matches.sql", "models/marts/credit/pec_claims.sql"
# what is broken: file, text in it, replacement
MUTATIONS = {
    "a1_a_subscription_covers_nothing_below": ("macros/intervals.sql", "range(3, len(", "range(5, len("),
    "a3_marketplace_offers_need_a_link": (
        "models/intermediate/access/int_qualifying_access_intervals.sql", "when 'lighthouse' then grants.is_marketplace_offer", "when 'lighthouse' then false"
    ),
    "a4_eligible_is_enough": ("models/intermediate/access/int_qualifying_access_intervals.sql", "not grants.is_eligible_only", "true"),
    "a5_denies_ignored": ("models/intermediate/access/int_deny_assignments.sql", "::boolean\n)", "::boolean and false\n)"),
    "a6_tolerates_an_hour": ("macros/intervals.sql", "{{ microseconds_per_day() }} - ", "{{ microseconds_per_day() }} - 3600000000 - "),
    "a7_start_of_the_operation_counts": ("models/intermediate/access/int_access_events.sql", "where status = 'succeeded'", "where status != 'failed'"),
    "d2_reseller_forgotten": (
        "models/intermediate/eligibility/int_scope_day_clipped_intervals.sql",
        "in (days.transacting_organisation_id, days.reseller_organisation_id)",
        "in (days.transacting_organisation_id)",
    ),
    "d4_agreement_ignored": ("models/intermediate/eligibility/int_eligibility_days.sql", "when not has_agreement then 'no_agreement'", ""),
    "lifecycle_old_exports_count": (
        "models/intermediate/usage/int_usage_exports.sql",
        "when newest.exported_at < newest.newest_exported_at then 'newer_export'",
        "when false then 'newer_export'",
    ),
    "m2_tiers_ignored": ("models/intermediate/rating/int_product_prices.sql", "tier_count > 1", "tier_count > 99"),
    "m3_credit_on_top": ("macros/money.sql", "list_cost_usd - {{ lines }}.pec_credit_usd", "list_cost_usd + {{ lines }}.pec_credit_usd"),
    "m4_rounded_half_up": ("macros/money.sql", "trunc({{ amount }}, 2)", "round({{ amount }}, 2)"),
    "m5_text_alone_decides": (
        "models/staging/partner_center/base_invoice_lines.sql", "when is_at_list_price != is_at_credit_price then", "when false then",
    ),
    "m5_free_tiers_have_no_line": ("models/intermediate/billing/int_invoice_lines.sql", "subtotal_billing = 0 and not", "subtotal_billing = 1 and not"),
    "m5_licences_are_usage": ("models/intermediate/billing/int_invoice_lines.sql", "then 'not_usage'", "then 'usage'"),
    "m5_refunds_are_not_apart": (MATCHES, "concat_ws('|', unit_price, is_refund, has_pec", "concat_ws('|', unit_price, has_pec"),
    "m5_promotions_are_rounding": ("models/marts/finops/invoice_reconciliation.sql", "or promotion_id is null then 0", "or true then 0"),
    "m7_newest_run_is_paid_first": ("models/marts/credit/pec_missed_credit.sql", "order by first_date rows", "order by first_date desc rows"),
    "m7_one_payment_counts": (CLAIMS, "sum(settled_usd)", "max(settled_usd)"),
    "m7_late_three_weeks_early": (CLAIMS, "{{ var('claim_days') }}", "{{ var('claim_days') }} - 21"),
    "m7_credits_soon_after_the_month_are_ignored": (CLAIMS, "between 1 and", "between 90 and"),
    "m7_excess_is_not_named": (CLAIMS, "when registered_settlement_usd > settled_credit_usd then", "when false then"),
    "m7_unreadable_rows_register": (CLAIMS, "where failure is null", "where true"),
    "p2_spot_earns": ("seeds/reference/pec_product_exclusions.csv", "5,spot,meter_name", "5,spot,benefit_type"),
    "p3_rate_of_another_year": ("seeds/reference/pec_rates.csv", ",,0.15,", ",2026-08-15,0.15,"),
}  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project that mutations may break."""
    return w.copy_of_project(tmp_path_factory.mktemp("mutations") / "project")


@pytest.mark.parametrize("name", MUTATIONS)
def test_broken_rule_is_seen(name, project):
    """The sample, or the case of invoices and claims (M5, M7), built with one rule broken, is no longer what it should be."""
    file, text, replacement = MUTATIONS[name]
    original = (project / file).read_text()
    assert original.count(text) >= 1, f"{file} has changed: mend the mutation"
    (project / file).write_text(original.replace(text, replacement))
    is_case = name.startswith(("m5_", "m7_"))
    zone = invoices.ZONE if is_case else w.SAMPLE
    warehouse = project / "mutated.duckdb"  # always the same: a profile that changes makes dbt parse all files again
    warehouse.unlink(missing_ok=True)
    shutil.rmtree(w.archive_of(warehouse), ignore_errors=True)  # it belongs to one zone
    try:
        done = w.invoke(
            project, zone, warehouse, "build", "--exclude-resource-type", "test", "unit_test", *comparison.COMPARED, "+invoice_reconciliation",
            "--target-path", str(project / "target"), "--log-path", str(project / "logs"),
        )  # fmt: skip
        assert done.success, done.exception
        is_right = comparison.against_reference(zone, warehouse) == [] and (not is_case or invoices.reconciled(warehouse) == invoices.RECONCILED)
        assert not is_right
    finally:
        (project / file).write_text(original)
