{%- set credits = {'due_credit_changed': ('pec_credit_usd', 'due'), 'applied_credit_changed': ('applied_credit_usd', 'applied')} -%}
-- What is odd about the usage that counts, for data_quality: exports that shrank, that are late, whose dates cannot be; days without usage; months
-- whose credit is not what was published. The limits are variables of dbt_project.yml.
-- One row per check and item.
with as_of as (
    select as_of_date from {{ ref('int_as_of_date') }}
),

files as (
    select distinct
        content_id,
        export_date::date as export_date
    from {{ ref('stg_archive__files') }}
    where kind in ('daily_rated_usage', 'cost_management') and is_in_force
),

usage as (
    select
        coalesce(file_groups.partner_id, 'no PartnerId') as partner,
        file_groups.source_file,
        file_groups.content_id,
        file_groups.usage_date,
        files.export_date,
        sum(file_groups.line_count) as line_count
    from {{ ref('int_usage_file_groups_current') }} as file_groups
    inner join files on file_groups.content_id = files.content_id
    group by all
),

partners as (
    select
        partner,
        max(export_date) as newest_export_date
    from usage
    group by partner
),

-- Days between two days with usage of a partner.
days as (
    select
        partner,
        usage_date,
        lead(usage_date) over (partition by partner order by usage_date) as next_date
    from usage
    group by partner, usage_date
),

missing_instants as (
    select
        partner,
        unnest(range(usage_date + interval 1 day, next_date, interval 1 day)) as missing_at
    from days
    where next_date > usage_date + 1
),

missing_days as (
    select
        partner,
        missing_at::date as missing_date
    from missing_instants
),

outside as (
    select
        source_file,
        string_agg(distinct content_id, ' ' order by content_id) as contents,
        sum(line_count) filter (where usage_date > as_of_date) as lines_after,
        max(usage_date) as last_date,
        sum(line_count) filter (where usage_date < export_date - interval {{ var('usage_window_months') }} month) as lines_before,
        min(usage_date) as first_date
    from usage
    cross join as_of
    where usage_date > as_of_date or usage_date < export_date - interval {{ var('usage_window_months') }} month
    group by source_file
)

select
    'export_shrank' as check_name,
    source_file as item,
    is_beyond_limit,
    found,
    content_id as facts
from {{ ref('int_export_losses') }}
union all
select
    'usage_stale',
    partners.partner,
    false,
    'the newest usage export is of ' || partners.newest_export_date || ', ' || date_diff('day', partners.newest_export_date, as_of.as_of_date)
    || ' days before ' || as_of.as_of_date,
    partners.newest_export_date::varchar
from partners
cross join as_of
where date_diff('day', partners.newest_export_date, as_of.as_of_date) > {{ var('usage_stale_days') }}
union all
select
    'days_missing',
    partner || ' ' || strftime(missing_date, '%Y-%m'),
    false,
    count(*) || ' days without usage, ' || min(missing_date) || ' to ' || max(missing_date),
    string_agg(missing_date::varchar, ' ' order by missing_date)
from missing_days
group by partner, strftime(missing_date, '%Y-%m')
union all
select
    'usage_outside_window',
    source_file,
    false,
    concat_ws(
        ', ',
        lines_after || ' lines after ' || as_of_date || ' (until ' || last_date || ')',
        lines_before || ' lines more than {{ var('usage_window_months') }} months before the export (from ' || first_date || ')'
    ),
    contents
from outside
cross join as_of
{% for check, (column, word) in credits.items() %}
    union all
    select
        '{{ check }}',
        strftime(billing_month, '%Y-%m'),
        true,
        '{{ word }} credit of ' || {{ column }}::decimal(38, 2) || ' USD, where ' || published_{{ column }}::decimal(38, 2)
        || ' was published; a change of ' || {{ column }}_change::decimal(38, 2)
        || case when is_newest then ', new usage left out' else '' end,
        concat_ws(' ', {{ column }}, published_{{ column }})
    from {{ ref('int_published_months') }}
    where
        abs({{ column }}_change) > {{ var('credit_change_usd') }}
        and trunc(abs({{ column }}_change), 2)::decimal(30, 2) * 100
        > {{ var('credit_change_percent') }} * abs(trunc(published_{{ column }}, 2)::decimal(30, 2))
{% endfor %}
