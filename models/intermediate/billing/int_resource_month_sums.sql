{{ config(materialized='incremental', pre_hook="{{ forget_periods('int_charge_day_versions', 'billing_month') }}") }}
-- What a month's lines come to, added up once for all that is told by the month. One row per billing month and resource_key.
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
    charges.*,
    versions.input_version
from charges
inner join versions on charges.billing_month = versions.billing_month
