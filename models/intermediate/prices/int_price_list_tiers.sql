{#- M1: whether two rows price the same. Sheets write tiers with gaps of one unit or touching; a tier without an end is open. -#}
{%- set price_the_same -%}
    older.entry_key = newer.entry_key
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
        * exclude (effective_end_date, tier_minimum),
        coalesce(effective_end_date, date '9999-12-31') as effective_end_date,
        coalesce(tier_minimum, 0) as tier_minimum,
        unnest(case when len(meter_ids) > 0 then meter_ids else [null] end) as meter_id
    from {{ ref('stg_partner_center__price_sheet') }}
    where is_consumption
),

-- A tier that stands twice in a sheet counts once.
sheet_tiers as (
    select
        *,
        concat_ws('|', market, product_id, sku_id, coalesce(meter_id, '-')) as entry_key
    from sheet_rows
    qualify row_number() over (partition by entry_key, effective_start_date, source_file, tier_minimum order by line_number desc) = 1
),

-- M2: a blank maximum is where the next tier of the sheet begins, also one that got a new price since; the last tier is open. What got its price
-- earlier is no next tier: a new price of any quantity replaces all tiers.
next_tiers as (
    select
        tiers.entry_key,
        tiers.source_file,
        tiers.line_number,
        min(higher.tier_minimum) as tier_minimum
    from sheet_tiers as tiers
    inner join sheet_tiers as higher
        on
            tiers.entry_key = higher.entry_key
            and tiers.source_file = higher.source_file
            and tiers.tier_minimum < higher.tier_minimum
            and higher.effective_start_date between tiers.effective_start_date and tiers.effective_end_date
    where tiers.tier_maximum is null
    group by tiers.entry_key, tiers.source_file, tiers.line_number
),

versions as (
    select
        sheet_tiers.* exclude (tier_maximum),
        coalesce(sheet_tiers.tier_maximum, next_tiers.tier_minimum) as tier_maximum,
        dense_rank() over (
            partition by sheet_tiers.entry_key, sheet_tiers.effective_start_date
            order by sheet_tiers.sheet_month desc nulls last, sheet_tiers.exported_at desc nulls last, sheet_tiers.source_file desc
        ) as version_number
    from sheet_tiers
    left join next_tiers
        on
            sheet_tiers.entry_key = next_tiers.entry_key
            and sheet_tiers.source_file = next_tiers.source_file
            and sheet_tiers.line_number = next_tiers.line_number
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
        entry_key,
        effective_start_date as entry_from
    from newest
    union
    select
        entry_key,
        effective_end_date + 1
    from newest
    where effective_end_date < date '9999-11-30'
),

entries as (
    select
        *,
        lead(entry_from) over (partition by entry_key order by entry_from) as entry_to
    from changes
),

in_force as (
    select
        newest.*,
        entries.entry_from,
        entries.entry_to
    from entries
    inner join newest
        on
            entries.entry_key = newest.entry_key
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
    md5(concat_ws('|', entry_key, entry_from)) as price_id,
    market,
    product_id,
    sku_id,
    meter_id,
    entry_from,
    entry_to,
    bool_or(is_third_party) over (partition by entry_key, entry_from) as is_third_party,
    count(*) over (partition by entry_key, entry_from) as tier_count,
    max(unit_price) over (partition by entry_key, entry_from) as highest_unit_price,
    row_number() over in_tiers as tier_number,
    -- M2: a tier holds what lies above the maximum of the one before; where that is blank it ends where the next begins.
    case when lag(1) over in_tiers = 1 then coalesce(lag(tier_maximum) over in_tiers, tier_minimum) else 0 end::decimal(38, 15) as tier_from,
    case when lead(1) over in_tiers = 1 then coalesce(tier_maximum, lead(tier_minimum) over in_tiers) end as tier_to,
    unit_price,
    {{ short_price('unit_price') }} as short_unit_price
from winning
window in_tiers as (partition by entry_key, entry_from order by tier_minimum)
