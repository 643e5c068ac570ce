-- What time the activity log covers. All records count, also those that are no evidence of access: a log without a change of access is a log.
-- One row per subscription that a log in force names.
with records as (
    select
        nullif(lower(regexp_extract(items.item, '(?i)/subscriptions/([0-9a-f-]{36})', 1)), '') as subscription_id,
        lower(items.item)::json as item
    from {{ source('archived_documents', 'activity_log') }} as items
    inner join {{ ref('stg_archive__files') }} as files on items.content_id = files.content_id
    where files.kind = 'activity_log' and files.is_in_force
),

events as (
    select
        subscription_id,
        {{ log_time_of('item') }} as event_at_text,
        {{ utc_instant('event_at_text') }} as event_at
    from records
)

select
    subscription_id,
    min(event_at) as first_event_at,
    max(event_at) as last_event_at,
    count(*) as record_count
from events
where subscription_id is not null
group by subscription_id
