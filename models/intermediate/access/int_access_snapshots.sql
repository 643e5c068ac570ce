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
        where failure is null
        union all
        select
            file_id,
            'deny_assignment',
            {{ subscription_of('scope_id') }}
        from {{ ref('stg_azure__deny_assignments') }}
        where failure is null
        union all
        select
            file_id,
            'delegation',
            {{ subscription_of('scope_id') }}
        from {{ ref('stg_azure__delegations') }}
        where failure is null
        union all
        select
            file_id,
            'role_eligibility',
            {{ subscription_of('scope_id') }}
        from {{ ref('stg_azure__role_schedules') }}
        where failure is null
    )
    where scope_id is not null
),

-- A7: a list that could not be read completely, or that is one page of several, does not prove that an item is missing.
damaged as (
    select file_id from {{ ref('stg_archive__files') }}
    where rejected > 0 or not is_whole_document or has_next_page
    union
    select file_id from {{ ref('stg_azure__role_assignments') }}
    where failure is not null
    union
    select file_id from {{ ref('stg_azure__deny_assignments') }}
    where failure is not null
    union
    select file_id from {{ ref('stg_azure__delegations') }}
    where failure is not null
    union
    select file_id from {{ ref('stg_azure__role_schedules') }}
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
    from {{ ref('stg_archive__files') }}
    where is_in_force
),

-- A7: the subscription is known from the items, and for an empty list from the path.
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
