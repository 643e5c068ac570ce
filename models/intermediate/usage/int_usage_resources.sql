{{ config(materialized='incremental', pre_hook="{{ forget_old_keys() }}", post_hook="{{ remember_files() }}") }}
-- Who used what, once for all lines that name it alike, with the ids that the marts compare by. One row per resource_key of the usage.
with lines as (
    select
        resource_key,
        any_value(plan_subscription_id) as plan_subscription_id,
        any_value(entitlement_id) as entitlement_id,
        any_value(resource_uri) as resource_uri,
        any_value(resource_group) as resource_group,
        any_value(customer_id) as customer_id,
        any_value(customer_name) as customer_name,
        any_value(customer_country) as market,
        any_value(mpn_id) as transacting_partner_id,
        any_value(reseller_mpn_id) as reseller_mpn_id,
        -- Some meters carry no Azure id here, or something that is none.
        case
            when starts_with(any_value(resource_uri), '/subscriptions/') then rtrim(any_value(resource_uri), '/')
            when starts_with(any_value(resource_uri), 'subscriptions/') then '/' || rtrim(any_value(resource_uri), '/')
        end as azure_resource_id
    from {{ ref('stg_partner_center__daily_rated_usage') }}
    where {{ is_of_new_file('file_id') }}
    group by resource_key
),

with_subscriptions as (
    select
        *,
        -- Without an Azure subscription of its own a line stands for its plan's, where no access can be found (Decision).
        coalesce(entitlement_id, {{ subscription_of('azure_resource_id') }}, plan_subscription_id) as subscription_id,
        '/subscriptions/' || subscription_id || coalesce('/resourcegroups/' || resource_group, '') as group_scope_id
    from lines
    {% if is_incremental() %}
        where resource_key not in (select resource_key from {{ this }})
    {% endif %}
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
    from with_subscriptions
)

select
    *,
    -- Of what eligibility is decided for on a day; lines may name one resource in several ways.
    hash(subscription_id, resource_id, transacting_partner_id) as resource_partner_key,
    hash(access_scope_id) as scope_key
from with_ids
