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
        export_key
    from {{ ref('int_usage_slices_current') }}
)

select
    lines.usage_line_id,
    lines.file_id,
    accepted.source_file,
    lines.line_number,
    lines.usage_date,
    date_trunc('month', lines.usage_date)::date as billing_month,
    lines.invoice_number,

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
    lines.billing_currency,
    lines.exchange_rate
from lines
inner join accepted on lines.file_id = accepted.file_id and lines.export_key = accepted.export_key
inner join resources on lines.resource_key = resources.resource_key
inner join products on lines.product_key = products.product_key
