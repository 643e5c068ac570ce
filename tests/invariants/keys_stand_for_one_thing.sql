-- Keys are hashes of what they stand for: no two things may have one, and nothing two.
with resources as (
    select
        count(distinct resource_key) as resource_count,
        count(distinct resource_partner_key) as partner_key_count,
        count(distinct row(subscription_id, resource_id, transacting_partner_id)) as partner_name_count,
        count(distinct scope_key) as scope_key_count,
        count(distinct access_scope_id) as scope_name_count,
        count(distinct hash(plan_subscription_id)) as plan_key_count,
        count(distinct plan_subscription_id) as plan_name_count
    from {{ ref('int_usage_resources') }}
),

products as (
    select
        count(distinct product_key) as product_count,
        count(distinct meter_key) as meter_key_count,
        count(distinct row(product_id, sku_id, meter_id)) as meter_name_count
    from {{ ref('int_usage_products') }}
)

select *
from resources, products
where
    partner_key_count != partner_name_count
    or scope_key_count != scope_name_count
    or plan_key_count != plan_name_count
    or meter_key_count != meter_name_count
    or resource_count = 0
    or product_count = 0
