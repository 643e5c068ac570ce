{{ config(materialized='incremental', pre_hook="{{ forget_periods('int_charge_day_versions', 'billing_month') }}") }}
-- What a resource's month comes to. One row per billing month, transacting partner, subscription and resource.
with charges as (
    select
        billing_month,
        resource_key,
        count(*) as line_count,
        sum(list_cost_usd) as list_cost_usd,
        sum({{ credit_at('lines', 'pec_rate') }}) as pec_credit_usd,
        sum({{ credit_at('lines', 'applied_pec_rate') }}) as applied_credit_usd,
        sum({{ credit_at('lines', 'recoverable_pec_rate') }}) as recoverable_credit_usd,
        -- Sums of hashes: the order of lines does not matter, and equal lines count.
        sum(hash(usage_date, meter_key, quantity, applied_pec_rate)::hugeint) as usage_fingerprint,
        sum(hash(usage_date, pec_status, pec_reason)::hugeint) as decision_fingerprint
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
    resources.subscription_id,
    resources.resource_id,
    min(resources.customer_id) as customer_id,
    sum(charges.line_count)::bigint as line_count,
    sum(charges.list_cost_usd)::decimal(38, 24) as list_cost_usd,
    sum(charges.pec_credit_usd)::decimal(38, 28) as pec_credit_usd,
    (sum(charges.list_cost_usd)::decimal(38, 28) - sum(charges.pec_credit_usd))::decimal(38, 28) as net_cost_usd,
    sum(charges.applied_credit_usd)::decimal(38, 28) as applied_credit_usd,
    sum(charges.recoverable_credit_usd)::decimal(38, 28) as recoverable_credit_usd,
    sum(charges.usage_fingerprint)::varchar as usage_fingerprint,
    sum(charges.decision_fingerprint)::varchar as decision_fingerprint,
    versions.input_version
from charges
inner join {{ ref('int_usage_resources') }} as resources on charges.resource_key = resources.resource_key
inner join versions on charges.billing_month = versions.billing_month
group by charges.billing_month, resources.transacting_partner_id, resources.subscription_id, resources.resource_id, versions.input_version
