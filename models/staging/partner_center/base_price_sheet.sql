{{ config(pre_hook="{{ delete_outdated('price_sheet') }}") }}
-- Azure plan consumption price sheets, typed once for each content in force, with what is wrong with a row, if anything (`failure`).
-- One row per record of a price sheet in force.
{%- set dates = ['effectivestartdate', 'effectiveenddate'] %}
{%- set numbers = ['unitprice', 'pricingtierrangemin', 'pricingtierrangemax'] %}
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

-- How a file writes dates and decimals, decided as for usage lines (stg_partner_center__usage_lines).
spellings as (
    select
        content_id,
        bool_or({{ proves_dates('month', dates) }}) as is_month_first,
        bool_or({{ proves_dates('day', dates) }}) as is_day_first,
        bool_or({{ proves_decimals(',', numbers) }}) and not bool_or({{ proves_decimals('.', numbers) }}) as has_decimal_commas
    from records
    group by content_id
),

renamed as (
    select
        records.*,
        {{ id_of('productid') }} as product_id,
        {{ id_of('skuid') }} as sku_id,
        {{ id_of('market') }} as market_id,
        -- A line break parts meters as a blank does, and is no mark to leave out.
        {{ id_of("regexp_replace(meterids, '[[:space:]]', ' ', 'g')") }} as meter_ids_text,
        {{ id_of('termduration') }} as term_duration,
        upper({{ text_or_null('currency') }}) as price_currency,
        {{ exact_decimal('unit_price_text', 38, 22) }} as unit_price,
        {{ exact_decimal('tier_minimum_text', 38, 15) }} as tier_minimum,
        {{ exact_decimal('tier_maximum_text', 38, 15) }} as tier_maximum,
        {{ utc_date('effective_start_text') }} as effective_start_date,
        {{ utc_date('effective_end_text', until=9999) }} as effective_end_date,
        spellings.has_decimal_commas,
        spellings.is_day_first
        and contains(effective_start_text || coalesce(effective_end_text, ''), '/')
        and not (spellings.is_month_first and {{ proves_dates('month', dates) }} and not {{ proves_dates('day', dates) }}) as is_day_first
    from records
    inner join spellings on records.content_id = spellings.content_id
),

checked as (
    select
        *,
        case
            when product_id is null then {{ failure('ProductId', 'blank') }}
            when sku_id is null then {{ failure('SkuId', 'blank') }}
            when market_id is null then {{ failure('Market', 'blank') }}
            when price_currency != 'USD' then {{ failure('Currency', 'Azure plan consumption prices are in USD (M1)', 'price_currency') }}
            when has_decimal_commas then {{ failure('UnitPrice', 'the file has decimal commas: export it with decimal points', 'unit_price_text') }}
            when unit_price is null or unit_price >= 100000000
                then {{ failure('UnitPrice', 'not a number of at most 8 digits and 22 decimals', 'unit_price_text') }}
            when unit_price < 0 then {{ failure('UnitPrice', 'below 0', 'unit_price_text') }}
            when tier_minimum_text is not null and coalesce(tier_minimum < 0 or tier_minimum >= 100000000000000000000, true)
                then {{ failure('PricingTierRangeMin', 'not a number from 0 to 10^20', 'tier_minimum_text') }}
            when tier_maximum_text is not null and coalesce(tier_maximum < 0 or tier_maximum >= 100000000000000000000, true)
                then {{ failure('PricingTierRangeMax', 'not a number from 0 to 10^20', 'tier_maximum_text') }}
            when tier_minimum > tier_maximum then {{ failure('PricingTierRangeMax', 'below PricingTierRangeMin', 'tier_maximum_text') }}
            when is_day_first
                then
                    {{ failure(
                        'EffectiveStartDate', 'the file has dates that are day-first (31/8/2026): export it with dates as M/d/yyyy or ISO',
                        'effective_start_text'
                    ) }}
            when effective_start_date is null then {{ failure('EffectiveStartDate', 'not a date of the years 2010 to 2100', 'effective_start_text') }}
            when effective_end_text is not null and effective_end_date is null
                then {{ failure('EffectiveEndDate', 'not a date from 2010 on', 'effective_end_text') }}
        end as failure
    from renamed
)

select
    content_id,
    line_number,

    product_id,
    sku_id,
    -- The sheet's column is plural and its separator is not documented: each meter is a row of its own (M1).
    list_filter(regexp_split_to_array(coalesce(meter_ids_text, ''), '[,;|\s]+'), lambda id: id != '') as meter_ids,
    market_id as market,

    term_duration,
    coalesce(regexp_matches(tags, '(?i)third\s*party'), false) as is_third_party,
    -- P1: only pay-as-you-go consumption is on the list; the same columns also carry reservations. The tag decides where no term is given.
    coalesce(starts_with(term_duration, 'payg'), not contains(lower(tags), 'reservation'), true) as is_consumption,

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
