with named as (
    select
        subscription_id,
        string_agg(distinct market, ', ' order by market) as markets,
        min(customer_id) as customer_id,
        min(customer_name) as customer_name,
        min(plan_subscription_id) as plan_subscription_id
    from {{ ref('stg_partner_center__usage_resources') }}
    group by subscription_id
),

used as (
    select
        subscription_id,
        max_by(
            struct_pack(customer_id, customer_name, plan_subscription_id, transacting_partner_id, reseller_partner_id),
            -- Not by the key: a hash would name another partner on another engine.
            struct_pack(last_usage_date, transacting_partner_id, resource_id)
        ) as newest,
        min(first_usage_date) as first_usage_date,
        max(last_usage_date) as last_usage_date,
        count(distinct resource_id) as resource_count
    from {{ ref('int_resource_usage') }}
    group by subscription_id
),

-- The vendor's description of the entitlement is what the subscription is called.
lines as (
    select
        resource_key,
        detail_key,
        max(usage_date) as usage_date
    from {{ ref('int_charge_lines') }}
    where detail_key is not null
    group by resource_key, detail_key
),

names as (
    select
        resources.subscription_id,
        max_by(details.entitlement_description, struct_pack(lines.usage_date, details.entitlement_description)) as subscription_name
    from lines
    inner join {{ ref('stg_partner_center__usage_details') }} as details on lines.detail_key = details.detail_key
    inner join {{ ref('stg_partner_center__usage_resources') }} as resources on lines.resource_key = resources.resource_key
    where details.entitlement_description is not null
    group by resources.subscription_id
)

select
    named.subscription_id,
    names.subscription_name,
    coalesce(used.newest.plan_subscription_id, named.plan_subscription_id) as plan_subscription_id,
    coalesce(used.newest.customer_id, named.customer_id) as customer_id,
    coalesce(used.newest.customer_name, named.customer_name) as customer_name,
    used.newest.transacting_partner_id,
    used.newest.reseller_partner_id,
    named.markets,
    coalesce(used.resource_count, 0) as resource_count,
    used.first_usage_date,
    used.last_usage_date
from named
left join used on named.subscription_id = used.subscription_id
left join names on named.subscription_id = names.subscription_id
