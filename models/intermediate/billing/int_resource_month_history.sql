-- All versions of a resource's month: those that publications wrote to the archive, and the changes of this build. One row per resource-month and
-- version.
with versions as (
    select * from {{ source('archive_records', 'history') }}
    union all
    select * from {{ ref('int_resource_month_changes') }}
)

select
    *,
    lead(as_of) over (partition by resource_month_id order by as_of) as as_of_until,
    min(as_of) over (partition by billing_month) as month_first_reported_at
from versions
