with counted as (
    select
        file_id,
        coalesce(sum(record_count) filter (where place = 'used'), 0) as used_count,
        coalesce(sum(record_count) filter (where place = 'irrelevant'), 0) as irrelevant_count,
        coalesce(sum(record_count) filter (where place = 'rejected'), 0) as rejected_count,
        coalesce(sum(record_count) filter (where place in ('superseded', 'left_out')), 0) as superseded_count,
        coalesce(sum(record_count) filter (where place = 'left_out'), 0) as left_out_count
    from {{ ref('int_record_places') }}
    group by file_id
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
    coalesce(counted.used_count, 0)::bigint as used_count,
    coalesce(counted.irrelevant_count, 0)::bigint as irrelevant_count,
    -- A file that could not be read as a whole is rejected as a whole; of a version that is not in force nothing counts.
    case when files.problem is not null then coalesce(files.records, 0) else coalesce(counted.rejected_count, 0) end::bigint as rejected_count,
    case
        when files.is_in_force then coalesce(counted.superseded_count, 0)
        when files.problem is null then coalesce(files.records, 0)
        else 0
    end::bigint as superseded_count,
    coalesce(counted.left_out_count, 0)::bigint as left_out_count,
    files.problem
from {{ ref('stg_archive__files') }} as files
left join counted on files.file_id = counted.file_id
