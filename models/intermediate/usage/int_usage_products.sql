{{ config(materialized='incremental', pre_hook="{{ forget_old_keys() }}", post_hook="{{ remember_files() }}") }}
-- What decides about a product and its price, once for all lines that share it (M1, P1, P2). One row per product_key of the usage.
select
    product_key,
    any_value(customer_country) as market,
    any_value(product_id) as product_id,
    any_value(sku_id) as sku_id,
    any_value(meter_id) as meter_id,
    any_value(meter_category) as meter_category,
    any_value(meter_name) as meter_name,
    any_value(publisher_name) as publisher_name,
    any_value(benefit_type) as benefit_type,
    any_value(credit_type) as credit_type,
    any_value(applied_credit_rate) as applied_credit_rate,
    any_value(lower(left(invoice_number, 1))) as invoice_series,
    -- Of what consumption accumulates by (M2), beside the Azure plan's subscription.
    hash(any_value(product_id), any_value(sku_id), any_value(meter_id)) as meter_key
from {{ ref('stg_partner_center__daily_rated_usage') }}
where {{ is_of_new_file('file_id') }}
group by product_key
{% if is_incremental() %}
    having product_key not in (select product_key from {{ this }})
{% endif %}
