-- The warehouse's computation for one month of unbilled usage, by hand: plain SQL, as fast as it gets on exact decimals.
--
-- Variables: zone (the landing zone), reference (seeds/reference), landed (the Parquet file that usage is landed in). Rules are cited by their
-- numbers as in the models. What the warehouse has on top is left out: keeping history, rejecting rows with a reason, other shapes of the same
-- exports, billed months, evidence for each decision.
-- A line `-- stage: name` begins a stage; by_hand.py reports the seconds of each.

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
        "UnitPrice" as unit_price,
        "Quantity" as quantity,
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
            'UnitPrice': 'DECIMAL(28, 16)', 'Quantity': 'DECIMAL(18, 8)', 'UnitType': 'VARCHAR', 'BillingPreTaxTotal': 'VARCHAR',
            'BillingCurrency': 'VARCHAR', 'PricingPreTaxTotal': 'DECIMAL(38, 20)', 'PricingCurrency': 'VARCHAR', 'ServiceInfo1': 'VARCHAR',
            'ServiceInfo2': 'VARCHAR', 'Tags': 'VARCHAR', 'AdditionalInfo': 'VARCHAR', 'EffectiveUnitPrice': 'VARCHAR',
            'PCToBCExchangeRate': 'DECIMAL(28, 18)', 'PCToBCExchangeRateDate': 'VARCHAR', 'EntitlementId': 'VARCHAR',
            'EntitlementDescription': 'VARCHAR', 'PartnerEarnedCreditPercentage': 'DECIMAL(5, 2)', 'CreditPercentage': 'DECIMAL(5, 2)',
            'CreditType': 'VARCHAR', 'BenefitOrderId': 'VARCHAR', 'BenefitId': 'VARCHAR', 'BenefitType': 'VARCHAR'
        }
    )
) to (getvariable('landed')) (format parquet, compression zstd);
create view usage as from read_parquet(getvariable('landed'));

-- stage: dictionaries
-- Small keys: a place is what is said of where a line belongs, a product what is said of what it is. The key of a line is a hash of the same
-- columns; that no two places or products share one is checked, so joins on it are exact.
create macro place_hash(e, r, g, p, c, m, t, i, n) as hash(e, r, g, p, c, m, t, i, n);
create macro product_hash(m, p, s, i, c, n, b, t, k, r, u) as hash(m, p, s, i, c, n, b, t, k, r, u);
create table places as
select
    place_hash(entitlement_id, resource_uri, resource_group, plan_id, customer_id, market, mpn_id, reseller_id, is_unbilled) as place_hash,
    lower(entitlement_id) as subscription_id,
    lower(plan_id) as plan_id,
    lower(customer_id) as customer_id,
    lower(market) as market,
    mpn_id as partner_id,
    nullif(reseller_id, '0') as reseller_id,
    is_unbilled,
    lower(resource_group) as resource_group,
    coalesce(rtrim(lower(resource_uri), '/'), '/subscriptions/' || subscription_id || coalesce('/resourcegroups/' || lower(resource_group), ''))
        as resource_id
from (
    select distinct entitlement_id, resource_uri, resource_group, plan_id, customer_id, market, mpn_id, reseller_id,
        invoice_number is null as is_unbilled
    from usage
);
create table products as
select
    product_hash(
        market, product_id, sku_id, meter_id, meter_category, meter_name, publisher, benefit_type, credit_type, credit_percentage, invoice_series
    ) as product_hash,
    row_number() over () as product_key,
    -- What the meter's month is kept for, whatever else the lines say.
    dense_rank() over (order by lower(product_id), lower(sku_id), lower(meter_id)) as meter_key,
    lower(market) as market, lower(product_id) as product_id, lower(sku_id) as sku_id, lower(meter_id) as meter_id, meter_category, meter_name,
    publisher, benefit_type, credit_type, credit_percentage, invoice_series
from (
    select distinct market, product_id, sku_id, meter_id, meter_category, meter_name, publisher, benefit_type, credit_type, credit_percentage,
        invoice_number[1] as invoice_series
    from usage
);
select case when count(distinct place_hash) != count(*) then error('places share a hash') end from places;
select case when count(distinct product_hash) != count(*) then error('products share a hash') end from products;
-- What is billed to one partner for one subscription under one reseller shares whose access counts: a relation.
create table relations as
select row_number() over ()::int as relation_key, *
from (select distinct subscription_id, partner_id, reseller_id, is_unbilled from places);
create table resources as
select
    row_number() over (order by resource_id, subscription_id, partner_id)::int as resource_key,
    subscription_id, resource_id, partner_id,
    max(resource_group) as resource_group,
    any_value(customer_id) as customer_id,
    -- Lines of one resource that name different resellers: the greatest decides.
    arg_max(relation_key, coalesce(places.reseller_id, '')) as relation_key
from places
inner join relations using (subscription_id, partner_id)
where places.reseller_id is not distinct from relations.reseller_id and places.is_unbilled = relations.is_unbilled
group by subscription_id, resource_id, partner_id;
create table plans as select row_number() over ()::int as plan_key, plan_id from (select distinct plan_id from places);
create table days as select distinct usage_date from usage;

-- stage: directory
create macro in_directory(name) as getvariable('zone') || '/partner_directory/' || name || '.csv';
create macro from_ever(t) as coalesce(t, '-infinity'::timestamp);
create macro to_ever(t) as coalesce(t, 'infinity'::timestamp);

