-- Each gap has one repair, and repairs win and count what their gaps lose, per day and so far. What is lost with access all day lacks an agreement
-- (D4): its repair counts that.
with gaps as (
    select
        repair_id,
        count(distinct resource_id) as resource_count,
        bool_or(is_losing_now) as is_losing_now,
        sum(lost_credit_usd) as lost_credit_usd,
        sum(lost_credit_per_day_usd) as win_per_day_usd
    from {{ ref('pec_access_gaps') }}
    group by repair_id
),

repairs as (
    select
        repair_id,
        resource_count,
        is_losing_now,
        lost_credit_usd,
        win_per_day_usd
    from {{ ref('pec_repairs') }}
    where action != 'sign_agreement'
),

without_agreement as (
    select coalesce(sum(charges.recoverable_credit_usd), 0) as lost_credit_usd
    from {{ ref('int_charge_lines') }} as charges
    inner join {{ ref('int_eligibility_days') }} as eligibility
        on charges.usage_date = eligibility.usage_date and charges.resource_partner_key = eligibility.resource_partner_key
    where charges.recoverable_credit_usd != 0 and eligibility.is_access_eligible
),

agreements as (
    select coalesce(sum(lost_credit_usd), 0) as lost_credit_usd
    from {{ ref('pec_repairs') }}
    where action = 'sign_agreement'
)

select coalesce(gaps.repair_id, repairs.repair_id) as repair_id
from gaps
full join repairs on gaps.repair_id = repairs.repair_id
where
    gaps.resource_count is distinct from repairs.resource_count
    or gaps.is_losing_now is distinct from repairs.is_losing_now
    or gaps.lost_credit_usd is distinct from repairs.lost_credit_usd
    or gaps.win_per_day_usd is distinct from repairs.win_per_day_usd
    -- What is not lost now is won by nothing.
    or (not repairs.is_losing_now and repairs.win_per_day_usd != 0)
union all
select 'sign_agreement' as repair_id
from without_agreement, agreements
where without_agreement.lost_credit_usd is distinct from agreements.lost_credit_usd
