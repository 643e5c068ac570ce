-- M1 to M3, M6: what each line costs at list price, and at the vendor's own. One row per accepted usage line.
with lines as (
    select * from {{ ref('int_priced_lines') }}
),

tiered as (
    select
        usage_line_id,
        sum(try((tier_quantity * unit_price)::decimal(38, 24)))::decimal(38, 24) as list_cost_usd,
        sum(case when unit_price > 0 then tier_quantity else 0 end)::decimal(28, 8) as billable_quantity,
        list(unit_price::decimal(38, 22)) as list_prices
    from {{ ref('int_tier_quantities') }}
    group by usage_line_id
),

rated as (
    select
        lines.*,
        case
            when lines.is_covered_by_benefit then 0::decimal(38, 24)
            when lines.price_id is null then {{ own_price_cost('lines') }}
            when lines.is_tiered then coalesce(tiered.list_cost_usd, 0::decimal(38, 24))
            else try((lines.quantity * lines.list_price)::decimal(38, 24))
        end as list_cost_usd,
        case
            when lines.is_covered_by_benefit then 0::decimal(28, 8)
            when lines.price_id is null then case when lines.unit_price > 0 then lines.quantity else 0 end
            when lines.is_tiered then coalesce(tiered.billable_quantity, 0)
            when lines.list_price > 0 then lines.quantity
            else 0
        end::decimal(28, 8) as billable_quantity,
        tiered.list_prices
    from lines
    left join tiered on lines.is_tiered and lines.usage_line_id = tiered.usage_line_id
),

priced as (
    select
        *,
        case
            when quantity = 0 then null
            -- Division of exact decimals is slow: most lines have one price, which is what they cost a unit.
            when list_cost_usd = 0 then 0
            when price_id is not null and not is_tiered then list_price
            when len(list_prices) = 1 then list_prices[1]::decimal(28, 16)
            when price_id is null and unit_price = unit_price::decimal(38, 16) then try(unit_price::decimal(28, 16))
            else try(
                (
                    ({{ divide(smallest_units('list_cost_usd'), smallest_units('quantity'), 0) }})::decimal(38, 0)
                    * 0.0000000000000001::decimal(16, 16)
                )::decimal(28, 16)
            )
        end as list_unit_price
    from rated
)

select
    *,
    -- The widest line that the types of the marts hold; beyond it a line is rejected, never wrong.
    coalesce(abs(list_cost_usd) >= 1000000000, true) or (quantity != 0 and list_unit_price is null) as is_beyond_types,
    -- The vendor's UnitPrice against the price sheet's. A line of a tiered month may lie in several tiers, of which the vendor shows one price:
    -- that it is one of theirs is agreement.
    case
        when is_covered_by_benefit then null
        when price_id is null then 'no_price'
        when quantity = 0 then null
        when coalesce(not list_contains(list_prices, unit_price), unit_price != list_unit_price::decimal(38, 22)) then 'price_differs'
    end as difference_kind,
    case when difference_kind is null then list_cost_usd else {{ own_price_cost('priced') }} end as vendor_list_cost_usd
from priced
