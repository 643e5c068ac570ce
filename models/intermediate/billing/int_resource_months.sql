-- What a resource's month says now, and fingerprints of what it says it from: a change of a fingerprint is the cause of a restatement.
-- One row per billing month, transacting partner, subscription and resource.
with charges as (
    select
        sums.billing_month,
        resources.transacting_partner_id,
        resources.subscription_id,
        resources.resource_id,
        min(resources.customer_id) as customer_id,
        sum(sums.line_count)::bigint as line_count,
        sum(sums.list_cost_usd)::decimal(38, 24) as list_cost_usd,
        sum(sums.pec_credit_usd)::decimal(38, 28) as pec_credit_usd,
        (sum(sums.list_cost_usd)::decimal(38, 28) - sum(sums.pec_credit_usd))::decimal(38, 28) as net_cost_usd,
        sum(sums.applied_credit_usd)::decimal(38, 28) as applied_credit_usd,
        sum(sums.recoverable_credit_usd)::decimal(38, 28) as recoverable_credit_usd,
        sum(sums.usage_fingerprint)::varchar as usage_fingerprint,
        sum(sums.decision_fingerprint)::varchar as decision_fingerprint
    from {{ ref('int_resource_month_sums') }} as sums
    inner join {{ ref('int_usage_resources') }} as resources on sums.resource_key = resources.resource_key
    group by sums.billing_month, resources.transacting_partner_id, resources.subscription_id, resources.resource_id
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
