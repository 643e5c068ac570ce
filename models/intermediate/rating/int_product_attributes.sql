-- What decides about a product on a day, once for all lines that share it. One row per usage day and product_key of accepted usage.
with lines as (
    select
        days.usage_date,
        products.*
    from {{ ref('int_product_days') }} as days
    inner join {{ ref('int_usage_products') }} as products on days.product_key = products.product_key
),

entries as (
    select * from {{ ref('int_price_list_tiers') }}
    where tier_number = 1
),

-- M1: by product and SKU, and the meter where the sheet names meters.
listed as (
    select
        lines.*,
        entries.price_id,
        entries.is_third_party,
        entries.tier_count,
        entries.unit_price as list_price
    from lines
    left join entries
        on
            lines.market = entries.market
            and lines.product_id = entries.product_id
            and lines.sku_id = entries.sku_id
            and (entries.meter_id is null or lines.meter_id = entries.meter_id)
            and lines.usage_date >= entries.entry_from
            and (entries.entry_to is null or lines.usage_date < entries.entry_to)
            and lines.invoice_series is distinct from 'd'
    qualify row_number() over (
        partition by lines.usage_date, lines.product_key
        order by entries.meter_id asc nulls last
    ) = 1
)

select
    *,
    case when price_id is null then 'missing' else 'listed' end as price_list,
    case when is_third_party then 'third_party' end as price_list_tag
from listed
