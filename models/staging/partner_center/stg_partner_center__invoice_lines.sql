select
    file_id || '-' || line_number as invoice_line_id,
    * exclude (failure, raw_text)
from {{ ref('base_invoice_lines') }}
where failure is null
-- The newest file of an invoice replaces the older, like exports of usage do.
qualify exported_at = max(exported_at) over (partition by invoice_number)
