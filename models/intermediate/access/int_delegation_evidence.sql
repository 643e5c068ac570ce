with shown as (
    select
        delegation_id,
        scope_id,
        'shown' as evidence,
        snapshot_at as occurred_at,
        managing_tenant_id,
        is_marketplace_offer,
        authorizations,
        file_id,
        source_file,
        definition_id
    from {{ ref('stg_azure__delegations') }}
    where is_standing and failure is null
),

-- The definition of a delegation event: named in its body, else (A7: a success without body is an exact boundary) taken from the next list that
-- shows the delegation, else from the last.
events as (
    select
        events.item_id,
        events.event_at,
        events.source_file,
        coalesce(nullif({{ scope_of("events.body ->> '$.properties.registrationdefinitionid'") }}, '/'), shown.definition_id) as definition_id
    from {{ ref('int_access_events') }} as events
    left join shown on events.item_id = shown.delegation_id
    where events.item_kind = 'registrationassignments' and not events.is_delete
    qualify row_number() over (
        partition by events.item_id, events.event_at
        order by
            (shown.occurred_at >= events.event_at) desc nulls last,
            abs(epoch_us(shown.occurred_at) - epoch_us(events.event_at)) asc,
            shown.definition_id asc
    ) = 1
),

-- What a delegation event grants is its definition's content at that time: as last written, else as next shown, else as last shown.
written as (
    select
        events.item_id as delegation_id,
        {{ scope_in('events.item_id', 'microsoft.managedservices/registrationassignments') }} as scope_id,
        'written' as evidence,
        events.event_at as occurred_at,
        definitions.managing_tenant_id,
        definitions.is_marketplace_offer,
        definitions.authorizations,
        null::varchar as file_id,
        events.source_file
    from events
    inner join {{ ref('int_delegation_definitions') }} as definitions on events.definition_id = definitions.definition_id
    qualify row_number() over (
        partition by events.item_id, events.event_at
        order by
            (definitions.is_event and definitions.observed_at <= events.event_at) desc,
            case when definitions.is_event and definitions.observed_at <= events.event_at then definitions.observed_at end desc,
            (definitions.observed_at >= events.event_at) desc,
            case when definitions.observed_at >= events.event_at then definitions.observed_at end,
            definitions.observed_at desc, definitions.is_event desc
    ) = 1
),

positive as (
    select * exclude (definition_id) from shown
    union all
    select * from written
),

authorized as (
    select
        *,
        unnest(authorizations) as authorization_facts
    from positive
),

-- Each authorization is an item of its own: a definition can lose one and keep the others.
items as (
    select
        delegation_id,
        concat_ws(
            '|', delegation_id, authorization_facts ->> '$.principalid', split_part(authorization_facts ->> '$.roledefinitionid', '/', -1),
            authorization_facts ->> '$.is_eligible_only'
        ) as item_id,
        scope_id,
        evidence,
        occurred_at,
        to_json(
            struct_pack(
                scope_id := scope_id,
                principal_id := authorization_facts ->> '$.principalid',
                role_definition_id := split_part(authorization_facts ->> '$.roledefinitionid', '/', -1),
                is_eligible_only := (authorization_facts ->> '$.is_eligible_only')::boolean,
                managing_tenant_id := managing_tenant_id,
                is_marketplace_offer := is_marketplace_offer
            )
        ) as facts,
        file_id,
        source_file
    from authorized
),

known as (
    select distinct
        delegation_id,
        item_id,
        scope_id
    from items
),

-- A7: a delegation that is written again grants what it says now: what it no longer grants has ended.
replaced as (
    select distinct
        written.delegation_id,
        earlier.item_id,
        earlier.scope_id,
        'replaced' as evidence,
        written.occurred_at,
        null::json as facts,
        null::varchar as file_id,
        written.source_file
    from items as written
    inner join items as earlier on written.delegation_id = earlier.delegation_id and written.occurred_at > earlier.occurred_at
    anti join items as granted
        on
            granted.evidence = 'written'
            and written.delegation_id = granted.delegation_id
            and written.occurred_at = granted.occurred_at
            and earlier.item_id = granted.item_id
    where written.evidence = 'written'
),

deleted as (
    select
        events.item_id as delegation_id,
        known.item_id,
        known.scope_id,
        'deleted' as evidence,
        events.event_at as occurred_at,
        null::json as facts,
        null::varchar as file_id,
        events.source_file
    from {{ ref('int_access_events') }} as events
    inner join known on events.item_id = known.delegation_id
    where events.item_kind = 'registrationassignments' and events.is_delete
)

select * from items
union all
select * from deleted
union all
select * from replaced
