-- Evidence on access in the Activity Log, in the shapes of the REST API and the CLI, diagnostic settings, the table AzureActivity, and PowerShell.
-- Source's defect: each shape has other names for the same facts, and operation names may be translated.
-- Guarantee: one row per record that names access: evidence (it has a kind, an item and an instant), or another operation, which is irrelevant, or it
-- has a failure.
{%- set kinds = '(roleassignments|denyassignments|registrationassignments|registrationdefinitions)' %}
with archived as (
    {{ archived_items('activity_log', mentions=kinds ~ '|originroleassignmentid') }}
),

records as (
    select
        * exclude (properties),
        coalesce(properties -> '$.content', properties) as properties,
        -- The operation in Azure's own words, wherever a shape has it. Its translation has no such form.
        list_filter(
            [{{ texts_of('item', [
                'operationnamevalue', 'operationname.value', 'operationname', 'authorization.action', 'authorization_d.action', 'properties.message'
            ]) }}],
            lambda name: regexp_full_match(name, 'microsoft\.[a-z0-9.]+/[a-z0-9./]+')
        )[1] as operation_name,
        coalesce({{ texts_of('item', [
            'status.value', 'statusvalue', 'activitystatusvalue', 'resulttype', 'status', 'activitystatus'
        ]) }}) as status_text,
        {{ log_time_of('item') }} as event_at_text
    from archived
),

with_bodies as (
    select
        *,
        [{{ texts_of('properties', ['requestbody', 'responsebody']) }}] as body_texts,
        list_transform(
            body_texts,
            lambda body: case when json_valid(body) and json_type(body::json) = 'OBJECT' then body::json end
        ) as bodies,
        -- What a deletion removed stands in the response to it; what a write granted stands in the request (A7).
        case when ends_with(operation_name, '/delete') then coalesce(bodies[2], bodies[1]) else coalesce(bodies[1], bodies[2]) end as body,
        -- PIM writes a record of its own when it revokes an assignment, beside the ordinary deletion.
        list_filter(
            [bodies[1] -> '$.properties', bodies[1], bodies[2] -> '$.properties', bodies[2], properties, item],
            lambda part: part ->> '$.actiontype' = 'revoke' and coalesce(part ->> '$.originroleassignmentid', '') != ''
        )[1] ->> '$.originroleassignmentid' as revoked_id
    from records
),

renamed as (
    select
        file_id,
        source_file,
        line_number,
        raw_text,
        operation_name,

        case
            when revoked_id is not null then 'roleassignments'
            else coalesce(regexp_extract(operation_name, '^microsoft\.(?:authorization|managedservices)/{{ kinds }}/(?:write|delete)$', 1), '')
        end as item_kind,
        revoked_id is not null or coalesce(ends_with(operation_name, '/delete'), false) as is_delete,
        {{ scope_of("coalesce(revoked_id, list_filter(
            [" ~ texts_of('properties', ['entity']) ~ ", " ~ texts_of('item', [
                'resourceid', '_resourceid', 'authorization.scope', 'authorization_d.scope', 'resourceuri'
            ]) ~ "], lambda id: regexp_matches(id, '/" ~ kinds ~ "/[^/]+/*$')
        )[1])") }} as item_id,
        {{ texts_of('item', ['operationid']) }} as operation_id,
        {{ texts_of('item', ['correlationid']) }} as correlation_id,

        -- Only success and failure end an operation; what is accepted is on the way (A7).
        case
            when status_text in ('succeeded', 'success') then 'succeeded'
            when status_text in ('failed', 'failure') then 'failed'
            when status_text in ('started', 'start', 'beginrequest', 'accepted', 'accept') then 'started'
        end as status,
        status_text,
        {{ utc_instant('event_at_text') }} as event_at,
        event_at_text,
        body,
        case
            when bodies[1] is null and body_texts[1] is not null then body_texts[1]
            when bodies[2] is null then body_texts[2]
        end as unread_body
    from with_bodies
),

judged as (
    select
        *,
        operation_name is not null and item_kind = '' as is_other_operation
    from renamed
)

select
    * exclude (status_text, event_at_text, unread_body),
    case
        when is_other_operation then null
        -- A7: what names access and is neither evidence nor another operation is rejected, so that no shape goes unseen.
        when item_kind = '' then {{ failure('operationName', 'names access, but its operation cannot be read: an unknown shape') }}
        when event_at is null then {{ failure('eventTimestamp', 'not an ISO 8601 instant', 'event_at_text') }}
        when status is null then {{ failure('status', 'neither started nor succeeded nor failed', 'status_text') }}
        when item_id = '/' then {{ failure('resourceId', 'no assignment id') }}
        -- The rest of the record still counts.
        when unread_body is not null then {{ failure('requestbody', 'not JSON', 'left(unread_body, 200)') }}
    end as failure
from judged
