{{ config(materialized='incremental', pre_hook="{{ forget_periods('int_price_day_versions', 'billing_month') }}") }}
-- M2: what of a line lies in which tier. Consumption accumulates per meter, Azure plan subscription and month in order of usage; a line
-- takes what its running quantity adds to each tier, and a negative one (M6) gives back what it unwinds.
-- One row per line of a tiered month and tier of its price that it touches.
with running as (
    select
        *,
        (sum(quantity) over (
            partition by billing_month, plan_subscription_id, meter_key
            order by usage_date, resource_id, quantity, source_file, line_number
            rows unbounded preceding
        ))::decimal(28, 8) as quantity_after,
        (quantity_after - quantity)::decimal(28, 8) as quantity_before
    from {{ ref('int_priced_lines') }}
    where is_tiered and {{ has_news("date_trunc('month', usage_date)::date", ref('int_price_day_versions'), 'billing_month') }}
),

in_tiers as (
    select
        running.usage_line_id,
        running.usage_date,
        running.billing_month,
        tiers.price_id,
        tiers.tier_number,
        tiers.unit_price,
        (
            {{ quantity_in_tier('running.quantity_after', 'tiers') }} - {{ quantity_in_tier('running.quantity_before', 'tiers') }}
        )::decimal(28, 8) as tier_quantity
    from running
    inner join {{ ref('int_price_list_tiers') }} as tiers on running.price_id = tiers.price_id
),

versions as (
    {{ period_versions(ref('int_price_day_versions'), 'billing_month') }}
)

select
    in_tiers.*,
    versions.input_version
from in_tiers
inner join versions on in_tiers.billing_month = versions.billing_month
where in_tiers.tier_quantity != 0
