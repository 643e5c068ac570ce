-- depends_on: {{ ref('landing_daily_rated_usage') }}
-- depends_on: {{ ref('landing_csv_rows') }}
-- depends_on: {{ ref('landing_json_items') }}
-- depends_on: {{ ref('int_usage_slices_current') }}
-- depends_on: {{ ref('int_charge_lines') }}
with files as (
    select * from {{ ref('landing_files') }}
),

-- Usage files whose rows are of their present version.
readable as (
    select files.file_id
    from files
    inner join {{ source('landing', 'files_read') }} as files_read on files.file_id = files_read.file_id and files.digest = files_read.digest
    where files_read.model = 'landing_daily_rated_usage'
),

rejected as (
    -- Whole files.
    select
        file_id,
        0 as line_number,
        null::varchar as column_name,
        problem as reason,
        null::varchar as raw_text
    from files
    where problem is not null
    union all
    -- Lines that no reader could split into columns.
    select
        lines.file_id,
        lines.line_number,
        lines.column_name,
        lines.reason,
        lines.raw_text
    from {{ source('landing', 'rejected_lines') }} as lines
    inner join files on lines.file_id = files.file_id and lines.digest = files.digest
    union all
    -- Rows with a value that cannot be what its column says.
    select
        lines.file_id,
        lines.line_number,
        lines.failure.column_name,
        lines.failure.reason,
        lines.raw_text
    from {{ ref('landing_daily_rated_usage') }} as lines
    inner join readable on lines.file_id = readable.file_id
    where lines.failure is not null
    union all
    -- Lines that cost more than the marts' types hold.
    select
        rated.file_id,
        rated.line_number,
        'Quantity',
        'costs a billion USD or more at list price or a trillion a unit: beyond what the marts hold exactly',
        null
    from {{ ref('int_rated_lines') }} as rated
    where rated.file_id in ({{ in_quotes(files_not_charged_whole()) }}) and rated.is_beyond_types
    union all
    select
        file_id,
        line_number,
        null,
        failure_reason,
        raw_text
    from {{ ref('base_json_items') }}
    where failure_reason is not null
    {% for base in [
        'base_partner_directory', 'base_price_sheet', 'base_azure_activity_log', 'base_azure_role_assignments', 'base_azure_deny_assignments',
        'base_azure_delegations', 'base_azure_role_schedules', 'base_fx_rates', 'base_invoice_lines',
    ] %}
        union all
        select
            file_id,
            line_number,
            failure.column_name,
            failure.reason,
            raw_text
        from {{ ref(base) }}
        where failure is not null
    {% endfor %}
)

select
    files.source_file,
    rejected.line_number::bigint as line_number,
    rejected.column_name,
    rejected.reason,
    rejected.raw_text
from rejected
inner join files on rejected.file_id = files.file_id
