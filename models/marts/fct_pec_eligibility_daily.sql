with days as (
    select * from {{ ref('int_resource_days') }}
),

nodes as (
    select * from {{ ref('int_resource_nodes') }}
),

coverage as (
    select * from {{ ref('int_node_day_coverage') }}
),

cover as (
    select * from {{ ref('int_node_day_cover') }}
),

rungs as (
    select * from {{ ref('int_node_day_rungs') }}
),

doubts as (
    select * from {{ ref('int_node_day_doubts') }}
),

agreements as (
    select * from {{ ref('int_agreement_days') }}
),

joined as (
    select
        days.*,
        coalesce(coverage.covered_microseconds, 0) as covered_microseconds,
        coalesce(coverage.exact_microseconds, 0) as exact_microseconds,
        coalesce(coverage.is_covered, false) as is_access_eligible,
        cover.covering_access_path,
        cover.covering_scope_level,
        coalesce(rungs.rung, 0) as rung,
        agreements.has_agreement,
        coalesce(doubts.is_deny_in_doubt, false) as is_deny_in_doubt,
        coalesce(doubts.may_have_had_more, false) as may_have_had_more,
        coalesce(doubts.may_have_had_less, false) as may_have_had_less
    from days
    left join nodes on days.access_scope_id = nodes.access_scope_id
    {% for answers in ['coverage', 'cover', 'rungs', 'doubts'] %}
        left join {{ answers }}
            on
                nodes.node_id = {{ answers }}.node_id
                and days.usage_date = {{ answers }}.usage_date
                and days.transacting_organisation_id = {{ answers }}.transacting_organisation_id
                and days.reseller_organisation_id is not distinct from {{ answers }}.reseller_organisation_id
    {% endfor %}
    inner join agreements
        on days.transacting_organisation_id = agreements.transacting_organisation_id and days.usage_date = agreements.usage_date
)

select
    usage_date,
    subscription_id,
    resource_group_name,
    resource_id,
    transacting_partner_id,
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
    end as evidence_strength
from joined
