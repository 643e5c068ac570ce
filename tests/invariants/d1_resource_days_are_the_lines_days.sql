-- D1: every resource-day with usage is decided, and nothing else is; joining the decision to the lines adds and drops none.
with decided as (
    select count(*) as day_count from {{ ref('fct_pec_eligibility_daily') }}
),

used as (
    select count(*) as day_count
    from (select distinct
        usage_date,
        subscription_id,
        resource_id,
        transacting_partner_id
    from {{ ref('int_usage_lines') }})
)

select *
from decided, used
where decided.day_count is distinct from used.day_count or used.day_count = 0