-- D3. The organisation is a small number, from the global id, or the partner id where the directory lacks it.
create table locations as
select partner_id::varchar as partner_id, min('o' || partner_global_id) as organisation
from read_csv(in_directory('partner_locations'), all_varchar = true) group by all;
create table organisations as
select row_number() over (order by organisation) as organisation_id, organisation
from (
    select organisation from locations
    union select 'p' || partner_id from read_csv(in_directory('agent_groups'), all_varchar = true)
    union select 'p' || partner_id from read_csv(in_directory('partner_id_links'), all_varchar = true)
    union select 'p' || partner_id from read_csv(in_directory('partner_principals'), all_varchar = true)
    union select 'p' || mpn_id from usage
    union select 'p' || reseller_id from usage where reseller_id is not null
    union
    select 'p' || unnest([transacting_partner_id, reseller_partner_id]) from read_csv(in_directory('subscription_partners'), all_varchar = true)
)
where organisation is not null;
create table partners as
select partner_id, organisation_id
from (
    select partner_id, organisation from locations
    union all select organisation[2:], organisation from organisations
    where organisation[1] = 'p' and organisation[2:] not in (select partner_id from locations)
) inner join organisations using (organisation);
create table agent_groups as
select distinct lower(group_object_id) as principal_id, lower(group_name) as group_name, lower(partner_tenant_id) as tenant_id, organisation_id
from read_csv(in_directory('agent_groups'), all_varchar = true) inner join partners using (partner_id);
create table links as
select distinct lower(principal_id) as identity_id, organisation_id, from_ever(valid_from::timestamptz::timestamp) as valid_from,
    to_ever(valid_to::timestamptz::timestamp) as valid_to
from read_csv(in_directory('partner_id_links'), all_varchar = true) inner join partners using (partner_id);
create table members as
select lower(group_object_id) as group_id, lower(member_principal_id) as identity_id, from_ever(valid_from::timestamptz::timestamp) as valid_from,
    to_ever(valid_to::timestamptz::timestamp) as valid_to
from read_csv(in_directory('group_members'), all_varchar = true);
create table known as
select identity_id, organisation_id from links
union
select lower(principal_id), organisation_id
from read_csv(in_directory('partner_principals'), all_varchar = true) inner join partners using (partner_id);

-- stage: prices
create type pec_reason as enum (
    'eligible', 'reservation', 'savings_plan', 'third_party', 'marketplace', 'spot', 'azure_credit', 'not_on_price_list', 'full_day', 'no_agreement',
    'no_access', 'other_partner', 'ineligible_role', 'not_linked', 'not_permanent', 'denied', 'partial_day'
);
-- M1: only what is used; of overlapping rows the newest start wins; P1: consumption only.
create table sheet as
select
    lower("Market") as market, lower("ProductId") as product_id, lower("SkuId") as sku_id, lower(nullif("MeterIds", '')) as meter_id,
    strptime("EffectiveStartDate", '%m/%d/%Y %I:%M:%S %p')::date as starts,
    coalesce(strptime("EffectiveEndDate", '%m/%d/%Y %I:%M:%S %p')::date, '9999-12-31') as ends,
    coalesce("PricingTierRangeMin", 0) as tier_min, "PricingTierRangeMax" as tier_max, "UnitPrice" as unit_price,
    contains(lower("Tags"), 'thirdparty') as is_third_party
from read_csv(
    getvariable('zone') || '/price_sheet/**/*.csv', auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
    columns = {
        'ProductTitle': 'VARCHAR', 'ProductId': 'VARCHAR', 'SkuId': 'VARCHAR', 'SkuTitle': 'VARCHAR', 'Publisher': 'VARCHAR',
        'SkuDescription': 'VARCHAR', 'UnitOfMeasure': 'VARCHAR', 'TermDuration': 'VARCHAR', 'Market': 'VARCHAR', 'Currency': 'VARCHAR',
        'UnitPrice': 'DECIMAL(28, 16)', 'PricingTierRangeMin': 'DECIMAL(28, 8)', 'PricingTierRangeMax': 'DECIMAL(28, 8)',
        'EffectiveStartDate': 'VARCHAR', 'EffectiveEndDate': 'VARCHAR', 'MeterIds': 'VARCHAR', 'MeterType': 'VARCHAR', 'Tags': 'VARCHAR'
    }
)
where
    lower("ProductId") in (select product_id from products)
    and starts_with(lower(coalesce("TermDuration", 'payg')), 'payg') and not contains(lower(coalesce("Tags", '')), 'reservation');
create table tiers as
with offered as (
    select
        product_key, usage_date, sheet.starts, sheet.tier_min, sheet.tier_max, sheet.unit_price, sheet.is_third_party,
        max(sheet.starts) over (partition by product_key, usage_date) as newest_start
    from products
    inner join sheet
        on
            products.market = sheet.market and products.product_id = sheet.product_id and products.sku_id = sheet.sku_id
            and coalesce(sheet.meter_id, products.meter_id) = products.meter_id and coalesce(lower(products.invoice_series), '') != 'd'
    inner join days on usage_date between sheet.starts and sheet.ends
)
select
    product_key, usage_date, unit_price, is_third_party,
    row_number() over tier_order as tier,
    coalesce(lag(tier_max) over tier_order, 0::decimal(28, 8)) as tier_from,
    case when lead(1) over tier_order = 1 then tier_max end as tier_to
