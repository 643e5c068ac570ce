select
    currency,
    rate_month,
    usd_per_unit
from {{ ref('base_fx_rates') }}
where failure is null
-- The newest file's rate, where files repeat a month.
qualify row_number() over (partition by currency, rate_month order by exported_at desc, source_file desc, line_number desc) = 1
