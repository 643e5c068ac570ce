with archived as (
    {{ archived_items('role_assignments') }}
),

items as (
    select
        *,
        -- REST nests what the CLI lifts; PowerShell has names of its own.
        coalesce(item -> '$.properties', item) as properties,
        coalesce(item ->> '$.id', item ->> '$.roleassignmentid') as assignment_id_text,
        coalesce(item ->> '$.properties.createdon', item ->> '$.createdon') as created_at_text
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

        coalesce(properties ->> '$.roledefinitionid', item ->> '$.roledefinitionid') as role_definition_path,
        {{ last_segment('role_definition_path') }} as role_definition_id,
        coalesce(properties ->> '$.principalid', item ->> '$.objectid') as principal_id,
        coalesce(properties ->> '$.principaltype', item ->> '$.objecttype') as principal_type,
        {{ scope_of('assignment_id_text') }} as assignment_id,
        case
            when coalesce(properties ->> '$.scope', '') != '' then {{ scope_of("properties ->> '$.scope'") }}
            else {{ scope_in('assignment_id_text', 'microsoft.authorization/roleassignments') }}
        end as scope_id,
        {{ utc_instant('upper(created_at_text)') }} as created_at,
        created_at_text
    from items
)

select
    * exclude (created_at_text),
    case
        when coalesce(assignment_id, '/') = '/' then {{ failure('id', 'no assignment id') }}
        when coalesce(principal_id, '') = '' then {{ failure('principalId', 'no principal') }}
        when coalesce(role_definition_id, '') = '' then {{ failure('roleDefinitionId', 'no role') }}
        when created_at_text is not null and created_at is null then {{ failure('createdOn', 'not an ISO 8601 instant', 'created_at_text') }}
    end as failure
from renamed
