-- Fingerprints of what decides about the resources of a day. Late evidence changes those of the days that it touches, and of no other: what is
-- summed is, for each resource, itself times what is known of it, by how much that differs from knowing nothing. A scope that becomes a node
-- without saying anything new of a day leaves the sum as it is. One row per usage day.
with answers as (
    select
        usage_date,
        sum(
            resources_fingerprint * (
                {{ short_hash(
                    'covered_microseconds::bigint', 'exact_microseconds::bigint', 'is_access_eligible', 'covering_access_path', 'covering_scope_level',
                    'rung::integer', 'is_deny_in_doubt', 'may_have_had_more', 'may_have_had_less'
                ) }}
                - {{ short_hash('0::bigint', '0::bigint', 'false', 'null::varchar', 'null::varchar', '0::integer', 'false', 'false', 'false') }}
            )
        ) as fingerprint
    from {{ ref('int_node_day_answers') }}
    group by usage_date
),

agreements as (
    select
        usage_date,
        sum(hash(transacting_organisation_id, has_agreement)::hugeint) as fingerprint
    from {{ ref('int_agreement_days') }}
    group by usage_date
)

select
    usage.usage_date,
    hash(usage.input_version, coalesce(answers.fingerprint, 0), agreements.fingerprint) as input_version
from {{ ref('int_usage_day_versions') }} as usage
left join answers on usage.usage_date = answers.usage_date
left join agreements on usage.usage_date = agreements.usage_date
