-- M1 to M3, M6: what each line costs at list price, and at the vendor's own. One row per accepted usage line.
with lines as (
    select * from {{ ref('int_priced_lines') }}
),

tier_costs as (
    select
        *,
        {{ short_quantity('tier_quantity') }} * short_unit_price as short_cost,
        case when short_cost is not null then short_cost::decimal(38, 22) else {{ product('tier_quantity', 'unit_price') }} end as cost,
        case when short_cost is not null then 0::decimal(37, 37) else {{ product_rest('tier_quantity', 'unit_price') }} end as cost_rest
    from {{ ref('int_tier_quantities') }}
),

-- M3: a line's tiers are summed with all digits and rounded once. Whole dollars and fractions are summed separately, so that neither overflows.
tiered as (
    select
        usage_line_id,
        case when count(short_cost) = count(*) then sum(short_cost) end as short_tier_cost_usd,
        case when count(cost) = count(*) then sum(trunc(cost)) end as tier_dollars,
        sum(cost - trunc(cost)) + trunc(sum(cost_rest), 22) as tier_fractions,
        sum(case when unit_price > 0 then tier_quantity else 0 end)::decimal(27, 15) as billable_quantity,
        list(unit_price) as list_prices
    from tier_costs
    group by usage_line_id
),

rated as (
    select
        lines.*,
        -- The cost if it has at most 14 decimals: neither it nor its credit needs rounding.
        case
            when lines.is_covered_by_benefit or (lines.is_tiered and tiered.usage_line_id is null) then 0::decimal(38, 14)
            when lines.is_tiered then tiered.short_tier_cost_usd
            else {{ short_quantity('lines.quantity') }} * lines.short_list_price
        end as short_list_cost_usd,
        case
            when short_list_cost_usd is not null then short_list_cost_usd::decimal(38, 18)
            when lines.is_tiered then try({{ rounded('(tiered.tier_dollars + tiered.tier_fractions)::decimal(38, 22)') }})
            else {{ rounded(product('lines.quantity', 'coalesce(lines.list_price, lines.unit_price)')) }}
        end as list_cost_usd,
        case
            when lines.is_covered_by_benefit then 0
            when lines.is_tiered then coalesce(tiered.billable_quantity, 0)
            when coalesce(lines.list_price, lines.unit_price) > 0 then lines.quantity
            else 0
        end::decimal(27, 15) as billable_quantity,
        tiered.list_prices
    from lines
    left join tiered on lines.is_tiered and lines.usage_line_id = tiered.usage_line_id
),

priced as (
    select
        *,
        case
            when quantity = 0 then null
            when is_covered_by_benefit then 0
            -- Exact division is slow, and most lines have one price.
            when price_id is null then unit_price
            when not is_tiered then list_price
            when len(list_prices) = 1 then list_prices[1]
            when list_cost_usd = 0 then 0
            else try((
                ({{ divide('list_cost_usd', 'quantity', 13, later=8) }})::decimal(38, 0)
                * 0.0000000000000001::decimal(16, 16)
            )::decimal(38, 22))
        end as list_unit_price
    from rated
)

select
    *,
    -- The vendor's UnitPrice against the price sheet's. A line of a tiered month may be in several tiers, and the vendor shows one price: it agrees
    -- if it is the price of one of them.
    case
        when is_covered_by_benefit then null
        when price_id is null then 'no_price'
        when quantity = 0 then null
        when coalesce(not list_contains(list_prices, unit_price), unit_price != list_unit_price) then 'price_differs'
    end as difference_kind,
    case
        when difference_kind = 'price_differs' then {{ rounded(product('quantity', 'unit_price')) }}
        else list_cost_usd
    end as vendor_list_cost_usd
from priced
