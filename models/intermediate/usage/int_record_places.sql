-- Every record of a file in force has one place: used, irrelevant by a stated rule, rejected, or superseded. Each is counted by itself, never as what
-- the others leave, so that a record that no model takes makes the four differ from the archive's own count
-- (tests/invariants/lifecycle_every_landed_record_is_counted.sql).
-- One row per file in force and place: used, irrelevant, rejected, superseded, left_out (by a daily file of the same subscription and month).
{%- set one_place_models = [
    'base_partner_directory', 'stg_azure__role_assignments', 'stg_azure__deny_assignments', 'stg_azure__delegations', 'stg_azure__role_schedules',
    'base_fx_rates', 'base_claims',
] %}
with files as (
    select * from {{ ref('stg_archive__files') }}
),

daily as (
    select * from {{ ref('int_usage_exported_groups') }}
),

-- Never beside: usage of Cost Management whose subscription and month a daily file has (export lifecycle).
beside as (
    select distinct
        subscription_id,
        billing_month
    from daily
    where superseded_by is null
),

newest_runs as (
    select distinct
        content_id,
        subscription_id,
        billing_month
    from {{ ref('int_cost_management_file_groups') }}
),

second_source_lines as (
    select
        lines.file_id,
        lines.content_id,
        resources.subscription_id,
        date_trunc('month', lines.usage_date)::date as billing_month,
        lines.is_usage,
        lines.failure is not null as is_rejected,
        (resources.subscription_id, date_trunc('month', lines.usage_date)::date)
        in (select (subscription_id, billing_month) from newest_runs) as has_newer_run,
        count(*) as line_count
    from {{ ref('stg_cost_management__usage_lines') }} as lines
    left join {{ ref('stg_partner_center__usage_resources') }} as resources on lines.resource_key = resources.resource_key
    group by all
),

places as (
    {% for model in one_place_models %}
        select
            file_id,
            case when failure is null then 'used' else 'rejected' end as place,
            count(*) as record_count
        from {{ ref(model) }}
        group by all
        union all
    {% endfor %}
    select
        file_id,
        case when failure is not null then 'rejected' when is_other_operation then 'irrelevant' else 'used' end,
        count(*)
    from {{ ref('stg_azure__activity_log') }}
    group by all
    union all
    select
        file_id,
        case when rule = 'definition' then 'used' else 'irrelevant' end,
        item_count
    from {{ ref('stg_azure__items_aside') }}
    union all
    select
        file_id,
        case when is_completed then 'superseded' else 'rejected' end,
        count(*)
    from {{ ref('stg_archive__rejected_records') }}
    group by all
    union all
    -- M5: of an invoice the newest file counts.
    select
        file_id,
        case when failure is not null then 'rejected' when is_newest then 'used' else 'superseded' end,
        count(*)
    from (
        select
            file_id,
            failure,
            max(export_date) filter (where failure is null) over (partition by invoice_number) = export_date as is_newest
        from {{ ref('base_invoice_lines') }}
    ) as invoice_lines
    group by all
    union all
    -- P1: reservations on a price sheet are no consumption.
    select
        files.file_id,
        case when sheets.failure is not null then 'rejected' when sheets.is_consumption then 'used' else 'irrelevant' end,
        count(*)
    from {{ ref('base_price_sheet') }} as sheets
    inner join files on sheets.content_id = files.content_id
    where files.kind = 'price_sheet' and files.is_in_force
    group by all
    union all
    select
        files.file_id,
        'rejected',
        count(*)
    from {{ ref('stg_partner_center__usage_lines') }} as lines
    inner join files on lines.content_id = files.content_id
    where files.kind = 'daily_rated_usage' and files.is_in_force and lines.failure is not null
    group by files.file_id
    union all
    select
        file_id,
        case when superseded_by is null then 'used' else 'superseded' end,
        sum(line_count)
    from daily
    group by all
    union all
    -- Purchases are no usage; of a subscription and month the newest run counts, and only where no daily file does.
    select
        lines.file_id,
        case
            when lines.is_rejected then 'rejected'
            when not lines.is_usage then 'irrelevant'
            when newest_runs.content_id is null then case when lines.has_newer_run then 'superseded' end
            when beside.subscription_id is not null then 'left_out'
            else 'used'
        end,
        sum(lines.line_count)
    from second_source_lines as lines
    left join beside on lines.subscription_id = beside.subscription_id and lines.billing_month = beside.billing_month
    left join newest_runs
        on
            lines.content_id = newest_runs.content_id
            and lines.subscription_id = newest_runs.subscription_id
            and lines.billing_month = newest_runs.billing_month
    group by all
)

select
    file_id,
    place,
    sum(record_count)::bigint as record_count
from places
group by file_id, place
