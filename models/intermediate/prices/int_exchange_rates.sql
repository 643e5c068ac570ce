-- Billing currency per USD, for lines without a rate of their own; the monthly files give USD per unit.
-- One row per currency and month.
select
    currency,
    rate_month,
    usd_per_unit,
    (
        ({{ divide('1::decimal(21, 20)', 'usd_per_unit', 18, later=1) }})::decimal(38, 0)
        * 0.000000000000000001::decimal(18, 18)
    )::decimal(28, 18) as units_per_usd
from {{ ref('base_fx_rates') }}
where failure is null
-- The newest file's rate, where files repeat a month.
qualify row_number() over (partition by currency, rate_month order by exported_at desc, source_file desc, line_number desc) = 1
