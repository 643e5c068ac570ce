-- Fingerprints of all that decides about the charges of a day. One row per usage day.
with tiers as (
    select
        usage_date,
        sum(hash(usage_line_id, tier_number, tier_quantity)::hugeint) as fingerprint
    from {{ ref('int_tier_quantities') }}
    group by usage_date
)

select
    prices.usage_date,
    hash(prices.input_version, eligibility.input_version, tiers.fingerprint) as input_version
from {{ ref('int_price_day_versions') }} as prices
inner join {{ ref('int_eligibility_day_versions') }} as eligibility on prices.usage_date = eligibility.usage_date
left join tiers on prices.usage_date = tiers.usage_date
