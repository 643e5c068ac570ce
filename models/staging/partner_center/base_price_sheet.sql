with rows_read as (
    select
        *,
        {{ csv_field('UnitPrice') }} as unit_price_text,
        {{ csv_field('PricingTierRangeMin') }} as tier_minimum_text,
        {{ csv_field('PricingTierRangeMax') }} as tier_maximum_text,
        {{ csv_field('EffectiveStartDate') }} as effective_start_text,
        {{ csv_field('EffectiveEndDate') }} as effective_end_text
    from {{ ref('base_csv_rows') }}
    where kind = 'price_sheet'
),

renamed as (
    select
        file_id,
        source_file,
        -- Which of two sheets is the newer its own rows say (interface), and a date in its name; when it was copied here says nothing.
        case when is_date_from_name then exported_at end as exported_at,
        line_number,
        fields,

        {{ id_of(csv_field('ProductId')) }} as product_id,
        {{ id_of(csv_field('SkuId')) }} as sku_id,
        -- The sheet's column is plural and its separator is not documented: each meter is a row of its own (M1).
        list_filter(regexp_split_to_array(lower(coalesce({{ csv_field('MeterIds') }}, '')), '[,;\s]+'), lambda id: id != '') as meter_ids,
        {{ id_of(csv_field('Market')) }} as market,
        upper(trim({{ csv_field('Currency') }})) as currency,
        {{ id_of(csv_field('TermDuration')) }} as term_duration,
        {{ csv_field('Tags') }} as tags,
        {{ csv_field('Publisher') }} as publisher,

        {{ exact_decimal('unit_price_text', 28, 16) }} as unit_price,
        {{ exact_decimal('tier_minimum_text', 28, 8) }} as tier_minimum,
        {{ exact_decimal('tier_maximum_text', 28, 8) }} as tier_maximum,
        {{ utc_date('effective_start_text') }} as effective_start_date,
        {{ utc_date('effective_end_text') }} as effective_end_date,

        unit_price_text,
        tier_minimum_text,
        tier_maximum_text,
        effective_start_text,
        effective_end_text
    from rows_read
)

select
    * exclude (unit_price_text, tier_minimum_text, tier_maximum_text, effective_start_text, effective_end_text, fields),
    case
        when product_id is null then {{ failure('ProductId', 'blank') }}
        when sku_id is null then {{ failure('SkuId', 'blank') }}
        when market is null then {{ failure('Market', 'blank') }}
        when currency != 'USD' then {{ failure('Currency', 'Azure plan consumption prices are in USD (M1)', 'currency') }}
        when unit_price is null then {{ failure('UnitPrice', 'not a number of at most 12 digits and 16 decimals', 'unit_price_text') }}
        when tier_minimum_text is not null and tier_minimum is null then {{ failure('PricingTierRangeMin', 'not a number', 'tier_minimum_text') }}
        when tier_maximum_text is not null and tier_maximum is null then {{ failure('PricingTierRangeMax', 'not a number', 'tier_maximum_text') }}
        when effective_start_date is null then {{ failure('EffectiveStartDate', 'not a date', 'effective_start_text') }}
        when effective_end_text is not null and effective_end_date is null then {{ failure('EffectiveEndDate', 'not a date', 'effective_end_text') }}
    end as failure,
    array_to_string(fields, ',') as raw_text
from renamed
