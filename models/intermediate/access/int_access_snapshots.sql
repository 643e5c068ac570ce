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

-- A7: a list that was not read completely, or of an item of which not even the id was read, does not prove that an item is missing.
damaged as (
    select file_id from {{ ref('stg_archive__files') }}
    where rejected > 0 or not is_whole_document
    {% for items in ['stg_azure__role_assignments', 'stg_azure__deny_assignments', 'stg_azure__delegations', 'stg_azure__role_schedules'] %}
        union
        select file_id from {{ ref(items) }}
        where not is_identified
    {% endfor %}
),

-- Pages of which no version could be read.
unread_files as (
    select
        kind,
        exported_at,
        ids_in_path
    from {{ ref('stg_archive__files') }}
    group by kind, source_file, exported_at, ids_in_path
    having not bool_or(is_in_force)
),

unread_pages as (
    select distinct
        kind,
        exported_at,
        unnest(ids_in_path) as subscription_id
    from unread_files
),

-- A7: items none of which is of the folder's kind are no list of that kind, not even an empty one. Definitions may stand in a file of their own.
of_another_kind as (
    select file_id from {{ ref('stg_azure__items_aside') }}
    where is_whole_file
),

files as (
    select
        file_id,
        kind,
        exported_at as snapshot_at,
        ids_in_path,
        has_next_page,
        case kind
            when 'role_assignments' then 'role_assignment'
            when 'deny_assignments' then 'deny_assignment'
            when 'lighthouse' then 'delegation'
            when 'role_schedules' then 'role_eligibility'
        end as item_kind
    from {{ ref('stg_archive__files') }}
    where is_in_force and file_id not in (select of_another_kind.file_id from of_another_kind)
),

-- A7: the subscription is known from the items, and from the path where they name none, as an empty list does.
of_subscriptions as (
    select
        file_id,
        kind,
        item_kind,
        snapshot_at,
        has_next_page,
        unnest(ids_in_path) as subscription_id
    from files
    where item_kind is not null and file_id not in (select items.file_id from items)
    union
    select
        files.file_id,
        files.kind,
        files.item_kind,
        files.snapshot_at,
        files.has_next_page,
        items.scope_id
    from files
    inner join items on files.file_id = items.file_id
)

select
    of_subscriptions.item_kind,
    of_subscriptions.subscription_id,
    of_subscriptions.snapshot_at,
    of_subscriptions.file_id,
    -- Pages of one date are one list. It is complete if every page was read and one of them is the last.
    bool_and(damaged.file_id is null) over list_of_a_date
    and not bool_and(of_subscriptions.has_next_page) over list_of_a_date
    and not (
        bool_or(of_subscriptions.has_next_page) over list_of_a_date and bool_or(unread_pages.kind is not null) over list_of_a_date
    ) as is_complete
from of_subscriptions
left join damaged on of_subscriptions.file_id = damaged.file_id
left join unread_pages
    on
        of_subscriptions.kind = unread_pages.kind
        and of_subscriptions.snapshot_at = unread_pages.exported_at
        and of_subscriptions.subscription_id = unread_pages.subscription_id
window list_of_a_date as (partition by of_subscriptions.item_kind, of_subscriptions.subscription_id, of_subscriptions.snapshot_at)
