-- Lines of changed months, with the price and the product reason of their day. One row per accepted usage line.
select
    lines.* exclude (product_reason, is_covered_by_benefit, is_tiered),
    case when paid.usage_line_id is not null then 'benefit_paid' else lines.product_reason end as product_reason,
    -- P2: what a benefit pays costs 0 here and fills no tier.
    lines.is_covered_by_benefit or paid.usage_line_id is not null as is_covered_by_benefit,
    lines.is_tiered and paid.usage_line_id is null as is_tiered
from {{ ref('int_listed_lines') }} as lines
left join {{ ref('int_benefit_paid_lines') }} as paid on lines.usage_line_id = paid.usage_line_id
