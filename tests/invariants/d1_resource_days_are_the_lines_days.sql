-- D1: every resource-day with usage is decided, and nothing else is; joining the decision to the lines adds and drops none.
with decided as (
    select count(*) as day_count from {{ ref('fct_pec_eligibility_daily') }}
),

days as (
    select distinct
        usage_date,
        resource_partner_key
    from {{ ref('int_usage_lines') }}
),

used as (
    select count(*) as day_count from days
)

select *
from decided, used
where decided.day_count is distinct from used.day_count or used.day_count = 0
