{{ config(pre_hook="{{ delete_changed_months() }}") }}
-- Whether a resource's day earns, and if not, why (D1, D4, A6). One row per usage_date and resource_partner_key with accepted usage.
with joined as (
    select
        days.billing_month,
        days.usage_date,
        days.resource_partner_key,
        days.resource_key,
        days.reseller_partner_id,
        coalesce(answers.covered_microseconds, 0) as covered_microseconds,
        coalesce(answers.exact_microseconds, 0) as exact_microseconds,
        coalesce(answers.is_access_eligible, false) as is_access_eligible,
        answers.covering_access_path,
        answers.covering_scope_level,
        coalesce(answers.access_stage, {{ access_stage('nothing') }}) as access_stage,
        agreements.has_agreement,
        coalesce(answers.is_deny_in_doubt, false) as is_deny_in_doubt,
        coalesce(answers.may_have_had_more, false) as may_have_had_more,
        coalesce(answers.may_have_had_less, false) as may_have_had_less
    from {{ ref('int_resource_days') }} as days
    inner join {{ ref('int_agreement_days') }} as agreements
        on days.transacting_organisation_id = agreements.transacting_organisation_id and days.usage_date = agreements.usage_date
    left join {{ ref('int_resource_decision_scopes') }} as nodes on days.scope_key = nodes.scope_key
    left join {{ ref('int_scope_day_results') }} as answers
        on
            nodes.node_id = answers.node_id
            and days.usage_date = answers.usage_date
            and days.transacting_organisation_id = answers.transacting_organisation_id
            and days.reseller_organisation_id is not distinct from answers.reseller_organisation_id
    where {{ is_in_changed_month('days.billing_month') }}
)

select
    billing_month,
    usage_date,
    resource_partner_key,
    resource_key,
    reseller_partner_id,

    (covered_microseconds * 0.000001::decimal(6, 6))::decimal(11, 6) as covered_seconds,
    is_access_eligible,
    covering_access_path,
    covering_scope_level,
    case
        -- The agreement reason comes before any access reason (order: product, agreement, access).
        when not has_agreement then 'no_agreement'
        when is_access_eligible then 'full_day'
        when covered_microseconds > 0 then 'partial_day'
        else stages.access_reason
    end as access_reason,
    -- Could the decision change if an inferred boundary moved within its uncertain period (A7)?
    case
        when is_access_eligible and (is_deny_in_doubt or (may_have_had_less and exact_microseconds < {{ whole_day() }})) then 'inferred'
        when not is_access_eligible and (is_deny_in_doubt or may_have_had_more) then 'inferred'
        else 'exact'
    end as evidence_strength
from joined
inner join {{ ref('access_stages') }} as stages on joined.access_stage = stages.access_stage
