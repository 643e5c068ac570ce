-- Lives on the scopes that usage can be compared with: what stands on a management group or on `/` is put on each subscription that it
-- covers (A1). One row per life and covered scope.
with lives as (
    select
        *,
        facts ->> '$.scope_id' as own_scope_id,
        regexp_extract(facts ->> '$.scope_id', '^/providers/microsoft.management/managementgroups/([^/]+)$', 1) as management_group_id
    from {{ ref('int_access_lives') }}
),

customers as (
    select * from {{ ref('int_subscription_customers') }}
),

-- What one subscription's snapshots or events say of such an item adds up with what the others' say: it is the same item.
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
    inner join {{ ref('stg_partner_directory__management_groups') }} as groups
        on lives.management_group_id = {{ last_segment('groups.management_group_id') }}
)

select
    lives.* exclude (own_scope_id, management_group_id),
    lives.own_scope_id as scope_id,
    {{ scope_level('lives.own_scope_id') }} as scope_level
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
