-- Every day that lost credit for want of access lies in a gap, and the gaps cost what the days lost; lack of an agreement is no gap.
with lost as (
    select coalesce(sum(charges.recoverable_credit_usd), 0) as lost_credit_usd
    from {{ ref('fct_pec_charges_daily') }} as charges
    inner join {{ ref('fct_pec_eligibility_daily') }} as eligibility
        on
            charges.usage_date = eligibility.usage_date
            and charges.subscription_id = eligibility.subscription_id
            and charges.resource_id = eligibility.resource_id
            and charges.transacting_partner_id = eligibility.transacting_partner_id
    where eligibility.covered_seconds < 86400 and exists (select 1 from {{ ref('int_changed_months') }})
),

gaps as (
    select coalesce(sum(lost_credit_usd), 0) as lost_credit_usd
    from {{ ref('pec_access_gaps') }}
    where exists (select 1 from {{ ref('int_changed_months') }})
)

select *
from lost, gaps
where lost.lost_credit_usd is distinct from gaps.lost_credit_usd
