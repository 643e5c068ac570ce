-- What decides about a product and its price, once for all lines that share it (M1, P1, P2). One row per product_key of the usage.
select
    product_key,
    customer_country as market,
    product_id,
    sku_id,
    meter_id,
    meter_category,
    meter_name,
    publisher_name,
    benefit_type,
    credit_type,
    applied_credit_rate,
    invoice_series,
    -- Of what consumption accumulates by (M2), beside the Azure plan's subscription.
    min(product_key) over (partition by product_id, sku_id, meter_id) as meter_key,
    -- Keys are given in the order of arrival; this says the same in every warehouse.
    hash(
        customer_country, product_id, sku_id, meter_id, meter_category, meter_name, publisher_name, benefit_type, credit_type, applied_credit_rate,
        invoice_series
    ) as product_fingerprint
from {{ ref('stg_partner_center__usage_products') }}
