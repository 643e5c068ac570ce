{{ config(pre_hook="{{ delete_changed_months() }}") }}
-- Sums of a month's lines, computed once for all monthly marts. One row per billing month and resource_key.
with products as (
    select
        product_key,
        invoice_series,
        -- What prices and exclusions read. Of the invoice that is only whether it is a legacy one (P2).
        hash(
            market, customer_without_country, product_id, sku_id, meter_id, meter_category, meter_name, publisher_name, benefit_type, credit_type,
            applied_credit_rate, coalesce(invoice_series = 'd', false)
        ) as product_fingerprint
    from {{ ref('stg_partner_center__usage_products') }}
),

lines as (
    select
        charges.*,
        products.invoice_series,
        resources.reseller_mpn_id,
        -- What decides a line beside its reseller: access is looked for on its scope, tiers fill by its plan (M2), and a benefit may have paid what
        -- is charged 0 (P2).
        hash(
            charges.usage_date, products.product_fingerprint, resources.scope_key, resources.plan_key, charges.quantity, charges.unit_price,
            charges.applied_pec_rate,
            coalesce(
                charges.applied_pec_rate = 0
                and {{ is_charged_nothing('charges.applied_net_cost_usd', 'charges.applied_net_cost_billing') }}, false
            )
        ) as line_fingerprint
    from {{ ref('int_charge_lines') }} as charges
    inner join products on charges.product_key = products.product_key
    inner join {{ ref('stg_partner_center__usage_resources') }} as resources on charges.resource_key = resources.resource_key
    where {{ is_in_changed_month('charges.billing_month') }}
),

month_sums as (
    select
        billing_month,
        resource_key,
        resource_partner_key,
        max(usage_date) as last_date,
        count(*) as line_count,
        sum(list_cost_usd) as list_cost_usd,
        sum(pec_credit_usd) as pec_credit_usd,
        sum(applied_credit_usd) as applied_credit_usd,
        coalesce(sum(pec_credit_usd) filter (where pec_status = 'missed'), 0) as missed_credit_usd,
        coalesce(sum(applied_credit_usd) filter (where pec_status = 'unexpected'), 0) as unexpected_credit_usd,
        sum(recoverable_credit_usd) as recoverable_credit_usd,
        -- Sums of hashes: independent of the order of lines, and equal lines count.
        sum(hash(line_fingerprint, invoice_series, reseller_mpn_id)::hugeint) as told_fingerprint,
        sum(line_fingerprint::hugeint) as decided_fingerprint
    from lines
    group by billing_month, resource_key, resource_partner_key
),

-- Who the reseller of each day is (D5): of unbilled usage the directory says it, of billed usage the line.
resellers as (
    select
        billing_month,
        resource_partner_key,
        sum(hash(usage_date, reseller_partner_id)::hugeint) as reseller_fingerprint
    from {{ ref('int_resource_days') }}
    where {{ is_in_changed_month() }}
    group by billing_month, resource_partner_key
)

select
    month_sums.* exclude (resource_partner_key),
    resellers.reseller_fingerprint
from month_sums
inner join resellers
    on month_sums.billing_month = resellers.billing_month and month_sums.resource_partner_key = resellers.resource_partner_key
