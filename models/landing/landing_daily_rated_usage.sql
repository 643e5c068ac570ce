{{ config(meta={'reads': "kind = 'daily_rated_usage'"}, pre_hook="{{ before_reading() }}", post_hook="{{ after_reading() }}") }}
{#- What lands: what a model reads, and tags and additional info; other columns stay in the files. The vendors' names of each column, newest first;
    a file that lacks one gives NULL (needed ones: vars, needed_columns). -#}
{%- set columns = {
    'partner_id': ['partnerid'], 'customer_id': ['customerid'], 'customer_name': ['customername'], 'customer_country': ['customercountry'],
    'mpn_id': ['mpnid'], 'reseller_mpn_id': ['tier2mpnid', 'resellermpnid'], 'invoice_number': ['invoicenumber'], 'product_id': ['productid'],
    'sku_id': ['skuid'], 'sku_name': ['skuname'], 'product_name': ['productname'], 'publisher_name': ['publishername'],
    'plan_subscription_id': ['subscriptionid'], 'charge_start_date': ['chargestartdate'], 'usage_date': ['usagedate'], 'meter_id': ['meterid'],
    'meter_category': ['metercategory'], 'meter_name': ['metername'], 'meter_region': ['meterregion'],
    'unit': ['unit', 'unitofmeasure', 'unittype'], 'resource_location': ['resourcelocation'], 'resource_group': ['resourcegroup'],
    'resource_uri': ['resourceuri'], 'unit_price': ['unitprice'], 'quantity': ['quantity'], 'billing_pre_tax_total': ['billingpretaxtotal'],
    'billing_currency': ['billingcurrency'], 'pricing_pre_tax_total': ['pricingpretaxtotal'], 'tags': ['tags'],
    'additional_info': ['additionalinfo'], 'effective_unit_price': ['effectiveunitprice'], 'exchange_rate': ['pctobcexchangerate'],
    'entitlement_id': ['entitlementid'], 'entitlement_description': ['entitlementdescription'],
    'pec_rate': ['partnerearnedcreditpercentage', 'rateofpartnerearnedcredit'], 'credit_rate': ['creditpercentage', 'rateofcredit'],
    'credit_type': ['credittype'], 'benefit_order_id': ['benefitorderid'], 'benefit_id': ['benefitid'], 'benefit_type': ['benefittype'],
} -%}
{#- What the typed pass makes of text; all other columns land as they are, and staging normalises them where each value is met once. -#}
{%- set numbers = {
    'effective_unit_price': 'decimal(38, 22)', 'pricing_pre_tax_total': 'decimal(38, 20)', 'billing_pre_tax_total': 'decimal(38, 20)',
    'exchange_rate': 'decimal(28, 18)',
} -%}
{%- set checked_columns = ['usage_date', 'quantity', 'unit_price', 'pec_rate', 'credit_rate'] -%}

{#- Keys stand for the columns that name a resource, and that decide about a product and its price (M1, P1, P2), so that each combination is looked
    at once, and joins meet one number. -#}
{%- set keys = {
    'resource': [
        'plan_subscription_id', 'entitlement_id', 'resource_uri', 'resource_group', 'customer_id', 'customer_name', 'customer_country', 'mpn_id',
        'reseller_mpn_id',
    ],
    'product': [
        'customer_country', 'product_id', 'sku_id', 'meter_id', 'meter_category', 'meter_name', 'publisher_name', 'benefit_type', 'credit_type',
        'applied_credit_rate', 'left(trim(invoice_number), 1)',
    ],
} -%}

with lines as (
    {{ usage_lines_as_text(new_files(), columns) }}
),

trimmed as (
    select
        {% for column in checked_columns %}
            coalesce(trim({{ column }}), '') as {{ column }}_text,
        {% endfor %}
        *
    from lines
),

typed as (
    select
        * exclude ({{ (checked_columns + numbers | list) | join(', ') }}),
        {% for column in numbers %}
            {{ column }} as {{ column }}_text,
        {% endfor %}
        {% for column, type in numbers.items() %}
            try_cast({{ column }} as {{ type }}) as {{ column }},
        {% endfor %}
        {{ utc_date('usage_date_text') }} as usage_date,
        {{ exact_decimal('quantity_text', 18, 8) }} as quantity,
        {{ exact_decimal('unit_price_text', 38, 22) }} as unit_price,
        {{ rate_of('pec_rate_text') }} as applied_pec_rate,
        {{ rate_of('credit_rate_text') }} as applied_credit_rate
    from trimmed
),

checked as (
    select
        *,
        -- The first thing wrong with the line, in the order of its columns.
        case
            when json_text is not null then {{ failure('', 'not a JSON object') }}
            when coalesce(trim(mpn_id), '') in ('', '0') then {{ failure('MpnId', 'no transacting partner') }}
            when coalesce(trim(plan_subscription_id), '') = '' then {{ failure('SubscriptionId', 'no Azure plan subscription') }}
            when usage_date is null then {{ failure('UsageDate', 'not a date', 'usage_date_text') }}
            when unit_price is null then {{ failure('UnitPrice', 'not a number of at most 16 digits and 22 decimals', 'unit_price_text') }}
            when quantity is null then {{ failure('Quantity', 'not a number of at most 10 digits and 8 decimals', 'quantity_text') }}
            when pricing_pre_tax_total is null and trim(pricing_pre_tax_total_text) != ''
                then {{ failure('PricingPreTaxTotal', 'not a number', 'pricing_pre_tax_total_text') }}
            when applied_pec_rate is null or applied_pec_rate not between 0 and 1
                then {{ failure('PartnerEarnedCreditPercentage', 'not a rate between 0 and 100 %', 'pec_rate_text') }}
            when applied_credit_rate is null then {{ failure('CreditPercentage', 'not a rate', 'credit_rate_text') }}
            when exchange_rate is null and trim(exchange_rate_text) != ''
                then {{ failure('PCToBCExchangeRate', 'not a number', 'exchange_rate_text') }}
            when effective_unit_price is null and trim(effective_unit_price_text) != ''
                then {{ failure('EffectiveUnitPrice', 'not a number', 'effective_unit_price_text') }}
            when billing_pre_tax_total is null and trim(billing_pre_tax_total_text) != ''
                then {{ failure('BillingPreTaxTotal', 'not a number', 'billing_pre_tax_total_text') }}
        end as failure
    from typed
)

select
    file_id,
    line_number,
    {% for column in columns if column not in ('pec_rate', 'credit_rate') %}
        {{ column }},
    {% endfor %}
    applied_pec_rate,
    applied_credit_rate,
    {% for name, columns_of_key in keys.items() %}
        hash({{ columns_of_key | join(', ') }}) as {{ name }}_key,
    {% endfor %}
    failure,
    case
        when json_text is not null then json_text
        when failure is not null
            then concat_ws(
                ',',
                {% for column in columns %}
                    coalesce(trim({{ column ~ '_text' if column in checked_columns or column in numbers else column }}), ''),
                {% endfor %}
                null
            )
    end as raw_text
from checked
