{{ config(
    materialized='usage_batches',
    meta={'reads': "kind = 'daily_rated_usage'"},
    pre_hook="{{ before_reading() }}",
    post_hook="{{ after_reading() }}"
) }}
-- Lines of a CSV file are numbered in the order in which they were read, the header being 1.
with file_starts as (
    select
        file_id,
        min(rowid) as first_row
    from usage_batch
    group by file_id
)

select
    lines.file_id,
    coalesce(lines.line_number, lines.rowid - file_starts.first_row + 2) as line_number,
    resources.resource_key,
    products.product_key,
    bills.bill_key,
    details.detail_key,
    lines.usage_date,
    lines.quantity,
    lines.unit_price,
    lines.pricing_pre_tax_total,
    lines.billing_pre_tax_total,
    lines.exchange_rate,
    lines.applied_pec_rate,
    lines.failure,
    lines.raw_text
from usage_batch as lines
inner join file_starts on lines.file_id = file_starts.file_id
left join {{ source('landing', 'usage_resources') }} as resources on lines.resource_hash = resources.resource_hash
left join {{ source('landing', 'usage_products') }} as products on lines.product_hash = products.product_hash
left join {{ source('landing', 'usage_bills') }} as bills on lines.bill_hash = bills.bill_hash
left join {{ source('landing', 'usage_details') }} as details on lines.detail_hash = details.detail_hash
