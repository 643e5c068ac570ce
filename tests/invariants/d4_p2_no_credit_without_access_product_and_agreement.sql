-- A1 to A6, D4, P2: credit is due only with a full day of access, an agreement, and a product that no rule excludes; and then always.
with partners as (
    select
        resources.resource_key,
        {{ organisation_of('resources.transacting_partner_id', 'organisations') }} as organisation_id
    from {{ ref('stg_partner_center__usage_resources') }} as resources
    left join {{ ref('int_partner_organisations') }} as organisations on resources.transacting_partner_id = organisations.partner_id
)

select
    charges.content_id,
    charges.line_number
from {{ ref('int_charge_lines') }} as charges
left join {{ ref('int_eligibility_days') }} as eligibility
    on charges.usage_date = eligibility.usage_date and charges.resource_partner_key = eligibility.resource_partner_key
left join partners on charges.resource_key = partners.resource_key
left join {{ ref('int_agreement_days') }} as agreements
    on charges.usage_date = agreements.usage_date and partners.organisation_id = agreements.transacting_organisation_id
left join {{ ref('int_product_prices') }} as products
    on charges.usage_date = products.usage_date and charges.product_key = products.product_key
where
    {{ is_in_changed_month(month_of('charges.usage_date')) }}
    and (
        (charges.pec_reason = 'eligible')
        is distinct from (
            eligibility.is_access_eligible and agreements.has_agreement and products.product_reason is null
            -- Reasons of a line, not of its product.
            and charges.pec_reason not in ('benefit_paid', 'list_cost_out_of_range')
        )
        or (charges.pec_rate > 0 and charges.pec_reason != 'eligible')
    )
