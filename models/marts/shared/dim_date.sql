with years as (
    select
        date_trunc('year', min(first_usage_date))::date as first_day,
        (date_trunc('year', max(last_usage_date)) + interval 1 year)::date as end_day
    from {{ ref('int_resource_usage') }}
),

instants as (
    select unnest(range(first_day, end_day, interval 1 day)) as day_at
    from years
    where first_day is not null
),

days as (
    select day_at::date as date_day
    from instants
)

select
    date_day,
    {{ month_of('date_day') }} as billing_month,
    strftime(date_day, '%Y-%m') as month_name,
    month(date_day)::integer as month_of_year,
    date_trunc('quarter', date_day)::date as quarter_start,
    year(date_day) || '-Q' || quarter(date_day) as quarter_name,
    year(date_day)::integer as year_number,
    day(date_day)::integer as day_of_month,
    isodow(date_day)::integer as day_of_week,
    dayname(date_day) as weekday_name,
    weekofyear(date_day)::integer as iso_week,
    isodow(date_day) <= 5 as is_working_day,
    day(last_day(date_day))::integer as days_in_month,
    (count(*) filter (where isodow(date_day) <= 5) over (partition by date_trunc('month', date_day)))::integer as working_days_in_month,
    date_day = last_day(date_day) as is_last_day_of_month
from days
