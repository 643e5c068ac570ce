-- Contents whose lines may leave the archive after a green build: all their lines belong to unbilled exports that a newer or a billed export
-- replaced, and superseded_exports_kept newer replaced exports stay. Counts and sums stay (export lifecycle). One row per content.
with replaced as (
    select
        *,
        dense_rank() over (partition by partner_id, billing_currency, billing_month order by exported_at desc) as replaced_number
    from {{ ref('int_usage_exports') }}
    where superseded_by is not null and invoice_number is null
),

file_groups as (
    select distinct
        file_groups.content_id,
        file_groups.partner_id,
        file_groups.billing_currency,
        file_groups.billing_month,
        file_groups.invoice_number,
        files.export_date
    from {{ ref('int_usage_file_groups') }} as file_groups
    inner join {{ ref('stg_archive__files') }} as files on file_groups.content_id = files.content_id
    where files.kind = 'daily_rated_usage' and files.is_in_force
)

select file_groups.content_id
from file_groups
left join replaced
    on
        file_groups.invoice_number is null
        and file_groups.export_date = replaced.exported_at
        and file_groups.partner_id is not distinct from replaced.partner_id
        and file_groups.billing_currency is not distinct from replaced.billing_currency
        and file_groups.billing_month = replaced.billing_month
group by file_groups.content_id
having bool_and(coalesce(replaced.replaced_number > {{ var('superseded_exports_kept') }}, false))
