-- Of two sheets the newer is known from the month in its name, else from its rows (interface). The time of copying proves nothing.
{#- A year and a month at the end of a word: 202608 or 2026-08. A whole date is read elsewhere (exported_at). #}
{%- set month_in_name = '^(?:.*[^0-9])?(20[0-9]{2})-?(0[1-9]|1[0-2])(?:(?:-[^0-9/]|[^-0-9/])[^/]*)?$' %}
with files as (
    select
        content_id,
        source_file,
        case when is_date_from_name then exported_at end as exported_at,
        regexp_replace(source_file, '{{ month_in_name }}', '\1-\2-01', 'g') as first_of_month
    from {{ ref('stg_archive__files') }}
    where kind = 'price_sheet' and is_in_force
)

select
    files.source_file,
    files.exported_at,
    coalesce({{ utc_date('files.first_of_month') }}, date_trunc('month', coalesce(files.exported_at, sheets.newest_start_date))::date) as sheet_month,
    sheets.* exclude (content_id, failure, raw_text, rules_version)
from {{ ref('base_price_sheet') }} as sheets
inner join files on sheets.content_id = files.content_id
where sheets.failure is null
