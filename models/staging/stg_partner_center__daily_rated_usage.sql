with lines as (
    select * from {{ ref('landing_daily_rated_usage') }}
),

files as (
    select * from {{ ref('landing_files') }}
)

select
    -- The file's id and the line in it: stable between builds, unique, and short.
    lines.file_id || '-' || lines.line_number as usage_line_id,
    lines.file_id,
    files.source_file,
    lines.line_number,
    -- Parts of one export share its date; a modification time is exact to its day only (export lifecycle).
    case when files.is_date_from_name then files.exported_at else files.exported_at::date::timestamp end as exported_at,

    lines.* exclude (file_id, digest, line_number, failure, raw_text)
from lines
inner join files on lines.file_id = files.file_id and lines.digest = files.digest
where lines.failure is null
