-- The consumption price list, a row per entry and tier (M1, M2). Source's defect: every month's sheet repeats what is still valid, rows of one
-- entry overlap, and tiers are written with gaps of one unit (1-100, 101-...). Guarantee: of each entry (market, product, SKU, meter, start) only
-- the newest sheet's version is left, and its tiers touch: each holds what lies above the maximum of the one before, the last has no end.
with entries as (
    select
        market,
        product_id,
        sku_id,
        unnest(case when len(meter_ids) > 0 then meter_ids else [null] end) as meter_id,
        effective_start_date,
        effective_end_date,
        tier_minimum,
        tier_maximum,
        unit_price,
        is_third_party,
        exported_at,
        source_file,
        line_number
    from {{ ref('stg_partner_center__price_sheet') }}
    where is_consumption
),

newest as (
    select *
    from entries
    qualify dense_rank() over (
        partition by market, product_id, sku_id, meter_id, effective_start_date order by exported_at desc, source_file desc
    ) = 1
),

-- A tier that stands twice in one sheet counts once.
tiers as (
    select *
    from newest
    qualify row_number() over (
        partition by market, product_id, sku_id, meter_id, effective_start_date, coalesce(tier_minimum, 0) order by line_number desc
    ) = 1
)

select
    md5(concat_ws('|', market, product_id, sku_id, coalesce(meter_id, '-'), effective_start_date)) as price_id,
    market,
    product_id,
    sku_id,
    meter_id,
    effective_start_date,
    max(effective_end_date) over entry as effective_end_date,
    bool_or(is_third_party) over entry as is_third_party,
    count(*) over entry as tier_count,
    row_number() over in_tiers as tier_number,
    coalesce(lag(tier_maximum) over in_tiers, 0::decimal(28, 8)) as tier_from,
    case when lead(1) over in_tiers = 1 then tier_maximum end as tier_to,
    unit_price
from tiers
window
    entry as (partition by market, product_id, sku_id, meter_id, effective_start_date),
    in_tiers as (
        partition by market, product_id, sku_id, meter_id, effective_start_date order by coalesce(tier_minimum, 0)
    )
