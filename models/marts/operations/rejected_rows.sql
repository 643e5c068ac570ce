{%- set checked_models = [
    'base_partner_directory', 'stg_azure__activity_log', 'stg_azure__role_assignments', 'stg_azure__deny_assignments', 'stg_azure__delegations',
    'stg_azure__role_schedules', 'base_fx_rates', 'base_invoice_lines', 'base_claims',
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
    -- Records that could not be split into columns or items.
    select
        files.source_file,
        lines.line_number,
        lines.column_name,
        lines.reason,
        lines.raw_text
    from {{ source('archive_records', 'rejected') }} as lines
    inner join files on lines.content_id = files.content_id
    where files.is_in_force and files.rejected > 0
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
