with rejected as (
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
    files.stored_digest as digest,
    files.content_digest,
    files.is_present,
    files.is_in_force,
    files.same_content_as,
    coalesce(files.records, 0)::bigint as record_count,
    coalesce(files.archived, 0)::bigint as archived_count,
    case when files.is_in_force or files.problem is not null then coalesce(rejected.row_count, 0) else 0 end::bigint as rejected_count,
    files.problem
from {{ ref('stg_archive__files') }} as files
left join rejected on files.source_file = rejected.source_file
