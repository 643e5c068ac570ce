{{ config(pre_hook="{{ forget_rejected_lines() }}", post_hook="{{ keep_rejected_lines() }}") }}
{#- The vendors' names of each column, newest first; a file that lacks one gives NULL (needed ones: vars, needed_columns). -#}
{%- set columns = {
    'partner_id': ['partnerid'], 'customer_id': ['customerid'], 'customer_name': ['customername'], 'customer_country': ['customercountry'],
    'mpn_id': ['mpnid'], 'reseller_mpn_id': ['tier2mpnid', 'resellermpnid'], 'invoice_number': ['invoicenumber'], 'product_id': ['productid'],
    'sku_id': ['skuid'], 'sku_name': ['skuname'], 'product_name': ['productname'], 'publisher_name': ['publishername'],
    'subscription_description': ['subscriptiondescription'], 'plan_subscription_id': ['subscriptionid'], 'charge_start_date': ['chargestartdate'],
    'charge_end_date': ['chargeenddate'], 'usage_date': ['usagedate'], 'meter_id': ['meterid'], 'meter_category': ['metercategory'],
    'meter_sub_category': ['metersubcategory'], 'meter_name': ['metername'], 'meter_region': ['meterregion'],
    'unit': ['unit', 'unitofmeasure', 'unittype'], 'resource_location': ['resourcelocation'], 'consumed_service': ['consumedservice'],
    'resource_group': ['resourcegroup'], 'resource_uri': ['resourceuri'], 'charge_type': ['chargetype'], 'unit_price': ['unitprice'],
    'quantity': ['quantity'], 'billing_pre_tax_total': ['billingpretaxtotal'], 'billing_currency': ['billingcurrency'],
    'pricing_pre_tax_total': ['pricingpretaxtotal'], 'tags': ['tags'], 'additional_info': ['additionalinfo'],
    'effective_unit_price': ['effectiveunitprice'], 'exchange_rate': ['pctobcexchangerate'], 'entitlement_id': ['entitlementid'],
    'entitlement_description': ['entitlementdescription'], 'pec_rate': ['partnerearnedcreditpercentage', 'rateofpartnerearnedcredit'],
    'credit_rate': ['creditpercentage', 'rateofcredit'], 'credit_type': ['credittype'], 'benefit_order_id': ['benefitorderid'],
    'benefit_id': ['benefitid'], 'benefit_type': ['benefittype'],
} -%}
{%- set files = new_files("kind = 'daily_rated_usage'") -%}

with lines as (
    {{ usage_lines_as_text(files, columns) }}
),

typed as (
    select
        *,
        {{ utc_date('usage_date') }} as usage_on,
        {{ exact_decimal('quantity', 18, 8) }} as quantity_exact,
        {{ exact_decimal('unit_price', 38, 22) }} as unit_price_exact,
        try_cast(nullif(pricing_pre_tax_total, '') as decimal(38, 20)) as pricing_pre_tax_total_cast,
        {{ rate_of('pec_rate') }} as applied_pec_rate,
        {{ rate_of('credit_rate') }} as applied_credit_rate
    from lines
),

checked as (
    select
        *,
        -- The first thing wrong with the line, in the order of its columns.
        case
            when json_text is not null then {{ failure('', 'not a JSON object') }}
            when coalesce(mpn_id, '') in ('', '0') then {{ failure('MpnId', 'no transacting partner') }}
            when coalesce(plan_subscription_id, '') = '' then {{ failure('SubscriptionId', 'no Azure plan subscription') }}
            when usage_on is null then {{ failure('UsageDate', 'not a date', 'usage_date') }}
            when unit_price_exact is null then {{ failure('UnitPrice', 'not a number of at most 16 digits and 22 decimals', 'unit_price') }}
            when quantity_exact is null then {{ failure('Quantity', 'not a number of at most 10 digits and 8 decimals', 'quantity') }}
            when pricing_pre_tax_total != '' and pricing_pre_tax_total_cast is null
                then {{ failure('PricingPreTaxTotal', 'not a number', 'pricing_pre_tax_total') }}
            when applied_pec_rate is null or applied_pec_rate not between 0 and 1
                then {{ failure('PartnerEarnedCreditPercentage', 'not a rate between 0 and 100 %', 'pec_rate') }}
            when applied_credit_rate is null then {{ failure('CreditPercentage', 'not a rate', 'credit_rate') }}
            when try_cast(coalesce(nullif(exchange_rate, ''), '1') as decimal(28, 18)) is null
                then {{ failure('PCToBCExchangeRate', 'not a number', 'exchange_rate') }}
            when try_cast(coalesce(nullif(effective_unit_price, ''), '0') as decimal(38, 22)) is null
                then {{ failure('EffectiveUnitPrice', 'not a number', 'effective_unit_price') }}
            when try_cast(coalesce(nullif(billing_pre_tax_total, ''), '0') as decimal(38, 20)) is null
                then {{ failure('BillingPreTaxTotal', 'not a number', 'billing_pre_tax_total') }}
        end as failure
    from typed
)

select
    file_id,
    digest,
    line_number,

    {{ id_of('partner_id') }} as partner_id,
    {{ id_of('customer_id') }} as customer_id,
    {{ text_or_null('customer_name') }} as customer_name,
    {{ id_of('customer_country') }} as customer_country,
    {{ id_of('mpn_id') }} as mpn_id,
    nullif({{ id_of('reseller_mpn_id') }}, '0') as reseller_mpn_id,
    {{ text_or_null('invoice_number') }} as invoice_number,
    {{ id_of('plan_subscription_id') }} as plan_subscription_id,
    {{ text_or_null('subscription_description') }} as subscription_description,
    {{ id_of('entitlement_id') }} as entitlement_id,
    {{ text_or_null('entitlement_description') }} as entitlement_description,
    {{ id_of('resource_group') }} as resource_group,
    {{ id_of('resource_uri') }} as resource_uri,
    {{ text_or_null('resource_location') }} as resource_location,
    {{ text_or_null('consumed_service') }} as consumed_service,

    {{ id_of('product_id') }} as product_id,
    {{ id_of('sku_id') }} as sku_id,
    {{ text_or_null('sku_name') }} as sku_name,
    {{ text_or_null('product_name') }} as product_name,
    {{ text_or_null('publisher_name') }} as publisher_name,
    {{ id_of('meter_id') }} as meter_id,
    {{ text_or_null('meter_category') }} as meter_category,
    {{ text_or_null('meter_sub_category') }} as meter_sub_category,
    {{ text_or_null('meter_name') }} as meter_name,
    {{ text_or_null('meter_region') }} as meter_region,
    {{ text_or_null('unit') }} as unit,

    usage_on as usage_date,
    {{ utc_date('charge_start_date') }} as charge_start_date,
    {{ utc_date('charge_end_date') }} as charge_end_date,

    {{ text_or_null('charge_type') }} as charge_type,
    quantity_exact as quantity,
    unit_price_exact as unit_price,
    try_cast(nullif(effective_unit_price, '') as decimal(38, 22)) as effective_unit_price,
    pricing_pre_tax_total_cast as pricing_pre_tax_total,
    try_cast(nullif(billing_pre_tax_total, '') as decimal(38, 20)) as billing_pre_tax_total,
    upper({{ text_or_null('billing_currency') }}) as billing_currency,
    try_cast(nullif(exchange_rate, '') as decimal(28, 18)) as exchange_rate,

    applied_pec_rate,
    applied_credit_rate,
    {{ text_or_null('credit_type') }} as credit_type,
    {{ id_of('benefit_order_id') }} as benefit_order_id,
    {{ id_of('benefit_id') }} as benefit_id,
    {{ text_or_null('benefit_type') }} as benefit_type,
    {{ text_or_null('tags') }} as tags,
    {{ text_or_null('additional_info') }} as additional_info,

    failure,
    case
        when json_text is not null then json_text
        when failure is not null
            then concat_ws(
                ',',
                {% for column in columns %}
                    coalesce({{ column }}, ''),
                {% endfor %}
                null
            )
    end as raw_text
from checked
