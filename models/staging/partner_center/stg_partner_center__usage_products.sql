{{ config(pre_hook="{{ delete_outdated() }}") }}
{{ newly_named('product') }},

texts as (
    select
        *,
        {{ text_or_null('credit_rate') }} as credit_rate_text
    from named
),

products as (
    select
        product_key,
        {{ id_of('customer_country') }} as market,
        -- M1: whose country is to be taken from other lines.
        {{ id_of('customer_without_country') }} as customer_without_country,
        {{ id_of('product_id') }} as product_id,
        {{ id_of('sku_id') }} as sku_id,
        {{ id_of('meter_id') }} as meter_id,
        {{ text_or_null('meter_category') }} as meter_category,
        {{ text_or_null('meter_name') }} as meter_name,
        {{ text_or_null('publisher_name') }} as publisher_name,
        coalesce(reservation, {{ text_or_null('benefit_type') }}) as benefit_type,
        {{ text_or_null('credit_type') }} as credit_type,
        {{ rate_of('credit_rate_text') }} as applied_credit_rate,
        {{ id_of('invoice_series') }} as invoice_series
    from texts
)

select
    *,
    -- Of what consumption accumulates by (M2), beside the Azure plan's subscription.
    hash(product_id, sku_id, meter_id) as meter_key,
    (select rules_version from {{ ref('project_version') }}) as rules_version
from products
