-- What could not be split into columns or items, of files in force. Source's defect: the last line of a log that was still written when it was read
-- is cut. Guarantee: `is_completed` says that a newer version of the log has the whole of it, so that nothing is left to repair (A7: logs add up).
-- One row per rejected record and file in force that has it.
with files as (
    select * from {{ ref('stg_archive__files') }}
),

completed as (
    select distinct
        files.file_id,
        lines.record_number
    from {{ source('archive_records', 'rejected') }} as lines
    inner join files on lines.content_id = files.content_id and lines.record_number = files.records
    inner join files as newer_files on files.source_file = newer_files.source_file and files.observation_number < newer_files.observation_number
    inner join {{ source('archived_documents', 'activity_log') }} as items
        on newer_files.content_id = items.content_id and lines.record_number = items.item_number
    where
        files.kind = 'activity_log'
        and newer_files.kind = 'activity_log'
        and newer_files.is_in_force
        -- A character of several bytes may be cut as well.
        and starts_with(items.item, regexp_replace(lines.raw_text, '(\\x[0-9a-f]{2})+$', ''))
)

select
    files.file_id,
    files.source_file,
    lines.line_number,
    lines.column_name,
    lines.reason,
    lines.raw_text,
    completed.record_number is not null as is_completed
from {{ source('archive_records', 'rejected') }} as lines
inner join files on lines.content_id = files.content_id
left join completed on files.file_id = completed.file_id and lines.record_number = completed.record_number
where files.is_in_force and files.rejected > 0
