-- P2, last: usage that some benefit paid without saying which. It has a quantity and a list cost, is charged 0, and has neither PEC nor another
-- product reason (an Azure credit is one). List cost is looked at in a first rating, in which no line counts as paid, before it is rounded.
-- One row per accepted usage line that such a benefit pays.
with candidates as (
    select *
    from {{ ref('int_listed_lines') }}
    where
        product_reason is null
        and quantity > 0
        and applied_pec_rate = 0
        and {{ is_charged_nothing('pricing_pre_tax_total', 'billing_pre_tax_total') }}
),

running as (
    select
        *,
        {{ running_quantity() }} as quantity_after
    from {{ ref('int_listed_lines') }}
    where
        is_tiered
        and (billing_month, plan_subscription_id, meter_key) in (
            select (tiered.billing_month, tiered.plan_subscription_id, tiered.meter_key)
            from candidates as tiered
            where tiered.is_tiered
        )
),

costing as (
    select usage_line_id from candidates
    where not is_tiered and list_price > 0
    union all
    select running.usage_line_id
    from running
    inner join candidates on running.usage_line_id = candidates.usage_line_id
    inner join {{ ref('int_price_list_tiers') }} as tiers on running.price_id = tiers.price_id
    where
        tiers.unit_price > 0
        and {{ quantity_in_tier('running.quantity_after', 'tiers') }}
        > {{ quantity_in_tier('(running.quantity_after - running.quantity)::decimal(38, 15)', 'tiers') }}
)

select distinct usage_line_id
from costing
