"""The invented month's dimensions, prices and usage lines, as SQL (month.py writes them)."""

METERS = 400

MACROS = """
    create macro dice(a, b) as hash(hash(a, b::varchar));
    create macro guid(t) as regexp_replace(md5(t), '(.{8})(.{4})(.{4})(.{4})(.{12})', '\\1-\\2-\\3-\\4-\\5');
    create macro plain(d) as rtrim(rtrim(d::varchar, '0'), '.');
    create macro at_day(d, t) as ('2026-09-01'::date + (d::int - 1)) + t::interval;
    create macro word(n) as ['amber', 'birch', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'harbor', 'inlet', 'jasper', 'kelp', 'larch', 'maple',
        'north', 'ochre', 'pine', 'quartz', 'reed', 'slate', 'thorn', 'umber', 'vale', 'willow', 'yarrow'][1 + (n % 24)::int];
"""

CATEGORIES = """
    create table categories (category int, name varchar, service varchar, provider varchar, kind varchar, sub_category varchar, unit varchar);
    insert into categories values
        (0, 'Virtual Machines', 'Microsoft.Compute', 'Microsoft.Compute', 'virtualMachines', 'Dsv5 Series', '1 Hour'),
        (1, 'Storage', 'Microsoft.Storage', 'Microsoft.Storage', 'storageAccounts', 'Tiered Block Blob', '1 GB/Month'),
        (2, 'Bandwidth', 'Microsoft.Network', 'Microsoft.Network', 'loadBalancers', 'Rtn Preference: MGN', '1 GB'),
        (3, 'Log Analytics', 'Microsoft.OperationalInsights', 'Microsoft.OperationalInsights', 'workspaces', 'Analytics Logs', '1 GB'),
        (4, 'SQL Database', 'Microsoft.Sql', 'Microsoft.Sql', 'servers/sql-core/databases', 'General Purpose - Compute Gen5', '1 Hour'),
        (5, 'Virtual Network', 'Microsoft.Network', 'Microsoft.Network', 'publicIPAddresses', 'IP Addresses', '1 Hour'),
        (6, 'Azure App Service', 'Microsoft.Web', 'Microsoft.Web', 'serverFarms', 'Premium v3 Plan', '10 Hours'),
        (7, 'Azure Monitor', 'microsoft.insights', 'Microsoft.Insights', 'components', 'Standard Metrics', '1M');
"""

# A meter's number is category + 8 × rank; the ranks of a category that are something special are stated here and nowhere else.
METER_TABLE = """
    create table meters as
    select
        m,
        m % 8 as category,
        m // 8 as meter_rank,
        category in (1, 2, 3) and meter_rank < 7 as is_tiered,
        category in (2, 3) as is_first_tier_free,
        category in (0, 4, 5) as is_hourly,
        category = 0 and meter_rank between 10 and 14 as is_spot,
        category = 0 and meter_rank between 15 and 17 as is_third_party,
        category = 0 and meter_rank between 18 and 19 as is_marketplace,
        category = 7 and meter_rank between 20 and 21 as is_unlisted,
        category = 4 and meter_rank between 22 and 26 as has_new_price,
        case when not is_marketplace then 'QZH' || (100 + m) || 'Z0' || upper(substr(md5('product ' || m), 1, 4)) end as product_id,
        case when not is_marketplace then upper(substr(md5('sku ' || m), 1, 4)) end as sku_id,
        case when is_marketplace then (2 * meter_rank) || 'core' else guid('meter ' || m) end as meter_id,
        case
            when is_third_party then 'Shieldwall Networks Inc.' when is_marketplace then 'Larkspur Software Ltd' else 'Microsoft'
        end as publisher,
        word(meter_rank) || ' ' || (2 + meter_rank) || ' ' || ['LRS', 'Standard', 'Premium', 'v5'][1 + meter_rank % 4]
        || case when is_spot then ' Spot' else '' end as meter_name,
        ((100 + dice(m, 'price') % 2000000)::bigint * 0.000001::decimal(7, 6))::decimal(12, 6) as base_price
    from (select range::int as m from range({meters}))
"""

