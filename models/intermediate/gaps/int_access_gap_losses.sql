-- What gaps cost: credit that days lost for want of access. A day is counted once, in the first gap that touches it.
-- One row per gap that cost anything.
with lost_days as (
    select
        transacting_partner_id,
        subscription_id,
        resource_id,
        usage_date,
        sum(recoverable_credit_usd)::decimal(38, 28) as lost_credit_usd
    from {{ ref('fct_pec_charges_daily') }}
    where recoverable_credit_usd != 0
    group by transacting_partner_id, subscription_id, resource_id, usage_date
),

in_gaps as (
    select
        lost_days.*,
        gaps.valid_from
    from lost_days
    inner join {{ ref('int_access_gaps') }} as gaps
        on
            lost_days.transacting_partner_id = gaps.transacting_partner_id
            and lost_days.subscription_id = gaps.subscription_id
            and lost_days.resource_id = gaps.resource_id
            and gaps.valid_from < lost_days.usage_date + interval 1 day
            and {{ to_or_ever('gaps.valid_to') }} > lost_days.usage_date
    qualify row_number() over (
        partition by lost_days.transacting_partner_id, lost_days.subscription_id, lost_days.resource_id, lost_days.usage_date
        order by gaps.valid_from
    ) = 1
)

select
    transacting_partner_id,
    subscription_id,
    resource_id,
    valid_from,
    count(*) as lost_days,
    sum(lost_credit_usd)::decimal(38, 28) as lost_credit_usd,
    arg_max(lost_credit_usd, usage_date) as last_day_lost_credit_usd
from in_gaps
group by transacting_partner_id, subscription_id, resource_id, valid_from
