-- What a resource's month says now, and fingerprints of what it says it from: a change of a fingerprint is the cause of a restatement.
-- One row per billing month, transacting partner, subscription and resource.
with charges as (
    select
        billing_month,
        transacting_partner_id,
        subscription_id,
        resource_id,
        any_value(customer_id order by usage_line_id) as customer_id,
        count(*) as line_count,
        sum(list_cost_usd)::decimal(38, 24) as list_cost_usd,
        sum(pec_credit_usd)::decimal(38, 28) as pec_credit_usd,
        sum(net_cost_usd)::decimal(38, 28) as net_cost_usd,
        sum((list_cost_usd * applied_pec_rate)::decimal(38, 28))::decimal(38, 28) as applied_credit_usd,
        sum(recoverable_credit_usd)::decimal(38, 28) as recoverable_credit_usd,
        -- Sums of hashes: the order of lines does not matter, and equal lines count.
        sum(hash(usage_date, product_id, sku_id, meter_id, quantity, applied_pec_rate)::hugeint)::varchar as usage_fingerprint,
        sum(hash(usage_date, pec_status, pec_reason)::hugeint)::varchar as decision_fingerprint
    from {{ ref('fct_pec_charges_daily') }}
    group by billing_month, transacting_partner_id, subscription_id, resource_id
),

evidence as (
    select
        {{ subscription_of('scope_id') }} as subscription_id,
        sum(hash(item_kind, item_id, scope_id, valid_from, valid_to)::hugeint)::varchar as evidence_fingerprint
    from {{ ref('int_access_lives_on_scopes') }}
    group by all
),

directory as (
    select coalesce(sum(hash(kind, raw_text)::hugeint), 0)::varchar as directory_fingerprint
    from {{ ref('base_partner_directory') }}
    where failure is null
)

select
    concat_ws('|', charges.billing_month, charges.transacting_partner_id, charges.subscription_id, charges.resource_id) as resource_month_id,
    charges.*,
    coalesce(evidence.evidence_fingerprint, '0') as evidence_fingerprint,
    directory.directory_fingerprint
from charges
left join evidence on charges.subscription_id = evidence.subscription_id
cross join directory
