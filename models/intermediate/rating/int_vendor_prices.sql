-- The vendor's UnitPrice against the price sheet's. A line of a tiered month may lie in several tiers, of which the vendor shows one price: that
-- it is one of theirs is agreement. One row per accepted usage line that no benefit covers.
with tier_prices as (
    select
        usage_line_id,
        list(unit_price::decimal(38, 22)) as list_prices
    from {{ ref('int_tier_quantities') }}
    group by usage_line_id
),

lines as (
    select
        lines.usage_line_id,
        lines.quantity,
        lines.unit_price,
        rated.price_id,
        rated.list_cost_usd,
        {{ own_price_cost('lines') }} as own_price_cost_usd,
        coalesce(tier_prices.list_prices, [rated.list_unit_price::decimal(38, 22)]) as list_prices
    from {{ ref('int_usage_lines') }} as lines
    inner join {{ ref('int_rated_lines') }} as rated on lines.usage_line_id = rated.usage_line_id
    left join tier_prices on lines.usage_line_id = tier_prices.usage_line_id
    where not rated.is_covered_by_benefit and not rated.is_beyond_types
)

select
    usage_line_id,
    price_id,
    list_cost_usd,
    case
        when price_id is null then 'no_price'
        when quantity != 0 and not list_contains(list_prices, unit_price) then 'price_differs'
    end as difference_kind,
    case when difference_kind is null then list_cost_usd else own_price_cost_usd end as vendor_list_cost_usd
from lines
