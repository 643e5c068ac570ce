-- What is known of a day at a node, for all resources that share it. One row per node, pair of organisations and day with usage.
select
    days.node_id,
    days.transacting_organisation_id,
    days.reseller_organisation_id,
    days.usage_date,
    days.resources_fingerprint,
    coalesce(coverage.covered_microseconds, 0) as covered_microseconds,
    coalesce(coverage.exact_microseconds, 0) as exact_microseconds,
    coalesce(coverage.is_covered, false) as is_access_eligible,
    cover.covering_access_path,
    cover.covering_scope_level,
    coalesce(rungs.rung, 0) as rung,
    coalesce(doubts.is_deny_in_doubt, false) as is_deny_in_doubt,
    coalesce(doubts.may_have_had_more, false) as may_have_had_more,
    coalesce(doubts.may_have_had_less, false) as may_have_had_less
from {{ ref('int_node_partner_days') }} as days
{% for answers in ['coverage', 'cover', 'rungs', 'doubts'] %}
    left join {{ ref('int_node_day_' ~ answers) }} as {{ answers }}
        on
            days.node_id = {{ answers }}.node_id
            and days.usage_date = {{ answers }}.usage_date
            and days.transacting_organisation_id = {{ answers }}.transacting_organisation_id
            and days.reseller_organisation_id is not distinct from {{ answers }}.reseller_organisation_id
{% endfor %}
