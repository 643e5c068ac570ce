-- Usage from Cost Management (Cost and usage details for a Microsoft Partner Agreement), with names and columns of daily rated usage, by Microsoft's
-- published mapping. Source's defect: it names no transacting partner, reseller or plan; product and SKU stand in one column. Guarantee: a line
-- has them from the directory (D5), or it has a `failure`. Whether it counts is decided later (int_cost_management_file_groups).
-- One row per record of a Cost Management file in force.
with records as (
    {{ archived_records('cost_management') }}
),

-- The daily file's names of columns, by that mapping; what follows reads the same as a daily file. Not materialized: else DuckDB
-- keeps all columns of all lines in memory.
mapped as not materialized (
    select
        * exclude (
            productid, customername, tags, additionalinfo, metercategory, metername, meterid, meterregion, benefitid, unitprice, subscriptionid
        ),
        "date" as date_text, -- noqa: RF06
        subscriptionid as entitlementid,
        {{ utc_date(text_or_null('"date"')) }} as usage_date,
        partnertenantid as partnerid,
        customertenantid as customerid, customername, null::varchar as customercountry,
        -- ProductId and SkuId in one: twelve characters and four, with or without a mark between them.
        left({{ text_or_null('productid') }}, 12) as productid,
        nullif(regexp_replace(substring({{ text_or_null('productid') }}, 13), '[^0-9A-Za-z]', '', 'g'), '') as skuid,
        invoiceid as invoicenumber,
        billingperiodstartdate as chargestartdate,
        meterid, metercategory, metername, meterregion,
        resourceid as resourceuri,
        resourcegroupname as resourcegroup,
        unitofmeasure as unit, null::varchar as unittype,
        subscriptionname as entitlementdescription, productname as skuname,
        -- What a reservation or a savings plan paid has a pricing model of its own; the daily file says so in BenefitType (P2).
        case
            when {{ text_or_null('reservationid') }} is not null or {{ id_of('pricingmodel') }} = 'reservation' then 'Reservation'
            when replace({{ id_of('pricingmodel') }}, ' ', '') = 'savingsplan' then 'SavingsPlan'
        end as benefittype,
        productorderid as benefitorderid, benefitid,
        null::varchar as credittype, null::varchar as creditpercentage, null::varchar as rateofcredit, null::varchar as resellermpnid,
        tags, additionalinfo,
        coalesce({{ text_or_null('quantity') }}, '') as quantity_text,
        coalesce({{ text_or_null('unitprice') }}, {{ text_or_null('paygprice') }}, '') as unit_price_text,
        -- The rate stands on lines, too, to which it was not applied.
        case
            when {{ id_of('partnerearnedcreditapplied') }} in ('0', 'false', 'no') then '0'
            else coalesce({{ text_or_null('partnerearnedcreditrate') }}, '')
        end as pec_rate_text,
        {{ text_or_null('costinpricingcurrency') }} as pricing_total_text,
        {{ text_or_null('costinbillingcurrency') }} as billing_total_text,
        {{ text_or_null('exchangeratepricingtobilling') }} as exchange_rate_text
    from records
),

relationships as (
    select *
    from {{ directory_records(
        'subscription_partners',
        'subscription_id, transacting_partner_id, reseller_partner_id, valid_from, valid_to, plan_subscription_id'
    ) }}
),

-- D5: the earliest relationship that overlaps the day.
related as (
    select
        days.subscription_id,
        days.usage_date,
        relationships.transacting_partner_id,
        relationships.reseller_partner_id,
        relationships.plan_subscription_id
    from (select distinct {{ id_of('entitlementid') }} as subscription_id, usage_date from mapped) as days
    inner join relationships
        on
            days.subscription_id = relationships.subscription_id
            and {{ from_or_ever('relationships.valid_from') }} < days.usage_date + interval 1 day
            and {{ to_or_ever('relationships.valid_to') }} > days.usage_date
            and {{ from_or_ever('relationships.valid_from') }} < {{ to_or_ever('relationships.valid_to') }}
    qualify row_number() over (
        partition by days.subscription_id, days.usage_date
        order by
            {{ from_or_ever('relationships.valid_from') }}, {{ to_or_ever('relationships.valid_to') }}, relationships.transacting_partner_id,
            relationships.reseller_partner_id, relationships.plan_subscription_id
    ) = 1
),

