-- Who used what, once for all lines that name it alike, with the ids that the marts compare by. One row per resource_key of the usage.
with named as (
    select
        *,
        -- Some meters carry no Azure id here, or something that is none.
        case
            when starts_with(resource_uri, '/subscriptions/') then rtrim(resource_uri, '/')
            when starts_with(resource_uri, 'subscriptions/') then '/' || rtrim(resource_uri, '/')
        end as azure_resource_id,
        -- Without an Azure subscription of its own a line stands for its plan's, where no access can be found (Decision).
        coalesce(entitlement_id, {{ subscription_of('azure_resource_id') }}, plan_subscription_id) as subscription_id,
        '/subscriptions/' || subscription_id || coalesce('/resourcegroups/' || resource_group, '') as group_scope_id
    from {{ ref('stg_partner_center__usage_resources') }}
),

with_ids as (
    select
        resource_key,
        customer_id,
        customer_name,
        customer_country as market,
        plan_subscription_id,
        subscription_id,
        coalesce(nullif(regexp_extract(azure_resource_id, '/resourcegroups/([^/]+)', 1), ''), resource_group) as resource_group_name,
        -- A1: without a resource the line stands for its resource group, else for its subscription.
        coalesce(azure_resource_id, resource_uri, group_scope_id) as resource_id,
        -- Where access to it stands: something that is no Azure id lies in its resource group or subscription all the same.
        coalesce(azure_resource_id, group_scope_id) as access_scope_id,
        mpn_id as transacting_partner_id,
        reseller_mpn_id
    from named
)

select
    *,
    -- Of what eligibility is decided for on a day; lines may name one resource in several ways, and the first to come lends it its key.
    min(resource_key) over (partition by subscription_id, resource_id, transacting_partner_id) as resource_partner_key,
    min(resource_key) over (partition by access_scope_id) as scope_key,
    min(resource_key) over (partition by plan_subscription_id) as plan_key,
    -- Keys are given in the order of arrival; this says the same in every warehouse.
    {{ short_hash('subscription_id', 'resource_id', 'transacting_partner_id') }}::ubigint as resource_partner_fingerprint
from with_ids
