-- M1 to M3, M6: what each line costs at list price. One row per accepted usage line.
with lines as (
    select * from {{ ref('int_priced_lines') }}
),

flat_prices as (
    select
        price_id,
        unit_price as list_price
    from {{ ref('int_price_list_tiers') }}
    where tier_number = 1
),

tiered as (
    select
        usage_line_id,
        sum(try((tier_quantity * unit_price)::decimal(38, 24)))::decimal(38, 24) as list_cost_usd,
        sum(case when unit_price > 0 then tier_quantity else 0 end)::decimal(28, 8) as billable_quantity
    from {{ ref('int_tier_quantities') }}
    group by usage_line_id
),

rated as (
    select
        lines.*,
        flat_prices.list_price,
        case
            when lines.is_covered_by_benefit then 0::decimal(38, 24)
            when lines.price_id is null then {{ own_price_cost('lines') }}
            when lines.is_tiered then coalesce(tiered.list_cost_usd, 0::decimal(38, 24))
            else try((lines.quantity * flat_prices.list_price)::decimal(38, 24))
        end as list_cost_usd,
        case
            when lines.is_covered_by_benefit then 0::decimal(28, 8)
            when lines.price_id is null then case when lines.unit_price > 0 then lines.quantity else 0 end
            when lines.is_tiered then coalesce(tiered.billable_quantity, 0)
            when flat_prices.list_price > 0 then lines.quantity
            else 0
        end::decimal(28, 8) as billable_quantity
    from lines
    left join flat_prices on lines.price_id = flat_prices.price_id
    left join tiered on lines.usage_line_id = tiered.usage_line_id
)

select
    usage_line_id,
    price_id,
    product_reason,
    is_covered_by_benefit,
    list_cost_usd,
    billable_quantity,
    case
        when quantity = 0 then null
        when price_id is not null and not is_tiered and not is_covered_by_benefit then list_price
        else (
            {{ divide(smallest_units('list_cost_usd'), smallest_units('quantity'), 0) }}
        )::decimal(38, 0) * 0.0000000000000001::decimal(16, 16)
    end::decimal(28, 16) as list_unit_price,
    -- The widest line that the types of the marts hold; beyond it a line is rejected, never wrong.
    coalesce(abs(list_cost_usd) >= 1000000000, true) as is_beyond_types
from rated
