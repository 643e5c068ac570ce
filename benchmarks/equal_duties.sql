-- The floor of equal duties, from the archive (archive_floor.py) to the marts, in plain SQL, as well as it can be written without any framework.
--
-- Variables: archive (the folder), reference (seeds/reference). Text is typed while it is rated, in the one pass over all lines; a line with a
-- value that cannot be read is left out there, and `failed_lines` says why.

-- stage: sources
create table manifest as from read_parquet(getvariable('archive') || '/manifest.parquet');
create table rejected_rows as from read_parquet(getvariable('archive') || '/rejects.parquet');
insert into rejected_rows
select path as source_file, null as line_number, null as column_name, 'records in the file: ' || records || ', read: ' || (archived + rejected) as reason, null as raw_text
from manifest where not is_whole;
create macro in_directory(name) as table from read_parquet(getvariable('archive') || '/partner_directory/' || name || '.parquet');
create view snapshot_documents as
from read_parquet([getvariable('archive') || '/' || folder || '.parquet' for folder in ['role_assignments', 'deny_assignments', 'lighthouse']]);
create view activity_records as
select
    record ->> 'time' as time, record ->> 'operationName' as "operationName", record ->> 'resultType' as "resultType",
    record ->> 'correlationId' as "correlationId", record -> 'properties' as properties
from (
    select unnest(string_split(rtrim(content, chr(10)), chr(10)))::json as record
    from read_parquet(getvariable('archive') || '/activity_log.parquet')
);
-- Exact types: what has more decimals than the type is not rounded in silence, it cannot be read.
create macro is_longer(t, kept) as (length(t) > 16 or contains(lower(t), 'e')) and try_cast(t as decimal(38, 22)) is distinct from kept;
create macro quantity_in(t) as case when not is_longer(t, try_cast(t as decimal(28, 15))) then try_cast(t as decimal(28, 15)) end;
create view price_texts as from read_parquet(getvariable('archive') || '/price_sheet/*.parquet');
create view price_rows as
select
    file_number, line_number, "Market" as market, "ProductId" as product_id, "SkuId" as sku_id, "MeterIds" as meter_ids,
    "TermDuration" as term_duration, "Tags" as tags,
    try_strptime("EffectiveStartDate", '%m/%d/%Y %I:%M:%S %p')::date as starts, try_strptime("EffectiveEndDate", '%m/%d/%Y %I:%M:%S %p')::date as ends,
    quantity_in(nullif("PricingTierRangeMin", '')) as tier_min, quantity_in(nullif("PricingTierRangeMax", '')) as tier_max,
    try_cast("UnitPrice" as decimal(38, 22)) as unit_price
from price_texts;
insert into rejected_rows
select path, line_number, failure.name, 'not readable', failure.text
from price_texts
inner join price_rows using (file_number, line_number)
inner join manifest using (file_number),
    unnest([
        case when unit_price is null then {'name': 'UnitPrice', 'text': "UnitPrice"} end,
        case when starts is null then {'name': 'EffectiveStartDate', 'text': "EffectiveStartDate"} end,
        case when ends is null and "EffectiveEndDate" is not null then {'name': 'EffectiveEndDate', 'text': "EffectiveEndDate"} end,
        case when tier_min is null and nullif("PricingTierRangeMin", '') is not null then {'name': 'PricingTierRangeMin', 'text': "PricingTierRangeMin"} end,
        case when tier_max is null and nullif("PricingTierRangeMax", '') is not null then {'name': 'PricingTierRangeMax', 'text': "PricingTierRangeMax"} end
    ]) as failures (failure)
