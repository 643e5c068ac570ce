{{ config(pre_hook="{{ delete_changed_months() }}") }}
-- Sums of a month's lines, computed once for all monthly marts. One row per billing month and resource_key.
with charges as (
    select
        billing_month,
        resource_key,
        max(usage_date) as last_date,
        count(*) as line_count,
        sum(list_cost_usd) as list_cost_usd,
        sum(pec_credit_usd) as pec_credit_usd,
        sum(applied_credit_usd) as applied_credit_usd,
        coalesce(sum(pec_credit_usd) filter (where pec_status = 'missed'), 0) as missed_credit_usd,
        coalesce(sum(applied_credit_usd) filter (where pec_status = 'unexpected'), 0) as unexpected_credit_usd,
        sum(recoverable_credit_usd) as recoverable_credit_usd,
        -- Sums of hashes: independent of the order of lines, and equal lines count.
        sum(hash(usage_date, meter_key, quantity, applied_pec_rate)::hugeint) as usage_fingerprint
    from {{ ref('int_charge_lines') }}
    where {{ is_in_changed_month() }}
    group by billing_month, resource_key
)

select * from charges
