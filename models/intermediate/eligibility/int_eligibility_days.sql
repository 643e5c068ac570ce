{{ config(pre_hook="{{ delete_changed_months() }}") }}
-- Whether a resource's day earns, and if not, why (D1, D4, A6). One row per usage_date and resource_partner_key with accepted usage.
with joined as (
    select
        days.billing_month,
        days.usage_date,
        days.resource_partner_key,
        days.resource_key,
        days.reseller_partner_id,
        coalesce(scope_day_results.covered_microseconds, 0) as covered_microseconds,
        coalesce(scope_day_results.exact_microseconds, 0) as exact_microseconds,
        coalesce(scope_day_results.is_access_eligible, false) as is_access_eligible,
        scope_day_results.covering_access_path,
        scope_day_results.covering_scope_level,
        coalesce(scope_day_results.access_stage, {{ access_stage('nothing') }}) as access_stage,
        agreements.has_agreement,
        coalesce(scope_day_results.is_deny_uncertain, false) as is_deny_uncertain,
        coalesce(scope_day_results.may_have_had_more, false) as may_have_had_more,
        coalesce(scope_day_results.may_have_had_less, false) as may_have_had_less
    from {{ ref('int_resource_days') }} as days
    inner join {{ ref('int_agreement_days') }} as agreements
        on days.transacting_organisation_id = agreements.transacting_organisation_id and days.usage_date = agreements.usage_date
    left join {{ ref('int_resource_decision_scopes') }} as decision_scopes on days.scope_key = decision_scopes.scope_key
    left join {{ ref('int_scope_day_results') }} as scope_day_results
        on
            decision_scopes.decision_scope_id = scope_day_results.decision_scope_id
            and days.usage_date = scope_day_results.usage_date
            and days.transacting_organisation_id = scope_day_results.transacting_organisation_id
            and days.reseller_organisation_id is not distinct from scope_day_results.reseller_organisation_id
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
        when is_access_eligible and (is_deny_uncertain or (may_have_had_less and exact_microseconds < {{ whole_day() }})) then 'inferred'
        when not is_access_eligible and (is_deny_uncertain or may_have_had_more) then 'inferred'
        else 'exact'
    end as evidence_strength
from joined
inner join {{ ref('access_stages') }} as stages on joined.access_stage = stages.access_stage