DIMENSIONS = """
    create table resources as
    select
        range::int as r,
        range::int // {resources_per_group} as g,
        g // {groups_per_subscription} as s,
        dice(r, 'type') % 8 as category,
        ['app', 'data', 'core', 'edge', 'batch', 'web'][1 + (dice(r, 'role') % 6)::int] || '-' || word(dice(r, 'a')) || '-'
        || ['prod', 'test', 'stage', 'dev'][1 + (dice(g, 'stage') % 4)::int] || '-' || lpad(r::varchar, 7, '0') as resource_name
    from range({resources});
    create table groups as
    select
        g,
        any_value(s) as s,
        'rg-' || word(dice(g, 'a')) || '-' || word(dice(g, 'b')) || '-weu-' || lpad(g::varchar, 5, '0') as group_name
    from resources group by g;
    create table subscriptions as
    select
        s,
        s // 3 as c,
        guid('subscription ' || s) as subscription_id,
        '/subscriptions/' || subscription_id as scope,
        word(dice(s, 'a')) || ' ' || ['production', 'platform', 'lab', 'shared services'][1 + (dice(s, 'b') % 4)::int] || ' ' || s as name,
        -- Every hundred subscriptions hold every story once.
        (11 + s * 37) % 100 as story
    from (select distinct s from groups);
    create table customers as
    select
        c,
        guid('customer ' || c) as customer_id,
        guid('plan ' || c) as plan_id,
        upper(word(dice(c, 'a'))[1]) || word(dice(c, 'a'))[2:] || ' ' || word(dice(c, 'b')) || ' ' || ['GmbH', 'SAS', 'BV', 'Handels GmbH'][1 + c % 4]
        || ' ' || c as name,
        word(dice(c, 'a')) || c || '.example' as domain,
        {markets}[1 + c % 4] as market,
        case when c % 2 = 1 then 1 + (dice(c, 'reseller') % 5)::int end as reseller
    from (select distinct c from subscriptions);
    alter table resources add column scope varchar;
    update resources set scope = s.scope || '/resourceGroups/' || g.group_name || '/providers/' || k.provider || '/' || k.kind || '/' || resource_name
    from groups as g, subscriptions as s, categories as k
    where resources.g = g.g and resources.s = s.s and resources.category = k.category;
"""

# M1: a market's price is the base price, a little dearer; a new price comes on the 16th; tiers are graduated, some begin free.
PRICES = """
    create table prices as
    with listed as (
        select
            {markets}[1 + market] as market,
            meters.*,
            (base_price + (base_price * (market * 0.01::decimal(3, 2)))::decimal(12, 6))::decimal(12, 6) as price
        from meters, range({market_count}) as markets (market)
        where not is_marketplace
    )
    select *, 1 as tier, null as tier_min, null as tier_max, price as unit_price, '2024-03-01'::date as starts, null::date as ends
    from listed where not is_tiered and not has_new_price
    union all
    select *, 1, null, null, price, '2024-03-01'::date, '2026-09-15'::date from listed where has_new_price
    union all
    select *, 1, null, null, (price * 1.1)::decimal(12, 6), '2026-09-16'::date, null::date from listed where has_new_price
    union all
    select
        tiered.* exclude (first_max, tiers), tier, [1, first_max + 1, 901][tier::int], case when tier < tiers then [first_max, 900][tier::int] end,
        case when tier = 1 and is_first_tier_free then 0 else (price * [1.0, 0.9, 0.8][tier::int])::decimal(12, 6) end, '2024-03-01'::date, null::date
    from (
        select *, case when is_first_tier_free then [5, 100][1 + meter_rank % 2] else 300 end as first_max, 2 + meter_rank % 2 as tiers
        from listed where is_tiered
    ) as tiered, range(1, 4) as numbers (tier)
    where tier <= tiers
"""

