-- The lines of current exports (export lifecycle), with what names their resource and product. One row per accepted usage line.
with lines as (
    select * from {{ ref('stg_partner_center__daily_rated_usage') }}
),

resources as (
    select * from {{ ref('int_usage_resources') }}
),

products as (
    select * from {{ ref('int_usage_products') }}
),

accepted as (
    select distinct
        file_id,
        source_file,
        bill_key,
        billing_month,
        invoice_number
    from {{ ref('int_usage_slices_current') }}
)

select
    lines.usage_line_id,
    lines.file_id,
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
inner join accepted on lines.file_id = accepted.file_id and lines.bill_key = accepted.bill_key and lines.billing_month = accepted.billing_month
inner join resources on lines.resource_key = resources.resource_key
inner join products on lines.product_key = products.product_key
