-- Lines of changed months, with the price and the product reason of their day, before P2's last reason is decided. One row per accepted usage line.
with listed as (
    select
        lines.*,
        prices.price_id,
        prices.list_price,
        prices.short_list_price,
        prices.product_reason,
        prices.is_covered_by_benefit,
        prices.is_tiered,
        -- A sheet's price may make a line that amounts cannot hold exactly (M3), although its own price does not (such lines are rejected). It keeps
        -- its own price, is named, and fills no tier. Only the largest quantities need the product.
        prices.price_id is not null
        and not prices.is_covered_by_benefit
        and abs(lines.quantity) >= 1000000
        and coalesce(trunc(abs(lines.quantity)) * trunc(prices.highest_list_price) >= 1000000000000000, true) as is_beyond_exact_amounts
    from {{ ref('int_usage_lines') }} as lines
    inner join {{ ref('int_product_prices') }} as prices on lines.usage_date = prices.usage_date and lines.product_key = prices.product_key
    where {{ is_in_changed_month('lines.billing_month') }}
)

select
    * exclude (is_beyond_exact_amounts, price_id, list_price, short_list_price, product_reason, is_tiered),
    case when not is_beyond_exact_amounts then price_id end as price_id,
    case when not is_beyond_exact_amounts then list_price end as list_price,
    case when not is_beyond_exact_amounts then short_list_price end as short_list_price,
    case when is_beyond_exact_amounts then coalesce(product_reason, 'list_cost_out_of_range') else product_reason end as product_reason,
    is_tiered and not is_beyond_exact_amounts as is_tiered
from listed
