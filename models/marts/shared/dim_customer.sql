with named as (
    select
        customer_id,
        count(distinct subscription_id) as subscription_count,
        string_agg(distinct market, ', ' order by market) as markets,
        min(customer_name) as any_name
    from {{ ref('stg_partner_center__usage_resources') }}
    where customer_id is not null
    group by customer_id
),

used as (
    select
        customer_id,
        -- The name of today; of names of the same day the greatest.
        max_by(customer_name, struct_pack(last_usage_date, customer_name)) filter (where customer_name is not null) as customer_name,
        min(first_usage_date) as first_usage_date,
        max(last_usage_date) as last_usage_date
    from {{ ref('int_resource_usage') }}
    group by customer_id
)

select
    named.customer_id,
    coalesce(used.customer_name, named.any_name) as customer_name,
    named.markets,
    named.subscription_count,
    used.first_usage_date,
    used.last_usage_date
from named
left join used on named.customer_id = used.customer_id