where failure is not null;
create view lines_as_text as from read_parquet(getvariable('archive') || '/daily_rated_usage/*.parquet', union_by_name = true);
create view usage as
select
    file_number, record_number, line_number,
    "CustomerId" as customer_id, "CustomerName" as customer_name, "CustomerCountry" as market, "MpnId" as mpn_id, "Tier2MpnId" as reseller_id,
    "InvoiceNumber" as invoice_number, "ProductId" as product_id, "SkuId" as sku_id, "PublisherName" as publisher, "SubscriptionId" as plan_id,
    "MeterCategory" as meter_category, "MeterId" as meter_id, "MeterName" as meter_name, "ResourceGroup" as resource_group,
    "ResourceURI" as resource_uri, "BillingCurrency" as currency, "EntitlementId" as entitlement_id, "CreditType" as credit_type,
    "BenefitType" as benefit_type, "Quantity" as quantity_text, "CreditPercentage" as credit_percentage, "PCToBCExchangeRate" as exchange_rate_text,
    try_cast("UsageDate" as date) as usage_date,
    quantity_in("Quantity") as quantity,
    try_cast("UnitPrice" as decimal(38, 22)) as unit_price,
    try_cast("PricingPreTaxTotal" as decimal(38, 18)) as pricing_total,
    try_cast("BillingPreTaxTotal" as decimal(38, 22)) as billing_total,
    try_cast("EffectiveUnitPrice" as decimal(38, 22)) as effective_price,
    try_cast("PartnerEarnedCreditPercentage" as decimal(5, 2)) as pec_percentage
from lines_as_text;
-- include: names.sql
-- What an invoice and its currency say, and the customers' names.
create table bills as
select
    hash(invoice_number, currency, exchange_rate_text) as bill_hash, row_number() over ()::int as bill_key, invoice_number, currency,
    try_cast(exchange_rate_text as decimal(28, 18)) as exchange_rate
from (select distinct invoice_number, currency, exchange_rate_text from usage);
select case when count(distinct bill_hash) != count(*) then error('bills share a hash') end from bills;
create table customers as
select lower(customer_id) as customer_id, max(customer_name) as customer_name from usage group by lower(customer_id);

-- include: prices.sql
-- include: access.sql
-- include: eligibility.sql
-- include: rating.sql

-- stage: rating
create table keyed_charges as
with lines as (
    select
        file_number::int as file_number, record_number, usage_date,
        place_hash(entitlement_id, resource_uri, resource_group, plan_id, customer_id, market, mpn_id, reseller_id, invoice_number is null)
            as place_hash,
        product_hash(
            market, product_id, sku_id, meter_id, meter_category, meter_name, publisher, benefit_type, credit_type, credit_percentage,
            invoice_number[1]
        ) as product_hash,
        hash(invoice_number, currency, exchange_rate_text) as bill_hash,
        quantity,
        short_quantity(quantity_text, quantity) as short_quantity,
        unit_price,
        pricing_total,
        (pec_percentage * 0.01::decimal(3, 2))::decimal(5, 4) as applied_rate
    from usage
    where
        quantity is not null and unit_price is not null and pricing_total is not null and billing_total is not null
        and effective_price is not null and pec_percentage is not null
        and (credit_percentage is null or try_cast(credit_percentage as decimal(5, 2)) is not null)
),
priced as (
    select
        lines.*, resource_key, plan_key, bill_key, product_key, meter_key, is_tiered, is_covered_by_benefit, product_reason, access_reason, pec_rate,
        coalesce(list_price, unit_price) as price,
        case when is_listed or is_covered_by_benefit then short_price else try_cast(unit_price as decimal(12, 6)) end as any_short_price,
        case when any_short_price = price or is_covered_by_benefit then any_short_price end as short_price,
        case when not is_tiered then short_quantity * short_price end as short_cost
    from lines
    inner join place_keys using (place_hash)
    inner join product_days using (product_hash, usage_date)
    inner join site_days using (site_key, usage_date)
    inner join bills using (bill_hash)
    where exchange_rate is not null
)
select
    file_number, record_number, usage_date, resource_key, plan_key, bill_key, product_key, meter_key, quantity, applied_rate, pricing_total,
    is_tiered, is_covered_by_benefit, product_reason, access_reason, pec_rate,
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

-- stage: marts
-- Why lines could not be charged: a row for each column that fails.
create view failed_lines as
select path as source_file, line_number, failure.name as column_name,
    case when failure.text is null then 'missing' else 'not readable' end as reason, failure.text as raw_text
