with meters as (
    select
        lines.billing_month,
        products.market,
        products.product_id,
        products.sku_id,
        products.meter_id,
        any_value(products.meter_name order by lines.usage_date desc, products.meter_name asc) as meter_name,
        lines.difference_kind,
        count(*) as line_count,
        sum(lines.quantity)::decimal(38, 15) as quantity,
        min(lines.unit_price)::decimal(38, 22) as lowest_unit_price,
        max(lines.unit_price)::decimal(38, 22) as highest_unit_price,
        sum(lines.list_cost_usd)::decimal(38, 18) as list_cost_usd,
        sum(lines.vendor_list_cost_usd)::decimal(38, 18) as vendor_list_cost_usd
    from {{ ref('int_charge_lines') }} as lines
    inner join {{ ref('int_products') }} as products on lines.product_key = products.product_key
    where lines.difference_kind is not null
    group by
        lines.billing_month, products.market, products.product_id, products.sku_id, products.meter_id, lines.difference_kind
)

select
    *,
    (vendor_list_cost_usd - list_cost_usd)::decimal(38, 18) as difference_usd
from meters
