{%- set checked_models = [
    'base_partner_directory', 'stg_azure__activity_log', 'stg_azure__role_assignments', 'stg_azure__deny_assignments', 'stg_azure__delegations',
    'stg_azure__role_schedules', 'base_fx_rates', 'base_invoice_lines', 'base_claims', 'stg_cost_management__usage_lines',
] -%}
with files as (
    select * from {{ ref('stg_archive__files') }}
),

rejected as (
    -- Whole files, when their newest version is the one that could not be read.
    select
        source_file,
        0 as line_number,
        null::varchar as column_name,
        problem as reason,
        null::varchar as raw_text
    from (
        select * from files
        qualify row_number() over (partition by source_file order by observation_number desc) = 1
    ) as newest
    where problem is not null
    union all
    -- A7: lists of which pages are missing show what they hold, and end nothing.
    select distinct
        files.source_file,
        0,
        null,
        case
            when files.has_next_page
                then 'one page of several, or as many rows as one page has: nobody''s access ends by it; export all pages under one date'
            else 'not proven to be whole (no record, or no line end behind the last): nobody''s access ends by it; export it again, as JSON'
        end,
        null
    from files
    inner join {{ ref('int_access_snapshots') }} as snapshots on files.file_id = snapshots.file_id
    where (files.has_next_page or not files.is_whole_document) and not snapshots.is_complete
    union all
    -- A7: files of which no item is of their folder's kind. Definitions of Lighthouse are used, and may stand beside the list of their delegations.
    select distinct
        files.source_file,
        0,
        null,
        case
            when files.kind = 'lighthouse'
                then 'definitions alone, and no list of delegations of their date: nobody''s access ends by it; export the delegations, too'
            else 'no list of what its folder is for, but of something else: nobody''s access ends by it; put it into its own folder'
        end,
        null
    from files
    inner join {{ ref('stg_azure__items_aside') }} as aside on files.file_id = aside.file_id
    left join {{ ref('int_access_snapshots') }} as beside
        on
            aside.rule = 'definition'
            and beside.item_kind = 'delegation'
            and files.exported_at = beside.snapshot_at
            and (len(files.ids_in_path) = 0 or list_contains(files.ids_in_path, beside.subscription_id))
    where aside.is_whole_file and aside.rule != 'names_no_access' and beside.file_id is null
    union all
    -- Logs and usage that go on in a page that is not there: what it holds is unknown. Pages are of one folder, date and name, but for numbers in it.
    select
        source_file,
        0,
        null,
        'one page of several, and the last is missing: what follows is not known; export all pages',
        null
    from (
        select
            source_file,
            bool_and(has_next_page) over (
                partition by
                    kind, exported_at::date, regexp_replace(source_file, '[^/]*$', ''),
                    regexp_replace(lower(regexp_extract(source_file, '[^/]*$')), '[^a-z]|page|part', '', 'g')
            ) as is_cut_off
        from files
        where is_in_force and reader = 'json' and kind not in ('role_assignments', 'deny_assignments', 'lighthouse', 'role_schedules')
    ) as pages
    where is_cut_off
    union all
    -- Records that could not be split into columns or items.
    select
        source_file,
        line_number,
        column_name,
        reason,
        raw_text
    from {{ ref('stg_archive__rejected_records') }}
    where not is_completed
    -- Records with an invalid value.
    {% for model in ['stg_partner_center__usage_lines', 'base_price_sheet'] %}
        union all
        select
            files.source_file,
            lines.line_number,
            lines.failure.column_name,
            lines.failure.reason,
            lines.raw_text
        from {{ ref(model) }} as lines
        inner join files on lines.content_id = files.content_id
        where
            lines.failure is not null
            and files.kind = '{{ 'daily_rated_usage' if 'usage' in model else 'price_sheet' }}'
            and files.is_in_force
    {% endfor %}
    {% for model in checked_models %}
        union all
        select
            source_file,
            line_number,
            failure.column_name,
            failure.reason,
            raw_text
        from {{ ref(model) }}
        where failure is not null
    {% endfor %}
)

select
    source_file,
    line_number::bigint as line_number,
    column_name,
    reason,
    raw_text
from rejected
