with months as (
    select
        *,
        -- M4: billed is what the month has come to, cut to whole cents.
        {{ cut_to_cents('cumulative_net_cost_usd') }} as billable_cost_usd
    from {{ ref('int_meter_months_to_date') }}
),

-- A plan and a meter have one key, however lines name what belongs to them.
plans as (
    select distinct
        plan_key,
        plan_subscription_id
    from {{ ref('stg_partner_center__usage_resources') }}
),

meters as (
    select distinct
        meter_key,
        product_id,
        sku_id,
        meter_id
    from {{ ref('stg_partner_center__usage_products') }}
)

select
    months.billing_month,
    plans.plan_subscription_id,
    meters.product_id,
    meters.sku_id,
    meters.meter_id,
    months.usage_date,
    months.cumulative_quantity,
    months.cumulative_billable_quantity,
    months.cumulative_net_cost_usd,
    months.billable_cost_usd,
    try(
        ({{ divide('months.billable_cost_usd', 'months.cumulative_billable_quantity', 28, later=7) }})::decimal(38, 0)
        * 0.000000000000001::decimal(15, 15)
    )::decimal(38, 15) as effective_unit_price
from months
inner join plans on months.plan_key = plans.plan_key
inner join meters on months.meter_key = meters.meter_key
