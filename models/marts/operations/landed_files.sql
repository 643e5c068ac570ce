with rejected as (
    select
        source_file,
        count(*) as row_count
    from {{ ref('rejected_rows') }}
    group by source_file
),

daily as (
    select distinct
        subscription_id,
        billing_month
    from {{ ref('int_usage_file_groups_current') }}
    where content_id not in (select content_id from {{ ref('int_cost_management_file_groups') }})
),

-- Never beside: usage of Cost Management whose subscription and month a daily file has (export lifecycle).
left_out as (
    select
        file_groups.content_id,
        sum(file_groups.line_count) as line_count
    from {{ ref('int_cost_management_file_groups') }} as file_groups
    inner join daily on file_groups.subscription_id = daily.subscription_id and file_groups.billing_month = daily.billing_month
    group by file_groups.content_id
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
    case when files.kind = 'cost_management' and files.is_in_force then coalesce(left_out.line_count, 0) else 0 end::bigint as left_out_count,
    files.problem
from {{ ref('stg_archive__files') }} as files
left join rejected on files.source_file = rejected.source_file
left join left_out on files.content_id = left_out.content_id
