-- Lines of changed months, with the price and the product reason of their day. One row per accepted usage line.
select
    lines.*,
    prices.price_id,
    prices.list_price,
    prices.short_list_price,
    prices.product_reason,
    prices.is_covered_by_benefit,
    prices.is_tiered
from {{ ref('int_usage_lines') }} as lines
inner join {{ ref('int_product_prices') }} as prices on lines.usage_date = prices.usage_date and lines.product_key = prices.product_key
where {{ is_in_changed_month('lines.billing_month') }}
