with archived as (
    {{ archived_items('role_schedules') }}
),

items as (
    select
        *,
        item -> '$.properties' as properties,
        item ->> '$.properties.startdatetime' as start_text,
        item ->> '$.properties.enddatetime' as end_text
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

        {{ scope_of("item ->> '$.id'") }} as schedule_instance_id,
        {{ id_of("properties ->> '$.originroleassignmentid'") }} as origin_role_assignment_id,
        -- Eligibility instances share the folder and all but this column.
        contains(coalesce(item ->> '$.type', item ->> '$.id'), 'eligib') or properties ->> '$.assignmenttype' is null as is_eligible_only,
        properties ->> '$.principalid' as principal_id,
        properties ->> '$.principaltype' as principal_type,
        {{ last_segment("properties ->> '$.roledefinitionid'") }} as role_definition_id,
        {{ scope_of("properties ->> '$.scope'") }} as scope_id,
        {{ utc_instant('upper(start_text)') }} as valid_from,
        {{ utc_instant('upper(end_text)', until=9999) }} as valid_to,
        start_text,
        end_text
    from items
)

select
    * exclude (start_text, end_text),
    case
        when schedule_instance_id = '/' then {{ failure('id', 'no schedule instance id') }}
        when start_text is not null and valid_from is null then {{ failure('startDateTime', 'not an ISO 8601 instant', 'start_text') }}
        when end_text is not null and valid_to is null then {{ failure('endDateTime', 'not an ISO 8601 instant', 'end_text') }}
    end as failure
from renamed
