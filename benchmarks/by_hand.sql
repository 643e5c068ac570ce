-- The minimal floor: the warehouse's computation for one month of unbilled usage, by hand, as fast as it gets on exact decimals.
--
-- Variables: zone (the landing zone), reference (seeds/reference), landed (the Parquet file that usage is landed in). Rules are cited by their
-- numbers as in the models. 26 columns are read, once; nothing is checked, kept as delivered or rejected with a reason: see equal_duties.sql.
-- A line `-- stage: name` begins a stage, whose seconds floor.py reports; `-- include: file` puts a file of floors/ there.

-- stage: parse
-- The one pass over the text. Parquet is written faster than a native table, and is smaller.
copy (
    select
        "CustomerId" as customer_id,
        "CustomerName" as customer_name,
        "CustomerCountry" as market,
        "MpnId" as mpn_id,
        "Tier2MpnId" as reseller_id,
        "InvoiceNumber" as invoice_number,
        "ProductId" as product_id,
        "SkuId" as sku_id,
        "PublisherName" as publisher,
        "SubscriptionId" as plan_id,
        "UsageDate" as usage_date,
        "MeterCategory" as meter_category,
        "MeterId" as meter_id,
        "MeterName" as meter_name,
        "ResourceGroup" as resource_group,
        "ResourceURI" as resource_uri,
        "UnitPrice" as unit_price_text,
        "Quantity" as quantity_text,
        "BillingCurrency" as currency,
        "PricingPreTaxTotal" as pricing_total,
        "PCToBCExchangeRate" as exchange_rate,
        "EntitlementId" as entitlement_id,
        "PartnerEarnedCreditPercentage" as pec_percentage,
        "CreditPercentage" as credit_percentage,
        "CreditType" as credit_type,
        "BenefitType" as benefit_type
    from read_csv(
        getvariable('zone') || '/daily_rated_usage/*.csv*', auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
        columns = {
            'PartnerId': 'VARCHAR', 'PartnerName': 'VARCHAR', 'CustomerId': 'VARCHAR', 'CustomerName': 'VARCHAR', 'CustomerDomainName': 'VARCHAR',
            'CustomerCountry': 'VARCHAR', 'MpnId': 'VARCHAR', 'Tier2MpnId': 'VARCHAR', 'InvoiceNumber': 'VARCHAR', 'ProductId': 'VARCHAR',
            'SkuId': 'VARCHAR', 'AvailabilityId': 'VARCHAR', 'SkuName': 'VARCHAR', 'ProductName': 'VARCHAR', 'PublisherName': 'VARCHAR',
            'PublisherId': 'VARCHAR', 'SubscriptionDescription': 'VARCHAR', 'SubscriptionId': 'VARCHAR', 'ChargeStartDate': 'VARCHAR',
            'ChargeEndDate': 'VARCHAR', 'UsageDate': 'DATE', 'MeterType': 'VARCHAR', 'MeterCategory': 'VARCHAR', 'MeterId': 'VARCHAR',
            'MeterSubCategory': 'VARCHAR', 'MeterName': 'VARCHAR', 'MeterRegion': 'VARCHAR', 'Unit': 'VARCHAR', 'ResourceLocation': 'VARCHAR',
            'ConsumedService': 'VARCHAR', 'ResourceGroup': 'VARCHAR', 'ResourceURI': 'VARCHAR', 'ChargeType': 'VARCHAR',
            'UnitPrice': 'VARCHAR', 'Quantity': 'VARCHAR', 'UnitType': 'VARCHAR', 'BillingPreTaxTotal': 'VARCHAR',
            'BillingCurrency': 'VARCHAR', 'PricingPreTaxTotal': 'DECIMAL(38, 18)', 'PricingCurrency': 'VARCHAR', 'ServiceInfo1': 'VARCHAR',
            'ServiceInfo2': 'VARCHAR', 'Tags': 'VARCHAR', 'AdditionalInfo': 'VARCHAR', 'EffectiveUnitPrice': 'VARCHAR',
            'PCToBCExchangeRate': 'DECIMAL(28, 18)', 'PCToBCExchangeRateDate': 'VARCHAR', 'EntitlementId': 'VARCHAR',
            'EntitlementDescription': 'VARCHAR', 'PartnerEarnedCreditPercentage': 'DECIMAL(5, 2)', 'CreditPercentage': 'DECIMAL(5, 2)',
            'CreditType': 'VARCHAR', 'BenefitOrderId': 'VARCHAR', 'BenefitId': 'VARCHAR', 'BenefitType': 'VARCHAR'
        }
    )
) to (getvariable('landed')) (format parquet, compression zstd);
create view usage as from read_parquet(getvariable('landed'));

