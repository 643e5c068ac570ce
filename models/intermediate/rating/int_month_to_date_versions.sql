-- A day's month to date is made of all days of its month up to it: so is its version. One row per usage day.
select
    usage_date,
    hash(
        sum(hash(usage_date, input_version)::hugeint) over (partition by date_trunc('month', usage_date) order by usage_date rows unbounded preceding)
    ) as input_version
from {{ ref('int_charge_day_versions') }}
