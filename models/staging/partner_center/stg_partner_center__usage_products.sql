-- depends_on: {{ ref('landing_daily_rated_usage') }}
select
    product_key,
    {{ id_of('customer_country') }} as customer_country,
    {{ id_of('product_id') }} as product_id,
    {{ id_of('sku_id') }} as sku_id,
    {{ id_of('meter_id') }} as meter_id,
    {{ text_or_null('meter_category') }} as meter_category,
    {{ text_or_null('meter_name') }} as meter_name,
    {{ text_or_null('publisher_name') }} as publisher_name,
    {{ text_or_null('benefit_type') }} as benefit_type,
    {{ text_or_null('credit_type') }} as credit_type,
    credit_rate::decimal(5, 4) as applied_credit_rate,
    {{ id_of('invoice_series') }} as invoice_series
from {{ source('landing', 'usage_products') }}
