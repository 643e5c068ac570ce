-- Fingerprints of what usage and price list say of a day, running quantities aside. One row per usage day.
with tiers as (
    select
        price_id,
        sum(hash(tier_number, tier_from, tier_to, unit_price)::hugeint) as fingerprint
    from {{ ref('int_price_list_tiers') }}
    group by price_id
),

prices as (
    select
        prices.usage_date,
        bool_or(prices.is_tiered) as has_tiered_lines,
        bool_or(not prices.is_tiered) as has_other_lines,
        sum(
            hash(
                products.product_fingerprint, prices.price_id, prices.product_reason, prices.is_covered_by_benefit, prices.is_tiered,
                tiers.fingerprint
            )::hugeint
        ) as fingerprint
    from {{ ref('int_product_prices') }} as prices
    inner join {{ ref('int_usage_products') }} as products on prices.product_key = products.product_key
    left join tiers on prices.price_id = tiers.price_id
    group by prices.usage_date
)

select
    usage.usage_date,
    prices.has_tiered_lines,
    prices.has_other_lines,
    hash(usage.input_version, prices.fingerprint, rates.pec_rate) as input_version
from {{ ref('int_usage_day_versions') }} as usage
inner join prices on usage.usage_date = prices.usage_date
left join {{ ref('pec_rates') }} as rates on {{ is_in_force('rates', 'usage.usage_date') }}
