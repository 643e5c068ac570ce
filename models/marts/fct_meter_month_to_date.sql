{{ config(materialized='incremental', pre_hook="{{ forget_periods('int_month_to_date_versions') }}") }}
-- M4: how far a meter's month has come by each day. A change of a day changes all later days of its month, and no earlier one.
with plans as (
    select
        resource_key,
        plan_key,
        plan_subscription_id
    from {{ ref('int_usage_resources') }}
),

plan_names as (
    select distinct
        plan_key,
        plan_subscription_id
    from plans
),

meters as (
    select distinct
        meter_key,
        product_id,
        sku_id,
        meter_id
    from {{ ref('int_usage_products') }}
),

days as (
    select
        lines.billing_month,
        plans.plan_key,
        lines.meter_key,
        lines.usage_date,
        sum(lines.quantity) as quantity,
        sum(lines.billable_quantity) as billable_quantity,
        sum({{ net_cost('lines') }}) as net_cost_usd
    from {{ ref('int_charge_lines') }} as lines
    inner join plans on lines.resource_key = plans.resource_key
    -- M2: what a reservation or savings plan covers has no month to date.
    where not lines.is_covered_by_benefit and {{ has_news_in_month('lines.billing_month', ref('int_month_to_date_versions')) }}
    group by lines.billing_month, plans.plan_key, lines.meter_key, lines.usage_date
),

cumulative as (
    select
        billing_month,
        plan_key,
        meter_key,
        usage_date,
        (sum(quantity) over month_so_far)::decimal(28, 8) as cumulative_quantity,
        (sum(billable_quantity) over month_so_far)::decimal(28, 8) as cumulative_billable_quantity,
        (sum(net_cost_usd) over month_so_far)::decimal(38, 28) as cumulative_net_cost_usd
    from days
    window month_so_far as (partition by billing_month, plan_key, meter_key order by usage_date rows unbounded preceding)
),

-- M4: billed is what the month has come to, cut to whole cents.
billed as (
    select
        *,
        {{ cut_to_cents('cumulative_net_cost_usd') }} as billable_cost_usd
    from cumulative
    where {{ has_news('usage_date', ref('int_month_to_date_versions')) }}
)

select
    billed.billing_month,
    plan_names.plan_subscription_id,
    meters.product_id,
    meters.sku_id,
    meters.meter_id,
    billed.usage_date,
    billed.cumulative_quantity,
    billed.cumulative_billable_quantity,
    billed.cumulative_net_cost_usd,
    billed.billable_cost_usd,
    (
        ({{ divide(smallest_units('billed.billable_cost_usd', 2), smallest_units('billed.cumulative_billable_quantity', 8), 21) }})::decimal(38, 0)
        * 0.000000000000001::decimal(15, 15)
    )::decimal(38, 15) as effective_unit_price,
    versions.input_version
from billed
inner join {{ ref('int_month_to_date_versions') }} as versions on billed.usage_date = versions.usage_date
inner join plan_names on billed.plan_key = plan_names.plan_key
inner join meters on billed.meter_key = meters.meter_key
