-- Fingerprints of all that decides about the charges of a day. Lines of tiered months hang on all that was used before them, others on their own day
-- alone: of these two kinds each has a version of its own, where the day has such lines. One row per usage day.
with tiers as (
    select
        usage_date,
        sum(hash(usage_line_id, tier_number, tier_quantity)::hugeint) as fingerprint
    from {{ ref('int_tier_quantities') }}
    group by usage_date
),

days as (
    select
        prices.usage_date,
        prices.has_tiered_lines,
        prices.has_other_lines,
        hash(prices.input_version, eligibility.input_version) as without_tiers,
        hash(prices.input_version, eligibility.input_version, tiers.fingerprint) as with_tiers
    from {{ ref('int_price_day_versions') }} as prices
    inner join {{ ref('int_eligibility_day_versions') }} as eligibility on prices.usage_date = eligibility.usage_date
    left join tiers on prices.usage_date = tiers.usage_date
)

select
    usage_date,
    with_tiers as input_version,
    case when has_tiered_lines then with_tiers end as tiered_version,
    case when has_other_lines then without_tiers end as other_version
from days
