-- The slices of usage that are accepted (export lifecycle). One row per slice of a current export.
select
    slices.*,
    files.source_file
from {{ ref('int_usage_slices') }} as slices
inner join {{ ref('landing_files') }} as files on slices.file_id = files.file_id and slices.digest = files.digest
inner join {{ ref('int_usage_exports') }} as exports
    on
        exports.exported_at = {{ export_date('files') }}
        and slices.partner_id is not distinct from exports.partner_id
        and slices.billing_currency is not distinct from exports.billing_currency
        and slices.billing_month = exports.billing_month
        and slices.invoice_number is not distinct from exports.invoice_number
where exports.superseded_by is null
