-- The part of our usage that each invoice line bills. Source's defect: invoice lines carry no meter, and one product of a plan has a line for each
-- price, and for its part with and without credit. Guarantee: every invoice line and every part of usage is in exactly one row.
-- One row per invoice line, and per part of usage without one. Parts are compared with their price first; a product whose prices differ
-- between invoice and usage is compared as a whole.
with invoice_lines as (
    select * from {{ ref('base_invoice_lines') }}
    where failure is null
    -- The newest file of an invoice replaces the older, like exports of usage do.
    qualify exported_at is not distinct from max(exported_at) over (partition by invoice_number)
),

usage_parts as (
    select * from {{ ref('int_invoice_usage') }}
),

keys as (
    select
        'invoice' as side,
        invoice_number,
        plan_subscription_id,
        product_id,
        sku_id,
        concat_ws('|', unit_price, has_pec, has_azure_credit) as part
    from invoice_lines
    union
    select
        'usage',
        invoice_number,
        plan_subscription_id,
        product_id,
        sku_id,
        concat_ws('|', unit_price, has_pec, has_azure_credit)
    from usage_parts
),

-- A product of a plan whose parts are the same on both sides is compared part by part.
products as (
    select
        invoice_number,
        plan_subscription_id,
        product_id,
        sku_id,
        count(distinct part) * 2 = count(*) as is_by_part
    from keys
    group by invoice_number, plan_subscription_id, product_id, sku_id
),

invoice_side as (
    select
        invoice_lines.*,
        products.is_by_part,
        concat_ws(
            '|', invoice_lines.invoice_number, coalesce(invoice_lines.plan_subscription_id, '-'), coalesce(invoice_lines.product_id, '-'),
            coalesce(invoice_lines.sku_id, '-'),
            case
                when products.is_by_part
                    then concat_ws('|', invoice_lines.unit_price, invoice_lines.has_pec, invoice_lines.has_azure_credit)
            end
        ) as match_key
    from invoice_lines
    inner join products
        on
            invoice_lines.invoice_number = products.invoice_number
            and invoice_lines.plan_subscription_id is not distinct from products.plan_subscription_id
            and invoice_lines.product_id is not distinct from products.product_id
            and invoice_lines.sku_id is not distinct from products.sku_id
),

usage_side as (
    select
        concat_ws(
            '|', usage_parts.invoice_number, coalesce(usage_parts.plan_subscription_id, '-'), coalesce(usage_parts.product_id, '-'),
            coalesce(usage_parts.sku_id, '-'),
            case
                when products.is_by_part
                    then concat_ws('|', usage_parts.unit_price, usage_parts.has_pec, usage_parts.has_azure_credit)
            end
        ) as match_key,
        min(usage_parts.invoice_number) as invoice_number,
        min(usage_parts.plan_subscription_id) as plan_subscription_id,
        min(usage_parts.product_id) as product_id,
        min(usage_parts.sku_id) as sku_id,
        min(usage_parts.customer_id) as customer_id,
        min(usage_parts.billing_currency) as billing_currency,
        min(usage_parts.exchange_rate) as exchange_rate,
        bool_and(usage_parts.has_azure_credit) as has_azure_credit,
        sum(usage_parts.line_count)::bigint as line_count,
        sum(usage_parts.quantity)::decimal(38, 15) as quantity,
        sum(usage_parts.billable_quantity)::decimal(38, 15) as billable_quantity,
        sum(usage_parts.net_due_usd)::decimal(38, 18) as net_due_usd,
        sum(usage_parts.net_applied_usd)::decimal(38, 18) as net_applied_usd,
        sum(usage_parts.net_vendor_usd)::decimal(38, 18) as net_vendor_usd
    from usage_parts
    inner join products
        on
            usage_parts.invoice_number = products.invoice_number
            and usage_parts.plan_subscription_id is not distinct from products.plan_subscription_id
            and usage_parts.product_id is not distinct from products.product_id
            and usage_parts.sku_id is not distinct from products.sku_id
    group by match_key
),

-- Of several invoice lines for one part, the first gets the usage, so that nothing counts twice.
numbered as (
    select
        *,
        row_number() over (partition by match_key order by source_file, line_number) as line_of_part
    from invoice_side
)

select
    coalesce(numbered.invoice_line_id, 'usage-' || md5(usage_side.match_key)) as reconciliation_id,
    numbered.invoice_line_id is not null as is_invoiced,
    usage_side.match_key is not null as is_used,
    coalesce(numbered.invoice_number, usage_side.invoice_number) as invoice_number,
    coalesce(numbered.customer_id, usage_side.customer_id) as customer_id,
    coalesce(numbered.plan_subscription_id, usage_side.plan_subscription_id) as plan_subscription_id,
    coalesce(numbered.product_id, usage_side.product_id) as product_id,
    coalesce(numbered.sku_id, usage_side.sku_id) as sku_id,
    numbered.sku_name,
    numbered.charge_type,
    numbered.source_file,
    numbered.line_number,
    coalesce(numbered.billing_currency, usage_side.billing_currency) as billing_currency,
    numbered.exchange_rate as invoice_exchange_rate,
    usage_side.exchange_rate as usage_exchange_rate,
    numbered.unit_price,
    numbered.effective_unit_price,
    numbered.billable_quantity as invoiced_quantity,
    numbered.subtotal_billing,
    coalesce(numbered.has_azure_credit, usage_side.has_azure_credit) as has_azure_credit,
    coalesce(usage_side.line_count, 0) as line_count,
    usage_side.quantity,
    usage_side.billable_quantity,
    usage_side.net_due_usd,
    usage_side.net_applied_usd,
    usage_side.net_vendor_usd
from numbered
full join usage_side on numbered.match_key = usage_side.match_key and numbered.line_of_part = 1
