-- The access decision of a day, for all resources of a decision scope. One row per decision scope, pair of organisations and day with usage.
select
    days.decision_scope_id,
    days.transacting_organisation_id,
    days.reseller_organisation_id,
    days.usage_date,
    coalesce(coverage.covered_microseconds, 0) as covered_microseconds,
    coalesce(coverage.exact_microseconds, 0) as exact_microseconds,
    coalesce(coverage.is_covered, false) as is_access_eligible,
    cover.covering_access_path,
    cover.covering_scope_level,
    coalesce(stages.access_stage, {{ access_stage('nothing') }}) as access_stage,
    coalesce(uncertain_periods.is_deny_uncertain, false) as is_deny_uncertain,
    coalesce(uncertain_periods.may_have_had_more, false) as may_have_had_more,
    coalesce(uncertain_periods.may_have_had_less, false) as may_have_had_less
from {{ ref('int_scope_partner_days') }} as days
{% for alias, model in {
    'coverage': 'int_scope_day_covered_time', 'cover': 'int_scope_day_covering_grants', 'stages': 'int_scope_day_stages',
    'uncertain_periods': 'int_scope_day_uncertainties',
}.items() %}
    left join {{ ref(model) }} as {{ alias }}
        on
            days.decision_scope_id = {{ alias }}.decision_scope_id
            and days.usage_date = {{ alias }}.usage_date
            and days.transacting_organisation_id = {{ alias }}.transacting_organisation_id
            and days.reseller_organisation_id is not distinct from {{ alias }}.reseller_organisation_id
{% endfor %}
