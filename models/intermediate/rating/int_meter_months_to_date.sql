{{ config(materialized='incremental', pre_hook="{{ forget_periods('int_month_to_date_versions') }}") }}
-- M4: how far a meter's month has come by each day. A change of a day changes all later days of its month, and no earlier one.
-- One row per billing month, Azure plan subscription (plan_key), meter_key and usage day with usage that counts.
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
    inner join {{ ref('int_usage_resources') }} as resources on lines.resource_key = resources.resource_key
    -- M2: what a reservation or savings plan covers has no month to date.
    where not lines.is_covered_by_benefit and {{ has_news_in_month('lines.billing_month', ref('int_month_to_date_versions')) }}
    group by lines.billing_month, resources.plan_key, lines.meter_key, lines.usage_date
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
)

select
    cumulative.*,
    versions.input_version
from cumulative
inner join {{ ref('int_month_to_date_versions') }} as versions on cumulative.usage_date = versions.usage_date
where {{ has_news('cumulative.usage_date', ref('int_month_to_date_versions')) }}
