-- D1: every resource-day with usage is decided, and nothing else is; joining the decision to the lines adds and drops none.
with decided as (
    select
        usage_date,
        count(*) as day_count
    from {{ ref('fct_pec_eligibility_daily') }}
    where {{ is_in_changed_month(month_of('usage_date')) }}
    group by usage_date
),

used as (
    select
        usage_date,
        count(distinct resource_partner_key) as day_count
    from {{ ref('int_usage_lines') }}
    where {{ is_in_changed_month(month_of('usage_date')) }}
    group by usage_date
)

select *
from decided
full join used on decided.usage_date = used.usage_date
where decided.day_count is distinct from used.day_count
union all
select
    null,
    0,
    null,
    0
where not exists (select 1 from {{ ref('int_usage_lines') }})
