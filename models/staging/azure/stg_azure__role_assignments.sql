-- Role assignments in lists: of the REST API, the CLI, Get-AzRoleAssignment, or Resource Graph. Source's defect: an item may lack its principal or
-- role (classic administrators), or its creation time may be unreadable.
-- Guarantee: one row per item, with `is_identified`: its id was read, so that the list shows it, whatever else it lacks (A7).
with archived as (
    {{ archived_items('role_assignments') }}
),

items as (
    select
        *,
        coalesce({{ texts_of('item', ['id', 'roleassignmentid']) }}) as assignment_id_text,
        coalesce({{ texts_of('properties', ['createdon', 'createddatetime']) }}) as created_at_text
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

        {{ texts_of('properties', ['roledefinitionid']) }} as role_definition_path,
        split_part(role_definition_path, '/', -1) as role_definition_id,
        coalesce({{ texts_of('properties', ['principalid', 'objectid']) }}) as principal_id,
        coalesce({{ texts_of('properties', ['principaltype', 'objecttype']) }}) as principal_type,
        {{ scope_of('assignment_id_text') }} as assignment_id,
        {{ scope_in('assignment_id_text', 'microsoft.authorization/roleassignments', named="properties ->> '$.scope'") }} as scope_id,
        {{ utc_instant('created_at_text') }} as created_at,
        created_at_text,
        coalesce({{ subscription_of('scope_id') }}, {{ subscription_of('role_definition_path') }}) is not null as names_subscription
    from items
    -- Resource Graph also gives other types of resource. Without an id, or with the id of an assignment, nobody knows that it is one.
    where
        assignment_id_text is null or contains(assignment_id_text, '/roleassignments/')
        or coalesce({{ texts_of('item', ['type']) }}, 'microsoft.authorization/roleassignments') = 'microsoft.authorization/roleassignments'
)

select
    * exclude (created_at_text, names_subscription),
    assignment_id != '/' as is_identified,
    case
        when assignment_id = '/' then {{ failure('id', 'no assignment id') }}
        when principal_id is null then {{ failure('principalId', 'no principal') }}
        when coalesce(role_definition_id, '') = '' then {{ failure('roleDefinitionId', 'no role') }}
        when created_at_text is not null and created_at is null then {{ failure('createdOn', 'not an ISO 8601 instant', 'created_at_text') }}
        -- A7: a list speaks for its subscription alone; what stands above subscriptions could belong to any.
        when not bool_or(names_subscription) over (partition by file_id) and len(ids_in_path) = 0
            then
                {{ failure(
                    'scope', 'of which subscription this list is, neither it nor its name says: put the id of the subscription into the name of the file'
                ) }}
    end as failure
from renamed
