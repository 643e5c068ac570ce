-- What repairing access would win: open gaps by cause and common scope, worth per day now and lost so far, dearest first.
select
    transacting_partner_id,
    subscription_id,
    access_reason,
    repair,
    gap_start,
    count(*) as resource_count,
    sum(lost_credit_per_day_usd) as lost_credit_per_day_usd,
    sum(lost_credit_usd) as lost_credit_usd
from {{ ref('pec_access_gaps') }}
where gap_end is null
group by transacting_partner_id, subscription_id, access_reason, repair, gap_start
order by lost_credit_per_day_usd desc, lost_credit_usd desc, subscription_id asc, gap_start asc
