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
            when id_text is null or contains(id_text, '/') or scope_text is null then {{ scope_of('id_text') }}
            else rtrim({{ scope_of('scope_text') }}, '/') || '/providers/microsoft.authorization/denyassignments/' || id_text
        end as deny_assignment_id,
        {{ scope_in('deny_assignment_id', 'microsoft.authorization/denyassignments', named='scope_text') }} as scope_id,
        {{ deny_facts('properties', 'scope_id') }} as facts,
        {{ utc_instant('created_at_text') }} as created_at,
        created_at_text,
        -- PowerShell writes a type's name, or words with blanks between them, where a list is too deep for it or stands in a cell.
        coalesce(json_type(properties, '$.actions') = 'ARRAY', false)
        or coalesce({{ is_readable_list('properties', 'permissions') }}, false) as has_actions,
        coalesce({{ is_readable_list('properties', 'principals') }}, false) as has_principals,
        -- Exclusions may be absent.
        coalesce(
            {{ is_readable_list('properties', 'excludeprincipals') }}, {{ texts_of('properties', ['excludeprincipals']) }} is null
        ) as has_exclusions
    from items
    -- Resource Graph also gives other types of resource. Without an id, or with the id of an assignment, nobody knows that it is one.
    where
        id_text is null or contains(id_text, '/denyassignments/')
        or coalesce({{ texts_of('item', ['type']) }}, 'microsoft.authorization/denyassignments') = 'microsoft.authorization/denyassignments'
)

select
    * exclude (created_at_text, has_actions, has_principals, has_exclusions),
    deny_assignment_id != '/' as is_identified,
    case
        when deny_assignment_id = '/' then {{ failure('id', 'no assignment id') }}
        when not has_actions then {{ failure('permissions', 'of an unknown shape: what it denies cannot be read') }}
        when not has_principals then {{ failure('principals', 'of an unknown shape: whom it denies cannot be read') }}
        when not has_exclusions then {{ failure('excludePrincipals', 'of an unknown shape: whom it does not deny cannot be read') }}
        when created_at_text is not null and created_at is null then {{ failure('createdOn', 'not an ISO 8601 instant', 'created_at_text') }}
        -- A7: a list speaks for its subscription alone; what stands above subscriptions could belong to any.
        when not bool_or({{ subscription_of('scope_id') }} is not null) over (partition by file_id) and len(ids_in_path) = 0
            then
                {{ failure(
                    'scope', 'of which subscription this list is, neither it nor its name says: put the id of the subscription into the name of the file'
                ) }}
    end as failure
from renamed
