"""Rules broken on purpose: the recomputation of the sample must see each. A test that cannot fail proves nothing."""

import shutil

from cases import evidence_zone, invoices
from project import warehouse as w
import pytest
from reference import comparison
import worlds

MATCHES, CLAIMS = "models/intermediate/billing/int_invoice_matches.sql", "models/marts/credit/pec_claims.sql"
# what is broken: file, text in it, replacement
MUTATIONS = {
    "a1_a_subscription_covers_nothing_below": ("macros/intervals.sql", "range(3, least(len(", "range(5, least(len("),
    "a3_marketplace_offers_need_no_link": (
        "dbt_project.yml", "marketplace_offers_are_linked_automatically: false", "marketplace_offers_are_linked_automatically: true"
    ),
    "a4_eligible_is_enough": ("models/intermediate/access/int_qualifying_access_intervals.sql", "not grants.is_eligible_only", "true"),
    "a5_denies_ignored": ("models/intermediate/access/int_deny_assignments.sql", "where\n    denies_control_plane\n", "where\n    false\n"),
    "a6_tolerates_an_hour": ("macros/intervals.sql", "86400000000 - ", "86400000000 - 3600000000 - "),
    "a7_start_of_the_operation_counts": ("models/intermediate/access/int_access_events.sql", "where status = 'succeeded'", "where status != 'failed'"),
    "d2_reseller_forgotten": (
        "models/intermediate/eligibility/int_scope_day_clipped_intervals.sql",
        "in (days.transacting_organisation_id, days.reseller_organisation_id)",
        "in (days.transacting_organisation_id)",
    ),
    "d4_agreement_ignored": ("models/intermediate/eligibility/int_eligibility_days.sql", "when not has_agreement then 'no_agreement'", ""),
    "gaps_that_ended_lose_on": ("models/intermediate/rating/int_gap_repairs.sql", "else gaps.valid_to is null and gaps.valid_from", "else gaps.valid_from"),
    "gaps_lose_what_the_newest_day_lost": ("models/intermediate/rating/int_access_gap_losses.sql", "newest_usage_date - 7 as", "newest_usage_date - 1 as"),
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
    "m7_credits_soon_after_the_month_are_ignored": (
        "models/intermediate/billing/int_possible_settlements.sql", "between 1 and", "between 90 and"
    ),
    "m7_excess_is_not_named": (CLAIMS, "when registered_settlement_usd > settled_credit_usd then", "when false then"),
    "m7_unreadable_rows_register": (CLAIMS, "where failure is null", "where true"),
    "p2_spot_earns": ("seeds/reference/pec_product_exclusions.csv", "5,spot,meter_name", "5,spot,benefit_type"),
    "p3_rate_of_another_year": ("seeds/reference/pec_rates.csv", ",,0.15,", ",2026-08-15,0.15,"),
}  # fmt: skip

# The same for what the sample does not have: a world that has it.
OF_WORLDS = {
    "lifecycle_cost_management_counts_beside_the_daily_file": (
        "models/intermediate/usage/int_usage_file_groups_current.sql",
        "where (subscription_id, billing_month) not in (select (subscription_id, billing_month) from daily)", "where true", 7,
    ),
    "lifecycle_older_runs_of_cost_management_count": (
        "models/intermediate/usage/int_cost_management_file_groups.sql", "run_id desc) = 1", "run_id desc) >= 1", 7
    ),
    "lifecycle_purchases_are_usage": ("models/staging/cost_management/stg_cost_management__usage_lines.sql", "'usage') = 'usage' and not", "'usage') != '' and not", 7),
    "a3_links_as_json_ignored": (
        "models/staging/partner_directory/base_partner_directory.sql", "from {{ ref('stg_azure__partner_id_links') }}",
        "from {{ ref('stg_azure__partner_id_links') }} where false", 7,
    ),
}  # fmt: skip

