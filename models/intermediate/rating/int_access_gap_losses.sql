-- Credit lost in gaps. A day counts once, in the first gap that touches it. Recent: of the seven days that end on the newest day of usage of the
-- subscription (Decision). One row per gap that cost anything; without valid_from, per resource that lost credit in no gap: an agreement was missing.
with lost_days as (
    select
        resource_partner_key,
        usage_date,
        sum(recoverable_credit_usd)::decimal(38, 18) as lost_credit_usd,
        bool_or(pec_reason = 'no_agreement') as lacks_agreement
    from {{ ref('int_charge_lines') }}
    where recoverable_credit_usd != 0
    group by resource_partner_key, usage_date
),

in_gaps as (
    select
        lost_days.*,
        gaps.valid_from,
        lost_days.usage_date > resources.newest_usage_date - 7 as is_recent
    from lost_days
    inner join {{ ref('int_resource_usage') }} as resources on lost_days.resource_partner_key = resources.resource_partner_key
    left join {{ ref('int_access_gaps') }} as gaps
        on
            lost_days.resource_partner_key = gaps.resource_partner_key
            and gaps.valid_from < lost_days.usage_date + interval 1 day
            and {{ to_or_ever('gaps.valid_to') }} > lost_days.usage_date
    qualify row_number() over (
        partition by lost_days.resource_partner_key, lost_days.usage_date
        order by gaps.valid_from
    ) = 1
)

select
    resource_partner_key,
    valid_from,
    count(*) as lost_days,
    min(usage_date) as first_lost_date,
    max(usage_date) as last_lost_date,
    sum(lost_credit_usd)::decimal(38, 18) as lost_credit_usd,
    coalesce(sum(lost_credit_usd) filter (where is_recent), 0)::decimal(38, 18) as recent_lost_credit_usd,
    arg_max(lacks_agreement, usage_date) as lacks_agreement
from in_gaps
group by resource_partner_key, valid_from
