-- Charges with names, which are joined at query time. Only charged lines are read: a new file has no effect until its lines are charged. One row
-- per accepted usage line.
with charges as (
    select * from {{ ref('int_charge_lines') }}
),

files as (
    select
        content_id,
        source_file
    from {{ ref('stg_archive__files') }}
    where kind in ('daily_rated_usage', 'cost_management') and is_in_force
),

bills as (
    select * from {{ ref('stg_partner_center__usage_bills') }}
),

resources as (
    select * from {{ ref('stg_partner_center__usage_resources') }}
),

products as (
    select * from {{ ref('stg_partner_center__usage_products') }}
),

relationships as (
    select * from {{ ref('int_unbilled_resellers') }}
),

exchange_rates as (
    select * from {{ ref('int_exchange_rates') }}
)

select
    charges.*,
    charges.content_id || '-' || charges.record_number as usage_line_id,
    files.source_file,

    bills.partner_id,
    bills.invoice_number,
    bills.billing_currency,

    resources.customer_id,
    resources.customer_name,
    resources.plan_subscription_id,
    resources.subscription_id,
    resources.resource_group_name,
    resources.resource_id,
    resources.transacting_partner_id,
    -- D5, as in int_resource_days.
    coalesce(resources.reseller_mpn_id, relationships.reseller_partner_id) as reseller_partner_id,

    products.product_id,
    products.sku_id,
    products.meter_id,
    products.meter_category,
    products.meter_name,
    products.publisher_name,

    {{ net_cost('charges') }} as net_cost_usd,
    coalesce(
        charges.exchange_rate, case when bills.billing_currency = 'USD' then 1::decimal(28, 18) end, exchange_rates.units_per_usd
    ) as billing_exchange_rate
from charges
inner join files on charges.content_id = files.content_id
inner join bills on charges.bill_key = bills.bill_key
inner join resources on charges.resource_key = resources.resource_key
inner join products on charges.product_key = products.product_key
left join relationships
    on
        bills.invoice_number is null
        and charges.usage_date = relationships.usage_date
        and resources.subscription_id = relationships.subscription_id
        and resources.transacting_partner_id = relationships.transacting_partner_id
left join exchange_rates on bills.billing_currency = exchange_rates.currency and charges.billing_month = exchange_rates.rate_month
