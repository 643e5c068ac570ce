-- Who used what, from when until when, and the newest day of usage of its subscription. One row per transacting partner and resource with usage.
with days as (
    select
        resource_partner_key,
        min(usage_date) as first_usage_date,
        max(usage_date) as last_usage_date,
        arg_max(resource_key, usage_date) as resource_key,
        arg_max(reseller_partner_id, usage_date) as reseller_partner_id,
        any_value(transacting_organisation_id) as transacting_organisation_id
    from {{ ref('int_resource_days') }}
    group by resource_partner_key
)

select
    days.*,
    resources.transacting_partner_id,
    resources.customer_id,
    resources.customer_name,
    resources.subscription_id,
    resources.plan_subscription_id,
    resources.resource_group_name,
    resources.resource_id,
    resources.access_scope_id,
    max(days.last_usage_date) over (partition by resources.subscription_id) as newest_usage_date
from days
inner join {{ ref('stg_partner_center__usage_resources') }} as resources on days.resource_key = resources.resource_key
