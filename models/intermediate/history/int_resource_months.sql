-- What a resource's month says now, and fingerprints of what it says it from: a change of a fingerprint is the cause of a restatement.
-- One row per billing month, transacting partner, subscription and resource.
with charges as (
    select * from {{ ref('int_resource_month_sums') }}
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
    charges.* exclude (input_version),
    coalesce(evidence.evidence_fingerprint, '0') as evidence_fingerprint,
    directory.directory_fingerprint
from charges
left join evidence on charges.subscription_id = evidence.subscription_id
cross join directory
