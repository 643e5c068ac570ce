-- M1: what usage names as a product, with the country that prices it: the line's own, else that of the customer's other accepted lines; where these
-- differ, the first in alphabetical order. One row per product_key.
with customer_markets as (
    select
        customer_id,
        min(market) as market
    from {{ ref('int_usage_file_groups_current') }}
    where customer_id is not null and market is not null
    group by customer_id
)

select
    products.* exclude (rules_version, market),
    coalesce(products.market, customer_markets.market) as market
from {{ ref('stg_partner_center__usage_products') }} as products
left join customer_markets on products.customer_without_country = customer_markets.customer_id