from offered
where starts = newest_start
window tier_order as (partition by product_key, usage_date order by tier_min);
-- P2: the first exclusion that a product meets. Patterns are tried once for a product and state of the list, not once a day.
create table product_states as
with states as (
    select distinct product_key, tiers.product_key is not null as is_listed, coalesce(is_third_party, false) as is_third_party
    from (select product_key, usage_date from products, days) as all_days
    left join tiers using (product_key, usage_date)
),
attributes as (
    select
        product_key, is_listed, is_third_party,
        map {
            'benefit_type': benefit_type, 'price_list_tag': case when is_third_party then 'third_party' end, 'publisher_name': publisher,
            'meter_category': meter_category, 'meter_name': meter_name, 'credit_type': credit_type,
            'credit_rate': (credit_percentage * 0.01::decimal(3, 2))::decimal(5, 4)::varchar,
            'price_list': case when is_listed then 'listed' else 'missing' end, 'invoice_number': invoice_series
        } as attribute_values
    from states inner join products using (product_key)
)
select product_key, is_listed, is_third_party, precedence, reason, valid_from::date as valid_from, valid_to::date as valid_to
from attributes
inner join read_csv(getvariable('reference') || '/pec_product_exclusions.csv') as exclusions
    on
        regexp_full_match(trim(attribute_values[exclusions.attribute]), exclusions.pattern, 'i') = exclusions.excludes_when_matching
        and (
            exclusions.and_attribute is null
            or regexp_full_match(trim(attribute_values[exclusions.and_attribute]), exclusions.and_pattern, 'i')
        );
create table product_days as
with reasoned as (
    select
        all_days.product_key, all_days.usage_date, any_value(first_tier.unit_price) as list_price,
        any_value(first_tier.product_key) is not null as is_listed,
        arg_min(reason, precedence) as product_reason,
        coalesce(product_reason in ('reservation', 'savings_plan'), false) as is_covered_by_benefit
    from (select product_key, usage_date from products, days) as all_days
    left join tiers as first_tier
        on all_days.product_key = first_tier.product_key and all_days.usage_date = first_tier.usage_date and first_tier.tier = 1
    left join product_states
        on
            all_days.product_key = product_states.product_key and product_states.is_listed = (first_tier.product_key is not null)
            and product_states.is_third_party = coalesce(first_tier.is_third_party, false)
            and all_days.usage_date >= coalesce(product_states.valid_from, all_days.usage_date)
            and all_days.usage_date < coalesce(product_states.valid_to, '9999-12-31')
    group by all_days.product_key, all_days.usage_date
),
-- M2: only products that have tiers on any day pay for a running quantity.
tiered as (
    select distinct product_key from tiers where tier > 1
)
select
    products.product_hash, products.product_key::int as product_key, products.meter_key::int as meter_key, reasoned.usage_date, list_price, is_listed,
    product_reason::pec_reason as product_reason, is_covered_by_benefit,
    is_listed and not is_covered_by_benefit and products.product_key in (select product_key from tiered) as is_tiered
from reasoned inner join products using (product_key);

-- stage: access
create macro guid_in(t) as regexp_extract(t, '([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})', 1);
create macro last_part(t) as regexp_extract(t, '[^/]+$');
create table snapshot_files as
select kind, guid_in(lower(filename)) as subscription_id, regexp_extract(filename, '[^/]*$')[:10]::timestamp as snapshot_at, lower(content) as content
from (
    select 'role' as kind, filename, content from read_text(getvariable('zone') || '/role_assignments/**/*.json')
    union all select 'deny', filename, content from read_text(getvariable('zone') || '/deny_assignments/**/*.json')
    union all select 'delegation', filename, content from read_text(getvariable('zone') || '/lighthouse/**/*.json')
);
create table shown as
select
    kind, subscription_id, snapshot_at, item ->> '$.id' as item_id, item ->> '$.scope' as scope, item ->> '$.principalid' as principal_id,
    item ->> '$.principaltype' as principal_type, last_part(item ->> '$.roledefinitionid') as role_id,
    upper(item ->> '$.createdon')::timestamptz::timestamp as created_at, null::varchar as tenant_id, false as is_marketplace,
    false as is_eligible_only,
    null::varchar[] as denied_ids, null::varchar[] as excluded_ids
from (select kind, subscription_id, snapshot_at, unnest(from_json(content, '["JSON"]')) as item from snapshot_files where kind = 'role')
union all
select
    kind, subscription_id, snapshot_at, item ->> '$.id', item ->> '$.properties.scope', null, null, null,
    upper(item ->> '$.properties.createdon')::timestamptz::timestamp, null, false, false,
    json_extract_string(item, '$.properties.principals[*].id'), json_extract_string(item, '$.properties.excludeprincipals[*].id')
from (select kind, subscription_id, snapshot_at, unnest(from_json(content -> '$.value', '["JSON"]')) as item from snapshot_files where kind = 'deny')
where len(json_extract(item, '$.properties.permissions[*].actions[*]')) > 0
union all
select
    kind, subscription_id, snapshot_at,
    concat_ws('|', item ->> '$.id', grantee ->> '$.principalid', last_part(grantee ->> '$.roledefinitionid'), is_eligible_only),
    split_part(item ->> '$.id', '/providers/microsoft.managedservices', 1), grantee ->> '$.principalid', null,
    last_part(grantee ->> '$.roledefinitionid'), null, item ->> '$.properties.registrationdefinition.properties.managedbytenantid',
    (item -> '$.properties.registrationdefinition.plan') is not null, is_eligible_only, null, null
