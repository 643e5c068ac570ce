with rows_read as (
    select
        *,
        {{ csv_field('UnitPrice') }} as unit_price_text,
        {{ csv_field('EffectiveUnitPrice') }} as effective_unit_price_text,
        {{ csv_field('BillableQuantity') }} as billable_quantity_text,
        {{ csv_field('Subtotal') }} as subtotal_text,
        {{ csv_field('PCToBCExchangeRate') }} as exchange_rate_text
    from {{ ref('base_csv_rows') }}
    where kind = 'invoice_reconciliation'
),

renamed as (
    select
        file_id,
        source_file,
        exported_at,
        line_number,
        fields,

        upper({{ csv_field('InvoiceNumber') }}) as invoice_number,
        {{ id_of(csv_field('CustomerId')) }} as customer_id,
        {{ id_of(csv_field('SubscriptionId')) }} as plan_subscription_id,
        {{ id_of(csv_field('ProductId')) }} as product_id,
        {{ id_of(csv_field('SkuId')) }} as sku_id,
        {{ csv_field('SkuName') }} as sku_name,
        {{ csv_field('ChargeType') }} as charge_type,
        -- The text is translated in some portals; the percentage of the credit stands in it all the same.
        coalesce(regexp_matches(
            {{ csv_field('PriceAdjustmentDescription') }}, '(?i)partner earned credit'
        ), false) as has_pec,
        coalesce(regexp_matches({{ csv_field('CreditReasonCode') }}, '(?i)azure credit'), false) as has_azure_credit,

        {{ exact_decimal('unit_price_text', 38, 22) }} as unit_price,
        {{ exact_decimal('effective_unit_price_text', 38, 22) }} as effective_unit_price,
        {{ exact_decimal('billable_quantity_text', 18, 8) }} as billable_quantity,
        {{ exact_decimal('subtotal_text', 18, 2) }} as subtotal_billing,
        upper(trim({{ csv_field('Currency') }})) as billing_currency,
        {{ exact_decimal('exchange_rate_text', 28, 18) }} as exchange_rate,

        unit_price_text,
        effective_unit_price_text,
        billable_quantity_text,
        subtotal_text,
        exchange_rate_text
    from rows_read
)

select
    * exclude (unit_price_text, effective_unit_price_text, billable_quantity_text, subtotal_text, exchange_rate_text, fields),
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
    end as failure,
    array_to_string(fields, ',') as raw_text
from renamed
