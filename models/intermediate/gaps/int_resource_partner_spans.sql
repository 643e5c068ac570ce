-- From when on a resource's access is watched for a transacting partner, and whose access then counts (D2): the reseller of record of a usage
-- day stands until the next day that names one. One row per transacting partner, resource and usage day on which the reseller changes.
with days as (
    select
        *,
        lag(reseller_organisation_id) over resource_history as previous_reseller_organisation_id,
        row_number() over resource_history as day_number
    from {{ ref('int_resource_days') }}
    window resource_history as (partition by transacting_partner_id, subscription_id, resource_id order by usage_date)
)

select
    transacting_partner_id,
    subscription_id,
    resource_id,
    access_scope_id,
    transacting_organisation_id,
    reseller_organisation_id,
    usage_date::timestamp as valid_from,
    lead(usage_date::timestamp) over (partition by transacting_partner_id, subscription_id, resource_id order by usage_date) as valid_to
from days
where day_number = 1 or reseller_organisation_id is distinct from previous_reseller_organisation_id
