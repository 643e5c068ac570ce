with records as (
    select * from {{ ref('stg_azure__activity_log') }}
    -- An unreadable body voids nothing else of its record.
    where item_kind != '' and item_id != '/' and event_at is not null
),

-- Duplicates, also from the log's other format, are identical in content: one row per item, verb and instant remains.
successes as (
    select * from records
    where status = 'succeeded'
),

-- A7: what was granted stands in the record of the start, the instant is the success's. Records of one operation share its id; the
-- diagnostic shape has none, so there the correlation and the item must do, and of several starts the last before the success is meant.
matched as (
    select
        successes.item_kind,
        successes.item_id,
        successes.is_delete,
        successes.event_at,
        successes.source_file,
        successes.line_number,
        parts.body,
        parts.status as part_status,
        parts.event_at as part_at,
        coalesce(successes.operation_id = parts.operation_id, false) as is_same_operation,
        row_number() over (
            partition by successes.file_id, successes.line_number, successes.item_kind, successes.item_id, successes.is_delete, successes.event_at
            order by
                parts.body is null, (parts.event_at <= successes.event_at) desc nulls last, parts.event_at desc nulls last,
                parts.source_file asc, parts.line_number asc, parts.body::varchar asc
        ) as preference
    from successes
    left join records as parts
        on
            successes.item_kind = parts.item_kind
            and successes.item_id = parts.item_id
            and successes.is_delete = parts.is_delete
            and case
                when successes.operation_id is not null and parts.operation_id is not null then successes.operation_id = parts.operation_id
                else successes.correlation_id = parts.correlation_id
            end
)

select
    item_kind,
    item_id,
    is_delete,
    event_at,
    any_value(body order by source_file, line_number, body::varchar) filter (where preference = 1) as body,
    -- When the operation began, where its start is known: a creation time from then on is this operation's own.
    least(
        coalesce(
            min(part_at) filter (where is_same_operation), max(part_at) filter (where part_status = 'started' and part_at <= event_at)
        ),
        event_at
    ) as started_at,
    min(source_file) as source_file
from matched
group by item_kind, item_id, is_delete, event_at
