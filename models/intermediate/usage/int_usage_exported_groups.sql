-- What became of the lines of daily files in force (export lifecycle): their export counts, or a newer or a billed export replaced it. Of a content
-- of which nothing counts any more, the lines may leave the archive when superseded_exports_kept newer unbilled exports were replaced as well; counts
-- and sums stay. One row per usage file group of a daily file in force.
with exported as (
    select
        file_groups.*,
        files.file_id,
        files.source_file,
        files.export_date,
        exports.superseded_by,
        exports.superseded_by is not null and file_groups.invoice_number is null as is_replaced_unbilled
    from {{ ref('int_usage_file_groups') }} as file_groups
    inner join {{ ref('stg_archive__files') }} as files on file_groups.content_id = files.content_id
    inner join {{ ref('int_usage_exports') }} as exports
        on
            files.export_date = exports.exported_at
            and file_groups.partner_id is not distinct from exports.partner_id
            and file_groups.billing_currency is not distinct from exports.billing_currency
            and file_groups.billing_month = exports.billing_month
            and file_groups.invoice_number is not distinct from exports.invoice_number
    where files.kind = 'daily_rated_usage' and files.is_in_force
),

numbered as (
    select
        *,
        dense_rank() over (
            partition by is_replaced_unbilled, partner_id, billing_currency, billing_month order by export_date desc
        ) as export_number
    from exported
)

select
    * exclude (is_replaced_unbilled, export_number),
    bool_and(superseded_by is not null) over (partition by content_id) as is_content_superseded,
    bool_and(is_replaced_unbilled and export_number > {{ var('superseded_exports_kept') }}) over (partition by content_id)
        as is_content_to_prune
from numbered
