"""Rules broken on purpose: the recomputation of the sample must see each. A test that cannot fail proves nothing."""

import shutil

from project import warehouse as w
import pytest
from reference import comparison

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
    "p2_spot_earns": ("seeds/reference/pec_product_exclusions.csv", "5,spot,meter_name", "5,spot,benefit_type"),
    "p3_rate_of_another_year": ("seeds/reference/pec_rates.csv", ",,0.15,", ",2026-08-15,0.15,"),
}  # fmt: skip

# The same on a landing zone of what real exports do (tests/cases).
FIELD = {
    "d5_minus_one_is_a_partner": ("macros/text.sql", "'-1|0+'", "'0+'"),
    "lifecycle_marks_belong_to_ids": ("macros/text.sql", "'[\\p{Cc}\\p{Cf}]', '', 'g'),\n                '", "'[\\p{Cc}]', '', 'g'),\n                '"),
    "a1_marks_belong_to_ids_of_evidence": ("macros/archive.sql", "[\\x{200B}-\\x{200D}\\x{2060}\\x{FEFF}]|", ""),
    "lifecycle_dates_are_guessed": ("models/staging/partner_center/stg_partner_center__usage_lines.sql", "coalesce(date_orders.is_day_first, false)", "false"),
    "lifecycle_decimal_marks_are_guessed": ("models/staging/partner_center/stg_partner_center__usage_lines.sql", "having bool_or(", "having false and bool_or("),
    "m1_a_country_is_not_taken_from_other_lines": (
        "models/intermediate/rating/int_product_attributes.sql", "coalesce(products.market, customers.market) as market", "products.market"
    ),
    "m1_a_missing_sheet_is_not_named": ("models/intermediate/rating/int_product_attributes.sql", "then 'no_price_sheet'", "then 'missing'"),
    "m2_a_blank_maximum_is_endless": (
        "models/intermediate/prices/int_price_list_tiers.sql", "coalesce(\n            tier_maximum,\n            lead(", "coalesce(\n            tier_maximum,\n            0 * lead("
    ),
    "m3_beyond_exact_amounts_earns": ("models/intermediate/rating/int_listed_lines.sql", "coalesce(product_reason, 'list_cost_out_of_range')", "product_reason"),
    "p2_reservations_in_additional_info_earn": ("macros/usage.sql", "'reservation') and len(", "'reservation') and 0 * len("),
    "p2_what_a_benefit_paid_earns": ("models/intermediate/rating/int_benefit_paid_lines.sql", "list_price > 0", "list_price > 1000"),
}  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project that mutations may break."""
    return w.copy_of_project(tmp_path_factory.mktemp("mutations") / "project")


@pytest.mark.parametrize("name", [*MUTATIONS, *FIELD])
def test_broken_rule_is_seen(name, project):
    """The sample, built with one rule broken, is no longer what the reference says (or does not build at all)."""
    file, text, replacement = (MUTATIONS | FIELD)[name]
    zone = w.SAMPLE if name in MUTATIONS else w.PROJECT / "tests" / "cases" / "usage"
    original = (project / file).read_text()
    assert original.count(text) >= 1, f"{file} has changed: mend the mutation"
    (project / file).write_text(original.replace(text, replacement))
    warehouse = project / "mutated.duckdb"  # always the same: a profile that changes makes dbt parse all files again
    warehouse.unlink(missing_ok=True)
    shutil.rmtree(w.archive_of(warehouse), ignore_errors=True)  # it belongs to one zone
    try:
        done = w.invoke(
            project, zone, warehouse, "build", "--exclude-resource-type", "test", "unit_test", *comparison.COMPARED,
            "--target-path", str(project / "target"), "--log-path", str(project / "logs"),
        )  # fmt: skip
        assert done.success, done.exception
        assert comparison.against_reference(zone, warehouse) != []
    finally:
        (project / file).write_text(original)
