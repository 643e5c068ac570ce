-- What each product costs on each day, and why it earns no credit (M1, M2, P1, P2).
--
-- Needs price_rows, a view of the price sheets' rows, typed; products; days. Leaves tiers, product_days.

-- stage: prices
create type pec_reason as enum (
    'eligible', 'reservation', 'savings_plan', 'third_party', 'marketplace', 'spot', 'azure_credit', 'not_on_price_list', 'full_day', 'no_agreement',
    'no_access', 'other_partner', 'ineligible_role', 'not_linked', 'not_permanent', 'denied', 'partial_day'
);
-- M1: only what is used; of overlapping rows the newest start wins; P1: consumption only.
create table sheet as
select
    lower(market) as market, lower(product_id) as product_id, lower(sku_id) as sku_id, lower(nullif(meter_ids, '')) as meter_id,
    starts, coalesce(ends, '9999-12-31') as ends, coalesce(tier_min, 0) as tier_min, tier_max, unit_price,
    contains(lower(tags), 'thirdparty') as is_third_party
from price_rows
where
    lower(product_id) in (select product_id from products)
    and starts_with(lower(coalesce(term_duration, 'payg')), 'payg') and not contains(lower(coalesce(tags, '')), 'reservation');
create table tiers as
with offered as (
    select
        product_key, usage_date, sheet.starts, sheet.tier_min, sheet.tier_max, sheet.unit_price, sheet.is_third_party,
        max(sheet.starts) over (partition by product_key, usage_date) as newest_start
    from products
    inner join sheet
        on
            products.market = sheet.market and products.product_id = sheet.product_id and products.sku_id = sheet.sku_id
            and coalesce(sheet.meter_id, products.meter_id) = products.meter_id and coalesce(lower(products.invoice_series), '') != 'd'
    inner join days on usage_date between sheet.starts and sheet.ends
)
select
    product_key, usage_date, unit_price, is_third_party,
    row_number() over tier_order as tier,
    coalesce(lag(tier_max) over tier_order, 0::decimal(28, 15)) as tier_from,
    case when lead(1) over tier_order = 1 then tier_max end as tier_to
from offered
where starts = newest_start
window tier_order as (partition by product_key, usage_date order by tier_min);
-- P2: the first exclusion that a product meets. Patterns are tried once for a product and state of the list, not once a day.
create table product_states as
with states as (
    select distinct product_key, tiers.product_key is not null as is_listed, coalesce(is_third_party, false) as is_third_party
    from (select product_key, usage_date from products, days) as all_days
    left join tiers using (product_key, usage_date)
),
attributes as (
    select
        product_key, is_listed, is_third_party,
        map {
            'benefit_type': benefit_type, 'price_list_tag': case when is_third_party then 'third_party' end, 'publisher_name': publisher,
            'meter_category': meter_category, 'meter_name': meter_name, 'credit_type': credit_type,
            'credit_rate': (credit_percentage * 0.01::decimal(3, 2))::decimal(5, 4)::varchar,
            'price_list': case when is_listed then 'listed' else 'missing' end, 'invoice_number': invoice_series
        } as attribute_values
    from states inner join products using (product_key)
)
select product_key, is_listed, is_third_party, precedence, reason, valid_from::date as valid_from, valid_to::date as valid_to
from attributes
inner join read_csv(getvariable('reference') || '/pec_product_exclusions.csv') as exclusions
    on
        regexp_full_match(trim(attribute_values[exclusions.attribute]), exclusions.pattern, 'i') = exclusions.excludes_when_matching
        and (
            exclusions.and_attribute is null
            or regexp_full_match(trim(attribute_values[exclusions.and_attribute]), exclusions.and_pattern, 'i')
        );
create table product_days as
with reasoned as (
    select
        all_days.product_key, all_days.usage_date, any_value(first_tier.unit_price) as list_price,
        any_value(first_tier.product_key) is not null as is_listed,
        arg_min(reason, precedence) as product_reason,
        coalesce(product_reason in ('reservation', 'savings_plan'), false) as is_covered_by_benefit
    from (select product_key, usage_date from products, days) as all_days
    left join tiers as first_tier
        on all_days.product_key = first_tier.product_key and all_days.usage_date = first_tier.usage_date and first_tier.tier = 1
    left join product_states
        on
            all_days.product_key = product_states.product_key and product_states.is_listed = (first_tier.product_key is not null)
            and product_states.is_third_party = coalesce(first_tier.is_third_party, false)
            and all_days.usage_date >= coalesce(product_states.valid_from, all_days.usage_date)
            and all_days.usage_date < coalesce(product_states.valid_to, '9999-12-31')
    group by all_days.product_key, all_days.usage_date
),
-- M2: only products that have tiers on any day pay for a running quantity.
tiered as (
    select distinct product_key from tiers where tier > 1
)
select
    products.product_hash, products.product_key::int as product_key, products.meter_key::int as meter_key, reasoned.usage_date, list_price,
    -- The same in fewer digits, where it fits; what a benefit covers costs nothing.
    case
        when is_covered_by_benefit then 0::decimal(12, 6) when try_cast(list_price as decimal(12, 6)) = list_price then list_price::decimal(12, 6)
    end as short_price,
    is_listed, product_reason::pec_reason as product_reason, is_covered_by_benefit,
    is_listed and not is_covered_by_benefit and products.product_key in (select product_key from tiered) as is_tiered
from reasoned inner join products using (product_key);
