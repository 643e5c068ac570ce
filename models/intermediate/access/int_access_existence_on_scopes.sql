-- Existence periods on scopes that usage can be compared with: an item on a management group or on `/` is assigned to each subscription that it
-- covers (A1). One row per existence period and covered scope.
with lives as (
    select
        *,
        facts ->> '$.scope_id' as own_scope_id,
        regexp_extract(facts ->> '$.scope_id', '^/providers/microsoft.management/managementgroups/([^/]+)$', 1) as management_group_id
    from {{ ref('int_access_existence_periods') }}
),

-- Which customer's tenant a subscription is in, as usage says it; the newest usage decides when they differ.
customers as (
    select
        subscription_id,
        arg_max(customer_id, (usage_date, customer_id)) as customer_id
    from {{ ref('int_usage_file_groups_current') }}
    where customer_id is not null
    group by subscription_id
),

-- Evidence from several subscriptions for such an item adds up: it is the same item.
-- `/` belongs to one customer's tenant: it covers the subscriptions of the customers in whose snapshots it appears.
covered as (
    select distinct
        lives.item_kind,
        lives.item_id,
        lives.snapshot_subscription_id,
        coalesce(others.subscription_id, lives.snapshot_subscription_id) as subscription_id
    from lives
    left join customers on lives.snapshot_subscription_id = customers.subscription_id
    left join customers as others on customers.customer_id = others.customer_id
    where lives.own_scope_id = '/' and lives.snapshot_subscription_id != ''
    union
    select
        lives.item_kind,
        lives.item_id,
        lives.snapshot_subscription_id,
        groups.subscription_id
    from lives
    inner join {{ directory_records('management_groups', 'management_group_id, subscription_id') }} as groups
        on lives.management_group_id = {{ last_segment('groups.management_group_id') }}
)

select
    lives.* exclude (own_scope_id, management_group_id),
    lives.own_scope_id as scope_id,
    -- The level of a scope below management groups (A6).
    case
        when regexp_full_match(lives.own_scope_id, '/subscriptions/[^/]+') then 'subscription'
        when regexp_full_match(lives.own_scope_id, '/subscriptions/[^/]+/resourcegroups/[^/]+') then 'resource_group'
        else 'resource'
    end as scope_level
from lives
where starts_with(own_scope_id, '/subscriptions/')
union all
select
    lives.* exclude (own_scope_id, management_group_id),
    '/subscriptions/' || covered.subscription_id,
    'management_group'
from lives
inner join covered
    on
        lives.item_kind = covered.item_kind
        and lives.item_id = covered.item_id
        and lives.snapshot_subscription_id = covered.snapshot_subscription_id