-- The other files.
create macro in_directory(name) as table
select * from read_csv(getvariable('zone') || '/partner_directory/' || name || '.csv', all_varchar = true);
create view snapshot_documents as
select 'role' as kind, filename as path, content from read_text(getvariable('zone') || '/role_assignments/**/*.json')
union all
select 'deny', filename, content from read_text(getvariable('zone') || '/deny_assignments/**/*.json')
union all
select 'delegation', filename, content from read_text(getvariable('zone') || '/lighthouse/**/*.json');
create view activity_records as
select * from read_json(
    getvariable('zone') || '/activity_log/**/*.json', format = 'newline_delimited', columns = {
        time: 'VARCHAR', "operationName": 'VARCHAR', "resultType": 'VARCHAR', "correlationId": 'VARCHAR', properties: 'JSON'
    }
);
create view price_rows as
select
    "Market" as market, "ProductId" as product_id, "SkuId" as sku_id, "MeterIds" as meter_ids, "TermDuration" as term_duration, "Tags" as tags,
    strptime("EffectiveStartDate", '%m/%d/%Y %I:%M:%S %p')::date as starts, strptime("EffectiveEndDate", '%m/%d/%Y %I:%M:%S %p')::date as ends,
    "PricingTierRangeMin" as tier_min, "PricingTierRangeMax" as tier_max, "UnitPrice" as unit_price
from read_csv(
    getvariable('zone') || '/price_sheet/**/*.csv', auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
    columns = {
        'ProductTitle': 'VARCHAR', 'ProductId': 'VARCHAR', 'SkuId': 'VARCHAR', 'SkuTitle': 'VARCHAR', 'Publisher': 'VARCHAR',
        'SkuDescription': 'VARCHAR', 'UnitOfMeasure': 'VARCHAR', 'TermDuration': 'VARCHAR', 'Market': 'VARCHAR', 'Currency': 'VARCHAR',
        'UnitPrice': 'DECIMAL(38, 22)', 'PricingTierRangeMin': 'DECIMAL(28, 15)', 'PricingTierRangeMax': 'DECIMAL(28, 15)',
        'EffectiveStartDate': 'VARCHAR', 'EffectiveEndDate': 'VARCHAR', 'MeterIds': 'VARCHAR', 'MeterType': 'VARCHAR', 'Tags': 'VARCHAR'
    }
);

-- include: names.sql
-- include: prices.sql
-- include: access.sql
-- include: eligibility.sql
-- include: rating.sql

-- stage: rating
-- M1: one pass over the wide lines leaves small keys and, unless it has tiers, what the line costs.
create table keyed_charges as
with lines as (
    select
        usage_date,
        place_hash(entitlement_id, resource_uri, resource_group, plan_id, customer_id, market, mpn_id, reseller_id, invoice_number is null)
            as place_hash,
        product_hash(
            market, product_id, sku_id, meter_id, meter_category, meter_name, publisher, benefit_type, credit_type, credit_percentage,
            invoice_number[1]
        ) as product_hash,
        quantity_text::decimal(28, 15) as quantity,
        short_quantity(quantity_text, quantity) as short_quantity,
        unit_price_text,
        (pec_percentage * 0.01::decimal(3, 2))::decimal(5, 4) as applied_rate
    from usage
),
priced as (
    select
        lines.*, resource_key, plan_key, product_key, meter_key, is_tiered, is_covered_by_benefit, product_reason, access_reason, pec_rate,
        coalesce(list_price, unit_price_text::decimal(38, 22)) as price,
        case when is_listed or is_covered_by_benefit then short_price else try_cast(unit_price_text as decimal(12, 6)) end as any_short_price,
        case when any_short_price = price or is_covered_by_benefit then any_short_price end as short_price,
        case when not is_tiered then short_quantity * short_price end as short_cost
    from lines
    inner join place_keys using (place_hash)
    inner join product_days using (product_hash, usage_date)
    inner join site_days using (site_key, usage_date)
)
select
    usage_date, resource_key, plan_key, product_key, meter_key, quantity, applied_rate, is_tiered, is_covered_by_benefit, product_reason,
    access_reason, pec_rate,
    case
        when is_tiered then null when is_covered_by_benefit then 0::decimal(38, 18)
        else coalesce(short_cost::decimal(38, 18), cost_of(quantity, price, short_price))
    end as list_cost,
    not is_covered_by_benefit and price > 0 as is_billable,
    credit_of(short_cost, list_cost, product_reason, access_reason, pec_rate) as credit,
    recoverable_of(short_cost, list_cost, product_reason, access_reason, pec_rate, applied_rate) as recoverable,
    status_of(product_reason, access_reason, applied_rate) as status,
    reason_of(product_reason, access_reason) as reason
from priced;

-- include: marts.sql
