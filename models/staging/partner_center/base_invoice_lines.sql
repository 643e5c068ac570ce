-- Reconciliation lines as numbers, each with its failure, if any. Texts of the vendor are translated, so a part with partner earned credit is known
-- by its prices and by the percentage in the text, never by words (M5). One row per record of a reconciliation file in force.
{%- set percent = '[%٪％]' %}
{%- set number = '([0-9]+(?:[.,][0-9]+)?)' %}
{%- set blanks = '[ \\x{a0}\\x{202f}]*' %}

with archived as (
    {{ archived_records('invoice_reconciliation') }}
),

rows_read as (
    select
        *,
        {{ text_or_null('unitprice') }} as unit_price_text,
        {{ text_or_null('effectiveunitprice') }} as effective_unit_price_text,
        {{ text_or_null('billablequantity') }} as billable_quantity_text,
        {{ text_or_null('quantity') }} as quantity_text,
        {{ text_or_null('subtotal') }} as subtotal_text,
        {{ text_or_null('pctobcexchangerate') }} as exchange_rate_text,
        translate(coalesce(priceadjustmentdescription, ''), '٠١٢٣٤٥٦٧٨٩٫', '0123456789.') as adjustment_text,
        -- «15.0%», «15,0 %»; only where no number stands before a sign, the number behind it: «%15».
        regexp_extract_all(adjustment_text, '{{ number }}{{ blanks }}{{ percent }}', 1) as percentages_before,
        case
            when len(percentages_before) > 0 then percentages_before
            else regexp_extract_all(adjustment_text, '{{ percent }}{{ blanks }}{{ number }}', 1)
        end as percentages
    from archived
),

renamed as (
    select
        file_id,
        content_id,
        -- A JSON list may stand on one line.
        content_id || '-' || record_number as invoice_line_id,
        source_file,
        export_date,
        line_number,
        concat_ws(
            ',', invoicenumber, customerid, subscriptionid, productid, skuid, chargetype, unitprice, effectiveunitprice, billablequantity, subtotal,
            currency, pctobcexchangerate
        ) as raw_text,

        upper({{ text_or_null('invoicenumber') }}) as invoice_number,
        {{ id_of('customerid') }} as customer_id,
        {{ id_of('subscriptionid') }} as plan_subscription_id,
        {{ id_of('productid') }} as product_id,
        {{ id_of('skuid') }} as sku_id,
        {{ text_or_null('skuname') }} as sku_name,
        {{ text_or_null('chargetype') }} as charge_type,
        {{ text_or_null('promotionid') }} as promotion_id,
        {{ text_or_null('creditreasoncode') }} as credit_reason_code,
        {{ text_or_null('reservationorderid') }} as reservation_order_id,
        -- M7: when a credit was granted. The order of an Azure plan is years older than what it is charged for, so the later of the two dates.
        coalesce(
            greatest({{ utc_date(text_or_null('orderdate')) }}, {{ utc_date(text_or_null('chargestartdate')) }}), export_date::date
        ) as charged_on,
        list_transform(percentages, lambda p: try_cast(replace(p, ',', '.') as decimal(9, 4))) as percentages,

        {{ exact_decimal('unit_price_text', 38, 22) }} as unit_price,
        {{ exact_decimal('effective_unit_price_text', 38, 22) }} as effective_unit_price,
        {{ rounded_decimal('billable_quantity_text', 27, 15) }} as billable_quantity,
        {{ rounded_decimal('quantity_text', 27, 15) }} as quantity,
        {{ exact_decimal('subtotal_text', 18, 2) }} as subtotal_billing,
        upper({{ text_or_null('currency') }}) as billing_currency,
        {{ exact_decimal('exchange_rate_text', 28, 18) }} as exchange_rate,

        unit_price_text,
        effective_unit_price_text,
        billable_quantity_text,
        subtotal_text,
        exchange_rate_text
    from rows_read
),

priced as (
    select
        renamed.*,
        rates.pec_rate as rate_of_day,
        coalesce(list_contains(renamed.percentages, (rates.pec_rate * 100)::decimal(9, 4)), false) as has_percentage,
        {{ rounded(product('billable_quantity', 'unit_price')) }} as list_cost_usd,
        {{ rounded(product('billable_quantity', 'effective_unit_price')) }} as effective_cost_usd,
        -- The effective price is a cost that was cut to cents, over the quantity.
        abs(list_cost_usd - effective_cost_usd) < 0.01 as is_at_list_price,
        abs(list_cost_usd - {{ rounded('list_cost_usd * rates.pec_rate') }} - effective_cost_usd) < 0.01 as is_at_credit_price
    from renamed
    left join {{ ref('pec_rates') }} as rates on {{ is_in_force('rates', 'renamed.charged_on') }}
)

select
    * exclude (
        unit_price_text, effective_unit_price_text, billable_quantity_text, subtotal_text, exchange_rate_text, percentages, is_at_list_price,
        is_at_credit_price, has_percentage, effective_cost_usd, rate_of_day
    ),
    -- Prices decide where they can. They cannot for a price of 0, an amount of cents, and a discount of another kind beside the credit.
    case
        when is_at_list_price != is_at_credit_price then is_at_credit_price
        else has_percentage
    end as has_pec,
    case when has_pec then rate_of_day else 0::decimal(5, 4) end as pec_rate,
    -- Refunds have a reason too; what an Azure credit pays costs nothing.
    credit_reason_code is not null and subtotal_billing = 0 and coalesce(effective_unit_price, 0) = 0 as has_azure_credit,
    case
        when invoice_number is null then {{ failure('InvoiceNumber', 'blank') }}
        when subtotal_billing is null then {{ failure('Subtotal', 'not an amount in cents', 'subtotal_text') }}
        when unit_price_text is not null and unit_price is null then {{ failure('UnitPrice', 'not a number', 'unit_price_text') }}
        when effective_unit_price_text is not null and effective_unit_price is null
            then {{ failure('EffectiveUnitPrice', 'not a number', 'effective_unit_price_text') }}
        when billable_quantity_text is not null and billable_quantity is null
            then {{ failure('BillableQuantity', 'not a number', 'billable_quantity_text') }}
        when exchange_rate_text is not null and coalesce(exchange_rate <= 0 or exchange_rate >= 10000000, true)
            then {{ failure('PCToBCExchangeRate', 'not a number above 0 and below 10^7', 'exchange_rate_text') }}
        when abs(subtotal_billing) >= 1000000000000000
            then {{ failure('Subtotal', '10^15 or more: beyond what the marts hold exactly', 'subtotal_text') }}
        -- 10^12 USD, so that its steps in the billing currency (invoice_reconciliation) can be added.
        when greatest(abs(unit_price), abs(effective_unit_price)) >= 100000000
            then {{ failure('UnitPrice', 'not a number of at most 8 digits', 'coalesce(unit_price_text, effective_unit_price_text)') }}
        when
            (billable_quantity is not null and unit_price is not null and coalesce(abs(list_cost_usd) >= 1000000000000, true))
            or (billable_quantity is not null and effective_unit_price is not null and coalesce(abs(effective_cost_usd) >= 1000000000000, true))
            then {{ failure('BillableQuantity', 'costs 10^12 USD or more: beyond what the marts hold exactly', 'billable_quantity_text') }}
    end as failure
from priced