# The same on a landing zone of what real exports do (tests/cases).
USAGE = w.PROJECT / "tests" / "cases" / "usage"
FIELD = {
    "d5_minus_one_is_a_partner": ("macros/text.sql", "'-1|0+'", "'0+'"),
    "lifecycle_marks_belong_to_ids": ("macros/text.sql", "'[\\p{Cc}\\p{Cf}]', '', 'g'), '", "'[\\p{Cc}]', '', 'g'), '"),
    "a1_marks_belong_to_ids_of_evidence": ("macros/archive.sql", "[\\x{200B}-\\x{200D}\\x{2060}\\x{FEFF}]|", ""),
    "lifecycle_dates_are_guessed": ("models/staging/partner_center/stg_partner_center__usage_lines.sql", "date_orders.is_day_first and (", "false and ("),
    "lifecycle_decimal_marks_are_guessed": ("models/staging/partner_center/stg_partner_center__usage_lines.sql", "having bool_or(", "having false and bool_or("),
    "m1_a_country_is_not_taken_from_other_lines": (
        "models/intermediate/usage/int_products.sql", "coalesce(products.market, customer_markets.market) as market", "products.market"
    ),
    "m1_a_missing_sheet_is_not_named": ("models/intermediate/rating/int_product_attributes.sql", "then 'no_price_sheet'", "then 'missing'"),
    "m2_a_blank_maximum_is_endless": (
        "models/intermediate/prices/int_price_list_tiers.sql", "listed.stated_maximum), min(higher", "listed.stated_maximum), 0 * min(higher"
    ),
    "m3_beyond_exact_amounts_earns": ("models/intermediate/rating/int_listed_lines.sql", "coalesce(product_reason, 'list_cost_out_of_range')", "product_reason"),
    "p2_reservations_in_additional_info_earn": ("macros/usage.sql", "'reservation') and len(", "'reservation') and 0 * len("),
    "p2_what_a_benefit_paid_earns": ("models/intermediate/rating/int_benefit_paid_lines.sql", "list_price > 0", "list_price > 1000"),
}  # fmt: skip


# Rules of completeness, which the sample's evidence does not try: what is broken, as above, in the landing zone of tests/cases/evidence_zone.py.
EVIDENCE = "evidence"
OF_EVIDENCE = {
    "a7_a_page_is_a_list": (
        "models/intermediate/access/int_access_snapshots.sql", "and not bool_and(of_subscriptions.has_next_page) over list_of_a_date", ""
    ),
    "a7_a_page_that_is_cut_is_no_loss": ("models/intermediate/access/int_access_snapshots.sql", "having not bool_or(is_in_force)", "having false"),
    "a7_an_item_without_id_is_no_loss": ("models/intermediate/access/int_access_snapshots.sql", "where not is_identified", "where false"),
    "a7_an_item_of_a_fault_is_gone": ("models/intermediate/access/int_access_snapshot_observations.sql", "where is_identified", "where failure is null"),
    "a7_an_unreadable_body_voids_its_record": (
        "models/intermediate/access/int_access_events.sql", "where item_kind != ''", "where failure is null and item_kind != ''"
    ),
    "a7_answers_tell_no_creation": ("models/intermediate/access/int_access_evidence.sql", "case when is_delete then", "case when false then"),
    "a3_a_delegation_keeps_what_it_granted": (
        "models/intermediate/access/int_delegation_evidence.sql", "where written.evidence = 'written'\n)", "where false\n)"
    ),
    "a3_a_type_that_another_record_tells_is_ignored": (
        "models/intermediate/access/int_access_grants.sql", "principal_type', principal_types.principal_type)", "principal_type')"
    ),
    "a5_a_deny_never_changes": ("models/intermediate/access/int_deny_assignments.sql", "and is_positive and facts is not null", "and false"),
    "a7_a_list_is_of_its_folder": (
        "models/intermediate/access/int_access_snapshots.sql", " and file_id not in (select items.file_id from items)", ""
    ),
    "a7_items_of_another_kind_are_an_empty_list": ("models/intermediate/access/int_access_snapshots.sql", "where is_whole_file", "where false"),
    "a5_a_principal_without_id_is_none": (
        "macros/intervals.sql", "no_id = 'coalesce(' ~", "no_id = 'coalesce(part::varchar, ' ~"
    ),
    "a7_a_page_shows_nothing_old": (
        "models/intermediate/access/int_access_existence_periods.sql", "coalesce(first_at <= first_snapshot_at, true)", "first_at <= first_snapshot_at"
    ),
    "a7_a_translated_operation_is_another": ("models/staging/azure/stg_azure__activity_log.sql", "'operationnamevalue', ", ""),
}  # fmt: skip

# The marts that are looked at, with all that they are made from.
LOOKED_AT = [name for name in (*comparison.COMPARED, "+invoice_reconciliation") if name.startswith("+")]
# dbt parses all files again when its profile changes: builds of all zones have one place.
BUILT = ("mutated.duckdb", "mutated.archive", "target/manifest.json")


