-- Evidence pack for a claim: each missed line of a month with the access that stood on its day, ready to go into a support ticket. For another month:
-- dbt show --inline "$(cat analyses/evidence_for_a_claim.sql)" --limit 1000 --vars '{billing_month: 2026-07-01}'
-- As files: pec claim 2026-07 --output FOLDER.
{% set billing_month = var('billing_month', '2026-08-01') %}
select
    claims.billing_month,
    claims.customer_name,
    claims.subscription_id,
    claims.resource_id,
    claims.first_date,
    claims.last_date,
    charges.usage_date,
    charges.invoice_number,
    charges.meter_name,
    charges.quantity,
    charges.list_cost_usd,
    charges.pec_credit_usd as missed_credit_usd,
    charges.applied_pec_rate,
    eligibility.covered_seconds,
    eligibility.covering_access_path,
    eligibility.covering_scope_level,
    claims.claim_id,
    claims.claim_status,
    claims.open_credit_usd,
    claims.evidence_strength,
    claims.evidence
from {{ ref('pec_missed_credit') }} as claims
inner join {{ ref('fct_pec_charges_daily') }} as charges
    on
        claims.subscription_id = charges.subscription_id
        and claims.resource_id = charges.resource_id
        and charges.usage_date between claims.first_date and claims.last_date
        and charges.pec_status = 'missed'
inner join {{ ref('fct_pec_eligibility_daily') }} as eligibility
    on
        charges.usage_date = eligibility.usage_date
        and charges.subscription_id = eligibility.subscription_id
        and charges.resource_id = eligibility.resource_id
        and charges.transacting_partner_id = eligibility.transacting_partner_id
where claims.billing_month = date '{{ billing_month }}'
order by claims.subscription_id, claims.resource_id, charges.usage_date, charges.usage_line_id
