select
    -- The file's id and the line in it: stable between builds, unique, and short.
    file_id || '-' || line_number as usage_line_id,
    file_id,
    line_number,
    resource_key,
    product_key,
    bill_key,
    detail_key,

    usage_date,
    date_trunc('month', usage_date)::date as billing_month,

    quantity,
    unit_price,
    pricing_pre_tax_total,
    billing_pre_tax_total,
    exchange_rate,
    applied_pec_rate
from {{ ref('landing_daily_rated_usage') }}
where failure is null
