{{ config(pre_hook="{{ delete_contents('price_sheet') }}") }}
-- Azure plan consumption price sheets, typed once for each content in force, with what is wrong with a row, if anything (`failure`).
-- One row per record of a price sheet in force.
with records as (
    select
        *,
        {{ text_or_null('unitprice') }} as unit_price_text,
        {{ text_or_null('pricingtierrangemin') }} as tier_minimum_text,
        {{ text_or_null('pricingtierrangemax') }} as tier_maximum_text,
        {{ text_or_null('effectivestartdate') }} as effective_start_text,
        {{ text_or_null('effectiveenddate') }} as effective_end_text
    from {{ source('archive', 'price_sheet') }}
    where content_id in ({{ unread_contents('price_sheet') }})
),

renamed as (
    select
        *,
        {{ id_of('productid') }} as product_id,
        {{ id_of('skuid') }} as sku_id,
        {{ id_of('market') }} as market_id,
        {{ id_of('termduration') }} as term_duration,
        upper({{ text_or_null('currency') }}) as price_currency,
        {{ exact_decimal('unit_price_text', 38, 22) }} as unit_price,
        {{ exact_decimal('tier_minimum_text', 38, 15) }} as tier_minimum,
        {{ exact_decimal('tier_maximum_text', 38, 15) }} as tier_maximum,
        {{ utc_date('effective_start_text') }} as effective_start_date,
        {{ utc_date('effective_end_text') }} as effective_end_date
    from records
),

checked as (
    select
        *,
        case
            when product_id is null then {{ failure('ProductId', 'blank') }}
            when sku_id is null then {{ failure('SkuId', 'blank') }}
            when market_id is null then {{ failure('Market', 'blank') }}
            when price_currency != 'USD' then {{ failure('Currency', 'Azure plan consumption prices are in USD (M1)', 'price_currency') }}
            when unit_price is null or abs(unit_price) >= 100000000
                then {{ failure('UnitPrice', 'not a number of at most 8 digits and 22 decimals', 'unit_price_text') }}
            when tier_minimum_text is not null and tier_minimum is null then {{ failure('PricingTierRangeMin', 'not a number', 'tier_minimum_text') }}
            when tier_maximum_text is not null and tier_maximum is null then {{ failure('PricingTierRangeMax', 'not a number', 'tier_maximum_text') }}
            when effective_start_date is null then {{ failure('EffectiveStartDate', 'not a date', 'effective_start_text') }}
            when effective_end_text is not null and effective_end_date is null
                then {{ failure('EffectiveEndDate', 'not a date', 'effective_end_text') }}
        end as failure
    from renamed
)

select
    content_id,
    line_number,

    product_id,
    sku_id,
    -- The sheet's column is plural and its separator is not documented: each meter is a row of its own (M1).
    list_filter(regexp_split_to_array(lower(coalesce(meterids, '')), '[,;\s]+'), lambda id: id != '') as meter_ids,
    market_id as market,

    term_duration,
    coalesce(regexp_matches(tags, '(?i)third\s*party'), false) as is_third_party,
    -- P1: only pay-as-you-go consumption is on the list; the same columns also carry reservations.
    coalesce(starts_with(term_duration, 'payg'), true) and not coalesce(contains(lower(tags), 'reservation'), false) as is_consumption,

    unit_price,
    tier_minimum,
    tier_maximum,

    effective_start_date,
    effective_end_date,
    max(case when failure is null then effective_start_date end) over (partition by content_id, market_id) as newest_start_date,

    failure,
    case
        when failure is not null
            then concat_ws(
                ',', productid, skuid, market, currency, unitprice, pricingtierrangemin, pricingtierrangemax, effectivestartdate, effectiveenddate
            )
    end as raw_text,
    (select rules_version from {{ ref('project_version') }}) as rules_version
from checked