from (
    select kind, subscription_id, snapshot_at, item, false as is_eligible_only,
        unnest(json_extract(item, '$.properties.registrationdefinition.properties.authorizations[*]')) as grantee
    from (select *, unnest(from_json(content -> '$.value', '["JSON"]')) as item from snapshot_files where kind = 'delegation')
    union all
    select kind, subscription_id, snapshot_at, item, true,
        unnest(json_extract(item, '$.properties.registrationdefinition.properties.eligibleauthorizations[*]'))
    from (select *, unnest(from_json(content -> '$.value', '["JSON"]')) as item from snapshot_files where kind = 'delegation')
);
-- A7: what was granted stands in the record of the start, or of a deletion's success; the instant is the success's.
create table records as
select
    lower(properties ->> '$.entity') as item_id, "correlationId" as correlation_id, ends_with(lower("operationName"), 'delete') as is_delete,
    lower("resultType") as result, time::timestamptz::timestamp as happened_at,
    lower(coalesce(properties ->> '$.requestbody', properties ->> '$.responseBody'))::json -> '$.properties' as body
from read_json(
    getvariable('zone') || '/activity_log/**/*.json', format = 'newline_delimited', columns = {
        time: 'VARCHAR', "operationName": 'VARCHAR', "resultType": 'VARCHAR', "correlationId": 'VARCHAR', properties: 'JSON'
    }
)
where contains(lower("operationName"), 'microsoft.authorization/roleassignments/');
create table events as
select
    ended.item_id, ended.is_delete, ended.happened_at, any_value(began.happened_at) as started_at,
    any_value(coalesce(began.body, ended.body)) as body
from records as ended
left join records as began
    on ended.item_id = began.item_id and ended.correlation_id = began.correlation_id and ended.is_delete = began.is_delete and began.result = 'start'
where ended.result = 'success'
group by ended.item_id, ended.is_delete, ended.happened_at;
create table facts as
select item_id, any_value(scope) as scope, any_value(principal_id) as principal_id, any_value(principal_type) as principal_type,
    any_value(role_id) as role_id, any_value(kind) as kind, any_value(subscription_id) as subscription_id, any_value(tenant_id) as tenant_id,
    any_value(is_marketplace) as is_marketplace, any_value(is_eligible_only) as is_eligible_only, any_value(denied_ids) as denied_ids,
    any_value(excluded_ids) as excluded_ids
from (
    select * exclude (snapshot_at, created_at) from shown
    union all by name
    select item_id, body ->> '$.scope' as scope, body ->> '$.principalid' as principal_id, body ->> '$.principaltype' as principal_type,
        last_part(body ->> '$.roledefinitionid') as role_id, 'role' as kind, regexp_extract(item_id, '^/subscriptions/([^/]+)', 1) as subscription_id,
        false as is_marketplace, false as is_eligible_only
    from events where body is not null
)
group by item_id;
create table evidence as
select
    item_id, greatest(snapshot_at, coalesce(created_at, snapshot_at)) as happened_at, 1 as instant_order, created_at, null::timestamp as started_at
from shown
union all
select item_id, happened_at, case when is_delete then 2 else 4 end, null, started_at from events
union all
-- A snapshot that lacks what was written or shown before it.
select facts.item_id, snapshot_files.snapshot_at, 3, null, null
from facts
inner join snapshot_files on facts.kind = snapshot_files.kind and facts.subscription_id = snapshot_files.subscription_id
anti join shown on facts.item_id = shown.item_id and snapshot_files.snapshot_at = shown.snapshot_at
where snapshot_files.snapshot_at > (
    select min(seen.happened_at)
    from (select item_id, snapshot_at as happened_at from shown union all select item_id, happened_at from events where not is_delete) as seen
    where seen.item_id = facts.item_id
);
create table lives as
with in_order as (
    select *, instant_order in (1, 4) as is_positive,
        lag(instant_order in (1, 4)) over (partition by item_id order by happened_at, instant_order) as was_positive
    from evidence
),
numbered as (
    select *, sum((is_positive and not coalesce(was_positive, false))::int) over (partition by item_id order by happened_at, instant_order) as life
    from in_order
),
grouped as (
    select
        item_id, life, min(happened_at) filter (where is_positive) as first_at, max(happened_at) filter (where is_positive) as last_at,
        arg_min(instant_order, (happened_at, instant_order)) filter (where is_positive) = 4 as is_written,
        arg_min(started_at, happened_at) filter (where instant_order = 4) as started_at,
        min(created_at) as created_at,
        min(happened_at) filter (where instant_order = 2) as deleted_at, min(happened_at) filter (where instant_order = 3) as missing_at,
        max(happened_at) filter (where not is_positive) as negative_at
    from numbered group by item_id, life
),
with_previous as (
    select *, lag(negative_at) over (partition by item_id order by life) as previous_negative_at from grouped
),
first_snapshots as (
    select kind, subscription_id, min(snapshot_at) as first_snapshot_at from snapshot_files group by kind, subscription_id
)
select
    facts.*,
    case
        when created_at <= first_at and created_at >= coalesce(previous_negative_at, '-infinity')
            and not coalesce(is_written and created_at >= started_at, false)
            then created_at
        when is_written then first_at
        when deleted_at is not null and previous_negative_at is null and first_at <= first_snapshot_at then '-infinity'
        else first_at
    end as valid_from,
    coalesce(deleted_at, case when missing_at is null then 'infinity' when facts.kind = 'deny' then missing_at else last_at end) as valid_to
