-- All evidence for items of access, from snapshots and events, without any conclusion (A7).
{#- A7: the response to a deletion may contain the creation time of what it deleted. -#}
{%- set created_in_response -%}
    case when is_delete then {{ utc_instant("coalesce(body ->> '$.properties.createdon', body ->> '$.createdon')") }} end
{%- endset %}
{%- set deny = "json_extract(body, '$.properties')" %}
with events as (
    select
        'role_assignment' as item_kind,
        item_id,
        case when is_delete then 'deleted' else 'written' end as evidence,
        event_at as occurred_at,
        started_at,
        {{ created_in_response }} as created_at,
        source_file,
        -- As of a list: of a record that lacks the principal or the role, other evidence may know both.
        case
            when
                {{ texts_of('body', ['properties.principalid']) }} is not null
                and coalesce(split_part(body ->> '$.properties.roledefinitionid', '/', -1), '') != ''
                then to_json(
                    struct_pack(
                        scope_id := {{ scope_in('item_id', 'microsoft.authorization/roleassignments', named="body ->> '$.properties.scope'") }},
                        principal_id := body ->> '$.properties.principalid',
                        principal_type := body ->> '$.properties.principaltype',
                        role_definition_id := split_part(body ->> '$.properties.roledefinitionid', '/', -1)
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
        started_at,
        {{ created_in_response }},
        source_file,
        case
            when
                {{ is_readable_list(deny, 'permissions') }} and {{ is_readable_list(deny, 'principals') }}
                and coalesce({{ is_readable_list(deny, 'excludeprincipals') }}, body ->> '$.properties.excludeprincipals' is null)
                then {{ deny_facts(deny, scope_in('item_id', 'microsoft.authorization/denyassignments')) }}
        end
    from {{ ref('int_access_events') }}
    where item_kind = 'denyassignments'
    union all
    select
        'delegation',
        item_id,
        evidence,
        occurred_at,
        null,
        null,
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
    from {{ ref('int_access_snapshot_observations') }}
),

-- An event applies to every timeline of its item; an item that no snapshot shows has one, of its own subscription.
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
    -- A bare date means 00:00. An item created later on that day exists from its creation.
    greatest(snapshot_at, coalesce(created_at, snapshot_at)) as occurred_at,
    snapshot_at,
    created_at,
    null::timestamp as started_at,
    facts,
    source_file
from {{ ref('int_access_snapshot_observations') }}
union all
select
    item_kind,
    item_id,
    snapshot_subscription_id,
    evidence,
    occurred_at,
    null,
    created_at,
    started_at,
    facts,
    source_file
from events_in_subscription
