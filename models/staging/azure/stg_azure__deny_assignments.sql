with archived as (
    {{ archived_items('deny_assignments') }}
),

items as (
    select
        *,
        item -> '$.properties' as properties,
        {{ scope_of("item ->> '$.id'") }} as deny_assignment_id,
        item ->> '$.properties.createdon' as created_at_text
    from archived
),

renamed as (
    select
        file_id,
        source_file,
        exported_at as snapshot_at,
        line_number,
        raw_text,
        ids_in_path,
        deny_assignment_id,
        case
            when coalesce(properties ->> '$.scope', '') != '' then {{ scope_of("properties ->> '$.scope'") }}
            else {{ scope_in('deny_assignment_id', 'microsoft.authorization/denyassignments') }}
        end as scope_id,
        {{ deny_facts('properties', 'scope_id') }} as facts,
        {{ utc_instant('upper(created_at_text)') }} as created_at,
        created_at_text
    from items
)

select
    * exclude (created_at_text),
    case
        when deny_assignment_id = '/' then {{ failure('id', 'no assignment id') }}
        when created_at_text is not null and created_at is null then {{ failure('createdOn', 'not an ISO 8601 instant', 'created_at_text') }}
    end as failure
from renamed
