{%- set of_usage = ['daily_rated_usage', 'cost_management', 'price_sheet', 'fx_rates', 'invoice_reconciliation'] -%}
with replaced_contents as (
    select distinct content_id
    from {{ ref('int_usage_exported_groups') }}
    where is_content_superseded
),

files as (
    select
        source_file,
        bool_or(is_present) as is_present,
        bool_or(kind in ('{{ of_usage | join("', '") }}')) as is_of_usage,
        sum(records) filter (where is_in_force) as records,
        coalesce(string_agg(content_id, ' ' order by content_id) filter (where is_in_force), '') as contents,
        -- Usage that a newer export replaced takes nothing from the numbers.
        bool_or(
            is_in_force and (
                kind != 'daily_rated_usage'
                or content_id not in (select content_id from replaced_contents)
            )
        ) as is_current
    from {{ ref('stg_archive__files') }}
    group by source_file
),

rejected as (
    select
        source_file,
        count(*) filter (where line_number > 0) as row_count,
        string_agg(distinct reason, '; ' order by reason) filter (where line_number = 0) as file_problem
    from {{ ref('rejected_rows') }}
    group by source_file
),

found as (
    select * from {{ ref('int_usage_findings') }}
    union all
    select * from {{ ref('int_evidence_findings') }}
    {% for check, condition, percent in [
        ('rejected_usage', 'files.is_of_usage', var('rejected_usage_percent')),
        ('rejected_evidence', 'not files.is_of_usage', var('rejected_evidence_percent')),
    ] %}
        union all
        select
            '{{ check }}',
            files.source_file,
            rejected.row_count * 100 > {{ percent }} * coalesce(files.records, 0),
            rejected.row_count || ' of ' || coalesce(files.records, 0) || ' rows rejected',
            files.contents || ' ' || rejected.row_count
        from rejected
        inner join files on rejected.source_file = files.source_file
        where rejected.row_count > 0 and files.is_current and {{ condition }}
    {% endfor %}
    union all
    select
        'files_put_aside',
        files.source_file,
        false,
        rejected.file_problem,
        md5(rejected.file_problem)
    from rejected
    inner join files on rejected.source_file = files.source_file
    -- A file that was removed is settled.
    where rejected.file_problem is not null and files.is_present
),

findings as (
    select
        check_name,
        item,
        bool_or(is_beyond_limit) as is_beyond_limit,
        string_agg(distinct found, '; ' order by found) as found,
        {{ finding_fingerprint('check_name', 'item', "string_agg(distinct facts, ' ' order by facts)") }} as fingerprint
    from found
    group by check_name, item
),

-- Before the first publication nothing can differ from what was published.
published as (
    select count(*) > 0 as is_published from {{ ref('int_published_months') }}
)

select
    findings.check_name,
    findings.item,
    case
        when
            findings.is_beyond_limit
            and acknowledged.fingerprint is null
            and (published.is_published or findings.check_name != 'export_shrank')
            and findings.check_name not in ('', '{{ var('checks_that_only_warn') | join("', '") }}')
            then 'hold'
        else 'warn'
    end as status,
    findings.found,
    findings.is_beyond_limit,
    acknowledged.fingerprint is not null as is_acknowledged,
    acknowledged.acknowledged_at,
    acknowledged.note,
    findings.fingerprint
from findings
left join {{ ref('stg_archive__acknowledgements') }} as acknowledged on findings.fingerprint = acknowledged.fingerprint
cross join published
