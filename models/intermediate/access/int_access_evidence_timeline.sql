-- The evidence for each item in time order. Source's defect: events are duplicated, and a snapshot shows only one instant.
-- Guarantee: one row per item, subscription that speaks for it, instant and kind of evidence, with the number of its existence period.
with evidence as (
    select
        item_kind,
        item_id,
        snapshot_subscription_id,
        evidence,
        occurred_at,
        list(distinct snapshot_at) as snapshot_times,
        min(created_at) as created_at,
        min(started_at) as started_at,
        any_value(facts order by source_file, facts::varchar) filter (where facts is not null) as facts,
        min(source_file) as source_file
    from {{ ref('int_access_evidence') }}
    group by item_kind, item_id, snapshot_subscription_id, evidence, occurred_at
),

snapshots as (
    select
        item_kind,
        subscription_id,
        snapshot_at
    from {{ ref('int_access_snapshots') }}
    group by item_kind, subscription_id, snapshot_at
    having bool_and(is_complete)
),

-- A7: a creation time, in a snapshot or in the response to a deletion, proves that the item existed then. No row is needed if a snapshot of that
-- instant, or the success of the operation that created it, proves it already.
created as (
    select
        evidence.item_kind,
        evidence.item_id,
        evidence.snapshot_subscription_id,
        'created' as evidence,
        evidence.created_at as occurred_at,
        evidence.created_at,
        arg_min(evidence.facts, (evidence.occurred_at, evidence.facts::varchar)) as facts,
        min(evidence.source_file) as source_file
    from evidence
    anti join evidence as standing
        on
            evidence.item_kind = standing.item_kind
            and evidence.item_id = standing.item_id
            and evidence.snapshot_subscription_id = standing.snapshot_subscription_id
            and standing.evidence in ('written', 'shown')
            and evidence.created_at between coalesce(standing.started_at, standing.occurred_at) and standing.occurred_at
    where evidence.created_at is not null and evidence.created_at <= evidence.occurred_at
    group by evidence.item_kind, evidence.item_id, evidence.snapshot_subscription_id, evidence.created_at
),

-- The creation time in the response to a deletion is that of what it ended, no observation of its own.
with_created as (
    select
        * exclude (created_at),
        case when evidence != 'deleted' then created_at end as created_at,
        case when evidence = 'deleted' then created_at end as created_of_deleted_at
    from evidence
    union all
    select
        item_kind,
        item_id,
        snapshot_subscription_id,
        evidence,
        occurred_at,
        null as snapshot_times,
        null as started_at,
        facts,
        source_file,
        created_at,
        null as created_of_deleted_at
    from created
),

instants as (
    select
        item_kind,
        snapshot_subscription_id,
        item_id,
        occurred_at as instant,
        null as snapshot_at
    from with_created
    where evidence in ('written', 'created', 'shown')
    union all
    select
        item_kind,
        subscription_id,
        null,
        snapshot_at,
        snapshot_at
    from snapshots
),

-- The first full snapshot after each instant.
next_snapshots as (
    select
        *,
        min(snapshot_at) over (
            partition by item_kind, snapshot_subscription_id order by instant desc, snapshot_at is not null asc
            rows between unbounded preceding and current row
        ) as next_snapshot_at
    from instants
),

-- A7: the first full snapshot after an item was written, created or shown that does not show it.
missing as (
    select distinct
        standing.item_kind,
        standing.item_id,
        standing.snapshot_subscription_id,
        'missing' as evidence,
        standing.next_snapshot_at as occurred_at
    from next_snapshots as standing
    anti join evidence as shown
        on
            standing.item_kind = shown.item_kind
            and standing.item_id = shown.item_id
            and standing.snapshot_subscription_id = shown.snapshot_subscription_id
            and list_contains(shown.snapshot_times, standing.next_snapshot_at)
    where standing.item_id is not null and standing.next_snapshot_at is not null
),

with_missing as (
    select * from with_created
    union all
    select
        item_kind,
        item_id,
        snapshot_subscription_id,
        evidence,
        occurred_at,
        null as snapshot_times,
        null as started_at,
        null as facts,
        null as source_file,
        null as created_at,
        null as created_of_deleted_at
    from missing
),

-- A delete and a write in the same instant cancel out (Decision).
all_evidence as (
    select
        *,
        evidence in ('written', 'created', 'shown') as is_positive,
        -- Order within an instant: an item that a snapshot shows existed before an event of that instant; an item that it lacks is gone after it.
        list_position(['shown', 'deleted', 'missing', 'created', 'written'], evidence) as instant_order
    from with_missing
    qualify not (
        evidence in ('written', 'deleted')
        and bool_or(evidence = 'written') over (partition by item_kind, item_id, snapshot_subscription_id, occurred_at)
        and bool_or(evidence = 'deleted') over (partition by item_kind, item_id, snapshot_subscription_id, occurred_at)
    )
),

-- A creation needs no row if the snapshot observation that shows it comes next, unless it ends an earlier existence period.
telling as (
    select *
    from all_evidence
    window item as (partition by item_kind, item_id, snapshot_subscription_id order by occurred_at, instant_order)
    qualify
        evidence != 'created'
        or created_at is distinct from lead(created_at) over item
        or lag(is_positive) over item
),

in_order as (
    select
        *,
        lag(is_positive) over item as was_positive,
        lag(occurred_at) over item as previous_at,
        last_value(created_at ignore nulls) over (
            partition by item_kind, item_id, snapshot_subscription_id order by occurred_at, instant_order
            rows between unbounded preceding and 1 preceding
        ) as previous_created_at,
        first_value(created_at ignore nulls) over (
            partition by item_kind, item_id, snapshot_subscription_id order by occurred_at, instant_order
            rows between 1 following and unbounded following
        ) as next_created_at
    from telling
    window item as (partition by item_kind, item_id, snapshot_subscription_id order by occurred_at, instant_order)
)

select
    *,
    -- An existence period begins with positive evidence after negative evidence, or with a creation that is newer than the current period: shown by
    -- this snapshot, or by a later one that proves that a write was a creation.
    sum(
        case
            when
                is_positive
                and (
                    not coalesce(was_positive, false)
                    or (created_at is distinct from previous_created_at and created_at > previous_at)
                    or (evidence = 'written' and next_created_at > previous_at and next_created_at <= occurred_at)
                )
                then 1
            else 0
        end
    ) over (
        partition by item_kind, item_id, snapshot_subscription_id order by occurred_at, instant_order rows unbounded preceding
    ) as existence_period
from in_order