from with_previous
inner join facts using (item_id)
left join first_snapshots using (kind, subscription_id)
where life > 0;

-- stage: intervals
create macro level_of(scope) as case
    when regexp_full_match(scope, '/subscriptions/[^/]+') then 2
    when regexp_full_match(scope, '/subscriptions/[^/]+/resourcegroups/[^/]+') then 3
    else 4
end;
create table grants as
select
    row_number() over () as grant_key, lives.*, level_of(scope) as level,
    case
        when kind = 'delegation' then 2
        when coalesce(principal_type, '') = 'foreigngroup'
            or principal_id in (select principal_id from agent_groups where group_name in ('adminagents', 'helpdeskagents')) then 1
        else 3
    end as path,
    coalesce(roles.is_pec_eligible, false) as is_role_eligible
from lives
left join read_csv(getvariable('reference') || '/azure_role_pec_eligibility.csv') as roles on lives.role_id = roles.role_definition_id
where kind != 'deny' and lives.valid_from < lives.valid_to;
-- A2 to A4, D3: from when to when a grant counts for whom.
create table intervals as
with identities as (
    select grant_key, principal_id as identity_id, valid_from, valid_to from grants
    union all
    select grant_key, identity_id, greatest(grants.valid_from, members.valid_from), least(grants.valid_to, members.valid_to)
    from grants inner join members on grants.principal_id = members.group_id
),
attributed as (
    select grant_key, organisation_id, principal_id as identity_id, valid_from, valid_to
    from grants inner join agent_groups using (principal_id)
    where path = 1 and group_name in ('adminagents', 'helpdeskagents')
    union
    select grant_key, organisation_id, grants.principal_id, valid_from, valid_to
    from grants inner join agent_groups using (tenant_id)
    where path = 2 and is_marketplace
    union
    select identities.grant_key, organisation_id, identity_id, greatest(identities.valid_from, links.valid_from),
        least(identities.valid_to, links.valid_to)
    from identities inner join links using (identity_id) inner join grants using (grant_key)
    where path = 3 or (path = 2 and not is_marketplace)
)
select
    row_number() over () as interval_key, attributed.*, grants.scope, grants.subscription_id, grants.principal_id, grants.is_eligible_only,
    -- A6: down the levels, and on each AOBO, Lighthouse, direct.
    3 * grants.level + grants.path as cover_rank
from attributed inner join grants using (grant_key)
where attributed.valid_from < attributed.valid_to and is_role_eligible;
-- The ladder of reasons: 2 ours, 3 eligible role, 4 linked, 5 permanent.
create table ladder as
with identities as (
    select grant_key, principal_id as identity_id from grants
    union
    select grant_key, identity_id from grants inner join members on grants.principal_id = members.group_id
),
owners as (
    select grant_key, coalesce(organisation_id, -1) as organisation_id
    from grants left join agent_groups on grants.principal_id = agent_groups.principal_id and group_name in ('adminagents', 'helpdeskagents')
    where path = 1
    union
    select grant_key, coalesce(organisation_id, -1) from grants left join agent_groups on grants.tenant_id = agent_groups.tenant_id where path = 2
    union
    select grant_key, organisation_id from identities inner join known using (identity_id)
)
select scope, organisation_id, case when is_role_eligible then 3 else 2 end as rung, valid_from, valid_to
from owners inner join grants using (grant_key)
union
select scope, organisation_id, case when is_eligible_only then 4 else 5 end, valid_from, valid_to from intervals;

-- stage: eligibility
-- A node is a scope on which anything stands; resources with the same nearest node share one answer.
create macro above(scope) as list_transform(
    range(3, len(string_split(scope, '/')) + 1), lambda depth: array_to_string(string_split(scope, '/')[1:depth], '/')
);
create table nodes as
select row_number() over (order by scope)::int as node_key, scope
from (select scope from ladder union select scope from lives where kind = 'deny');
create table node_paths as
select below.node_key, nodes.scope
from (select node_key, unnest(above(scope)) as scope from nodes) as below inner join nodes using (scope);
create table resource_nodes as
with levels as (
    select resource_key, unnest(above(resource_id)) as scope from resources where starts_with(resource_id, '/subscriptions/')
)
select resource_key, arg_max(node_key, length(scope)) as node_key from levels inner join nodes using (scope) group by resource_key;

-- D2, D5: whose access counts on a day; a line's own reseller, for unbilled lines else that of the earliest relationship of the day.
create table relationships as
select
    lower(subscription_id) as subscription_id, transacting.organisation_id as transacting, reseller_partner_id as reseller_id,
    from_ever(valid_from::timestamptz::timestamp) as valid_from, to_ever(valid_to::timestamptz::timestamp) as valid_to
