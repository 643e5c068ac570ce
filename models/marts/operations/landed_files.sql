with files as (
    select * from {{ ref('landing_files') }}
),

-- What the landing models tell of the files that they have read, in the version that they read.
files_read as (
    select * from {{ source('landing', 'files_read') }}
    where starts_with(model, 'landing_')
),

rejected as (
    select
        source_file,
        count(*) as row_count
    from {{ ref('rejected_rows') }}
    group by source_file
)

select
    files.file_id,
    files.source_file,
    files.kind,
    files.exported_at,
    files.is_date_from_name,
    files.size_bytes,
    files.modified_at,
    nullif(files.digest, '') as digest,
    files.is_present,
    files_read.file_id is not null as is_read,
    coalesce(files_read.row_count, 0)::bigint as row_count,
    coalesce(rejected.row_count, 0)::bigint as rejected_count,
    files.problem
from files
left join files_read on files.file_id = files_read.file_id and files.digest = files_read.digest
left join rejected on files.source_file = rejected.source_file
