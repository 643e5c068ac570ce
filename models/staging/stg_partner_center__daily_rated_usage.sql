-- Text is put into the form in which it is compared here, not in landing: storage keeps each value of a column once in a block, and
-- DuckDB then computes it once.
with lines as (
    select * from {{ ref('landing_daily_rated_usage') }}
    where failure is null
),

renamed as (
    select
        file_id,
        line_number,
        resource_key,
        product_key,

        {{ id_of('partner_id') }} as partner_id,
        {{ id_of('customer_id') }} as customer_id,
        {{ text_or_null('customer_name') }} as customer_name,
        {{ id_of('customer_country') }} as customer_country,
        {{ id_of('mpn_id') }} as mpn_id,
        nullif({{ id_of('reseller_mpn_id') }}, '0') as reseller_mpn_id,
        {{ text_or_null('invoice_number') }} as invoice_number,
        {{ id_of('plan_subscription_id') }} as plan_subscription_id,
        {{ id_of('entitlement_id') }} as entitlement_id,
        {{ text_or_null('entitlement_description') }} as entitlement_description,
        {{ id_of('resource_group') }} as resource_group,
        {{ id_of('resource_uri') }} as resource_uri,
        {{ text_or_null('resource_location') }} as resource_location,

        {{ id_of('product_id') }} as product_id,
        {{ id_of('sku_id') }} as sku_id,
        {{ text_or_null('sku_name') }} as sku_name,
        {{ text_or_null('product_name') }} as product_name,
        {{ text_or_null('publisher_name') }} as publisher_name,
        {{ id_of('meter_id') }} as meter_id,
        {{ text_or_null('meter_category') }} as meter_category,
        {{ text_or_null('meter_name') }} as meter_name,
        {{ text_or_null('meter_region') }} as meter_region,
        {{ text_or_null('unit') }} as unit,

        usage_date,
        {{ utc_date('trim(charge_start_date)') }} as charge_start_date,

        quantity,
        unit_price,
        effective_unit_price,
        pricing_pre_tax_total,
        billing_pre_tax_total,
        upper({{ text_or_null('billing_currency') }}) as billing_currency,
        exchange_rate,

        applied_pec_rate,
        applied_credit_rate,
        {{ text_or_null('credit_type') }} as credit_type,
        {{ id_of('benefit_order_id') }} as benefit_order_id,
        {{ id_of('benefit_id') }} as benefit_id,
        {{ text_or_null('benefit_type') }} as benefit_type,
        {{ text_or_null('tags') }} as tags,
        {{ text_or_null('additional_info') }} as additional_info
    from lines
)

select
    *,
    -- The file's id and the line in it: stable between builds, unique, and short.
    file_id || '-' || line_number as usage_line_id,
    -- Of an export (export lifecycle): partner, currency and month if unbilled, invoice number once billed.
    hash(partner_id, billing_currency, date_trunc('month', usage_date), upper(invoice_number)) as export_key
from renamed
