-- Existence periods on scopes that usage can be compared with: an item on a management group or on `/` is assigned to each subscription that it
-- covers (A1). One row per existence period and covered scope.
with existence_periods as (
    select
        *,
        facts ->> '$.scope_id' as own_scope_id,
        -- NULL for other scopes: a mapping that names no group, such as `/`, must not cover what is on none.
        nullif(regexp_extract(facts ->> '$.scope_id', '^/providers/microsoft.management/managementgroups/([^/]+)$', 1), '') as management_group_id
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
        existence_periods.item_kind,
        existence_periods.item_id,
        existence_periods.snapshot_subscription_id,
        existence_periods.own_scope_id,
        coalesce(others.subscription_id, existence_periods.snapshot_subscription_id) as subscription_id
    from existence_periods
    left join customers on existence_periods.snapshot_subscription_id = customers.subscription_id
    left join customers as others on customers.customer_id = others.customer_id
    where existence_periods.own_scope_id = '/' and existence_periods.snapshot_subscription_id != ''
    union
    select
        existence_periods.item_kind,
        existence_periods.item_id,
        existence_periods.snapshot_subscription_id,
        existence_periods.own_scope_id,
        groups.subscription_id
    from existence_periods
    inner join {{ directory_records('management_groups', 'management_group_id, subscription_id') }} as groups
        on existence_periods.management_group_id = split_part(rtrim(groups.management_group_id, '/'), '/', -1)
)

select
    existence_periods.* exclude (own_scope_id, management_group_id),
    existence_periods.own_scope_id as scope_id,
    -- The level of a scope below management groups (A6).
    case
        when regexp_full_match(existence_periods.own_scope_id, '/subscriptions/[^/]+') then 'subscription'
        when regexp_full_match(existence_periods.own_scope_id, '/subscriptions/[^/]+/resourcegroups/[^/]+') then 'resource_group'
        else 'resource'
    end as scope_level
from existence_periods
where starts_with(own_scope_id, '/subscriptions/')
union all
select
    existence_periods.* exclude (own_scope_id, management_group_id),
    '/subscriptions/' || covered.subscription_id,
    'management_group'
from existence_periods
inner join covered
    on
        existence_periods.item_kind = covered.item_kind
        and existence_periods.item_id = covered.item_id
        and existence_periods.snapshot_subscription_id = covered.snapshot_subscription_id
        and existence_periods.own_scope_id = covered.own_scope_id
