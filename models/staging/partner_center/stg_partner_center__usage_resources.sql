{{ config(pre_hook="{{ delete_outdated() }}") }}
-- Who used what, once for all lines that name it alike, with the ids that the marts compare by. One row per resource_key.
{{ newly_named('resource') }},

typed as (
    select
        resource_key,
        {{ id_of('plan_subscription_id') }} as plan_subscription_id,
        {{ id_of('entitlement_id') }} as entitlement_id,
        nullif(rtrim({{ id_of('resource_uri') }}, '/'), '') as resource_uri,
        {{ id_of('resource_group') }} as resource_group,
        {{ id_of('customer_id') }} as customer_id,
        {{ text_or_null('customer_name') }} as customer_name,
        {{ id_of('customer_country') }} as market,
        {{ partner_of('mpn_id') }} as transacting_partner_id,
        {{ partner_of('reseller_mpn_id') }} as reseller_mpn_id
    from named
),

with_azure_ids as (
    select
        *,
        -- Some meters carry no Azure id here, or something that is none.
        case
            when starts_with(resource_uri, '/subscriptions/') then resource_uri
            when starts_with(resource_uri, 'subscriptions/') then '/' || resource_uri
        end as azure_resource_id,
        -- Without an Azure subscription of its own a line stands for its plan's, where no access can be found (Decision).
        coalesce(entitlement_id, {{ subscription_of('azure_resource_id') }}, plan_subscription_id) as subscription_id,
        '/subscriptions/' || subscription_id || coalesce('/resourcegroups/' || resource_group, '') as group_scope_id
    from typed
),

with_ids as (
    select
        resource_key,
        customer_id,
        customer_name,
        market,
        plan_subscription_id,
        subscription_id,
        coalesce(nullif(regexp_extract(azure_resource_id, '/resourcegroups/([^/]+)', 1), ''), resource_group) as resource_group_name,
        -- A1: without a resource the line stands for its resource group, else for its subscription.
        coalesce(azure_resource_id, resource_uri, group_scope_id) as resource_id,
        -- Where access to it stands: something that is no Azure id lies in its resource group or subscription all the same.
        coalesce(azure_resource_id, group_scope_id) as access_scope_id,
        transacting_partner_id,
        reseller_mpn_id
    from with_azure_ids
)

select
    *,
    -- Of what eligibility is decided for on a day; lines may name one resource in several ways.
    hash(subscription_id, resource_id, transacting_partner_id) as resource_partner_key,
    hash(access_scope_id) as scope_key,
    hash(plan_subscription_id) as plan_key,
    (select rules_version from {{ ref('project_version') }}) as rules_version
from with_ids
