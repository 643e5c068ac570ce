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

sheet_tiers as (
    select
        *,
        concat_ws('|', market, product_id, sku_id, coalesce(meter_id, '-')) as entry_key,
        dense_rank() over (
            partition by market, product_id, sku_id, meter_id, effective_start_date
            order by sheet_month desc nulls last, exported_at desc nulls last, source_file desc
        ) as version_number
    from sheet_rows
),

-- What a row says of quantities, where sheets are compared: a blank maximum is where the next tier of the sheet begins, also one that got a new price
-- since; the last tier is open. What got its price earlier is no next tier: a new price of any quantity replaces all tiers.
versions as (
    select
        tiers.* exclude (tier_maximum),
        tiers.tier_maximum as stated_maximum,
        coalesce(any_value(tiers.tier_maximum), min(higher.tier_minimum)) as tier_maximum
    from sheet_tiers as tiers
    left join sheet_tiers as higher
        on
            tiers.entry_key = higher.entry_key
            and tiers.source_file = higher.source_file
            and tiers.tier_minimum < higher.tier_minimum
            and higher.effective_start_date between tiers.effective_start_date and tiers.effective_end_date
    group by all
),

-- Of rows with one start, the newest sheet that prices the quantity wins. Other tiers stay: a sheet lacks what ended before its month.
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

-- A tier that stands twice in a sheet with one start counts once a day, as the last of the lines that hold on it.
listed as (
    select
        newest.* exclude (tier_maximum),
        entries.entry_from,
        entries.entry_to
    from entries
    inner join newest
        on
            entries.entry_key = newest.entry_key
            and entries.entry_from between newest.effective_start_date and newest.effective_end_date
    qualify row_number() over (
        partition by newest.entry_key, entries.entry_from, newest.effective_start_date, newest.tier_minimum
        order by newest.version_number asc, newest.line_number desc
    ) = 1
),

-- M2: on a day, a blank maximum is where the next tier begins that holds on it.
in_force as (
    select
        listed.* exclude (stated_maximum),
        coalesce(any_value(listed.stated_maximum), min(higher.tier_minimum)) as tier_maximum
    from listed
    left join listed as higher
        on
            listed.entry_key = higher.entry_key
            and listed.entry_from = higher.entry_from
            and listed.tier_minimum < higher.tier_minimum
            and listed.effective_start_date <= higher.effective_start_date
    group by all
),

-- M1: of rows that overlap, in time and in quantities, the newest start wins. What a row has replaced stays so when a third takes that row's place.
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
    -- M2: a tier holds what lies above the maximum of those before. One whose maximum lies below theirs holds nothing.
    coalesce(max(tier_maximum) over (
        partition by entry_key, entry_from order by tier_minimum rows between unbounded preceding and 1 preceding
    ), 0)::decimal(38, 15) as tier_from,
    case
        when lead(1) over in_tiers = 1
            then max(tier_maximum) over (partition by entry_key, entry_from order by tier_minimum rows between unbounded preceding and current row)
    end as tier_to,
    unit_price,
    {{ short_price('unit_price') }} as short_unit_price
from winning
window in_tiers as (partition by entry_key, entry_from order by tier_minimum)
