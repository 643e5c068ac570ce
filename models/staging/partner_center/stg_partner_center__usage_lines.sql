{{ config(pre_hook="{{ delete_outdated('daily_rated_usage') }}") }}
-- Daily rated usage, typed once for each content in force. Source's defect: numbers come in many spellings, rates on two scales, and any value
-- may be damaged. Guarantee: a line is exactly what its text says, or it has a `failure` that says why not.
-- One row per record of a usage file in force.
{%- set dates = ['usagedate', 'chargestartdate', 'chargeenddate', 'pctobcexchangeratedate'] %}
{%- set numbers = ['unitprice', 'quantity', 'pricingpretaxtotal', 'billingpretaxtotal', 'effectiveunitprice', 'pctobcexchangerate'] %}
-- Not materialized: else DuckDB keeps all columns of all lines in memory, for the two decisions on a whole file below.
with records as not materialized (
    select * from {{ source('archive', 'daily_rated_usage') }}
    where content_id in ({{ unread_contents('daily_rated_usage') }})
),

-- How a file writes dates with slashes is decided for the whole file, by dates that can be read in one way only. A file without such a date is read
-- month-first, as Microsoft documents.
date_orders as (
    select
        content_id,
        bool_or({{ proves_dates('month', dates) }}) as is_month_first,
        bool_or({{ proves_dates('day', dates) }}) as is_day_first
    from records
    where contains(usagedate, '/') or contains(chargestartdate, '/') or contains(chargeenddate, '/')
    group by content_id
),

-- The same for decimal commas: in a file with proven ones, and without a proven decimal point, 1.234 may be 1234.
files_with_commas as (
    select distinct content_id
    from records
    where contains(quantity, ',') or contains(unitprice, ',') or contains(pricingpretaxtotal, ',')
),

comma_files as (
    select records.content_id
    from records
    inner join files_with_commas on records.content_id = files_with_commas.content_id
    group by records.content_id
    having bool_or({{ proves_decimals(',', numbers) }}) and not bool_or({{ proves_decimals('.', numbers) }})
),

lines as (
    select
        records.*,
        coalesce({{ text_or_null('usagedate') }}, '') as usage_date_text,
        coalesce({{ text_or_null('quantity') }}, '') as quantity_text,
        coalesce({{ text_or_null('unitprice') }}, '') as unit_price_text,
        coalesce({{ text_or_null('coalesce(partnerearnedcreditpercentage, rateofpartnerearnedcredit)') }}, '') as pec_rate_text,
        coalesce({{ text_or_null('coalesce(creditpercentage, rateofcredit)') }}, '') as credit_rate_text,
        {{ text_or_null('pricingpretaxtotal') }} as pricing_total_text,
        {{ text_or_null('billingpretaxtotal') }} as billing_total_text,
        {{ text_or_null('pctobcexchangerate') }} as exchange_rate_text,
        {{ text_or_null('effectiveunitprice') }} as effective_unit_price_text,
        -- The key of what a line names: a hash of the texts as delivered.
        {% for name, texts in usage_names().items() %}
            hash({{ texts.values() | join(', ') }}) as {{ name }}_key,
        {% endfor %}
        comma_files.content_id is not null as has_decimal_commas,
        -- Where a file proves both orders, or day-first, only a line is read whose own dates prove month-first.
        case
            when date_orders.is_day_first and (contains(usagedate, '/') or contains(chargestartdate, '/'))
                then not (date_orders.is_month_first and {{ proves_dates('month', dates) }} and not {{ proves_dates('day', dates) }})
            else false
        end as is_day_first
    from records
    left join date_orders on records.content_id = date_orders.content_id
    left join comma_files on records.content_id = comma_files.content_id
),

