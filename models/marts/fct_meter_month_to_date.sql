with lines as (
    select
        charges.*,
        rated.billable_quantity
    from {{ ref('fct_pec_charges_daily') }} as charges
    inner join {{ ref('int_rated_lines') }} as rated on charges.usage_line_id = rated.usage_line_id
    -- M2: what a reservation or savings plan covers has no month to date.
    where not rated.is_covered_by_benefit
),

days as (
    select
        billing_month,
        plan_subscription_id,
        product_id,
        sku_id,
        meter_id,
        usage_date,
        sum(quantity) as quantity,
        sum(billable_quantity) as billable_quantity,
        sum(net_cost_usd) as net_cost_usd
    from lines
    group by billing_month, plan_subscription_id, product_id, sku_id, meter_id, usage_date
),

cumulative as (
    select
        billing_month,
        plan_subscription_id,
        product_id,
        sku_id,
        meter_id,
        usage_date,
        (sum(quantity) over month_so_far)::decimal(28, 8) as cumulative_quantity,
        (sum(billable_quantity) over month_so_far)::decimal(28, 8) as cumulative_billable_quantity,
        (sum(net_cost_usd) over month_so_far)::decimal(38, 28) as cumulative_net_cost_usd
    from days
    window month_so_far as (
        partition by billing_month, plan_subscription_id, product_id, sku_id, meter_id order by usage_date rows unbounded preceding
    )
),

-- M4: billed is what the month has come to, cut to whole cents.
billed as (
    select
        *,
        {{ cut_to_cents('cumulative_net_cost_usd') }} as billable_cost_usd
    from cumulative
)

select
    *,
    (
        ({{ divide(smallest_units('billable_cost_usd'), smallest_units('cumulative_billable_quantity'), 21) }})::decimal(38, 0)
        * 0.000000000000001::decimal(15, 15)
    )::decimal(38, 15) as effective_unit_price
from billed
