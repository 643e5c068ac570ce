-- Charges with the names of what they name, which are stored once and meet the lines when somebody asks. Nothing is looked up among the lines that
-- landed: a file that came anew and is not charged yet is no part of what is said here.
-- One row per accepted usage line that the types of the marts hold.
with charges as (
    select * from {{ ref('int_charge_lines') }}
),

files as (
    select * from {{ ref('landing_files') }}
),

bills as (
    select * from {{ ref('stg_partner_center__usage_bills') }}
),

resources as (
    select * from {{ ref('int_usage_resources') }}
),

products as (
    select * from {{ ref('int_usage_products') }}
),

relationships as (
    select * from {{ ref('int_unbilled_resellers') }}
),

exchange_rates as (
    select * from {{ ref('int_exchange_rates') }}
)

select
    charges.*,
    charges.file_id || '-' || charges.line_number as usage_line_id,
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
    {{ reseller_of_record('resources.reseller_mpn_id', 'relationships') }} as reseller_partner_id,

    products.product_id,
    products.sku_id,
    products.meter_id,
    products.meter_category,
    products.meter_name,
    products.publisher_name,

    -- M3: credit and net at full precision.
    {{ credit_at('charges', 'pec_rate') }} as pec_credit_usd,
    {{ net_cost('charges') }} as net_cost_usd,
    {{ credit_at('charges', 'recoverable_pec_rate') }} as recoverable_credit_usd,
    coalesce(
        charges.exchange_rate, case when bills.billing_currency = 'USD' then 1::decimal(28, 18) end, exchange_rates.units_per_usd
    ) as billing_exchange_rate
from charges
inner join files on charges.file_id = files.file_id
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
