-- From when on gaps are reported for a resource and transacting partner, and whose access counts (D2): the reseller of record of a usage day
-- applies until the next usage day with another one. One row per transacting partner, resource and usage day on which the reseller changes.
with resources as (
    select
        resource_partner_key,
        min(usage_date) as first_date,
        min(coalesce(reseller_organisation_id, '')) as least_reseller,
        max(coalesce(reseller_organisation_id, '')) as greatest_reseller
    from {{ ref('int_resource_days') }}
    group by resource_partner_key
),

days as (
    select
        days.*,
        lag(days.reseller_organisation_id) over resource_history as previous_reseller_organisation_id,
        row_number() over resource_history as day_number
    from {{ ref('int_resource_days') }} as days
    -- Nearly all resources have one reseller or none: their first day is enough.
    inner join resources
        on
            days.resource_partner_key = resources.resource_partner_key
            and (days.usage_date = resources.first_date or resources.least_reseller != resources.greatest_reseller)
    window resource_history as (partition by days.resource_partner_key order by days.usage_date)
)

select
    resource_partner_key,
    resource_key,
    scope_key,
    transacting_organisation_id,
    reseller_organisation_id,
    usage_date::timestamp as valid_from,
    lead(usage_date::timestamp) over (partition by resource_partner_key order by usage_date) as valid_to
from days
where day_number = 1 or reseller_organisation_id is distinct from previous_reseller_organisation_id
