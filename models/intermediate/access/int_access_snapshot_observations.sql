-- Snapshot observations of all kinds of items in one shape, with the subscription of the snapshot.
with shown as (
    select
        'role_assignment' as item_kind,
        assignment_id as item_id,
        'shown' as evidence,
        snapshot_at,
        created_at,
        file_id,
        source_file,
        {{ subscription_of('scope_id') }} as own_subscription_id,
        {{ subscription_of('role_definition_path') }} as queried_subscription_id,
        -- Of an item that lacks its principal or role, other evidence may know both.
        case
            when principal_id is not null and role_definition_id != ''
                then to_json(
                    struct_pack(
                        scope_id := scope_id, principal_id := principal_id, principal_type := principal_type,
                        role_definition_id := role_definition_id
                    )
                )
        end as facts
    from {{ ref('stg_azure__role_assignments') }}
    where is_identified
    union all
    select
        'deny_assignment',
        deny_assignment_id,
        'shown',
        snapshot_at,
        created_at,
        file_id,
        source_file,
        {{ subscription_of('scope_id') }},
        null,
        case when coalesce(failure.column_name, '') not in ('permissions', 'principals', 'excludePrincipals') then facts end
    from {{ ref('stg_azure__deny_assignments') }}
    where is_identified
    union all
    select
        'role_eligibility',
        schedule_instance_id,
        'shown',
        snapshot_at,
        valid_from,
        file_id,
        source_file,
        {{ subscription_of('scope_id') }},
        null,
        to_json(
            struct_pack(
                scope_id := scope_id, principal_id := principal_id, principal_type := principal_type, role_definition_id := role_definition_id,
                valid_to := valid_to::varchar
            )
        )
    from {{ ref('stg_azure__role_schedules') }}
    where is_eligible_only and is_identified
    union all
    -- A7: a delegation has no creation time.
    select
        'delegation',
        item_id,
        'shown',
        occurred_at,
        null,
        file_id,
        source_file,
        {{ subscription_of('scope_id') }},
        null,
        facts
    from {{ ref('int_delegation_evidence') }}
    where evidence = 'shown'
)

-- A7: a snapshot is evidence for its own subscription only. An item above subscriptions (management group, `/`) appears in several snapshots and
-- has a timeline in each.
select
    shown.*,
    snapshots.subscription_id as snapshot_subscription_id
from shown
inner join {{ ref('int_access_snapshots') }} as snapshots
    on
        shown.item_kind = snapshots.item_kind
        and shown.file_id = snapshots.file_id
        and coalesce(shown.own_subscription_id, shown.queried_subscription_id, snapshots.subscription_id) = snapshots.subscription_id
