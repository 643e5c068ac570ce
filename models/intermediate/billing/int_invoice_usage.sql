-- Sums of our daily lines of an invoice, in the parts that an invoice can have: by price, by applied credit, and by sign.
-- One row per invoice, plan subscription, product, SKU, UnitPrice, whether PEC or an Azure credit was applied, and whether it is a refund.
with lines as (
    select
        *,
        upper(invoice_number) as invoice_key,
        applied_pec_rate > 0 as has_pec,
        pec_reason = 'azure_credit' as has_azure_credit,
        quantity < 0 as is_refund,
        case
            when pec_reason = 'azure_credit' then net_cost_usd
            when vendor_list_cost_usd = list_cost_usd then list_cost_usd - applied_credit_usd
            else vendor_list_cost_usd - {{ rounded('vendor_list_cost_usd * applied_pec_rate') }}
        end as net_vendor_usd
    from {{ ref('int_enriched_charges') }}
    -- P2: what a benefit paid, also one that the line does not name, costs 0 here, and the invoice bills none of it.
    where invoice_number is not null and pec_reason not in ('reservation', 'savings_plan', 'benefit_paid')
)

select
    invoice_key as invoice_number,
    plan_subscription_id,
    product_id,
    sku_id,
    unit_price,
    has_pec,
    has_azure_credit,
    is_refund,
    concat_ws('|', invoice_key, coalesce(plan_subscription_id, '-'), coalesce(product_id, '-'), coalesce(sku_id, '-')) as product_key,
    any_value(customer_id order by usage_line_id) as customer_id,
    any_value(billing_currency order by usage_line_id) as billing_currency,
    any_value(billing_exchange_rate order by usage_date desc, usage_line_id asc) as exchange_rate,
    count(*) as line_count,
    sum(quantity)::decimal(38, 15) as quantity,
    sum(billable_quantity)::decimal(38, 15) as billable_quantity,
    -- Net cost with the credit due; with the credit applied; with the credit applied at Microsoft's own prices.
    sum(net_cost_usd)::decimal(38, 18) as net_due_usd,
    sum(case when has_azure_credit then net_cost_usd else list_cost_usd - applied_credit_usd end)::decimal(38, 18) as net_applied_usd,
    sum(net_vendor_usd)::decimal(38, 18) as net_vendor_usd,
    -- M2: of these lines, those that lie wholly in a free tier, which invoices show apart.
    count(*) filter (where billable_quantity = 0) as free_line_count,
    coalesce(sum(net_vendor_usd) filter (where billable_quantity = 0), 0)::decimal(38, 18) as free_net_vendor_usd
from lines
group by invoice_key, plan_subscription_id, product_id, sku_id, unit_price, has_pec, has_azure_credit, is_refund
