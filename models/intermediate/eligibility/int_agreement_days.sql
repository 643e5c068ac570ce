-- D4: whether an organisation's agreement was in force for the whole of a day. One row per transacting organisation and day with usage.
-- Decision: without an agreements file every partner is assumed to have one.
with days as (
    select distinct
        days.transacting_organisation_id,
        days.usage_date,
        coalesce(organisations.partner_global_id, days.transacting_partner_id) as partner_global_id
    from {{ ref('int_resource_days') }} as days
    left join {{ ref('int_partner_organisations') }} as organisations on days.transacting_partner_id = organisations.partner_id
    where {{ is_in_changed_month('days.billing_month') }}
),

clipped_intervals as (
    select
        days.transacting_organisation_id,
        days.usage_date,
        greatest({{ from_or_ever('agreements.valid_from') }}, days.usage_date::timestamp) as clipped_from,
        least({{ to_or_ever('agreements.valid_to') }}, days.usage_date + interval 1 day) as clipped_to
    from days
    inner join {{ directory_records('agreements', 'partner_global_id, valid_from, valid_to') }} as agreements
        on
            days.partner_global_id = agreements.partner_global_id
            and {{ from_or_ever('agreements.valid_from') }} < days.usage_date + interval 1 day
            and {{ to_or_ever('agreements.valid_to') }} > days.usage_date
),

with_reach as (
    select
        *,
        max(clipped_to) over (
            partition by transacting_organisation_id, usage_date order by clipped_from, clipped_to rows between unbounded preceding and 1 preceding
        ) as reach
    from clipped_intervals
),

covered as (
    select
        transacting_organisation_id,
        usage_date,
        sum({{ microseconds_beyond('reach') }}) as covered_microseconds
    from with_reach
    group by transacting_organisation_id, usage_date
),

agreement_file as (
    select count(*) > 0 as is_given from {{ ref('stg_archive__files') }}
    where kind = 'agreements' and is_in_force
)

select distinct
    days.transacting_organisation_id,
    days.usage_date,
    not agreement_file.is_given or coalesce(covered.covered_microseconds, 0) = 86400000000 as has_agreement
from days
cross join agreement_file
left join covered on days.transacting_organisation_id = covered.transacting_organisation_id and days.usage_date = covered.usage_date
