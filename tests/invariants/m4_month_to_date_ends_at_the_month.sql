-- M4: the last day's running net cost of a meter is the sum of the month's lines, and what is billed is never more than a cent from it.
with months as (
    select
        billing_month,
        plan_subscription_id,
        product_id,
        sku_id,
        meter_id,
        arg_max(cumulative_net_cost_usd, usage_date) as cumulative_net_cost_usd,
        arg_max(cumulative_quantity, usage_date) as cumulative_quantity,
        bool_or(abs(cumulative_net_cost_usd - billable_cost_usd) >= 0.01 or abs(billable_cost_usd) > abs(cumulative_net_cost_usd)) as is_off
    from {{ ref('fct_meter_month_to_date') }}
    where {{ is_in_changed_month('billing_month') }}
    group by all
),

lines as (
    select
        charges.billing_month,
        charges.plan_subscription_id,
        charges.product_id,
        charges.sku_id,
        charges.meter_id,
        sum(charges.net_cost_usd) as net_cost_usd,
        sum(charges.quantity) as quantity
    from {{ ref('fct_pec_charges_daily') }} as charges
    where charges.pec_reason not in ('reservation', 'savings_plan', 'benefit_paid') and {{ is_in_changed_month('charges.billing_month') }}
    group by all
)

select *
from months
full join lines
    on
        months.billing_month = lines.billing_month
        and months.plan_subscription_id = lines.plan_subscription_id
        and months.product_id is not distinct from lines.product_id
        and months.sku_id is not distinct from lines.sku_id
        and months.meter_id is not distinct from lines.meter_id
where
    months.cumulative_net_cost_usd is distinct from lines.net_cost_usd
    or months.cumulative_quantity is distinct from lines.quantity
    or months.is_off