# Sheets hold far more than is used: products that no line names fill them up to size.
PRICE_SHEET = """
    select
        'Azure ' || k.name as "ProductTitle", product_id as "ProductId", sku_id as "SkuId", k.name || ' - ' || meter_name as "SkuTitle",
        publisher as "Publisher", k.name || ' - ' || meter_name || ' - EU West' as "SkuDescription", k.unit as "UnitOfMeasure",
        'payG-1' as "TermDuration", market as "Market", 'USD' as "Currency", plain(unit_price) as "UnitPrice",
        coalesce(tier_min::varchar, '') as "PricingTierRangeMin", coalesce(tier_max::varchar, '') as "PricingTierRangeMax",
        strftime(starts, '%-m/%-d/%Y') || ' 12:00:00 AM' as "EffectiveStartDate",
        coalesce(strftime(ends, '%-m/%-d/%Y'), '11/30/9999') || ' 11:59:59 PM' as "EffectiveEndDate",
        meter_id as "MeterIds", k.unit as "MeterType", case when is_third_party then 'Azure;ThirdParty' else 'Azure' end as "Tags"
    from prices inner join categories as k using (category)
    where market = '{market}' and not is_unlisted
    union all
    select
        'Azure Unused ' || word(i), 'DZX' || lpad(i::varchar, 7, '0') || 'ZQ', upper(substr(md5('u' || i), 1, 4)), 'Unused ' || word(i) || ' - ' || i,
        'Microsoft', 'Unused ' || word(i) || ' - ' || i || ' - EU West', '1 Hour', 'payG-1', '{market}', 'USD',
        plain(((1 + dice(i, 'unused') % 9000000)::bigint * 0.000001::decimal(7, 6))::decimal(12, 6)), '', '', '3/1/2024 12:00:00 AM',
        '11/30/9999 11:59:59 PM', guid('unused ' || i), '1 Hour', 'Azure'
    from range({unused}) as unused (i)
"""

METERED = """
    create table metered as
    select
        resources.r * 8 + k as line_key,
        resources.r, resources.s, resources.g,
        meters.m,
        meters.category = 0 and (meters.meter_rank < 10 or meters.meter_rank >= 20) as may_have_benefit,
        may_have_benefit and dice(resources.r, 'benefit') % 8 = 0 as is_reserved,
        may_have_benefit and dice(resources.r, 'benefit') % 8 in (1, 2) as is_plan,
        s.s % 25 = 7 and meters.meter_rank % 5 = 3 as is_azure_credit,
        prices.unit_price as first_price,
        coalesce(later.unit_price, prices.unit_price, meters.base_price) as second_price,
        coalesce(prices.unit_price, meters.base_price) as price
    from (select (range * {stride} % {resources})::int as r from range({resources})) as picked
    inner join resources on picked.r = resources.r
    inner join range({meters_a_day}) as kinds (k) on true
    inner join meters on meters.m = resources.category + 8 * ((dice(resources.r, 'meter') + k * 17) % 50)
    inner join subscriptions as s on resources.s = s.s
    inner join customers as c on s.c = c.c
    left join prices
        on meters.m = prices.m and c.market = prices.market and prices.starts = '2024-03-01'
        and prices.tier = 1 + (meters.is_tiered and meters.is_first_tier_free)::int
    left join prices as later on meters.m = later.m and c.market = later.market and later.starts = '2026-09-16'
"""

