-- Resource-months that differ from the newest history in the archive (source archive_records.history), including those without usage now. A
-- publication adds these rows to the archive (pec/end_of_build.py); history is never rewritten.
-- One row per resource-month that changed.
with kept as (
    select *
    from {{ source('archive_records', 'history') }}
    qualify row_number() over (partition by resource_month_id order by as_of desc) = 1
),

-- The time at which this build began; a clock that was set back must not put it before what was published already.
clock as (
    select
        greatest(
            timestamp '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}',
            coalesce(max(as_of), timestamp '0001-01-01 00:00:00') + interval 1 microsecond
        ) as as_of
    from kept
),

charges as (
    select
        sums.billing_month,
        resources.transacting_partner_id,
        resources.subscription_id,
        resources.resource_id,
        min(resources.customer_id) as customer_id,
        sum(sums.line_count)::bigint as line_count,
        sum(sums.list_cost_usd)::decimal(38, 18) as list_cost_usd,
        sum(sums.pec_credit_usd)::decimal(38, 18) as pec_credit_usd,
        sum({{ net_cost('sums') }})::decimal(38, 18) as net_cost_usd,
        sum(sums.applied_credit_usd)::decimal(38, 18) as applied_credit_usd,
        sum(sums.recoverable_credit_usd)::decimal(38, 18) as recoverable_credit_usd,
        -- What lines say, and what of it decides: each unbilled line is billed one day, with an invoice and its reseller.
        concat_ws(
            ' ', sum(sums.told_fingerprint)::varchar, (sum(sums.decided_fingerprint) + max(sums.reseller_fingerprint))::varchar
        ) as usage_version
    from {{ ref('int_resource_month_sums') }} as sums
    inner join {{ ref('stg_partner_center__usage_resources') }} as resources on sums.resource_key = resources.resource_key
    group by sums.billing_month, resources.transacting_partner_id, resources.subscription_id, resources.resource_id
),

-- Who had access, to what and when: grants with the times that PIM gives them (A4), and denies.
access_evidence as (
    select
        subscription_id,
        hash(
            item_kind, item_id, scope_id, principal_id, principal_type, role_definition_id, managing_tenant_id, is_marketplace_offer,
            is_eligible_only, valid_from, valid_to
        ) as access_fingerprint
    from {{ ref('int_access_grants') }}
    union all
    select
        {{ subscription_of('scope_id') }},
        hash(item_kind, item_id, scope_id, valid_from, valid_to)
    from {{ ref('int_access_existence_on_scopes') }}
    where item_kind = 'deny_assignment'
),

evidence as (
    select
        subscription_id,
        sum(access_fingerprint::hugeint) as evidence_fingerprint
    from access_evidence
    group by subscription_id
),

-- Links that identities showed, for all subscriptions: through groups they may lead to any. A link that is shown again is the same.
links as (
    select coalesce(sum(hash(principal_id, partner_id, valid_from, valid_to)::hugeint), 0) as link_fingerprint
    from (
        select distinct
            principal_id,
            partner_id,
            valid_from,
            valid_to
        from {{ ref('stg_azure__partner_id_links') }}
        where failure is null
    ) as shown
),

-- What the partner knows: files of the partner directory, which JSON of links is not.
directory as (
    select coalesce(sum(hash(kind, raw_text)::hugeint), 0)::varchar as directory_version
    from {{ ref('base_partner_directory') }}
    where failure is null and file_id not in (select file_id from {{ ref('stg_azure__partner_id_links') }})
),

-- What a month says now, and fingerprints of what it says it from: a change of a fingerprint is a cause of a restatement.
now as (
    select
        concat_ws('|', charges.billing_month, charges.transacting_partner_id, charges.subscription_id, charges.resource_id) as resource_month_id,
        charges.*,
        months.usage_version as month_usage_version,
        months.price_version,
        (coalesce(evidence.evidence_fingerprint, 0) + links.link_fingerprint)::varchar as evidence_version,
        directory.directory_version,
        months.reference_data_version,
        months.rules_version
    from charges
    inner join {{ ref('int_month_fingerprints') }} as months on charges.billing_month = months.billing_month
    left join evidence on charges.subscription_id = evidence.subscription_id
    cross join links
    cross join directory
)

select
    clock.as_of,
    coalesce(now.resource_month_id, kept.resource_month_id) as resource_month_id,
    coalesce(now.billing_month, kept.billing_month) as billing_month,
    coalesce(now.transacting_partner_id, kept.transacting_partner_id) as transacting_partner_id,
    coalesce(now.customer_id, kept.customer_id) as customer_id,
    coalesce(now.subscription_id, kept.subscription_id) as subscription_id,
    coalesce(now.resource_id, kept.resource_id) as resource_id,
    now.resource_month_id is null as is_gone,
    coalesce(now.line_count, 0) as line_count,
    {% for amount in ['list_cost_usd', 'pec_credit_usd', 'net_cost_usd', 'applied_credit_usd', 'recoverable_credit_usd'] %}
        coalesce(now.{{ amount }}, 0)::decimal(38, 18) as {{ amount }},
    {% endfor %}
    {% for version in ['usage_version', 'month_usage_version', 'price_version', 'evidence_version', 'directory_version', 'reference_data_version'] %}
        coalesce(now.{{ version }}, 'gone') as {{ version }},
    {% endfor %}
    coalesce(now.rules_version, 'gone') as rules_version
from now
full join kept on now.resource_month_id = kept.resource_month_id
cross join clock
where
    coalesce(now.resource_month_id is null, false) is distinct from coalesce(kept.is_gone, true)
    or (
        not coalesce(kept.is_gone, true)
        and (
            now.line_count is distinct from kept.line_count
            or now.list_cost_usd is distinct from kept.list_cost_usd
            or now.pec_credit_usd is distinct from kept.pec_credit_usd
            or now.applied_credit_usd is distinct from kept.applied_credit_usd
            or now.recoverable_credit_usd is distinct from kept.recoverable_credit_usd
        )
    )
