-- M2: the quantity of a line in each tier. Consumption accumulates per meter, Azure plan subscription and month in order of usage. A line gets what
-- its running quantity adds to each tier; a negative line (M6) subtracts.
-- One row per line of a tiered month and tier of its price that it touches.
with running as (
    select
        *,
        {{ running_quantity() }} as quantity_after,
        (quantity_after - quantity)::decimal(38, 15) as quantity_before
    from {{ ref('int_priced_lines') }}
    where is_tiered
),

in_tiers as (
    select
        running.usage_line_id,
        running.usage_date,
        running.billing_month,
        tiers.price_id,
        tiers.tier_number,
        tiers.unit_price,
        tiers.short_unit_price,
        (
            {{ quantity_in_tier('running.quantity_after', 'tiers') }} - {{ quantity_in_tier('running.quantity_before', 'tiers') }}
        )::decimal(27, 15) as tier_quantity
    from running
    inner join {{ ref('int_price_list_tiers') }} as tiers on running.price_id = tiers.price_id
)

select *
from in_tiers
where tier_quantity != 0
