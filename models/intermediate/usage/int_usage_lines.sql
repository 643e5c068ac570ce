-- Lines of current exports (export lifecycle), with their resource and product. One row per accepted usage line.
{%- set columns = [
    'content_id', 'record_number', 'line_number', 'usage_date', 'quantity', 'unit_price', 'pricing_pre_tax_total', 'billing_pre_tax_total',
    'exchange_rate', 'applied_pec_rate', 'bill_key', 'detail_key', 'resource_key', 'product_key',
] %}
with lines as (
    select
        {{ columns | join(', ') }},
        date_trunc('month', usage_date)::date as billing_month
    from {{ ref('stg_partner_center__usage_lines') }}
    where failure is null
    union all
    select
        {{ columns | join(', ') }},
        date_trunc('month', usage_date)::date as billing_month
    from {{ ref('stg_cost_management__usage_lines') }}
    where failure is null and is_usage
),

resources as (
    select * from {{ ref('stg_partner_center__usage_resources') }}
),

products as (
    select * from {{ ref('stg_partner_center__usage_products') }}
),

accepted as (
    select distinct
        content_id,
        source_file,
        bill_key,
        billing_month,
        invoice_number
    from {{ ref('int_usage_file_groups_current') }}
)

select
    -- The content's digest and the record number: stable and unique, whatever the file's name.
    lines.content_id || '-' || lines.record_number as usage_line_id,
    lines.content_id,
    lines.record_number,
    accepted.source_file,
    lines.line_number,
    lines.usage_date,
    lines.billing_month,
    accepted.invoice_number,
    lines.bill_key,
    lines.detail_key,

    lines.resource_key,
    resources.resource_partner_key,
    resources.plan_subscription_id,
    resources.subscription_id,
    resources.resource_id,
    resources.transacting_partner_id,
    resources.reseller_mpn_id,

    lines.product_key,
    products.meter_key,
    products.market,
    products.product_id,
    products.sku_id,
    products.meter_id,
    products.meter_name,

    lines.quantity,
    lines.unit_price,
    lines.applied_pec_rate,
    lines.pricing_pre_tax_total,
    lines.billing_pre_tax_total,
    lines.exchange_rate
from lines
inner join accepted on lines.content_id = accepted.content_id and lines.bill_key = accepted.bill_key and lines.billing_month = accepted.billing_month
inner join resources on lines.resource_key = resources.resource_key
inner join products on lines.product_key = products.product_key
