-- Accepted usage file groups (export lifecycle). One row per usage file group of a current export.
select
    file_groups.*,
    files.source_file
from {{ ref('int_usage_file_groups') }} as file_groups
inner join {{ ref('stg_archive__files') }} as files on file_groups.content_id = files.content_id
inner join {{ ref('int_usage_exports') }} as exports
    on
        files.export_date = exports.exported_at
        and file_groups.partner_id is not distinct from exports.partner_id
        and file_groups.billing_currency is not distinct from exports.billing_currency
        and file_groups.billing_month = exports.billing_month
        and file_groups.invoice_number is not distinct from exports.invoice_number
where exports.superseded_by is null and files.kind = 'daily_rated_usage' and files.is_in_force
