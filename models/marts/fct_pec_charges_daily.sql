with lines as (
    select
        *,
        -- M3: credit and net at full precision.
        {{ credit_at('charges', 'pec_rate') }} as pec_credit_usd,
        {{ net_cost('charges') }} as net_cost_usd
    from {{ ref('int_charge_lines') }} as charges
),

files as (
    select * from {{ ref('landing_files') }}
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
),

-- Names are stored once, with what they name: they meet the lines when somebody asks.
named as (
    select
        lines.*,
        lines.file_id || '-' || lines.line_number as usage_line_id,
        files.source_file,
        resources.* exclude (resource_key, resource_partner_key),
        {{ reseller_of_record('resources.reseller_mpn_id', 'relationships') }} as reseller_partner_id,
        products.* exclude (product_key, meter_key, market),
        coalesce(
            lines.exchange_rate, case when lines.billing_currency = 'USD' then 1::decimal(28, 18) end, exchange_rates.units_per_usd
        ) as billing_exchange_rate
    from lines
    inner join files on lines.file_id = files.file_id
    inner join resources on lines.resource_key = resources.resource_key
    inner join products on lines.product_key = products.product_key
    left join relationships
        on
            lines.invoice_number is null
            and lines.usage_date = relationships.usage_date
            and resources.subscription_id = relationships.subscription_id
            and resources.transacting_partner_id = relationships.transacting_partner_id
    left join exchange_rates on lines.billing_currency = exchange_rates.currency and lines.billing_month = exchange_rates.rate_month
)

select
    usage_line_id,
    file_id,
    source_file,
    line_number,
    usage_date,
    billing_month,
    invoice_number,

    customer_id,
    customer_name,
    plan_subscription_id,
    subscription_id,
    resource_group_name,
    resource_id,
    transacting_partner_id,
    reseller_partner_id,

    product_id,
    sku_id,
    meter_id,
    meter_category,
    meter_name,

    quantity,
    billable_quantity,
    unit_price,
    list_unit_price,
    list_cost_usd,
    vendor_list_cost_usd,
    pec_rate,
    pec_credit_usd,
    net_cost_usd,
    applied_pec_rate,
    applied_net_cost_usd,
    pec_status,
    pec_reason,
    {{ credit_at('named', 'recoverable_pec_rate') }} as recoverable_credit_usd,

    billing_currency,
    exchange_rate,
    billing_exchange_rate,
    {{ in_billing_currency('pec_credit_usd', 'billing_exchange_rate') }} as pec_credit_billing,
    {{ in_billing_currency('net_cost_usd', 'billing_exchange_rate') }} as net_cost_billing
from named
