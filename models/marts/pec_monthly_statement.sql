{{ config(materialized='incremental', pre_hook="{{ forget_periods('int_charge_day_versions', 'billing_month') }}") }}
-- By resource first: what they come to is added up without a name for each line.
with charges as (
    select
        billing_month,
        resource_key,
        max(usage_date) as last_date,
        count(*) as line_count,
        sum(list_cost_usd) as list_cost_usd,
        sum({{ credit_at('lines', 'pec_rate') }}) as pec_credit_usd,
        sum({{ credit_at('lines', 'applied_pec_rate') }}) as applied_credit_usd,
        coalesce(sum({{ credit_at('lines', 'pec_rate') }}) filter (where pec_status = 'missed'), 0) as missed_credit_usd,
        coalesce(sum({{ credit_at('lines', 'applied_pec_rate') }}) filter (where pec_status = 'unexpected'), 0) as unexpected_credit_usd,
        sum({{ credit_at('lines', 'recoverable_pec_rate') }}) as recoverable_credit_usd
    from {{ ref('int_charge_lines') }} as lines
    where {{ has_news('billing_month', ref('int_charge_day_versions'), 'billing_month') }}
    group by billing_month, resource_key
),

versions as (
    {{ period_versions(ref('int_charge_day_versions'), 'billing_month') }}
)

select
    charges.billing_month,
    resources.transacting_partner_id,
    resources.customer_id,
    resources.subscription_id,
    any_value(resources.customer_name order by charges.last_date desc, resources.customer_name asc) as customer_name,
    sum(charges.line_count)::bigint as line_count,
    sum(charges.list_cost_usd)::decimal(38, 24) as list_cost_usd,
    sum(charges.pec_credit_usd)::decimal(38, 28) as pec_credit_usd,
    (sum(charges.list_cost_usd)::decimal(38, 28) - sum(charges.pec_credit_usd))::decimal(38, 28) as net_cost_usd,
    sum(charges.applied_credit_usd)::decimal(38, 28) as applied_credit_usd,
    sum(charges.missed_credit_usd)::decimal(38, 28) as missed_credit_usd,
    sum(charges.unexpected_credit_usd)::decimal(38, 28) as unexpected_credit_usd,
    sum(charges.recoverable_credit_usd)::decimal(38, 28) as recoverable_credit_usd,
    versions.input_version
from charges
inner join {{ ref('int_usage_resources') }} as resources on charges.resource_key = resources.resource_key
inner join versions on charges.billing_month = versions.billing_month
group by charges.billing_month, resources.transacting_partner_id, resources.customer_id, resources.subscription_id, versions.input_version