from read_csv(in_directory('subscription_partners'), all_varchar = true) as history
inner join partners as transacting on history.transacting_partner_id = transacting.partner_id;
create table relation_days as
with told as (
    select
        relation_key, usage_date, partners.organisation_id as transacting,
        any_value(relations.reseller_id) as own_reseller_id,
        any_value(is_unbilled) as is_unbilled,
        arg_min(coalesce(relationships.reseller_id, ''), (valid_from, valid_to, coalesce(relationships.reseller_id, '~'))) as told_reseller_id
    from relations
    cross join days
    inner join partners using (partner_id)
    left join relationships
        on
            relations.subscription_id = relationships.subscription_id and partners.organisation_id = relationships.transacting
            and valid_from < usage_date + interval 1 day and valid_to > usage_date
    group by relation_key, usage_date, partners.organisation_id
),
named as (
    select
        relation_key, usage_date, transacting, nullif(coalesce(own_reseller_id, case when is_unbilled then told_reseller_id end), '') as reseller_id
    from told
)
select
    named.*, partners.organisation_id as reseller, dense_rank() over (order by transacting, reseller)::int as pair_key
from named left join partners on named.reseller_id = partners.partner_id;

-- A site is a node and a relation: all resources of it share each day's answer.
create table sites as
select row_number() over ()::int as site_key, relation_key, node_key
from (select distinct relation_key, node_key from resources left join resource_nodes using (resource_key));
create table resource_sites as
select resource_key, site_key
from resources left join resource_nodes using (resource_key) inner join sites
    on resources.relation_key = sites.relation_key and resource_nodes.node_key is not distinct from sites.node_key;
create table node_days as
select distinct node_key, pair_key, transacting, reseller, usage_date
from sites inner join relation_days using (relation_key) where node_key is not null;

-- A5: a deny takes an interval's time at the nodes on whose path both stand; what is left of an interval there are its pieces.
create table denied as
select
    below.node_key, interval_key, greatest(intervals.valid_from, lives.valid_from) as valid_from,
    least(intervals.valid_to, lives.valid_to) as valid_to
from lives
inner join intervals on lives.subscription_id = intervals.subscription_id
inner join node_paths as below on lives.scope = below.scope
inner join node_paths as beside on below.node_key = beside.node_key and intervals.scope = beside.scope
where
    lives.kind = 'deny'
    and (list_contains(denied_ids, '00000000-0000-0000-0000-000000000000') or list_has_any(denied_ids, [intervals.principal_id, identity_id]))
    and not list_has_any(excluded_ids, [intervals.principal_id, identity_id])
    and lives.valid_from < intervals.valid_to and intervals.valid_from < lives.valid_to;
create table pieces as
with on_path as (
    select node_key, interval_key, organisation_id, cover_rank, valid_from, valid_to
    from node_paths inner join intervals using (scope) where not is_eligible_only
),
edges as (
    select node_key, interval_key, valid_from, max(valid_to) over (
        partition by node_key, interval_key order by valid_from, valid_to rows between unbounded preceding and 1 preceding
    ) as reach, valid_to
    from denied
),
gaps as (
    select
        on_path.node_key, interval_key, organisation_id, cover_rank, coalesce(reach, on_path.valid_from) as valid_from,
        edges.valid_from as valid_to
    from on_path inner join edges using (node_key, interval_key)
    union all
    select on_path.node_key, interval_key, organisation_id, cover_rank, max(edges.valid_to), any_value(on_path.valid_to)
    from on_path inner join edges using (node_key, interval_key) group by all
)
select node_key, organisation_id, cover_rank, valid_from, valid_to from gaps where valid_from < valid_to
union all
select node_key, organisation_id, cover_rank, valid_from, valid_to from on_path anti join denied using (node_key, interval_key);
-- A6: cut to days; most are full by one piece, and only where something partial may come first or remains is the union measured.
create table day_pieces as
select
    node_days.node_key, pair_key, usage_date, cover_rank, greatest(valid_from, usage_date::timestamp) as piece_from,
    least(valid_to, usage_date + interval 1 day) as piece_to, piece_to - piece_from = interval 1 day as is_full
from node_days
inner join pieces
    on
        node_days.node_key = pieces.node_key and pieces.organisation_id in (transacting, reseller)
        and valid_from < usage_date + interval 1 day and valid_to > usage_date;
create table cover as
with by_day as (
    select
        node_key, pair_key, usage_date, min(cover_rank) filter (where is_full) as full_rank,
        min(cover_rank) filter (where not is_full) as partial_rank
    from day_pieces group by all
),
edges as (
    select node_key, pair_key, usage_date, piece_from as edge_at from day_pieces semi join (from by_day where partial_rank < coalesce(full_rank, 99))
        using (node_key, pair_key, usage_date)
    union
    select node_key, pair_key, usage_date, piece_to from day_pieces semi join (from by_day where partial_rank < coalesce(full_rank, 99))
        using (node_key, pair_key, usage_date)
),
segments as (
    select *, lead(edge_at) over (partition by node_key, pair_key, usage_date order by edge_at) as edge_to from edges
),
-- The first rank that stands in each stretch: the day is complete with the greatest of them.
ranked as (
    select segments.node_key, segments.pair_key, segments.usage_date, edge_at, any_value(edge_to) as edge_to, min(cover_rank) as cover_rank
    from segments
    inner join day_pieces
        on segments.node_key = day_pieces.node_key and segments.pair_key = day_pieces.pair_key and segments.usage_date = day_pieces.usage_date
            and piece_from <= edge_at and piece_to >= edge_to
    group by segments.node_key, segments.pair_key, segments.usage_date, edge_at
),
measured as (
    select node_key, pair_key, usage_date, sum(epoch_us(edge_to) - epoch_us(edge_at))::bigint as covered_us, max(cover_rank) as cover_rank
    from ranked group by all
)
select node_key, pair_key, usage_date, covered_us, case when covered_us = 86400000000 then cover_rank end as cover_rank from measured
union all
select node_key, pair_key, usage_date, 86400000000, full_rank from by_day where coalesce(partial_rank, 99) >= full_rank;
-- Why not, for the days that are not covered: the furthest rung of any grant in force.
create table rungs as
select
    node_days.node_key, pair_key, usage_date, max(case when organisation_id in (transacting, reseller) then rung else 1 end) as rung