class House:
    """A copy of the project that mutations may break, and what it makes of a landing zone as long as none has."""

    def __init__(self, folder):
        self.folder = folder
        self.project = w.copy_of_project(folder / "project")

    def zone(self, name):
        """The landing zone of a name; a number is that of a world. It is written once."""
        if name in (w.SAMPLE, USAGE, invoices.ZONE):
            return name
        zone = self.folder / f"zone_{name}"
        if not zone.exists():
            evidence_zone.write(zone) if name == EVIDENCE else worlds.write_world(name, zone)
        return zone

    def build(self, zone, *selected, options=()):
        """Builds what is selected, without tests; the warehouse."""
        done = w.invoke(
            self.project, zone, self.project / BUILT[0], "build", "--exclude-resource-type", "test", "unit_test", "--select", *selected, *options,
            "--target-path", str(self.project / "target"), "--log-path", str(self.project / "logs"),
        )  # fmt: skip
        assert done.success, done.exception
        return self.project / BUILT[0]

    def right(self, name):
        """A folder with the build of a zone by the project as it is, which is right. It is made once.  name: of the zone."""
        right = self.folder / f"right_{name if isinstance(name, (int, str)) else name.name}"
        if not right.exists():
            self.clear()
            assert is_right(name, self.zone(name), self.build(self.zone(name), *LOOKED_AT)), "without a mutation"
            right.mkdir()
            for built in BUILT:
                copy(self.project / built, right / built)
        return right

    def clear(self):
        """Removes what was built: an archive belongs to one zone."""
        (self.project / BUILT[0]).unlink(missing_ok=True)
        shutil.rmtree(self.project / BUILT[1], ignore_errors=True)

    def mutated(self, name, file, text, replacement):
        """The warehouse of a zone, with what a mutation changes built anew.  name: of the zone.  file, text, replacement: of the mutation."""
        right = self.right(name)
        self.clear()
        for built in BUILT[:2]:
            copy(right / built, self.project / built)
        original = (self.project / file).read_text()
        assert original.count(text) >= 1, f"{file} has changed: mend the mutation"
        (self.project / file).write_text(original.replace(text, replacement))
        # To dbt, no model has changed when a variable has. Some of the marts have nothing to do with the mutation.
        selected = LOOKED_AT if file == "dbt_project.yml" else [f"state:modified+,{mart}" for mart in LOOKED_AT]
        try:
            options = ("--full-refresh", "--state", str(right / "target"), "--warn-error-options", "{silence: [NoNodesForSelectionCriteria]}")
            return self.build(self.zone(name), *selected, options=options)
        finally:
            (self.project / file).write_text(original)


def copy(path, to):
    """Copies a file or a folder, and makes the folders to it."""
    to.parent.mkdir(parents=True, exist_ok=True)
    (shutil.copytree if path.is_dir() else shutil.copy2)(path, to)


def is_right(name, zone, warehouse):
    """Whether the marts say what they should. name: of the zone.  zone: its path."""
    if name == EVIDENCE:
        days = w.query(
            warehouse,
            "select subscription_id, list(access_reason order by usage_date) as reasons from marts.fct_pec_eligibility_daily group by all",
        )  # fmt: skip
        found = {row["subscription_id"]: row["reasons"] for row in days}
        return found == {evidence_zone.id_of(case): reasons for case, (_, reasons) in evidence_zone.CASES.items()}
    return comparison.against_reference(zone, warehouse) == [] and (name != invoices.ZONE or invoices.reconciled(warehouse) == invoices.RECONCILED)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return House(tmp_path_factory.mktemp("mutations"))


@pytest.mark.parametrize("name", [*MUTATIONS, *OF_WORLDS, *FIELD, *OF_EVIDENCE])
def test_broken_rule_is_seen(name, house):
    """The sample, a world, or a landing zone of what real exports do (tests/cases), built with one rule broken, is no longer what it should be."""
    file, text, replacement, *seed = (MUTATIONS | OF_WORLDS | FIELD | OF_EVIDENCE)[name]
    zone = (
        seed[0] if seed else EVIDENCE if name in OF_EVIDENCE else USAGE if name in FIELD
        else invoices.ZONE if name.startswith(("m5_", "m7_")) else w.SAMPLE
    )  # fmt: skip
    warehouse = house.mutated(zone, file, text, replacement)
    assert not is_right(zone, house.zone(zone), warehouse)


@pytest.mark.parametrize("file", ["models/staging/partner_center/stg_partner_center__usage_lines.sql", "models/intermediate/access/int_access_events.sql"])
def test_what_changes_nothing_is_right(file, house):
    """What follows a model is built again on what was there before, and says the same."""
    warehouse = house.mutated(w.SAMPLE, file, "select", "select /* the same */")
    assert is_right(w.SAMPLE, w.SAMPLE, warehouse)
