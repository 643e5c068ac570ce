{{ config(pre_hook="{{ delete_contents('daily_rated_usage') }}") }}
-- Daily rated usage, typed once for each content in force. Source's defect: numbers come in many spellings, rates on two scales, and any value
-- may be damaged. Guarantee: a line is exactly what its text says, or it has a `failure` that says why not.
-- One row per record of a usage file in force.
with lines as (
    select
        *,
        coalesce(trim(usagedate), '') as usage_date_text,
        coalesce(trim(quantity), '') as quantity_text,
        coalesce(trim(unitprice), '') as unit_price_text,
        coalesce(trim(coalesce(partnerearnedcreditpercentage, rateofpartnerearnedcredit)), '') as pec_rate_text,
        coalesce(trim(coalesce(creditpercentage, rateofcredit)), '') as credit_rate_text,
        {{ amount_of('trim(pricingpretaxtotal)') }} as pricing_pre_tax_total,
        {{ amount_of('trim(billingpretaxtotal)') }} as billing_pre_tax_total,
        -- The key of what a line names: a hash of the texts as delivered.
        {% for name, texts in usage_names().items() %}
            hash({{ texts.values() | join(', ') }}) as {{ name }}_key,
        {% endfor %}
        try_cast(pctobcexchangerate as decimal(28, 18)) as exchange_rate
    from {{ source('archive', 'daily_rated_usage') }}
    where content_id in ({{ unread_contents('daily_rated_usage') }})
),

typed as (
    select
        *,
        {{ utc_date('usage_date_text') }} as usage_date,
        {{ exact_decimal('quantity_text', 27, 15) }} as exact_quantity,
        {{ exact_decimal('unit_price_text', 38, 22) }} as unit_price,
        {{ rate_of('pec_rate_text') }} as applied_pec_rate
    from lines
),

checked as (
    select
        *,
        -- The first thing wrong with the line, in the order of its columns.
        case
            when coalesce(trim(mpnid), '') in ('', '0') then {{ failure('MpnId', 'no transacting partner') }}
            -- The first condition avoids the trim for nearly all lines: text that begins with a printable character is not blank.
            when coalesce(subscriptionid not between '!' and '~', true) and coalesce(trim(subscriptionid), '') = ''
                then {{ failure('SubscriptionId', 'no Azure plan subscription') }}
            when usage_date is null or usage_date not between date '2010-01-01' and date '2100-12-31'
                then {{ failure('UsageDate', 'not a date of the years 2010 to 2100', 'usage_date_text') }}
            when unit_price is null or abs(unit_price) >= 100000000
                then {{ failure('UnitPrice', 'not a number of at most 8 digits and 22 decimals', 'unit_price_text') }}
            when exact_quantity is null then {{ failure('Quantity', 'not a number of at most 12 digits and 15 decimals', 'quantity_text') }}
            -- Only the largest quantities need the product.
            when abs(exact_quantity) >= 1000000 and trunc(abs(exact_quantity)) * trunc(abs(unit_price)) >= 1000000000000000
                then {{ failure('Quantity', 'costs 10^15 USD or more at its own price: beyond what the marts hold exactly', 'quantity_text') }}
            when pricing_pre_tax_total is null and trim(pricingpretaxtotal) != ''
                then {{ failure('PricingPreTaxTotal', 'not a number', 'pricingpretaxtotal') }}
            when applied_pec_rate is null or applied_pec_rate not between 0 and 1
                then {{ failure('PartnerEarnedCreditPercentage', 'not a rate between 0 and 100 %', 'pec_rate_text') }}
            when {{ rate_of('credit_rate_text') }} is null then {{ failure('CreditPercentage', 'not a rate', 'credit_rate_text') }}
            when exchange_rate is null and trim(pctobcexchangerate) != ''
                then {{ failure('PCToBCExchangeRate', 'not a number', 'pctobcexchangerate') }}
            when trim(effectiveunitprice) != '' and try_cast(effectiveunitprice as decimal(38, 22)) is null
                then {{ failure('EffectiveUnitPrice', 'not a number', 'effectiveunitprice') }}
            when billing_pre_tax_total is null and trim(billingpretaxtotal) != ''
                then {{ failure('BillingPreTaxTotal', 'not a number', 'billingpretaxtotal') }}
        end as failure
    from typed
)

select
    content_id,
    record_number,
    line_number,
    usage_date,
    exact_quantity as quantity,
    unit_price,
    pricing_pre_tax_total,
    billing_pre_tax_total,
    exchange_rate,
    applied_pec_rate,
    {% for name in usage_names() %}
        case when failure is null then {{ name }}_key end as {{ name }}_key,
    {% endfor %}
    failure,
    case
        when failure is not null
            then concat_ws(
                ',', partnerid, customerid, mpnid, invoicenumber, productid, skuid, subscriptionid, usagedate, meterid, resourceuri, unitprice,
                quantity_text, billingpretaxtotal, pricingpretaxtotal, entitlementid
            )
    end as raw_text,
    (select rules_version from {{ ref('project_version') }}) as rules_version
from checked
