with archived as (
    {{ archived_items('activity_log') }}
    -- The log holds every operation of a subscription; only those on access are evidence.
    and regexp_matches(items.item, '(?i)microsoft\.(authorization|managedservices)/')
),

records as (
    select
        *,
        -- Diagnostic settings use other names for the same facts, and `properties` may be JSON inside a string.
        case
            when json_type(item, '$.properties') = 'VARCHAR' and json_valid(item ->> '$.properties') then (item ->> '$.properties')::json
            else item -> '$.properties'
        end as properties,
        coalesce(item ->> '$.operationname.value', item ->> '$.operationname') as operation_name,
        coalesce(item ->> '$.eventtimestamp', item ->> '$.time') as event_at_text
    from archived
),

renamed as (
    select
        file_id,
        source_file,
        line_number,
        raw_text,

        regexp_extract(operation_name, '^microsoft\.(?:authorization|managedservices)/([a-z]+)/(?:write|delete)$', 1) as item_kind,
        ends_with(operation_name, '/delete') as is_delete,
        {{ scope_of("coalesce(properties ->> '$.entity', item ->> '$.resourceid', item ->> '$.authorization.scope')") }} as item_id,
        item ->> '$.operationid' as operation_id,
        item ->> '$.correlationid' as correlation_id,

        -- Only Success and Failure end an operation; Accept is on the way (A7).
        case
            when coalesce(item ->> '$.status.value', item ->> '$.resulttype') in ('succeeded', 'success') then 'succeeded'
            when coalesce(item ->> '$.status.value', item ->> '$.resulttype') in ('failed', 'failure') then 'failed'
            else 'started'
        end as status,
        {{ utc_instant('upper(event_at_text)') }} as event_at,
        event_at_text,

        -- JSON inside a string; which of the two is filled depends on operation and phase.
        coalesce(properties ->> '$.requestbody', properties ->> '$.responsebody') as body_text
    from records
)

select
    * exclude (body_text),
    case when json_valid(body_text) then body_text::json end as body,
    case
        when item_kind in ('roleassignments', 'denyassignments', 'registrationassignments') and event_at is null
            then {{ failure('eventTimestamp', 'not an ISO 8601 instant', 'event_at_text') }}
        when item_kind in ('roleassignments', 'denyassignments') and body_text is not null and not json_valid(body_text)
            then {{ failure('requestbody', 'not JSON', 'left(body_text, 200)') }}
    end as failure
from renamed
where item_kind != ''
