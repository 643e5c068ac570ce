-- Small keys for what lines name: where a line belongs (places) and what it is (products), and what follows from them.
--
-- Needs usage, a view of the lines. The key of a line is a 64-bit hash of the same columns; that no two places or products share one is checked,
-- so joins on it are exact. Leaves places, products, relations, resources, plans, days.

-- stage: names
create macro place_hash(e, r, g, p, c, m, t, i, n) as hash(e, r, g, p, c, m, t, i, n);
create macro product_hash(m, p, s, i, c, n, b, t, k, r, u) as hash(m, p, s, i, c, n, b, t, k, r, u);
create table places as
select
    place_hash(entitlement_id, resource_uri, resource_group, plan_id, customer_id, market, mpn_id, reseller_id, is_unbilled) as place_hash,
    lower(entitlement_id) as subscription_id,
    lower(plan_id) as plan_id,
    lower(customer_id) as customer_id,
    lower(market) as market,
    mpn_id as partner_id,
    nullif(reseller_id, '0') as reseller_id,
    is_unbilled,
    lower(resource_group) as resource_group,
    coalesce(rtrim(lower(resource_uri), '/'), '/subscriptions/' || subscription_id || coalesce('/resourcegroups/' || lower(resource_group), ''))
        as resource_id
from (
    select distinct entitlement_id, resource_uri, resource_group, plan_id, customer_id, market, mpn_id, reseller_id,
        invoice_number is null as is_unbilled
    from usage
);
create table products as
select
    product_hash(
        market, product_id, sku_id, meter_id, meter_category, meter_name, publisher, benefit_type, credit_type, credit_percentage, invoice_series
    ) as product_hash,
    row_number() over () as product_key,
    -- What the meter's month is kept for, whatever else the lines say.
    dense_rank() over (order by lower(product_id), lower(sku_id), lower(meter_id)) as meter_key,
    lower(market) as market, lower(product_id) as product_id, lower(sku_id) as sku_id, lower(meter_id) as meter_id, meter_category, meter_name,
    publisher, benefit_type, credit_type, try_cast(credit_percentage as decimal(5, 2)) as credit_percentage, invoice_series
from (
    select distinct market, product_id, sku_id, meter_id, meter_category, meter_name, publisher, benefit_type, credit_type, credit_percentage,
        invoice_number[1] as invoice_series
    from usage
);
select case when count(distinct place_hash) != count(*) then error('places share a hash') end from places;
select case when count(distinct product_hash) != count(*) then error('products share a hash') end from products;
-- What is billed to one partner for one subscription under one reseller shares whose access counts: a relation.
create table relations as
select row_number() over ()::int as relation_key, *
from (select distinct subscription_id, partner_id, reseller_id, is_unbilled from places);
create table resources as
select
    row_number() over (order by resource_id, subscription_id, partner_id)::int as resource_key,
    subscription_id, resource_id, partner_id,
    max(resource_group) as resource_group,
    any_value(customer_id) as customer_id,
    -- Lines of one resource that name different resellers: the greatest decides.
    arg_max(relation_key, coalesce(places.reseller_id, '')) as relation_key
from places
inner join relations using (subscription_id, partner_id)
where places.reseller_id is not distinct from relations.reseller_id and places.is_unbilled = relations.is_unbilled
group by subscription_id, resource_id, partner_id;
create table plans as select row_number() over ()::int as plan_key, plan_id from (select distinct plan_id from places);
create table days as select distinct usage_date from usage where usage_date is not null;
