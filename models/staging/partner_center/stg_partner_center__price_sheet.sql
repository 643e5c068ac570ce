select
    file_id,
    source_file,
    exported_at,
    max(effective_start_date) over (partition by file_id, market) as newest_start_date,
    line_number,

    product_id,
    sku_id,
    meter_ids,
    market,

    term_duration,
    coalesce(regexp_matches(tags, '(?i)third\s*party'), false) as is_third_party,
    -- P1: only pay-as-you-go consumption is on the list; the same columns also carry reservations.
    coalesce(starts_with(term_duration, 'payg'), true) and not coalesce(contains(lower(tags), 'reservation'), false) as is_consumption,

    unit_price,
    tier_minimum,
    tier_maximum,

    effective_start_date,
    effective_end_date
from {{ ref('base_price_sheet') }}
where failure is null
