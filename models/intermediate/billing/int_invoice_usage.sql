-- Sums of our daily lines of an invoice, in the parts that an invoice can have: by price and by applied credit.
-- One row per invoice, plan subscription, product, SKU, UnitPrice, and whether PEC or an Azure credit was applied.
with lines as (
    select
        *,
        upper(invoice_number) as invoice_key,
        applied_pec_rate > 0 as has_pec,
        pec_reason = 'azure_credit' as has_azure_credit
    from {{ ref('int_enriched_charges') }}
    -- Usage that a benefit covers costs nothing and is on no invoice.
    where invoice_number is not null and pec_reason not in ('reservation', 'savings_plan')
)

select
    invoice_key as invoice_number,
    plan_subscription_id,
    product_id,
    sku_id,
    unit_price,
    has_pec,
    has_azure_credit,
    any_value(customer_id order by usage_line_id) as customer_id,
    any_value(billing_currency order by usage_line_id) as billing_currency,
    any_value(billing_exchange_rate order by usage_date desc, usage_line_id asc) as exchange_rate,
    count(*) as line_count,
    sum(quantity)::decimal(38, 15) as quantity,
    sum(billable_quantity)::decimal(38, 15) as billable_quantity,
    -- Net cost with the credit due; with the credit applied; with the credit applied at Microsoft's own prices.
    sum(net_cost_usd)::decimal(38, 18) as net_due_usd,
    sum(case when has_azure_credit then net_cost_usd else list_cost_usd - applied_credit_usd end)::decimal(38, 18) as net_applied_usd,
    sum(
        case
            when has_azure_credit then net_cost_usd
            when vendor_list_cost_usd = list_cost_usd then list_cost_usd - applied_credit_usd
            else vendor_list_cost_usd - {{ rounded('vendor_list_cost_usd * applied_pec_rate') }}
        end
    )::decimal(38, 18) as net_vendor_usd
from lines
group by invoice_key, plan_subscription_id, product_id, sku_id, unit_price, has_pec, has_azure_credit