lines as (
    select
        mapped.*,
        related.transacting_partner_id as mpnid,
        related.reseller_partner_id as tier2mpnid,
        coalesce(related.plan_subscription_id, {{ id_of('mapped.entitlementid') }}) as subscriptionid,
        related.plan_subscription_id is not null as has_plan,
        {{ rounded_decimal('mapped.quantity_text', 27, 15) }} as quantity_exact,
        {{ exact_decimal('mapped.unit_price_text', 38, 22) }} as unit_price_exact,
        {{ rate_of('mapped.pec_rate_text') }} as applied_pec_rate,
        {{ amount_of('mapped.pricing_total_text') }} as pricing_pre_tax_total,
        {{ amount_of('mapped.billing_total_text') }} as billing_pre_tax_total,
        {{ exact_decimal('mapped.exchange_rate_text', 28, 18) }} as exchange_rate
    from mapped
    left join related on {{ id_of('mapped.entitlementid') }} = related.subscription_id and mapped.usage_date = related.usage_date
)

select
    content_id, record_number, line_number, file_id, source_file, exported_at, usage_date,
    quantity_exact as quantity,
    unit_price_exact as unit_price,
    pricing_pre_tax_total, billing_pre_tax_total, exchange_rate,
    applied_pec_rate,
    subscriptionid,
    has_plan,
    {% for name, texts in usage_names().items() %}
        {% for column, text in texts.items() %}
            {{ text }} as {{ name }}__{{ column }},
        {% endfor %}
        -- A bill is of one subscription here: each is accepted by itself.
        hash({{ texts.values() | join(', ') }}{{ ", entitlementid, subscriptionid, 'cost_management'" if name == 'bill' }}) as {{ name }}_key,
    {% endfor %}
    -- Purchases, refunds of them and unused benefits are no usage, and the daily file has none of them. Amortized costs repeat the actual ones.
    coalesce({{ id_of('chargetype') }}, 'usage') = 'usage' and not contains(lower(source_file), 'amorti') as is_usage,
    case
        when {{ id_of('entitlementid') }} is null then {{ failure('SubscriptionId', 'no Azure subscription') }}
        when usage_date is null or usage_date not between date '2010-01-01' and date '2100-12-31'
            then {{ failure('date', 'not a date of the years 2010 to 2100', 'date_text') }}
        when mpnid is null
            then {{ failure(
                'SubscriptionId', 'no transacting partner on that day: add the subscription to partner_directory/subscription_partners.csv', 'entitlementid'
            ) }}
        when unit_price_exact is null or unit_price_exact >= 100000000
            then {{ failure('unitPrice', 'not a number of at most 8 digits and 22 decimals', 'unit_price_text') }}
        when is_usage and unit_price_exact < 0 then {{ failure('unitPrice', 'below 0: a refund has a negative quantity (M6)', 'unit_price_text') }}
        when quantity_exact is null then {{ failure('quantity', 'not a number of at most 12 digits before the point', 'quantity_text') }}
        when abs(quantity_exact) >= 1000000 and trunc(abs(quantity_exact)) * trunc(unit_price_exact) >= 1000000000000000
            then {{ failure('quantity', 'costs 10^15 USD or more at its own price: beyond what the marts hold exactly', 'quantity_text') }}
        when pricing_pre_tax_total is null and pricing_total_text is not null
            then {{ failure('costInPricingCurrency', 'not a number', 'pricing_total_text') }}
        when billing_pre_tax_total is null and billing_total_text is not null
            then {{ failure('costInBillingCurrency', 'not a number', 'billing_total_text') }}
        when abs(pricing_pre_tax_total) >= 1000000000000000
            then {{ failure('costInPricingCurrency', '10^15 USD or more: beyond what the marts hold exactly', 'pricing_total_text') }}
        when abs(billing_pre_tax_total) >= 100000000000000000
            then {{ failure('costInBillingCurrency', '10^17 or more: beyond what the marts hold exactly', 'billing_total_text') }}
        when exchange_rate_text is not null and coalesce(exchange_rate <= 0 or exchange_rate >= 10000000, true)
            then {{ failure('exchangeRatePricingToBilling', 'not a number above 0 and below 10^7', 'exchange_rate_text') }}
        -- A bound from above: the fractions of small prices count as one.
        when exchange_rate >= 1000 and trunc(abs(quantity_exact)) * (trunc(unit_price_exact) + 1) * trunc(exchange_rate) >= 100000000000000000
            then {{ failure('quantity', 'may cost 10^17 or more in the billing currency: beyond what the marts hold exactly', 'quantity_text') }}
        when applied_pec_rate is null or applied_pec_rate not between 0 and 1
            then {{ failure('partnerEarnedCreditRate', 'not a rate between 0 and 100 %', 'pec_rate_text') }}
    end as failure,
    concat_ws(
        ',', partnerid, customerid, invoicenumber, productid, skuid, entitlementid, date_text, meterid, resourceuri, unit_price_text, quantity_text
    ) as raw_text
from lines
