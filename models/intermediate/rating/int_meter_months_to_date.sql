{{ config(pre_hook="{{ delete_changed_months() }}") }}
-- M4: the sums of a meter's month up to each day.
-- One row per billing month, Azure plan subscription (plan_key), meter_key and usage day with usage that no benefit covers.
with days as (
    select
        lines.billing_month,
        resources.plan_key,
        lines.meter_key,
        lines.usage_date,
        sum(lines.quantity) as quantity,
        sum(lines.billable_quantity) as billable_quantity,
        sum({{ net_cost('lines') }}) as net_cost_usd
    from {{ ref('int_charge_lines') }} as lines
    inner join {{ ref('stg_partner_center__usage_resources') }} as resources on lines.resource_key = resources.resource_key
    -- M2: what a reservation or savings plan covers has no month to date.
    where not lines.is_covered_by_benefit and {{ is_in_changed_month('lines.billing_month') }}
    group by lines.billing_month, resources.plan_key, lines.meter_key, lines.usage_date
),

cumulative as (
    select
        billing_month,
        plan_key,
        meter_key,
        usage_date,
        (sum(quantity) over month_so_far)::decimal(38, 15) as cumulative_quantity,
        (sum(billable_quantity) over month_so_far)::decimal(38, 15) as cumulative_billable_quantity,
        (sum(net_cost_usd) over month_so_far)::decimal(38, 18) as cumulative_net_cost_usd
    from days
    window month_so_far as (partition by billing_month, plan_key, meter_key order by usage_date rows unbounded preceding)
)

select * from cumulative
