{{ config(materialized='incremental', pre_hook="{{ forget_periods('int_charge_day_versions', 'billing_month') }}") }}
select
    sums.billing_month,
    resources.transacting_partner_id,
    resources.customer_id,
    resources.subscription_id,
    any_value(resources.customer_name order by sums.last_date desc, resources.customer_name asc) as customer_name,
    sum(sums.line_count)::bigint as line_count,
    sum(sums.list_cost_usd)::decimal(38, 24) as list_cost_usd,
    sum(sums.pec_credit_usd)::decimal(38, 28) as pec_credit_usd,
    (sum(sums.list_cost_usd)::decimal(38, 28) - sum(sums.pec_credit_usd))::decimal(38, 28) as net_cost_usd,
    sum(sums.applied_credit_usd)::decimal(38, 28) as applied_credit_usd,
    sum(sums.missed_credit_usd)::decimal(38, 28) as missed_credit_usd,
    sum(sums.unexpected_credit_usd)::decimal(38, 28) as unexpected_credit_usd,
    sum(sums.recoverable_credit_usd)::decimal(38, 28) as recoverable_credit_usd,
    sums.input_version
from {{ ref('int_resource_month_sums') }} as sums
inner join {{ ref('int_usage_resources') }} as resources on sums.resource_key = resources.resource_key
where {{ has_news('sums.billing_month', ref('int_charge_day_versions'), 'billing_month') }}
group by sums.billing_month, resources.transacting_partner_id, resources.customer_id, resources.subscription_id, sums.input_version
