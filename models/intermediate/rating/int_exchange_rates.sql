-- How much of a billing currency a USD is, where a line does not say it itself: the monthly rates tell dollars per unit.
-- One row per currency and month.
select
    currency,
    rate_month,
    usd_per_unit,
    (
        ({{ divide(smallest_units('1::decimal(21, 20)'), smallest_units('usd_per_unit'), 18) }})::decimal(38, 0)
        * 0.000000000000000001::decimal(18, 18)
    )::decimal(28, 18) as units_per_usd
from {{ ref('stg_partner_center__fx_rates') }}
