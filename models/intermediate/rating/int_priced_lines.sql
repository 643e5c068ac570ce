-- One row per accepted usage line, with the price list entry and the product reason that it meets, and whether its month is tiered.
with lines as (
    select * from {{ ref('int_usage_lines') }}
),

products as (
    select
        attributes.*,
        reasons.product_reason,
        coalesce(reasons.product_reason in ('reservation', 'savings_plan'), false) as is_covered_by_benefit
    from {{ ref('int_product_attributes') }} as attributes
    inner join {{ ref('int_product_reasons') }} as reasons on attributes.product_key = reasons.product_key
),

joined as (
    select
        lines.usage_line_id,
        lines.source_file,
        lines.line_number,
        lines.usage_date,
        lines.billing_month,
        lines.plan_subscription_id,
        lines.product_id,
        lines.sku_id,
        lines.meter_id,
        lines.resource_id,
        lines.quantity,
        lines.unit_price,
        products.price_id,
        products.product_reason,
        products.is_covered_by_benefit,
        products.tier_count
    from lines
    inner join products
        on
            lines.usage_date = products.usage_date
            and lines.market is not distinct from products.market
            and lines.product_id is not distinct from products.product_id
            and lines.sku_id is not distinct from products.sku_id
            and lines.meter_id is not distinct from products.meter_id
            and lines.meter_category is not distinct from products.meter_category
            and lines.meter_name is not distinct from products.meter_name
            and lines.publisher_name is not distinct from products.publisher_name
            and lines.benefit_type is not distinct from products.benefit_type
            and lines.credit_type is not distinct from products.credit_type
            and lines.applied_credit_rate = products.applied_credit_rate
            and lower(left(lines.invoice_number, 1)) is not distinct from products.invoice_series
),

tiered as (
    select distinct
        billing_month,
        plan_subscription_id,
        product_id,
        sku_id,
        meter_id
    from joined
    where tier_count > 1 and not is_covered_by_benefit
)

select
    joined.* exclude (tier_count),
    -- Only a meter's month in which any price has tiers pays for a running quantity (M2).
    tiered.billing_month is not null and joined.price_id is not null and not joined.is_covered_by_benefit as is_tiered
from joined
left join tiered
    on
        joined.billing_month = tiered.billing_month
        and joined.plan_subscription_id = tiered.plan_subscription_id
        and joined.product_id is not distinct from tiered.product_id
        and joined.sku_id is not distinct from tiered.sku_id
        and joined.meter_id is not distinct from tiered.meter_id