typed as (
    select
        *,
        {{ utc_date('usage_date_text') }} as usage_date,
        {{ rounded_decimal('quantity_text', 27, 15) }} as exact_quantity,
        {{ exact_decimal('unit_price_text', 38, 22) }} as unit_price,
        {{ rate_of('pec_rate_text') }} as applied_pec_rate,
        {{ amount_of('pricing_total_text') }} as pricing_pre_tax_total,
        {{ amount_of('billing_total_text') }} as billing_pre_tax_total,
        {{ rounded_decimal('exchange_rate_text', 28, 18) }} as exchange_rate
    from lines
),

checked as (
    select
        *,
        -- The first thing wrong with the line, in the order of its columns.
        case
            when {{ partner_of('mpnid') }} is null then {{ failure('MpnId', 'no transacting partner') }}
            when {{ id_of('subscriptionid') }} is null then {{ failure('SubscriptionId', 'no Azure plan subscription') }}
            when is_day_first
                then
                    {{ failure(
                        'UsageDate', 'the file has dates that are day-first (31/8/2026): export it with dates as M/d/yyyy or ISO', 'usage_date_text'
                    ) }}
            when usage_date is null
                then {{ failure('UsageDate', 'not a date of the years 2010 to 2100', 'usage_date_text') }}
            when has_decimal_commas
                then {{ failure('Quantity', 'the file has decimal commas: export it with decimal points', 'quantity_text') }}
            when unit_price is null or unit_price >= 100000000
                then {{ failure('UnitPrice', 'not a number of at most 8 digits and 22 decimals', 'unit_price_text') }}
            when unit_price < 0 then {{ failure('UnitPrice', 'below 0: a refund has a negative quantity (M6)', 'unit_price_text') }}
            when exact_quantity is null then {{ failure('Quantity', 'not a number of at most 12 digits before the point', 'quantity_text') }}
            -- Only the largest quantities need the product.
            when abs(exact_quantity) >= 1000000 and trunc(abs(exact_quantity)) * trunc(unit_price) >= 1000000000000000
                then {{ failure('Quantity', 'costs 10^15 USD or more at its own price: beyond what the marts hold exactly', 'quantity_text') }}
            when pricing_pre_tax_total is null and pricing_total_text is not null
                then {{ failure('PricingPreTaxTotal', 'not a number', 'pricing_total_text') }}
            when abs(pricing_pre_tax_total) >= 1000000000000000
                then {{ failure('PricingPreTaxTotal', '10^15 USD or more: beyond what the marts hold exactly', 'pricing_total_text') }}
            when applied_pec_rate is null or applied_pec_rate not between 0 and 1
                then {{ failure('PartnerEarnedCreditPercentage', 'not a rate between 0 and 100 %', 'pec_rate_text') }}
            when coalesce({{ rate_of('credit_rate_text') }} not between 0 and 1, true)
                then {{ failure('CreditPercentage', 'not a rate between 0 and 100 %', 'credit_rate_text') }}
            when exchange_rate_text is not null and coalesce(exchange_rate <= 0 or exchange_rate >= 10000000, true)
                then {{ failure('PCToBCExchangeRate', 'not a number above 0 and below 10^7', 'exchange_rate_text') }}
            -- A bound from above: the fractions of small prices count as one.
            when exchange_rate >= 1000 and trunc(abs(exact_quantity)) * (trunc(unit_price) + 1) * trunc(exchange_rate) >= 100000000000000000
                then {{ failure('Quantity', 'may cost 10^17 or more in the billing currency: beyond what the marts hold exactly', 'quantity_text') }}
            when effective_unit_price_text is not null and {{ rounded_decimal('effective_unit_price_text', 38, 18) }} is null
                then {{ failure('EffectiveUnitPrice', 'not a number', 'effective_unit_price_text') }}
            when billing_pre_tax_total is null and billing_total_text is not null
                then {{ failure('BillingPreTaxTotal', 'not a number', 'billing_total_text') }}
            when abs(billing_pre_tax_total) >= 100000000000000000
                then {{ failure('BillingPreTaxTotal', '10^17 or more: beyond what the marts hold exactly', 'billing_total_text') }}
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