from (select file_number, record_number from usage except select file_number, record_number from keyed_charges) as missing
inner join usage using (file_number, record_number)
inner join lines_as_text using (file_number, record_number, line_number)
inner join manifest using (file_number),
    unnest([
        case when usage_date is null then {'name': 'UsageDate', 'text': "UsageDate"} end,
        case when usage.quantity is null then {'name': 'Quantity', 'text': quantity_text} end,
        case when unit_price is null then {'name': 'UnitPrice', 'text': "UnitPrice"} end,
        case when pricing_total is null then {'name': 'PricingPreTaxTotal', 'text': "PricingPreTaxTotal"} end,
        case when billing_total is null then {'name': 'BillingPreTaxTotal', 'text': "BillingPreTaxTotal"} end,
        case when effective_price is null then {'name': 'EffectiveUnitPrice', 'text': "EffectiveUnitPrice"} end,
        case when pec_percentage is null then {'name': 'PartnerEarnedCreditPercentage', 'text': "PartnerEarnedCreditPercentage"} end,
        case when "CreditPercentage" is not null and try_cast("CreditPercentage" as decimal(5, 2)) is null
            then {'name': 'CreditPercentage', 'text': "CreditPercentage"} end,
        case when try_cast("PCToBCExchangeRate" as decimal(28, 18)) is null then {'name': 'PCToBCExchangeRate', 'text': "PCToBCExchangeRate"} end,
        case when mpn_id is null then {'name': 'MpnId', 'text': "MpnId"} end,
        case when "EntitlementId" is null then {'name': 'EntitlementId', 'text': "EntitlementId"} end
    ]) as failures (failure)
where failure is not null;
-- The marts under their names: figures are stored, names are joined at query time.
create schema marts;
create view marts.fct_pec_eligibility_daily as
select
    usage_date, subscription_id, resource_group as resource_group_name, resource_id, partner_id as transacting_partner_id,
    reseller_id as reseller_partner_id, covered_seconds, cover_rank is not null as is_access_eligible,
    ['aobo', 'lighthouse', 'direct'][1 + (cover_rank - 1) % 3] as covering_access_path,
    ['management_group', 'subscription', 'resource_group', 'resource'][(cover_rank - 1) // 3] as covering_scope_level,
    access_reason::varchar as access_reason
from main.eligibility_daily inner join main.resources using (resource_key);
create view marts.fct_pec_charges_daily as
select
    manifest.sha256 || ':' || record_number as usage_line_id, path as source_file, usage_date, invoice_number, customer_id, customer_name,
    subscription_id, resource_group as resource_group_name, resource_id, partner_id as transacting_partner_id, product_id, sku_id, meter_id,
    meter_category, meter_name, quantity, list_cost as list_cost_usd,
    case when reason = 'eligible' then pec_rate else 0 end as pec_rate, credit as pec_credit_usd, (list_cost - credit)::decimal(38, 18) as net_cost_usd,
    applied_rate as applied_pec_rate, pricing_total as applied_net_cost_usd, status::varchar as pec_status, reason::varchar as pec_reason,
    recoverable as recoverable_credit_usd, currency as billing_currency, exchange_rate
from main.charges
inner join main.manifest using (file_number)
inner join main.bills using (bill_key)
inner join main.resources using (resource_key)
inner join main.customers using (customer_id)
inner join main.products using (product_key);
create view marts.fct_meter_month_to_date as
select
    date_trunc('month', usage_date)::date as billing_month, plan_id as plan_subscription_id, product_id, sku_id, meter_id, usage_date,
    cumulative_quantity, cumulative_net_cost as cumulative_net_cost_usd, billable_cost as billable_cost_usd, effective_unit_price
from main.meter_month_to_date
inner join main.plans using (plan_key)
inner join (select distinct meter_key, product_id, sku_id, meter_id from main.products) using (meter_key);
create view marts.pec_monthly_statement as
select
    '2026-09-01'::date as billing_month, partner_id as transacting_partner_id, customer_id, subscription_id, list_cost as list_cost_usd,
    credit as pec_credit_usd, (list_cost - credit)::decimal(38, 18) as net_cost_usd, applied_credit as applied_credit_usd,
    missed_credit as missed_credit_usd, unexpected_credit as unexpected_credit_usd, recoverable as recoverable_credit_usd
from main.monthly_statement;
