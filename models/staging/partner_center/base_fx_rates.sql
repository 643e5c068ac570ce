with archived as (
    {{ archived_records('fx_rates') }}
),

rows_read as (
    select
        *,
        {{ text_or_null('usdperunit') }} as usd_per_unit_text,
        {{ text_or_null('month') }} as month_text
    from archived
),

renamed as (
    select
        file_id,
        source_file,
        exported_at,
        line_number,
        concat_ws(',', currencycode, usdperunit, month) as raw_text,
        upper({{ id_of('currencycode') }}) as currency,
        -- 202609 or 2026-09: the request has one form, the sample of the page is cut off.
        {{ utc_date("replace(left(month_text, 7), '-', '') || '01'") }} as rate_month,
        {{ exact_decimal('usd_per_unit_text', 30, 20) }} as usd_per_unit,
        usd_per_unit_text,
        month_text
    from rows_read
)

select
    * exclude (usd_per_unit_text, month_text),
    case
        when currency is null then {{ failure('CurrencyCode', 'blank') }}
        when rate_month is null then {{ failure('Month', 'not a month', 'month_text') }}
        when coalesce(usd_per_unit, 0) <= 0 then {{ failure('USDPerUnit', 'not a number above 0 of at most 20 decimals', 'usd_per_unit_text') }}
        -- Its inverse, units per USD, is a rate like any other.
        when usd_per_unit < 0.0000001 or usd_per_unit >= 10000000 then {{ failure('USDPerUnit', 'not between 10^-7 and 10^7', 'usd_per_unit_text') }}
    end as failure
from renamed
