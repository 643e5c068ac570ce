{{ config(materialized='incremental', pre_hook="{{ forget_periods('int_eligibility_day_versions') }}") }}
-- Whether a resource's day earns, and if not, why (D1, D4, A6). One row per usage_date and resource_partner_key with accepted usage.
with joined as (
    select
        days.usage_date,
        days.resource_partner_key,
        days.resource_key,
        days.reseller_partner_id,
        coalesce(answers.covered_microseconds, 0) as covered_microseconds,
        coalesce(answers.exact_microseconds, 0) as exact_microseconds,
        coalesce(answers.is_access_eligible, false) as is_access_eligible,
        answers.covering_access_path,
        answers.covering_scope_level,
        coalesce(answers.rung, 0) as rung,
        agreements.has_agreement,
        coalesce(answers.is_deny_in_doubt, false) as is_deny_in_doubt,
        coalesce(answers.may_have_had_more, false) as may_have_had_more,
        coalesce(answers.may_have_had_less, false) as may_have_had_less,
        versions.input_version
    from {{ ref('int_resource_days') }} as days
    inner join {{ ref('int_eligibility_day_versions') }} as versions on days.usage_date = versions.usage_date
    inner join {{ ref('int_agreement_days') }} as agreements
        on days.transacting_organisation_id = agreements.transacting_organisation_id and days.usage_date = agreements.usage_date
    left join {{ ref('int_resource_nodes') }} as nodes on days.scope_key = nodes.scope_key
    left join {{ ref('int_node_day_answers') }} as answers
        on
            nodes.node_id = answers.node_id
            and days.usage_date = answers.usage_date
            and days.transacting_organisation_id = answers.transacting_organisation_id
            and days.reseller_organisation_id is not distinct from answers.reseller_organisation_id
    where {{ has_news('days.usage_date', ref('int_eligibility_day_versions')) }}
)

select
    usage_date,
    resource_partner_key,
    resource_key,
    reseller_partner_id,

    (covered_microseconds * 0.000001::decimal(6, 6))::decimal(11, 6) as covered_seconds,
    is_access_eligible,
    covering_access_path,
    covering_scope_level,
    case
        -- Agreement comes before access, whatever the access was (not_earned: product, agreement, access).
        when not has_agreement then 'no_agreement'
        when is_access_eligible then 'full_day'
        when covered_microseconds > 0 then 'partial_day'
        when rung = 5 then 'denied'
        when rung = 4 then 'not_permanent'
        when rung = 3 then 'not_linked'
        when rung = 2 then 'ineligible_role'
        when rung = 1 then 'other_partner'
        else 'no_access'
    end as access_reason,
    -- Would the day be decided otherwise if an inferred boundary lay elsewhere within what the evidence allows (A7)?
    case
        when is_access_eligible and (is_deny_in_doubt or (may_have_had_less and exact_microseconds < {{ whole_day() }})) then 'inferred'
        when not is_access_eligible and (is_deny_in_doubt or may_have_had_more) then 'inferred'
        else 'exact'
    end as evidence_strength,
    input_version
from joined
