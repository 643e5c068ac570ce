-- A1 to A6, D4, P2: credit is due only with a full day of access, an agreement, and a product that no rule excludes; and then always.
select charges.usage_line_id
from {{ ref('fct_pec_charges_daily') }} as charges
left join {{ ref('fct_pec_eligibility_daily') }} as eligibility
    on
        charges.usage_date = eligibility.usage_date
        and charges.subscription_id = eligibility.subscription_id
        and charges.resource_id = eligibility.resource_id
        and charges.transacting_partner_id = eligibility.transacting_partner_id
left join {{ ref('int_agreement_days') }} as agreements
    on
        eligibility.usage_date = agreements.usage_date
        and agreements.transacting_organisation_id = (
            select organisation_id from {{ ref('int_partner_organisations') }}
            where partner_id = charges.transacting_partner_id
        )
left join {{ ref('int_rated_lines') }} as rated on charges.usage_line_id = rated.usage_line_id
where
    (charges.pec_reason = 'eligible')
    is distinct from (eligibility.is_access_eligible and agreements.has_agreement and rated.product_reason is null)
    or (charges.pec_rate > 0 and charges.pec_reason != 'eligible')
    or (charges.pec_credit_usd != 0 and charges.pec_reason != 'eligible')
