-- What decides a month beside its usage: access, the directory and prices, as dated facts. A change of any changes the months that it touches.
-- One row per kind and dated fact; the same fact may stand there more than once.
with access_facts as (
    select
        hash('stage', scope_id, organisation_id, access_stage) as fact,
        valid_from,
        valid_to
    from {{ ref('int_access_stages') }}
    union all
    select
        hash('grant', scope_id, organisation_id, scope_level, access_path, begin_evidence = 'before_evidence', is_permanent),
        valid_from,
        valid_to
    from {{ ref('int_qualifying_access_intervals') }}
    union all
    select
        hash(
            'deny', spans.scope_id, spans.is_for_exact_scope, intervals.scope_id, intervals.organisation_id, intervals.scope_level,
            intervals.access_path, intervals.begin_evidence = 'before_evidence', intervals.is_permanent,
            -- Whose access it is: of two who have the same, one may be denied.
            intervals.item_id, intervals.identity_id
        ),
        spans.valid_from,
        spans.valid_to
    from {{ ref('int_deny_spans') }} as spans
    inner join {{ ref('int_qualifying_access_intervals') }} as intervals on spans.interval_id = intervals.interval_id
    union all
    select
        hash('uncertainty', scope_id, organisation_id, uncertainty),
        valid_from,
        valid_to
    from {{ ref('int_scope_uncertain_periods') }}
),

directory_facts as (
    select
        hash('agreement', partner_global_id) as fact,
        valid_from,
        valid_to
    from {{ directory_records('agreements', 'partner_global_id, valid_from, valid_to') }}
    union all
    select
        -- D5: of several that overlap a day the earliest counts, by its begin, also where that lies before the month.
        hash(
            'relationship', subscription_id, transacting_partner_id, reseller_partner_id,
            row_number() over (
                partition by subscription_id
                order by
                    {{ from_or_ever('valid_from') }}, {{ to_or_ever('valid_to') }}, reseller_partner_id, transacting_partner_id
            )
        ),
        valid_from,
        valid_to
    from {{ directory_records(
        'subscription_partners', 'subscription_id, transacting_partner_id, reseller_partner_id, valid_from, valid_to'
    ) }}
    union all
    select
        hash('organisation', partner_id, organisation_id),
        null,
        null
    from {{ ref('int_partner_organisations') }}
    union all
    select
        hash('agreements are given'),
        null,
        null
    from {{ ref('stg_archive__files') }}
    where kind = 'agreements' and is_in_force
),

products as (
    select * from {{ ref('int_products') }}
),

-- Only prices of products in use: a sheet lists half a million others.
price_facts as (
    select
        hash('price', market, product_id, sku_id, meter_id, tier_number, tier_from, tier_to, unit_price, is_third_party) as fact,
        entry_from::timestamp as valid_from,
        entry_to::timestamp as valid_to
    from {{ ref('int_price_list_tiers') }}
    where (market, product_id, sku_id) in (select (p.market, p.product_id, p.sku_id) from products as p)
    union all
    select
        hash('sheet', market),
        min(entry_from)::timestamp,
        max(coalesce(entry_to, date '9999-12-31'))::timestamp
    from {{ ref('int_price_list_tiers') }}
    where market in (select p.market from products as p)
    group by market
    union all
    select
        hash('market', customer_without_country, market),
        null,
        null
    from products
    where customer_without_country is not null
    group by customer_without_country, market
    union all
    select
        hash('exchange rate', currency, usd_per_unit),
        rate_month::timestamp,
        rate_month + interval 1 month
    from {{ ref('int_exchange_rates') }}
)

select
    'access' as kind,
    *
from access_facts
union all
select
    'directory',
    *
from directory_facts
union all
select
    'price',
    *
from price_facts