# What Microsoft applied agrees with the access story for most lines, not for all. Sixteenths of the metered quantities have 15 decimals.
#   days: a list of days.  corrected: the days of which a hundredth of the lines has another quantity than first.
#   part, parts: only the resources whose number leaves the remainder `part`.
LINES = """
    with chosen as (
        select
            metered.*,
            day,
            case when day < 16 then price else second_price end as price_today,
            case
                when list_contains({corrected}::int[], day) and dice(line_key, 'corrected ' || day) % 100 = 0
                    then dice(line_key, 'quantity ' || day || ' 1')
                else dice(line_key, 'quantity ' || day)
            end as h
        from metered, (select unnest({days}::int[]) as day) as days
        where r % {parts} = {part}
    ),
    measured as (
        select
            *,
            is_hourly and h % 10 < 9 as is_whole_day,
            ((case
                when is_whole_day then 24000000
                when is_hourly then 1 + h // 16 % 24000000
                else 1 + h // 16 % (10 ** (2 + h % 6))::bigint * 97
            end)::bigint * 0.000001::decimal(7, 6))::decimal(18, 6) as millionths,
            case when h // 64 % 16 = 3 and not is_whole_day then h // 1024 % 1000000000 else 0 end as quadrillionths,
            ((millionths + quadrillionths::bigint * 0.000000000000001::decimal(16, 15))
                * case when h % 500 = 1 then -1 else 1 end)::decimal(28, 15) as quantity,
            case when is_reserved or is_plan then 0::decimal(12, 6) else price_today end as unit_price,
            case
                when is_reserved or is_plan or is_azure_credit or meters.is_spot or meters.is_third_party or meters.is_marketplace then 0
                when (story < 65) = (dice(chosen.g, 'applied ' || day) % 40 > 0) then 15
                else 0
            end as applied
        from chosen
        inner join meters using (m)
        inner join (select s, story from subscriptions) as s using (s)
    ),
    priced as (
        select *, (quantity * unit_price * (1 - applied * 0.01::decimal(3, 2))::decimal(3, 2))::decimal(28, 14) as pricing_total from measured
    )
    select
        '5f4b62a8-1a25-555b-96b2-0a4dac95cfac' as "PartnerId", 'Fjellblick Cloud GmbH' as "PartnerName",
        c.customer_id as "CustomerId", c.name as "CustomerName", c.domain as "CustomerDomainName", c.market as "CustomerCountry",
        '6011111' as "MpnId", null as "Tier2MpnId", null as "InvoiceNumber", p.product_id as "ProductId", p.sku_id as "SkuId",
        'QZH' || (100 + p.m) || 'Z0AV' || p.sku_id as "AvailabilityId",
        k.name || ' ' || k.sub_category || ' - ' || p.meter_name || ' - EU West' as "SkuName", k.name || ' ' || k.sub_category as "ProductName",
        p.publisher as "PublisherName", null as "PublisherId", 'Azure plan' as "SubscriptionDescription", c.plan_id as "SubscriptionId",
        '2026-09-01' as "ChargeStartDate", '2026-09-30' as "ChargeEndDate", strftime(at_day(day, '0 days'), '%Y-%m-%d') as "UsageDate", k.unit as "MeterType",
        k.name as "MeterCategory", p.meter_id as "MeterId", k.sub_category as "MeterSubCategory", p.meter_name as "MeterName",
        'EU West' as "MeterRegion",
        k.unit as "Unit", 'EUWest' as "ResourceLocation", k.service as "ConsumedService",
        case when dice(p.g, 'case') % 3 = 0 then upper(g.group_name) else g.group_name end as "ResourceGroup",
        r.scope as "ResourceURI", 'new' as "ChargeType", plain(p.unit_price) as "UnitPrice", plain(p.quantity) as "Quantity", k.unit as "UnitType",
        plain((p.pricing_total * 0.853242321::decimal(10, 9))::decimal(38, 15)) as "BillingPreTaxTotal", 'EUR' as "BillingCurrency",
        plain(p.pricing_total) as "PricingPreTaxTotal", 'USD' as "PricingCurrency", null as "ServiceInfo1", null as "ServiceInfo2",
        '{{"environment":"' || split_part(r.resource_name, '-', 3) || '","cost-center":"CC-' || (1000 + dice(p.g, 'cc') % 9000) || '","owner":"'
        || word(dice(p.g, 'owner')) || '.' || word(dice(p.s, 'owner')) || '","application":"' || split_part(r.resource_name, '-', 2)
        || '","created-by":"terraform"}}' as "Tags",
        '{{"ServiceType":"Standard_D' || (2 + p.m % 30) || 's_v5","VMName":"' || r.resource_name || '","UsageType":"ComputeHR",'
        || '"VCPUs":' || (2 + p.m % 30) || ',"ConsumptionMeter":"' || guid('consumption ' || p.m) || '"}}' as "AdditionalInfo",
        plain((p.unit_price * (1 - p.applied * 0.01::decimal(3, 2))::decimal(3, 2))::decimal(20, 15)) as "EffectiveUnitPrice",
        '0.853242321' as "PCToBCExchangeRate", '2026-09-01' as "PCToBCExchangeRateDate",
        s.subscription_id as "EntitlementId", s.name as "EntitlementDescription", p.applied as "PartnerEarnedCreditPercentage",
        case when p.is_azure_credit then 100 else 0 end as "CreditPercentage",
        case
            when p.is_azure_credit then 'Azure Credit Applied' when p.applied > 0 then 'Partner Earned Credit Applied' else 'Credit Not Applied'
        end as "CreditType",
        case when p.is_reserved or p.is_plan then guid('order ' || p.s) end as "BenefitOrderId",
        case when p.is_reserved or p.is_plan then guid('benefit ' || p.r) end as "BenefitId",
        case when p.is_reserved then 'Reservation' when p.is_plan then 'SavingsPlan' end as "BenefitType"
    from priced as p
    inner join resources as r on p.r = r.r
    inner join groups as g on p.g = g.g
    inner join subscriptions as s on p.s = s.s
    inner join customers as c on s.c = c.c
    inner join categories as k on p.category = k.category
"""
