-- M2, M6: what of a line lies in its tiers is the line's quantity, sign included.
select
    priced.usage_line_id,
    priced.quantity,
    sum(tiers.tier_quantity) as tier_quantity
from {{ ref('int_priced_lines') }} as priced
left join {{ ref('int_tier_quantities') }} as tiers on priced.usage_line_id = tiers.usage_line_id
where priced.is_tiered and priced.price_id is not null and {{ is_in_changed_month(month_of('priced.usage_date')) }}
group by priced.usage_line_id, priced.quantity
having priced.quantity is distinct from coalesce(sum(tiers.tier_quantity), 0)
