with archived as (
    {{ archived_records('invoice_reconciliation') }}
),

rows_read as (
    select
        *,
        {{ text_or_null('unitprice') }} as unit_price_text,
        {{ text_or_null('effectiveunitprice') }} as effective_unit_price_text,
        {{ text_or_null('billablequantity') }} as billable_quantity_text,
        {{ text_or_null('subtotal') }} as subtotal_text,
        {{ text_or_null('pctobcexchangerate') }} as exchange_rate_text
    from archived
),

renamed as (
    select
        file_id,
        content_id,
        content_id || '-' || line_number as invoice_line_id,
        source_file,
        exported_at,
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
        -- The text is translated in some portals; the percentage of the credit stands in it all the same.
        coalesce(regexp_matches(
            {{ text_or_null('priceadjustmentdescription') }}, '(?i)partner earned credit'
        ), false) as has_pec,
        coalesce(regexp_matches({{ text_or_null('creditreasoncode') }}, '(?i)azure credit'), false) as has_azure_credit,

        {{ exact_decimal('unit_price_text', 38, 22) }} as unit_price,
        {{ exact_decimal('effective_unit_price_text', 38, 22) }} as effective_unit_price,
        {{ exact_decimal('billable_quantity_text', 27, 15) }} as billable_quantity,
        {{ exact_decimal('subtotal_text', 18, 2) }} as subtotal_billing,
        upper({{ text_or_null('currency') }}) as billing_currency,
        {{ exact_decimal('exchange_rate_text', 28, 18) }} as exchange_rate,

        unit_price_text,
        effective_unit_price_text,
        billable_quantity_text,
        subtotal_text,
        exchange_rate_text
    from rows_read
)

select
    * exclude (unit_price_text, effective_unit_price_text, billable_quantity_text, subtotal_text, exchange_rate_text),
    case
        when invoice_number is null then {{ failure('InvoiceNumber', 'blank') }}
        when subtotal_billing is null then {{ failure('Subtotal', 'not an amount in cents', 'subtotal_text') }}
        when unit_price_text is not null and unit_price is null then {{ failure('UnitPrice', 'not a number', 'unit_price_text') }}
        when effective_unit_price_text is not null and effective_unit_price is null
            then {{ failure('EffectiveUnitPrice', 'not a number', 'effective_unit_price_text') }}
        when billable_quantity_text is not null and billable_quantity is null
            then {{ failure('BillableQuantity', 'not a number', 'billable_quantity_text') }}
        when exchange_rate_text is not null and exchange_rate is null
            then {{ failure('PCToBCExchangeRate', 'not a number', 'exchange_rate_text') }}
    end as failure
from renamed
