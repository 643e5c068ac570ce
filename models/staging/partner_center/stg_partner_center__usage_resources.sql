-- depends_on: {{ ref('landing_daily_rated_usage') }}
select
    resource_key,
    {{ id_of('plan_subscription_id') }} as plan_subscription_id,
    {{ id_of('entitlement_id') }} as entitlement_id,
    {{ id_of('resource_uri') }} as resource_uri,
    {{ id_of('resource_group') }} as resource_group,
    {{ id_of('customer_id') }} as customer_id,
    {{ text_or_null('customer_name') }} as customer_name,
    {{ id_of('customer_country') }} as customer_country,
    {{ id_of('mpn_id') }} as mpn_id,
    nullif({{ id_of('reseller_mpn_id') }}, '0') as reseller_mpn_id
from {{ source('landing', 'usage_resources') }}
