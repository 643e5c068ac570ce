with items as (
    select
        file_id,
        item_kind,
        scope_id
    from (
        select
            file_id,
            'role_assignment' as item_kind,
            coalesce({{ subscription_of('scope_id') }}, {{ subscription_of('role_definition_path') }}) as scope_id
        from {{ ref('stg_azure__role_assignments') }}
        union all
        select
            file_id,
            'deny_assignment',
            {{ subscription_of('scope_id') }}
        from {{ ref('stg_azure__deny_assignments') }}
        union all
        select
            file_id,
            'delegation',
            {{ subscription_of('scope_id') }}
        from {{ ref('stg_azure__delegations') }}
        union all
        select
            file_id,
            'role_eligibility',
            {{ subscription_of('scope_id') }}
        from {{ ref('stg_azure__role_schedules') }}
    )
    where scope_id is not null
),

-- A snapshot of which a part could not be read does not say what is missing.
damaged as (
    select file_id from {{ ref('base_json_items') }}
    where failure_reason is not null
    union
    select file_id from {{ ref('base_azure_role_assignments') }}
    where failure is not null
    union
    select file_id from {{ ref('base_azure_deny_assignments') }}
    where failure is not null
    union
    select file_id from {{ ref('base_azure_delegations') }}
    where failure is not null
    union
    select file_id from {{ ref('base_azure_role_schedules') }}
    where failure is not null
),

files as (
    select
        file_id,
        exported_at as snapshot_at,
        ids_in_path,
        case kind
            when 'role_assignments' then 'role_assignment'
            when 'deny_assignments' then 'deny_assignment'
            when 'lighthouse' then 'delegation'
            when 'role_schedules' then 'role_eligibility'
        end as item_kind
    from {{ ref('base_json_files') }}
    where problem is null
),

-- A7: the subscription is known from what the file holds, and for an empty list from its folder or name.
of_subscriptions as (
    select
        file_id,
        item_kind,
        snapshot_at,
        unnest(ids_in_path) as subscription_id
    from files
    where item_kind is not null
    union
    select
        files.file_id,
        files.item_kind,
        files.snapshot_at,
        items.scope_id
    from files
    inner join items on files.file_id = items.file_id
)

select
    of_subscriptions.item_kind,
    of_subscriptions.subscription_id,
    of_subscriptions.snapshot_at,
    of_subscriptions.file_id,
    damaged.file_id is null as is_complete
from of_subscriptions
left join damaged on of_subscriptions.file_id = damaged.file_id
