-- What evidence of access each subscription has, and since when and until when (A7). One row per subscription with usage.
with lists as (
    select
        subscription_id,
        min(snapshot_at) filter (where item_kind in ('role_assignment', 'delegation')) as first_list_at,
        max(snapshot_at) filter (where item_kind = 'role_assignment') as newest_role_assignments_at,
        max(snapshot_at) filter (where item_kind = 'delegation') as newest_delegations_at,
        max(snapshot_at) filter (where item_kind = 'deny_assignment') as newest_deny_assignments_at,
        max(snapshot_at) filter (where item_kind = 'role_eligibility') as newest_role_schedules_at
    from {{ ref('int_access_snapshots') }}
    -- A7: an incomplete list does not prove that anything is missing.
    where is_complete
    group by subscription_id
),

subscriptions as (
    select
        resources.subscription_id,
        min(resources.customer_id) as customer_id,
        min(resources.customer_name) as customer_name,
        min(days.usage_date) as first_usage_date,
        max(days.usage_date) as last_usage_date
    from {{ ref('int_resource_days') }} as days
    inner join {{ ref('stg_partner_center__usage_resources') }} as resources on days.resource_key = resources.resource_key
    group by resources.subscription_id
)

select
    subscriptions.*,
    lists.* exclude (subscription_id),
    logs.first_event_at,
    logs.last_event_at,
    least(lists.first_list_at, logs.first_event_at) as first_evidence_at,
    greatest(lists.newest_role_assignments_at, lists.newest_delegations_at, logs.last_event_at) as last_evidence_at
from subscriptions
left join lists on subscriptions.subscription_id = lists.subscription_id
left join {{ ref('stg_azure__activity_log_spans') }} as logs on subscriptions.subscription_id = logs.subscription_id
