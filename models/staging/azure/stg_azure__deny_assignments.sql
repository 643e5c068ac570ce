-- Deny assignments in lists: of the REST API, or of Get-AzDenyAssignment, which lifts everything and has names of its own.
-- Guarantee: one row per item, with `is_identified`: its id was read, so that the list shows it, whatever else it lacks (A7).
with archived as (
    {{ archived_items('deny_assignments') }}
),

items as (
    select
        *,
        coalesce({{ texts_of('item', ['id', 'denyassignmentid']) }}) as id_text,
        {{ texts_of('properties', ['scope']) }} as scope_text,
        {{ texts_of('properties', ['createdon']) }} as created_at_text
    from archived
    -- Resource Graph also gives other types of resource. Without an id, or with the id of an assignment, nobody knows that it is one.
    where
        id_text is null or contains(id_text, '/denyassignments/')
        or coalesce({{ texts_of('item', ['type']) }}, 'microsoft.authorization/denyassignments') = 'microsoft.authorization/denyassignments'
),

renamed as (
    select
        file_id,
        source_file,
        exported_at as snapshot_at,
        line_number,
        raw_text,
        ids_in_path,
        -- PowerShell gives the GUID alone; elsewhere it is the end of a path that begins with the scope.
        case
            when contains(id_text, '/') or scope_text is null then {{ scope_of('id_text') }}
            else rtrim({{ scope_of('scope_text') }}, '/') || '/providers/microsoft.authorization/denyassignments/' || id_text
        end as deny_assignment_id,
        case
            when scope_text is not null then {{ scope_of('scope_text') }}
            else {{ scope_in('deny_assignment_id', 'microsoft.authorization/denyassignments') }}
        end as scope_id,
        {{ deny_facts('properties', 'scope_id') }} as facts,
        {{ utc_instant('created_at_text') }} as created_at,
        created_at_text,
        json_exists(properties, '$.permissions') or json_exists(properties, '$.actions') as has_actions,
        json_exists(properties, '$.principals') as has_principals
    from items
)

select
    * exclude (created_at_text, has_actions, has_principals),
    deny_assignment_id != '/' as is_identified,
    case
        when deny_assignment_id = '/' then {{ failure('id', 'no assignment id') }}
        when not has_actions then {{ failure('permissions', 'of an unknown shape: what it denies cannot be read') }}
        when not has_principals then {{ failure('principals', 'of an unknown shape: whom it denies cannot be read') }}
        when created_at_text is not null and created_at is null then {{ failure('createdOn', 'not an ISO 8601 instant', 'created_at_text') }}
    end as failure
from renamed
