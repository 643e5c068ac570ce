with lines as (
    select
        lines.*,
        vendor.list_cost_usd,
        vendor.vendor_list_cost_usd,
        vendor.difference_kind
    from {{ ref('int_vendor_prices') }} as vendor
    inner join {{ ref('int_usage_lines') }} as lines on vendor.usage_line_id = lines.usage_line_id
    where vendor.difference_kind is not null
),

meters as (
    select
        billing_month,
        market,
        product_id,
        sku_id,
        meter_id,
        any_value(meter_name order by usage_date desc, meter_name asc) as meter_name,
        difference_kind,
        count(*) as line_count,
        sum(quantity)::decimal(28, 8) as quantity,
        min(unit_price)::decimal(38, 22) as lowest_unit_price,
        max(unit_price)::decimal(38, 22) as highest_unit_price,
        sum(list_cost_usd)::decimal(38, 24) as list_cost_usd,
        sum(vendor_list_cost_usd)::decimal(38, 24) as vendor_list_cost_usd
    from lines
    group by billing_month, market, product_id, sku_id, meter_id, difference_kind
)

select
    *,
    (vendor_list_cost_usd - list_cost_usd)::decimal(38, 24) as difference_usd
from meters