from node_days
anti join (from cover where cover_rank is not null) as covered using (node_key, pair_key, usage_date)
inner join node_paths using (node_key)
inner join ladder on node_paths.scope = ladder.scope and valid_from < usage_date + interval 1 day and valid_to > usage_date
group by all;
create table site_days as
with agreed as (
    select usage_date, transacting
    from days
    cross join (
        select
            organisation_id as transacting, from_ever(valid_from::timestamptz::timestamp) as valid_from,
            to_ever(valid_to::timestamptz::timestamp) as valid_to
        from read_csv(in_directory('agreements'), all_varchar = true) inner join organisations on organisation = 'o' || partner_global_id
    )
    where valid_from <= usage_date and valid_to >= usage_date + interval 1 day
)
select
    site_key, relation_days.usage_date, relation_days.reseller_id, coalesce(covered_us, 0) as covered_us, cover_rank,
    case
        when agreed.transacting is null then 'no_agreement' when cover_rank is not null then 'full_day' when covered_us > 0 then 'partial_day'
        else ['no_access', 'other_partner', 'ineligible_role', 'not_linked', 'not_permanent', 'denied'][1 + coalesce(rung, 0)]
    end::pec_reason as access_reason,
    pec_rates.pec_rate::decimal(5, 4) as pec_rate
from sites
inner join relation_days using (relation_key)
left join cover
    on sites.node_key = cover.node_key and relation_days.pair_key = cover.pair_key and relation_days.usage_date = cover.usage_date
left join rungs
    on sites.node_key = rungs.node_key and relation_days.pair_key = rungs.pair_key and relation_days.usage_date = rungs.usage_date
left join agreed on relation_days.transacting = agreed.transacting and relation_days.usage_date = agreed.usage_date
left join read_csv(getvariable('reference') || '/pec_rates.csv', columns = {
    'valid_from': 'DATE', 'valid_to': 'DATE', 'pec_rate': 'DECIMAL(5, 4)', 'source': 'VARCHAR'
}) as pec_rates
    on
        relation_days.usage_date >= coalesce(pec_rates.valid_from, '-infinity')
        and relation_days.usage_date < coalesce(pec_rates.valid_to, 'infinity');

-- stage: rating
create type status as enum ('earned', 'missed', 'unexpected', 'not_earned');
create table place_keys as
select place_hash, resource_key, site_key, plan_key
from places
inner join resources using (subscription_id, resource_id, partner_id)
inner join plans using (plan_id)
inner join resource_sites using (resource_key);
-- P3, M3: what follows from a line's list cost, what it is decided by, and what Microsoft applied.
create macro is_due(product_reason, access_reason) as product_reason is null and access_reason = 'full_day';
create macro credit_of(list_cost, product_reason, access_reason, pec_rate) as
    (list_cost * case when is_due(product_reason, access_reason) then pec_rate else 0::decimal(5, 4) end)::decimal(38, 28);
create macro recoverable_of(list_cost, product_reason, access_reason, pec_rate, applied_rate) as (list_cost * case
    when product_reason is null and access_reason != 'full_day' and applied_rate = 0 then pec_rate else 0::decimal(5, 4) end)::decimal(38, 28);
create macro status_of(product_reason, access_reason, applied_rate) as case
    when is_due(product_reason, access_reason) then case when applied_rate > 0 then 'earned' else 'missed' end
    when applied_rate > 0 then 'unexpected' else 'not_earned'
end::status;
create macro reason_of(product_reason, access_reason) as
    case when is_due(product_reason, access_reason) then 'eligible'::pec_reason else coalesce(product_reason, access_reason) end;
-- M1: one pass over the wide lines leaves small keys and, unless it has tiers, what the line costs.
create table keyed_charges as
select
    usage.usage_date, resource_key, plan_key, product_key, meter_key, quantity,
    (pec_percentage * 0.01::decimal(3, 2))::decimal(5, 4) as applied_rate,
    is_tiered, is_covered_by_benefit, product_reason, access_reason, pec_rate,
    case
        when is_tiered then null when is_covered_by_benefit then 0 else quantity * coalesce(list_price, unit_price)
    end::decimal(38, 24) as list_cost,
    not is_covered_by_benefit and coalesce(list_price, unit_price) > 0 as is_billable,
    credit_of(list_cost, product_reason, access_reason, pec_rate) as credit,
    recoverable_of(list_cost, product_reason, access_reason, pec_rate, applied_rate) as recoverable,
    status_of(product_reason, access_reason, applied_rate) as status,
    reason_of(product_reason, access_reason) as reason
