-- Every day that lost credit for want of access lies in a gap, and the gaps cost what the days lost; lack of an agreement is no gap.
with lost as (
    select coalesce(sum({{ credit_at('charges', 'recoverable_pec_rate') }}), 0) as lost_credit_usd
    from {{ ref('int_charge_lines') }} as charges
    inner join {{ ref('int_eligibility_days') }} as eligibility
        on charges.usage_date = eligibility.usage_date and charges.resource_partner_key = eligibility.resource_partner_key
    where charges.recoverable_pec_rate > 0 and eligibility.covered_seconds < 86400
),

gaps as (
    select coalesce(sum(lost_credit_usd), 0) as lost_credit_usd from {{ ref('pec_access_gaps') }}
)

select *
from lost, gaps
where lost.lost_credit_usd is distinct from gaps.lost_credit_usd
