-- The attributes of a product on a day that decide price and eligibility, once for all lines that share them. One row per usage day and product_key
-- of accepted usage.
with products as (
    select * exclude (customer_without_country) from {{ ref('int_products') }}
),

market_sheets as (
    select
        market,
        min(entry_from) as listed_from,
        max(coalesce(entry_to, date '9999-12-31')) as listed_to
    from {{ ref('int_price_list_tiers') }}
    group by market
),

product_days as (
    select
        usage_date,
        product_key
    from {{ ref('int_usage_lines') }}
    where {{ is_in_changed_month() }}
    group by usage_date, product_key
),

-- M1: by product and SKU, and the meter where the sheet names meters. What a legacy invoice (D) bills is not on this list and has no price of it; a
-- third-party tag is the reason that comes first (P2).
entries as (
    select
        products.product_key,
        tiers.meter_id,
        tiers.entry_from,
        tiers.entry_to,
        tiers.is_third_party,
        coalesce(products.invoice_series, '') = 'd' as is_legacy,
        tiers.price_id,
        tiers.tier_count,
        tiers.highest_unit_price as highest_list_price,
        tiers.unit_price as list_price,
        tiers.short_unit_price as short_list_price
    from products
    inner join {{ ref('int_price_list_tiers') }} as tiers
        on
            products.market = tiers.market
            and products.product_id = tiers.product_id
            and products.sku_id = tiers.sku_id
            and (tiers.meter_id is null or products.meter_id = tiers.meter_id)
    where tiers.tier_number = 1
),

listed as (
    select
        days.usage_date,
        days.product_key,
        entries.is_third_party,
        case when not entries.is_legacy then entries.price_id end as price_id,
        case when not entries.is_legacy then entries.tier_count end as tier_count,
        case when not entries.is_legacy then entries.highest_list_price end as highest_list_price,
        case when not entries.is_legacy then entries.list_price end as list_price,
        case when not entries.is_legacy then entries.short_list_price end as short_list_price
    from product_days as days
    left join entries
        on
            days.product_key = entries.product_key
            and days.usage_date >= entries.entry_from
            and (entries.entry_to is null or days.usage_date < entries.entry_to)
    qualify row_number() over (
        partition by days.usage_date, days.product_key
        order by entries.meter_id asc nulls last
    ) = 1
)

select
    listed.usage_date,
    products.*,
    listed.* exclude (usage_date, product_key),
    -- M1: what is missing: the product on the list, the customer's country, or a sheet of the country for the month.
    case
        when listed.price_id is not null then 'listed'
        when products.invoice_series = 'd' then 'missing'
        when products.market is null then 'no_market'
        when market_sheets.market is null then 'no_price_sheet'
        else 'missing'
    end as price_list,
    case when listed.is_third_party then 'third_party' end as price_list_tag
from listed
inner join products on listed.product_key = products.product_key
left join market_sheets
    on
        products.market = market_sheets.market
        and market_sheets.listed_from < {{ month_of('listed.usage_date') }} + interval 1 month
        and market_sheets.listed_to > {{ month_of('listed.usage_date') }}
