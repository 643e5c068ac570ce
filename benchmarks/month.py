"""An invented month of a distributor, September 2026, at any scale: the landing zone that the benchmark builds from.

`python benchmarks/month.py ZONE --lines 2700000 [--compress]` writes it. The output depends on nothing but its arguments and the version of
DuckDB: every choice is a hash of the numbers of the thing chosen for. The shape is a distributor's: 90 lines a resource (30 days, 3 meters a day),
10 resources a resource group, 10 groups a subscription, 3 subscriptions a customer, 400 meters, about 1.1 KB a line, about 6 access intervals
a subscription, whose boundaries stand in snapshots, in events, in both or in neither.

Usage is written a day at a time by DuckDB, so that memory is bounded by one day's buffers and not by the month.
"""

import argparse
import contextlib
import os
import pathlib
import shutil
from dataclasses import dataclass

import duckdb

DAYS = range(1, 31)
CORRECTED_DAYS = (5, 12, 20)
EXPORTED_ON = "2026-10-01"
DAYS_PER_MONTH, METERS_A_DAY, METERS = 30, 3, 400
MARKETS = ("AT", "DE", "FR", "NL")


@dataclass(frozen=True)
class Month:
    """The size of a month. lines: usage lines, rounded down to whole resources (90 lines each). compress: usage as .csv.gz."""

    lines: int = 2_700_000
    compress: bool = False
    resources_per_group: int = 10
    groups_per_subscription: int = 10

    @property
    def resources(self) -> int:
        return max(1, self.lines // (DAYS_PER_MONTH * METERS_A_DAY))

    @property
    def price_rows_per_market(self) -> int:
        return max(2000, self.lines // 54) // len(MARKETS)

    def usage_file(self, day: int) -> str:
        """Path in the zone of a day's file. All days carry the same export date: they are parts of one export."""
        return f"daily_rated_usage/{EXPORTED_ON}_unbilled_day_{day:02}.csv" + (".gz" if self.compress else "")


# ---------------------------------------------------------------------------------------------------------------------
# Who and what: dimension tables
# ---------------------------------------------------------------------------------------------------------------------

# The hash of two things is only their hashes combined: hashed once more, choices for one thing do not depend on each other.
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

# ---------------------------------------------------------------------------------------------------------------------
# Usage
# ---------------------------------------------------------------------------------------------------------------------

# One row per resource and meter: what is the same every day. The order is that of no key, as in a vendor's export.
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

# What Microsoft applied agrees with the access story for most lines, not for all.
LINES = """
    with chosen as (
        select
            *,
            case when {day} < 16 then price else second_price end as price_today,
            case
                when {revision} > 0 and dice(line_key, 'corrected {day}') % 100 = 0 then dice(line_key, 'quantity {day} {revision}')
                else dice(line_key, 'quantity {day}')
            end as h
        from metered
    ),
    measured as (
        select
            *,
            ((case
                when is_hourly and h % 10 < 9 then 24000000
                when is_hourly then 1 + h // 16 % 24000000
                else 1 + h // 16 % (10 ** (2 + h % 6))::bigint * 97
            end)::bigint * case when h % 500 = 1 then -0.000001::decimal(7, 6) else 0.000001::decimal(7, 6) end)::decimal(18, 6) as quantity,
            case when is_reserved or is_plan then 0::decimal(12, 6) else price_today end as unit_price,
            case
                when is_reserved or is_plan or is_azure_credit or meters.is_spot or meters.is_third_party or meters.is_marketplace then 0
                when (story < 65) = (dice(chosen.g, 'applied {day}') % 40 > 0) then 15
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
        '2026-09-01' as "ChargeStartDate", '2026-09-30' as "ChargeEndDate", '2026-09-{day:02}' as "UsageDate", k.unit as "MeterType",
        k.name as "MeterCategory", p.meter_id as "MeterId", k.sub_category as "MeterSubCategory", p.meter_name as "MeterName",
        'EU West' as "MeterRegion",
        k.unit as "Unit", 'EUWest' as "ResourceLocation", k.service as "ConsumedService",
        case when dice(p.g, 'case') % 3 = 0 then upper(g.group_name) else g.group_name end as "ResourceGroup",
        r.scope as "ResourceURI", 'new' as "ChargeType", plain(p.unit_price) as "UnitPrice", plain(p.quantity) as "Quantity", k.unit as "UnitType",
        plain(p.pricing_total * 0.853242321::decimal(10, 9)) as "BillingPreTaxTotal", 'EUR' as "BillingCurrency",
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

# ---------------------------------------------------------------------------------------------------------------------
# Access: grants with their stories, and the snapshots and events that tell of them
# ---------------------------------------------------------------------------------------------------------------------

PROVIDER_TENANT, GREYMARSH_TENANT = "guid('tenant provider')", "guid('tenant greymarsh')"

# One row per grant and life of it. story: what the evidence will tell.
#   standing   all month                          hour      deleted at 10:00, written again at 11:00 under the same id
#   removed    deleted by an event                granted   written by an event
#   vanished   no longer in the later snapshots   appeared  in the last snapshots only
#   failed     an attempt that the log shows      again     like hour, but the second grant is another assignment
GRANTS = """
    create table sites as
    select s, scope, 'S' || s as site, 'subscription' as level, story from subscriptions
    union all
    select groups.s, subscriptions.scope || '/resourceGroups/' || group_name, 'G' || g, 'group', dice(g, 'story') % 100
    from groups inner join subscriptions using (s) where dice(g, 'site') % 100 < 20
    union all
    select s, scope, 'R' || r, 'resource', dice(r, 'story') % 100 from resources where dice(r, 'site') % 1000 < 36;
    create table principals as
    select guid('user ' || c) as principal_id, 'User' as kind, '6011111' as partner_id, c, 'user' as who from customers
    union all select guid('robot ' || c), 'ServicePrincipal', '6011112', c, 'robot' from customers
    union all select guid('unlinked ' || c), 'User', '6011111', c, 'unlinked' from customers
    union all select guid('ops group ' || c % 20), 'Group', '6011111', c, 'group' from customers
    union all select guid('reseller user ' || c), 'User', '602' || coalesce(reseller, 9) || '000', c, 'reseller' from customers
    union all select guid('own ' || c), 'User', null, c, 'own' from customers
    union all select guid('admins provider'), 'ForeignGroup', '6011111', c, 'aobo' from customers
    union all
    select guid('admins reseller ' || coalesce(reseller, 9)), 'ForeignGroup', '602' || coalesce(reseller, 9) || '000', c, 'aobo reseller'
    from customers
    union all select guid('admins greymarsh'), 'ForeignGroup', '6033333', c, 'aobo other' from customers
    union all select guid('foreign ' || c % 7), 'ForeignGroup', null, c, 'foreign' from customers;
    create table planned as
    -- What decides a subscription: most are held by the provider's group, some lose it, get it late, or hold something that does not count.
    select
        sites.*,
        'main' as slot,
        case
            when level = 'subscription' then case
                when story < 80 then 'aobo' when story < 85 then 'aobo reseller' when story < 88 then 'aobo other' when story < 91 then 'foreign'
                when story < 93 then 'user' when story < 95 then 'unlinked' else 'own' end
            else ['user', 'robot', 'group', 'unlinked', 'reseller', 'aobo', 'aobo reseller', 'own'][1 + (dice(hash(site), 'who') % 8)::int]
        end as who,
        case
            when story < 62 then 'standing'
            when story < 66 then 'hour' when story < 70 then 'again' when story < 73 then 'removed' when story < 76 then 'granted'
            when story < 78 then 'vanished' when story < 79 then 'appeared' when story < 80 then 'failed'
            else 'standing'
        end as plot,
        case when level = 'subscription' and story between 88 and 89 or dice(hash(site), 'role') % 12 = 0 then 'reader'
            when dice(hash(site), 'role') % 40 = 1 then 'custom' when level = 'resource' then 'vm'
            when level = 'group' then 'contributor' else 'owner'
        end as role
    from sites
    union all
    -- The customer's own administrators, and now and then a second way in.
    select sites.*, 'own ' || n, 'own', 'standing', 'owner' from sites, range(2) as own (n) where level = 'subscription'
    union all
    select sites.*, 'second', ['user', 'robot', 'group', 'reseller', 'aobo other'][1 + (dice(s, 'second') % 5)::int], 'standing', 'contributor'
    from sites where level = 'subscription' and story < 95 and dice(s, 'has second') % 3 = 0
    union all
    select sites.*, 'helper', 'reseller', 'standing', 'reader'
    from sites where level = 'subscription' and story < 95 and dice(s, 'has helper') % 4 = 0;
    create table grants as
    select
        planned.*,
        subscriptions.c,
        subscriptions.subscription_id,
        subscriptions.scope as subscription_scope,
        guid('assignment ' || site || slot) as assignment_id,
        principals.principal_id,
        principals.kind as principal_type,
        case role when 'owner' then '8e3af657-a8ff-443c-a75c-2fe8c4bcb635' when 'contributor' then 'b24988ac-6180-42a0-ab88-20f7382dd24c'
            when 'vm' then '9980e02c-c2be-4d73-94e8-173b1dc7cf3c' when 'reader' then 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
            else guid('custom role') end as role_id,
        1 + (dice(hash(site, slot), 'day') % 30)::int as on_day,
        -- A fifth of the exports come from a CLI that tells no creation time.
        dice(subscriptions.s, 'cli') % 5 > 0 as has_creation,
        '2025-03-01 08:15:30'::timestamp + to_days((dice(hash(site, slot), 'old') % 500)::int) as old_creation,
        at_day(on_day, '10:00:00') + to_milliseconds((dice(hash(site, slot), 'ms') % 3)::int * 250) as deleted_at,
        at_day(on_day, case when plot = 'granted' then '14:20:00' else '11:00:00' end) as written_at
    from planned
    inner join subscriptions using (s)
    inner join principals on subscriptions.c = principals.c and planned.who = principals.who;
    create table lives as
    -- shown_from, shown_until: which snapshots show it (half-open)
    select
        *, assignment_id as life_id, case when has_creation then old_creation end as created_at, '-infinity'::timestamp as shown_from,
        case
            when plot in ('standing', 'vanished') then 'infinity' when plot = 'appeared' then '-infinity' else deleted_at
        end as shown_until
    from grants where plot not in ('granted', 'appeared', 'failed', 'vanished')
    union all
    select *, assignment_id, case when has_creation then old_creation end, '-infinity', at_day(2 + on_day // 2, '00:00:00')
    from grants where plot = 'vanished'
    union all
    select
        *, case when plot = 'again' then guid('again ' || assignment_id) else assignment_id end,
        case when has_creation then case when plot = 'appeared' then deleted_at else written_at end end,
        case when plot = 'appeared' then deleted_at else written_at end, 'infinity'
    from grants where plot in ('hour', 'again', 'granted', 'appeared')
"""

SNAPSHOTS = """
    create table snapshots as
    select s, subscription_id, scope, '2026-08-31'::date as taken_on from subscriptions
    union all select s, subscription_id, scope, '2026-10-01' from subscriptions
    union all select s, subscription_id, scope, '2026-09-16' from subscriptions where dice(s, 'middle') % 5 = 0
"""

ROLE_ASSIGNMENTS = """
    select
        'role_assignments/' || snapshots.subscription_id || '/' || taken_on || '.json' as path,
        '[' || coalesce(string_agg(to_json(case when created_at is null then json_object(
            'id', lives.scope || '/providers/Microsoft.Authorization/roleAssignments/' || life_id, 'name', life_id, 'principalId', principal_id,
            'principalName', '', 'principalType', principal_type, 'roleDefinitionId',
            subscription_scope || '/providers/Microsoft.Authorization/roleDefinitions/' || role_id, 'roleDefinitionName', role,
            'scope', lives.scope, 'type', 'Microsoft.Authorization/roleAssignments'
        ) else json_object(
            'condition', null, 'createdOn', strftime(created_at, '%Y-%m-%dT%H:%M:%S.%f+00:00'),
            'id', lives.scope || '/providers/Microsoft.Authorization/roleAssignments/' || life_id, 'name', life_id, 'principalId', principal_id,
            'principalName', '', 'principalType', principal_type, 'roleDefinitionId',
            subscription_scope || '/providers/Microsoft.Authorization/roleDefinitions/' || role_id, 'roleDefinitionName', role,
            'scope', lives.scope, 'type', 'Microsoft.Authorization/roleAssignments', 'updatedOn', strftime(created_at, '%Y-%m-%dT%H:%M:%S.%f+00:00')
        ) end)::varchar, ',' || chr(10) order by life_id), '') || ']' as content
    from snapshots
    left join lives on snapshots.s = lives.s and lives.shown_from <= taken_on and lives.shown_until > taken_on
    group by all
"""

# An operation's two records; a write's body stands in the start, a delete's in the success.
ACTIVITY_LOG = """
    with operations as (
        select *, life_id as item, 'delete' as verb, deleted_at as ended_at, true as has_succeeded
        from lives where plot in ('hour', 'again', 'removed') and shown_from = '-infinity'
        union all
        select *, life_id, 'write', written_at, true from lives where plot in ('hour', 'again', 'granted') and shown_from > '-infinity'
        union all
        select *, assignment_id, null, null, null, assignment_id, 'write', written_at, false from grants where plot = 'failed'
    ),
    records as (
        select
            *,
            is_end,
            case when is_end then ended_at else ended_at - interval 2 second end as happened_at,
            scope || '/providers/Microsoft.Authorization/roleAssignments/' || item as entity,
            json_object('Id', item, 'Properties', json_object(
                'PrincipalId', principal_id, 'PrincipalType', principal_type, 'RoleDefinitionId',
                '/providers/Microsoft.Authorization/roleDefinitions/' || role_id, 'Scope', scope)) as request_body,
            json_object('id', entity, 'name', item, 'properties', json_object(
                'principalId', principal_id, 'principalType', principal_type, 'roleDefinitionId',
                subscription_scope || '/providers/Microsoft.Authorization/roleDefinitions/' || role_id, 'scope', scope)) as response_body,
            guid('operation ' || item || verb || ended_at) as correlation_id
        from operations, (values (false), (true)) as steps (is_end)
    )
    select
        'activity_log/insights-activity-logs/resourceId=/SUBSCRIPTIONS/' || upper(subscription_id) || '/y=2026/m=09/d=' || strftime(ended_at, '%d')
        || '/h=' || strftime(ended_at, '%H') || '/m=00/PT1H.json' as path,
        string_agg(json_object(
            'RoleLocation', 'West Europe', 'time', strftime(happened_at, '%Y-%m-%dT%H:%M:%S.%f') || '0Z', 'resourceId', upper(entity),
            'operationName', upper('Microsoft.Authorization/roleAssignments/' || verb), 'category', 'Administrative',
            'resultType', case when not is_end then 'Start' when has_succeeded then 'Success' else 'Failure' end,
            'resultSignature', case when not is_end then 'Started.' when has_succeeded then 'Succeeded.OK' else 'Failed.Forbidden' end,
            'durationMs', '600', 'callerIpAddress', '203.0.113.24', 'correlationId', correlation_id,
            'identity', json_object('authorization', json_object('scope', entity, 'action', 'Microsoft.Authorization/roleAssignments/' || verb),
                'claims', json_object('http://schemas.microsoft.com/identity/claims/objectidentifier', guid('own ' || c))),
            'level', 'Information',
            'properties', json_merge_patch(
                json_object('eventCategory', 'Administrative', 'entity', entity),
                case
                    when verb = 'write' and not is_end then json_object('requestbody', request_body::varchar)
                    when verb = 'delete' and is_end then json_object('responseBody', response_body::varchar)
                    else json_object()
                end),
            'tenantId', guid('customer ' || c)
        )::varchar || chr(10), '' order by happened_at, item, is_end) as content
    from records
    group by path
"""

# Deny assignments in one subscription of thirty: of everyone but a robot on a resource group, or of the provider's group on the subscription.
DENY_ASSIGNMENTS = """
    with denies as (
        select
            s.s, s.subscription_id, s.c,
            case when s.s % 60 = 4 then s.scope || '/resourceGroups/' || g.group_name else s.scope end as scope,
            guid('deny ' || s.s) as deny_id,
            s.s % 60 = 4 as is_for_everyone,
            dice(s.s, 'deny ends') % 4 = 0 as ends_unseen,
            at_day(1 + dice(s.s, 'deny') % 30, '14:50:00') as created_at
        from subscriptions as s
        inner join (select s, min(group_name) as group_name from groups group by s) as g on s.s = g.s
        where s.s % 30 = 4
    )
    select
        'deny_assignments/' || subscription_id || '/' || taken_on || '.json' as path,
        json_object('value', case when (case when ends_unseen then taken_on < '2026-09-01'::date else taken_on >= created_at end)
            then json_array(json_object(
                'id', scope || '/providers/Microsoft.Authorization/denyAssignments/' || deny_id, 'name', deny_id,
                'type', 'Microsoft.Authorization/denyAssignments',
                'properties', json_object(
                    'denyAssignmentName', 'Freeze', 'scope', scope, 'doNotApplyToChildScopes', false, 'isSystemProtected', true,
                    'permissions', json_array(json_object(
                        'actions', json_array('*'), 'notActions', json_array('*/read'), 'dataActions', json_array())),
                    'principals', json_array(json_object(
                        'id', case when is_for_everyone then '00000000-0000-0000-0000-000000000000' else guid('admins provider') end,
                        'type', 'SystemDefined')),
                    'excludePrincipals', case
                        when is_for_everyone then json_array(json_object('id', guid('robot ' || c), 'type', 'ServicePrincipal'))
                        else json_array() end,
                    'createdOn', case when ends_unseen then '2026-08-02T09:00:00Z' else strftime(created_at, '%Y-%m-%dT%H:%M:%SZ') end
                )))
            else json_array() end)::varchar as content
    from denies, (values ('2026-08-31'::date), ('2026-10-01'::date)) as dates (taken_on)
"""

# Delegations in one subscription of twenty: Marketplace offers of the provider (also just-in-time) or of somebody unknown, and templates that
# need a link.
LIGHTHOUSE = """
    with delegations as (
        select s.s, s.subscription_id, s.c, s.scope, guid('delegation ' || s.s) as delegation_id, dice(s.s, 'offer') % 4 as offer,
            dice(s.s, 'late') % 3 = 0 as is_late
        from subscriptions as s where s.s % 20 = 3
    )
    select
        'lighthouse/' || subscription_id || '/' || taken_on || '.json' as path,
        json_object('value', case when is_late and taken_on < '2026-09-01' then json_array() else json_array(json_object(
            'id', scope || '/providers/Microsoft.ManagedServices/registrationAssignments/' || delegation_id,
            'name', delegation_id, 'type', 'Microsoft.ManagedServices/registrationAssignments',
            'properties', json_object(
                'registrationDefinitionId', scope || '/providers/Microsoft.ManagedServices/registrationDefinitions/' || guid('definition ' || s),
                'provisioningState', 'Succeeded',
                'registrationDefinition', json_merge_patch(json_object(
                    'id', scope || '/providers/Microsoft.ManagedServices/registrationDefinitions/' || guid('definition ' || s),
                    'properties', json_object(
                        'registrationDefinitionName', 'Managed Azure', 'managedByTenantId',
                        case when offer = 3 then guid('tenant nobody knows') else {provider_tenant} end, 'provisioningState', 'Succeeded',
                        case when offer = 1 then 'eligibleAuthorizations' else 'authorizations' end, json_array(json_object(
                            'principalId', case when offer = 2 then guid('ops group ' || c % 20) else guid('operators') end,
                            'principalIdDisplayName', 'Operators', 'roleDefinitionId', 'b24988ac-6180-42a0-ab88-20f7382dd24c')))),
                    case when offer in (0, 1, 3)
                        then json_object('plan', json_object(
                            'name', 'managed', 'publisher', 'fjellblick', 'product', 'managed-azure', 'version', '1.2.0'))
                        else json_object() end)))) end)::varchar as content
    from delegations, (values ('2026-08-31'::date), ('2026-09-16'::date), ('2026-10-01'::date)) as dates (taken_on)
"""

# What the partner knows. A few links, memberships and reseller relationships begin or end inside the month.
DIRECTORY = {
    "partner_locations": """
        select * from (values
            ('6011111', '6010000', 'Fjellblick, Hamburg'), ('6011112', '6010000', 'Fjellblick, Leeds'), ('6033333', '6030000', 'Greymarsh')
        ) as l (partner_id, partner_global_id, name)
        union all select '602' || range || '000', '6020' || range || '00', 'Reseller ' || range from range(1, 10)
    """,
    "agent_groups": f"""
        select
            guid('admins provider') as group_object_id, 'AdminAgents' as group_name, {PROVIDER_TENANT} as partner_tenant_id,
            '6011111' as partner_id
        union all select guid('helpdesk provider'), 'HelpdeskAgents', {PROVIDER_TENANT}, '6011111'
        union all select guid('admins greymarsh'), 'AdminAgents', {GREYMARSH_TENANT}, '6033333'
        union all
        select guid('admins reseller ' || range), 'AdminAgents', guid('tenant reseller ' || range), '602' || range || '000' from range(1, 10)
    """,
    "partner_id_links": """
        select
            principal_id, partner_id,
            case when dice(c, 'link ' || who) % 20 = 0 then '2026-09-11T09:30:00Z' else '2025-02-11T13:30:00Z' end as valid_from,
            case when dice(c, 'link ' || who) % 20 = 1 then '2026-09-21T16:00:00Z' else '' end as valid_to
        from principals where who in ('user', 'robot', 'reseller')
        union all select guid('operator ' || range), '6011111', '2025-01-15T10:00:00Z', '' from range(20)
    """,
    "partner_principals": """
        select distinct principal_id, partner_id, who || ' of a customer' as name
        from principals where who in ('user', 'robot', 'unlinked', 'group', 'reseller')
    """,
    "group_members": """
        select guid('ops group ' || range) as group_object_id, guid('operator ' || range) as member_principal_id,
            '2025-01-15T10:00:00Z' as valid_from,
            case when range % 10 = 3 then '2026-09-18T12:00:00Z' else '' end as valid_to from range(20)
    """,
    "agreements": """
        select * from (values ('6010000', '2023-05-01T00:00:00Z', ''), ('6030000', '2024-02-01T00:00:00Z', ''))
            as a (partner_global_id, valid_from, valid_to)
    """,
    "subscription_partners": """
        select subscription_id, '6011111' as transacting_partner_id, coalesce('602' || reseller || '000', '') as reseller_partner_id,
            '2025-09-29T00:00:00Z' as valid_from, case when s % 40 = 5 then '2026-09-14T00:00:00Z' else '' end as valid_to
        from subscriptions inner join customers using (c)
        union all
        select subscription_id, '6011111', '6027000', '2026-09-14T00:00:00Z', '' from subscriptions where s % 40 = 5
    """,
}


# ---------------------------------------------------------------------------------------------------------------------
# Writing
# ---------------------------------------------------------------------------------------------------------------------


def stride(count: int) -> int:
    """A step that visits each of `count` things once, in an order that looks like none."""
    return next(prime for prime in (100_003, 104_729, 1_299_709) if count % prime)


def prepare(month: Month, temp: pathlib.Path) -> duckdb.DuckDBPyConnection:
    """A connection that holds the month's dimensions. temp: where DuckDB may spill."""
    connection = duckdb.connect(config={"temp_directory": str(temp), "memory_limit": "6GB"})
    sizes = {
        "resources": month.resources, "stride": stride(month.resources), "meters": METERS, "meters_a_day": METERS_A_DAY,
        "resources_per_group": month.resources_per_group, "groups_per_subscription": month.groups_per_subscription,
        "markets": list(MARKETS), "market_count": len(MARKETS),
    }  # fmt: skip
    connection.execute(MACROS)
    connection.execute(CATEGORIES)
    for statement in (METER_TABLE, DIMENSIONS, PRICES, METERED):
        connection.execute(statement.format(**sizes))
    for statement in (GRANTS, SNAPSHOTS):
        connection.execute(statement)
    return connection


def write_usage(connection, month: Month, zone: pathlib.Path, day: int, revision: int = 0) -> None:
    """Writes a day's file. revision: 1 writes it with the quantities of a hundredth of its lines corrected."""
    target = zone / month.usage_file(day)
    target.parent.mkdir(parents=True, exist_ok=True)
    options = "format csv, header, compression " + ("gzip" if month.compress else "none")
    connection.execute(f"copy ({LINES.format(day=day, revision=revision)}) to '{target}' ({options})")


def write_prices(connection, month: Month, zone: pathlib.Path) -> None:
    """Writes a price sheet per market."""
    for market in MARKETS:
        target = zone / "price_sheet" / market / f"azure_consumption_{market}_202609.csv"
        target.parent.mkdir(parents=True, exist_ok=True)
        used = connection.execute("select count(*) from prices where market = ? and not is_unlisted", [market]).fetchone()[0]
        unused = max(0, month.price_rows_per_market - used)
        sheet = PRICE_SHEET.format(market=market, unused=unused)
        connection.execute(f"copy ({sheet}) to '{target}' (format csv, header, force_quote *)")


def write_access(connection, zone: pathlib.Path) -> None:
    """Writes snapshots, events and the partner directory. Their number goes with the subscriptions, not with the lines."""
    for query in (ROLE_ASSIGNMENTS, ACTIVITY_LOG, DENY_ASSIGNMENTS, LIGHTHOUSE.format(provider_tenant=PROVIDER_TENANT)):
        reader = connection.execute(query)
        while rows := reader.fetchmany(500):
            for path, content in rows:
                file = zone / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(content)
    directory = zone / "partner_directory"
    directory.mkdir(parents=True, exist_ok=True)
    for name, query in DIRECTORY.items():
        connection.execute(f"copy ({query} order by all) to '{directory / name}.csv' (format csv, header)")


def write_month(zone, month: Month = Month()) -> None:
    """Writes the landing zone of the whole month, with CORRECTED_DAYS in their last version. zone: a folder, emptied first."""
    zone = pathlib.Path(zone)
    shutil.rmtree(zone, ignore_errors=True)
    zone.mkdir(parents=True)
    with contextlib.closing(prepare(month, zone.parent / "spill")) as connection:
        write_prices(connection, month, zone)
        write_access(connection, zone)
        for day in DAYS:
            write_usage(connection, month, zone, day, revision=int(day in CORRECTED_DAYS))


def write_month_before(zone, earlier, month: Month = Month()) -> None:
    """Makes the landing zone as it stood before the last day came in: days 1 to 29, CORRECTED_DAYS in their first version.

    zone: a month as write_month() left it.  earlier: a folder of the same file system, emptied first; what both have in common is linked.
    """
    zone, earlier = pathlib.Path(zone), pathlib.Path(earlier)
    news = {month.usage_file(day) for day in (*CORRECTED_DAYS, DAYS[-1])}
    shutil.rmtree(earlier, ignore_errors=True)
    shutil.copytree(
        zone, earlier, copy_function=os.link, ignore=lambda folder, names: [n for n in names if f"{pathlib.Path(folder).name}/{n}" in news]
    )  # fmt: skip
    with contextlib.closing(prepare(month, zone.parent / "spill")) as connection:
        for day in CORRECTED_DAYS:
            write_usage(connection, month, earlier, day)


def bring_news(zone, earlier, month: Month = Month()) -> list[str]:
    """Brings the last day and the corrected files into an earlier zone, which then equals `zone`; returns their paths in the zone."""
    news = [month.usage_file(day) for day in (*CORRECTED_DAYS, DAYS[-1])]
    for name in news:
        target = pathlib.Path(earlier) / name
        target.unlink(missing_ok=True)
        os.link(pathlib.Path(zone) / name, target)
    return news


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("zone", type=pathlib.Path)
    parser.add_argument("--lines", type=int, default=2_700_000)
    parser.add_argument("--compress", action="store_true", help="usage as .csv.gz")
    arguments = parser.parse_args()
    write_month(arguments.zone, Month(arguments.lines, arguments.compress))
