-- What a day's lines of a product are rated with. One row per usage day and product_key of accepted usage.
with products as (
    select
        attributes.*,
        reasons.product_reason,
        -- M2: what a benefit covers costs nothing here and fills no tier.
        coalesce(reasons.product_reason in ('reservation', 'savings_plan'), false) as is_covered_by_benefit
    from {{ ref('int_product_attributes') }} as attributes
    inner join {{ ref('int_product_reasons') }} as reasons
        on attributes.product_key = reasons.product_key and attributes.usage_date = reasons.usage_date
)

select
    usage_date,
    product_key,
    price_id,
    list_price,
    product_reason,
    is_covered_by_benefit,
    -- Only a meter's month in which any price has tiers pays for a running quantity (M2).
    price_id is not null and not is_covered_by_benefit
    and bool_or(coalesce(tier_count > 1, false) and not is_covered_by_benefit) over (
        partition by date_trunc('month', usage_date), meter_key
    ) as is_tiered
from products