from usage
inner join place_keys
    on place_hash = place_hash(
        entitlement_id, resource_uri, resource_group, plan_id, customer_id, market, mpn_id, usage.reseller_id, invoice_number is null
    )
inner join product_days
    on
        usage.usage_date = product_days.usage_date
        and product_hash = product_hash(
            market, product_id, sku_id, meter_id, meter_category, meter_name, publisher, benefit_type, credit_type, credit_percentage,
            invoice_number[1]
        )
inner join site_days on place_keys.site_key = site_days.site_key and usage.usage_date = site_days.usage_date;
-- M2, M6: the running quantity of a plan's meter, and what it adds to each tier.
create macro in_tier(quantity, tier, tier_from, tier_to) as case
    when tier = 1 then least(quantity, coalesce(tier_to, quantity)) else greatest(0, least(quantity, coalesce(tier_to, quantity)) - tier_from)
end;
create table tiered_charges as
with running as (
    select
        *, row_number() over () as line_key,
        (sum(quantity) over (
            partition by plan_key, meter_key order by usage_date, resource_key, quantity, product_key, applied_rate rows unbounded preceding
        ))::decimal(28, 8) as quantity_after
    from keyed_charges where is_tiered
),
rated as (
    select
        line_key,
        (in_tier(quantity_after, tier, tier_from, tier_to)
            - in_tier((quantity_after - quantity)::decimal(28, 8), tier, tier_from, tier_to))::decimal(28, 8) as tier_quantity,
        unit_price
    from running inner join tiers using (product_key, usage_date)
),
costs as (
    select
        line_key, sum(tier_quantity::decimal(18, 8) * unit_price)::decimal(38, 24) as list_cost,
        sum(case when unit_price > 0 then tier_quantity else 0 end)::decimal(28, 8) as billable_quantity
    from rated group by line_key
)
select
    running.usage_date, resource_key, plan_key, product_key, meter_key, quantity, applied_rate, costs.list_cost, billable_quantity,
    credit_of(costs.list_cost, product_reason, access_reason, pec_rate) as credit,
    recoverable_of(costs.list_cost, product_reason, access_reason, pec_rate, applied_rate) as recoverable,
    status, reason
from running inner join costs using (line_key);
create view charges as
select
    usage_date, resource_key, plan_key, product_key, meter_key, quantity, applied_rate, list_cost,
    case when is_billable then quantity else 0 end::decimal(28, 8) as billable_quantity, credit, recoverable, status, reason, is_covered_by_benefit
from keyed_charges where not is_tiered
union all
select *, false from tiered_charges;

-- stage: marts
create table eligibility_daily as
select usage_date, resource_key, reseller_id, (covered_us * 0.000001::decimal(6, 6))::decimal(11, 6) as covered_seconds, cover_rank, access_reason
from (select distinct usage_date, resource_key from keyed_charges)
inner join resource_sites using (resource_key)
inner join site_days using (site_key, usage_date);
-- M4. The effective price is a quotient of integers: exact, rounded once.
create table meter_month_to_date as
with meter_days as (
    select
        plan_key, meter_key, usage_date, sum(quantity) as quantity, sum(billable_quantity) as billable_quantity,
        sum(list_cost - credit) as net_cost
    from charges where not is_covered_by_benefit group by all
),
cumulative as (
    select
        plan_key, meter_key, usage_date, (sum(quantity) over month_so_far)::decimal(28, 8) as cumulative_quantity,
        (sum(billable_quantity) over month_so_far)::decimal(28, 8) as cumulative_billable_quantity,
        (sum(net_cost) over month_so_far)::decimal(38, 28) as cumulative_net_cost,
        trunc(cumulative_net_cost, 2)::decimal(18, 2) as billable_cost
    from meter_days
    window month_so_far as (partition by plan_key, meter_key order by usage_date rows unbounded preceding)
),
whole_numbers as (
    select *, (billable_cost * 100)::decimal(18, 0)::bigint as cents, (cumulative_billable_quantity * 100000000)::hugeint as units from cumulative
)
select
    * exclude (cents, units, cumulative_billable_quantity),
    case when units != 0 then
        (sign(cents) * sign(units) * ((abs(cents) * 2000000000000000000000::hugeint + abs(units)) // (2 * abs(units))))::decimal(38, 0)
        * 0.000000000000001::decimal(15, 15)
    end::decimal(38, 15) as effective_unit_price
from whole_numbers;
create table monthly_statement as
with by_resource as (
    select
        resource_key, sum(list_cost) as list_cost, sum(credit) as credit,
        sum((list_cost * applied_rate)::decimal(38, 28)) as applied_credit,
        sum(case when status = 'missed' then credit else 0 end) as missed_credit,
        sum(case when status = 'unexpected' then (list_cost * applied_rate)::decimal(38, 28) else 0 end) as unexpected_credit,
        sum(recoverable) as recoverable
    from charges group by resource_key
)
select
    partner_id, customer_id, subscription_id, sum(list_cost)::decimal(38, 24) as list_cost, sum(credit)::decimal(38, 28) as credit,
    sum(applied_credit)::decimal(38, 28) as applied_credit, sum(missed_credit)::decimal(38, 28) as missed_credit,
    sum(unexpected_credit)::decimal(38, 28) as unexpected_credit, sum(recoverable)::decimal(38, 28) as recoverable
from by_resource
inner join resources using (resource_key)
group by partner_id, customer_id, subscription_id;
