-- PIM schedule instances in lists, assignments and eligibilities, nested (REST) or lifted (PowerShell).
-- Guarantee: one row per item, with `is_identified`: its id was read, so that the list shows it, whatever else it lacks (A7).
with archived as (
    {{ archived_items('role_schedules') }}
),

items as (
    select
        *,
        {{ texts_of('item', ['id']) }} as id_text,
        {{ texts_of('properties', ['startdatetime']) }} as start_text,
        {{ texts_of('properties', ['enddatetime']) }} as end_text
    from archived
),

renamed as (
    select
        file_id,
        source_file,
        exported_at as snapshot_at,
        line_number,
        item_number,
        raw_text,
        ids_in_path,
        {{ scope_of('id_text') }} as schedule_instance_id,
        {{ id_of("properties ->> '$.originroleassignmentid'") }} as origin_role_assignment_id,
        -- Eligibility instances share the folder and all but this column.
        contains(coalesce({{ texts_of('item', ['type', 'id']) }}), 'eligib')
        or {{ texts_of('properties', ['assignmenttype']) }} is null as is_eligible_only,
        {{ texts_of('properties', ['principalid']) }} as principal_id,
        {{ texts_of('properties', ['principaltype']) }} as principal_type,
        split_part(properties ->> '$.roledefinitionid', '/', -1) as role_definition_id,
        {{ scope_in('id_text', 'microsoft.authorization/role[a-z]+scheduleinstances', named="properties ->> '$.scope'") }} as scope_id,
        {{ utc_instant('start_text') }} as valid_from,
        {{ utc_instant('end_text', until=9999) }} as valid_to,
        start_text,
        end_text
    from items
)

select
    * exclude (start_text, end_text),
    schedule_instance_id != '/' as is_identified,
    case
        when schedule_instance_id = '/' then {{ failure('id', 'no schedule instance id') }}
        when start_text is not null and valid_from is null then {{ failure('startDateTime', 'not an ISO 8601 instant', 'start_text') }}
        when end_text is not null and valid_to is null then {{ failure('endDateTime', 'not an ISO 8601 instant', 'end_text') }}
        -- Another instance names the assignment that it bounds, wherever it is listed.
        when is_eligible_only and not bool_or({{ subscription_of('scope_id') }} is not null) over (partition by file_id) and len(ids_in_path) = 0
            then
                {{ failure(
                    'scope', 'of which subscription this list is, neither it nor its name says: put the id of the subscription into the name of the file'
                ) }}
    end as failure
from renamed
