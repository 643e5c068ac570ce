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

(
    select repair_id from (from gaps except from repairs)
    union all
    select repair_id from (from repairs except from gaps)
    union all
    select 'sign_agreement' from without_agreement, agreements
    where without_agreement.lost_credit_usd is distinct from agreements.lost_credit_usd
    union all
    -- What is not lost now is won by nothing.
    select repair_id from repairs
    where not is_losing_now and win_per_day_usd != 0
)
