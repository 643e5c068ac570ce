-- Contents whose lines may leave the archive after a green build: all their lines belong to unbilled exports that a newer or a billed export
-- replaced, and superseded_exports_kept newer replaced exports stay. Counts and sums stay (export lifecycle). One row per content.
with replaced as (
    select
        *,
        dense_rank() over (partition by partner_id, billing_currency, billing_month order by exported_at desc) as replaced_number
    from {{ ref('int_usage_exports') }}
    where superseded_by is not null and invoice_number is null
),

slices as (
    select distinct
        slices.content_id,
        slices.partner_id,
        slices.billing_currency,
        slices.billing_month,
        slices.invoice_number,
        files.export_date
    from {{ ref('int_usage_file_groups') }} as slices
    inner join {{ ref('stg_archive__files') }} as files on slices.content_id = files.content_id
    where files.kind = 'daily_rated_usage' and files.is_in_force
)

select slices.content_id
from slices
left join replaced
    on
        slices.invoice_number is null
        and slices.export_date = replaced.exported_at
        and slices.partner_id is not distinct from replaced.partner_id
        and slices.billing_currency is not distinct from replaced.billing_currency
        and slices.billing_month = replaced.billing_month
group by slices.content_id
having bool_and(coalesce(replaced.replaced_number > {{ var('superseded_exports_kept') }}, false))
