"""Rules broken on purpose: the recomputation of the sample must see each. A test that cannot fail proves nothing."""

from project import warehouse as w
import pytest
from reference import comparison

# what is broken: file, text in it, replacement
MUTATIONS = {
    "a1_a_subscription_covers_nothing_below": ("macros/intervals.sql", "range(3, len(", "range(5, len("),
    "a3_marketplace_offers_need_no_link": (
        "dbt_project.yml", "marketplace_offers_are_linked_automatically: false", "marketplace_offers_are_linked_automatically: true"
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
    "p2_spot_earns": ("seeds/reference/pec_product_exclusions.csv", "5,spot,meter_name", "5,spot,benefit_type"),
    "p3_rate_of_another_year": ("seeds/reference/pec_rates.csv", ",,0.15,", ",2026-08-15,0.15,"),
}  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project that mutations may break."""
    return w.copy_of_project(tmp_path_factory.mktemp("mutations") / "project")


@pytest.mark.parametrize("name", MUTATIONS)
def test_broken_rule_is_seen(name, project):
    """The sample, built with one rule broken, is no longer what the reference says (or does not build at all)."""
    file, text, replacement = MUTATIONS[name]
    original = (project / file).read_text()
    assert original.count(text) >= 1, f"{file} has changed: mend the mutation"
    (project / file).write_text(original.replace(text, replacement))
    warehouse = project / "mutated.duckdb"  # always the same: a profile that changes makes dbt parse all files again
    warehouse.unlink(missing_ok=True)
    try:
        done = w.invoke(
            project, w.SAMPLE, warehouse, "build", "--exclude-resource-type", "test", "unit_test", *comparison.COMPARED,
            "--target-path", str(project / "target"), "--log-path", str(project / "logs"),
        )  # fmt: skip
        assert done.success, done.exception
        assert comparison.against_reference(w.SAMPLE, warehouse) != []
    finally:
        (project / file).write_text(original)
