-- Fingerprints of all that decides about the charges of a day. Lines of tiered months hang on all that was used before them, others on their own day
-- alone: of these two kinds each has a version of its own, where the day has such lines. One row per usage day.
with tiers as (
    select
        usage_date,
        sum(hash(usage_line_id, tier_number, tier_quantity)::hugeint) as fingerprint
    from {{ ref('int_tier_quantities') }}
    group by usage_date
)

select
    prices.usage_date,
    hash(prices.input_version, eligibility.input_version, tiers.fingerprint) as input_version,
    case when prices.has_tiered_lines then hash(prices.input_version, eligibility.input_version, tiers.fingerprint) end as tiered_version,
    case when prices.has_other_lines then hash(prices.input_version, eligibility.input_version) end as other_version
from {{ ref('int_price_day_versions') }} as prices
inner join {{ ref('int_eligibility_day_versions') }} as eligibility on prices.usage_date = eligibility.usage_date
left join tiers on prices.usage_date = tiers.usage_date
