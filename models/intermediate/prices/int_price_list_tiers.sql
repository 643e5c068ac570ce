{#- M1: whether two rows price the same. Sheets write tiers with gaps of one unit or touching; a tier without an end is open. -#}
{%- set price_the_same -%}
    older.market = newer.market and older.product_id = newer.product_id and older.sku_id = newer.sku_id
    and older.meter_id is not distinct from newer.meter_id
    and (
        older.tier_minimum = newer.tier_minimum or (
            older.tier_minimum < coalesce(newer.tier_maximum, older.tier_minimum + 1)
            and newer.tier_minimum < coalesce(older.tier_maximum, newer.tier_minimum + 1)
        )
    )
{%- endset %}
-- The consumption price list, a row per entry and tier (M1, M2). Source's defect: each month's sheet repeats valid rows, rows of one product
-- overlap in time, each tier has dates of its own, and tiers are written with gaps of one unit (1-100, 101-...). Guarantee: of each
-- product and meter one set of tiers holds on any day, and its tiers touch: each holds what lies above the maximum of the one before.
with sheet_rows as (
    select
        market,
        product_id,
        sku_id,
        unnest(case when len(meter_ids) > 0 then meter_ids else [null] end) as meter_id,
        effective_start_date,
        coalesce(effective_end_date, date '9999-12-31') as effective_end_date,
        coalesce(tier_minimum, 0) as tier_minimum,
        tier_maximum,
        unit_price,
        is_third_party,
        newest_start_date,
        exported_at,
        source_file,
        line_number
    from {{ ref('stg_partner_center__price_sheet') }}
    where is_consumption
),

-- A tier that stands twice in a sheet counts once.
sheet_tiers as (
    select *
    from sheet_rows
    qualify
        row_number() over (
            partition by market, product_id, sku_id, meter_id, effective_start_date, source_file, tier_minimum
            order by line_number desc
        ) = 1
),

versions as (
    select
        * exclude (tier_maximum),
        -- M2: a blank maximum is where the next tier of the sheet begins; the last tier is open.
        coalesce(
            tier_maximum,
            lead(tier_minimum) over (
                partition by market, product_id, sku_id, meter_id, effective_start_date, source_file order by tier_minimum
            )
        ) as tier_maximum,
        dense_rank() over (
            partition by market, product_id, sku_id, meter_id, effective_start_date
            order by newest_start_date desc, exported_at desc nulls last, source_file desc
        ) as version_number
    from sheet_tiers
),

-- Of rows with one start, the newest sheet that prices the quantity wins. Other tiers stay in force: a sheet lacks tiers that ended before its
-- month.
newest as (
    select older.*
    from versions as older
    anti join versions as newer
        on
            older.effective_start_date = newer.effective_start_date
            and older.version_number > newer.version_number
            and {{ price_the_same }}
),

-- A price changes only where a row begins, or on the day after one ends.
changes as (
    select
        market,
        product_id,
        sku_id,
        meter_id,
        effective_start_date as entry_from
    from newest
    union
    select
        market,
        product_id,
        sku_id,
        meter_id,
        effective_end_date + 1
    from newest
    where effective_end_date < date '9999-11-30'
),

entries as (
    select
        *,
        lead(entry_from) over (partition by market, product_id, sku_id, meter_id order by entry_from) as entry_to
    from changes
),

in_force as (
    select
        entries.*,
        newest.effective_start_date,
        newest.tier_minimum,
        newest.tier_maximum,
        newest.unit_price,
        newest.is_third_party
    from entries
    inner join newest
        on
            entries.market = newest.market
            and entries.product_id = newest.product_id
            and entries.sku_id = newest.sku_id
            and entries.meter_id is not distinct from newest.meter_id
            and entries.entry_from between newest.effective_start_date and newest.effective_end_date
),

-- M1: of rows that overlap, in time and in the quantities that they price, the newest start wins. What a row has replaced stays replaced when
-- a third takes that row's place.
winning as (
    select older.*
    from in_force as older
    anti join in_force as newer
        on
            older.entry_from = newer.entry_from
            and older.effective_start_date < newer.effective_start_date
            and {{ price_the_same }}
)

select
    md5(concat_ws('|', market, product_id, sku_id, coalesce(meter_id, '-'), entry_from)) as price_id,
    market,
    product_id,
    sku_id,
    meter_id,
    entry_from,
    entry_to,
    bool_or(is_third_party) over (partition by market, product_id, sku_id, meter_id, entry_from) as is_third_party,
    count(*) over (partition by market, product_id, sku_id, meter_id, entry_from) as tier_count,
    max(unit_price) over (partition by market, product_id, sku_id, meter_id, entry_from) as highest_unit_price,
    row_number() over in_tiers as tier_number,
    -- M2: a tier holds what lies above the maximum of the one before; where that is blank it ends where the next begins.
    case when lag(1) over in_tiers = 1 then coalesce(lag(tier_maximum) over in_tiers, tier_minimum) else 0 end::decimal(38, 15) as tier_from,
    case when lead(1) over in_tiers = 1 then coalesce(tier_maximum, lead(tier_minimum) over in_tiers) end as tier_to,
    unit_price,
    {{ short_price('unit_price') }} as short_unit_price
from winning
window in_tiers as (partition by market, product_id, sku_id, meter_id, entry_from order by tier_minimum)
