with shown as (
    select
        'role_assignment' as item_kind,
        assignment_id as item_id,
        'shown' as evidence,
        snapshot_at as occurred_at,
        created_at,
        file_id,
        source_file,
        {{ subscription_of('scope_id') }} as own_subscription_id,
        {{ subscription_of('role_definition_path') }} as queried_subscription_id,
        to_json(
            struct_pack(
                scope_id := scope_id, principal_id := principal_id, principal_type := principal_type, role_definition_id := role_definition_id
            )
        ) as facts
    from {{ ref('stg_azure__role_assignments') }}
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
        facts
    from {{ ref('stg_azure__deny_assignments') }}
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
                valid_to := valid_to
            )
        )
    from {{ ref('stg_azure__role_schedules') }}
    where is_eligible_only
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
),

-- A7: a snapshot speaks for its own subscription. What stands above subscriptions (management group, `/`) is shown in the snapshots of
-- several: it then has a history in each.
shown_in_subscription as (
    select
        shown.*,
        snapshots.subscription_id as snapshot_subscription_id
    from shown
    inner join {{ ref('int_access_snapshots') }} as snapshots
        on
            shown.item_kind = snapshots.item_kind
            and shown.file_id = snapshots.file_id
            and coalesce(shown.own_subscription_id, shown.queried_subscription_id, snapshots.subscription_id) = snapshots.subscription_id
),

events as (
    select
        'role_assignment' as item_kind,
        item_id,
        case when is_delete then 'deleted' else 'written' end as evidence,
        event_at as occurred_at,
        source_file,
        case
            when body is not null
                then to_json(
                    struct_pack(
                        scope_id := case
                            when coalesce(body ->> '$.properties.scope', '') != '' then {{ scope_of("body ->> '$.properties.scope'") }}
                            else {{ scope_in('item_id', 'microsoft.authorization/roleassignments') }}
                        end,
                        principal_id := body ->> '$.properties.principalid',
                        principal_type := body ->> '$.properties.principaltype',
                        role_definition_id := {{ last_segment("body ->> '$.properties.roledefinitionid'") }}
                    )
                )
        end as facts
    from {{ ref('int_access_events') }}
    where item_kind = 'roleassignments'
    union all
    select
        'deny_assignment',
        item_id,
        case when is_delete then 'deleted' else 'written' end,
        event_at,
        source_file,
        case
            when not is_delete and body is not null
                then {{ deny_facts("json_extract(body, '$.properties')", scope_in('item_id', 'microsoft.authorization/denyassignments')) }}
        end
    from {{ ref('int_access_events') }}
    where item_kind = 'denyassignments'
    union all
    select
        'delegation',
        item_id,
        evidence,
        occurred_at,
        source_file,
        facts
    from {{ ref('int_delegation_evidence') }}
    where evidence != 'shown'
),

histories as (
    select distinct
        item_kind,
        item_id,
        snapshot_subscription_id
    from shown_in_subscription
),

-- An event speaks for every history of its item; an item that no snapshot shows has one, of its own subscription.
events_in_subscription as (
    select
        events.*,
        coalesce(histories.snapshot_subscription_id, {{ subscription_of('events.item_id') }}, '') as snapshot_subscription_id
    from events
    left join histories on events.item_kind = histories.item_kind and events.item_id = histories.item_id
)

select
    item_kind,
    item_id,
    snapshot_subscription_id,
    evidence,
    occurred_at,
    created_at,
    facts,
    source_file
from shown_in_subscription
union all
select
    item_kind,
    item_id,
    snapshot_subscription_id,
    evidence,
    occurred_at,
    null,
    facts,
    source_file
from events_in_subscription
