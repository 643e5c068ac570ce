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
        min(started_at) as started_at,
        any_value(facts order by source_file, facts::varchar) filter (where facts is not null) as facts,
        min(source_file) as source_file,
        min(created_at) as created_at,
        -- A delete and a write in the same instant cancel out (Decision).
        evidence in ('written', 'deleted') and count(case when evidence in ('written', 'deleted') then 1 end) over instant = 2 as is_cancelled
    from {{ ref('int_access_evidence') }}
    group by item_kind, item_id, snapshot_subscription_id, evidence, occurred_at
    window instant as (partition by item_kind, item_id, snapshot_subscription_id, occurred_at)
),

snapshots as (
    select
        item_kind,
        subscription_id,
        list_sort(list(distinct snapshot_at)) as snapshot_times
    from (
        select
            *,
            bool_and(is_complete) over (partition by item_kind, subscription_id, snapshot_at) as is_whole
        from {{ ref('int_access_snapshots') }}
    )
    where is_whole
    group by item_kind, subscription_id
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
        null::timestamp[] as snapshot_times,
        null::timestamp as started_at,
        arg_min(evidence.facts, (evidence.occurred_at, evidence.facts::varchar)) as facts,
        min(evidence.source_file) as source_file,
        false as is_cancelled,
        evidence.created_at,
        null::timestamp as created_of_deleted_at
    from evidence
    anti join evidence as standing
        on
            evidence.item_kind = standing.item_kind
            and evidence.item_id = standing.item_id
            and evidence.snapshot_subscription_id = standing.snapshot_subscription_id
            and standing.evidence in ('written', 'shown') and not standing.is_cancelled
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
    select * from created
),

-- A7: the first full snapshot after an item was written, created or shown, if it does not show it.
missing as (
    select distinct
        standing.item_kind,
        standing.item_id,
        standing.snapshot_subscription_id,
        'missing' as evidence,
        list_filter(snapshots.snapshot_times, lambda snapshot_at: snapshot_at > standing.occurred_at)[1] as occurred_at,
        null::timestamp[] as snapshot_times,
        {% for name, type in [('started_at', 'timestamp'), ('facts', 'varchar'), ('source_file', 'varchar'), ('is_cancelled', 'boolean')] %}
            null::{{ type }} as {{ name }},
        {% endfor %}
        null::timestamp as created_at,
        null::timestamp as created_of_deleted_at
    from with_created as standing
    inner join snapshots on standing.item_kind = snapshots.item_kind and standing.snapshot_subscription_id = snapshots.subscription_id
    where standing.evidence in ('written', 'created', 'shown') and standing.occurred_at < snapshots.snapshot_times[-1]
),

with_missing as (
    select * from with_created
    union all
    select missing.* from missing
    anti join evidence as shown
        on
            missing.item_kind = shown.item_kind
            and missing.item_id = shown.item_id
            and missing.snapshot_subscription_id = shown.snapshot_subscription_id
            and list_contains(shown.snapshot_times, missing.occurred_at)
),

all_evidence as (
    select
        * exclude (is_cancelled),
        evidence in ('written', 'created', 'shown') as is_positive,
        -- Order within an instant: an item that a snapshot shows existed before an event of that instant; an item that it lacks is gone after it.
        list_position(['shown', 'deleted', 'replaced', 'missing', 'created', 'written'], evidence) as instant_rank
    from with_missing
    where is_cancelled is not true
),

-- A creation needs no row if the snapshot observation that shows it comes next, unless it ends an earlier existence period.
telling as (
    select *
    from all_evidence
    window item as (partition by item_kind, item_id, snapshot_subscription_id order by occurred_at, instant_rank)
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
        lag(created_at ignore nulls) over item as previous_created_at,
        lead(created_at ignore nulls) over item as next_created_at
    from telling
    window item as (partition by item_kind, item_id, snapshot_subscription_id order by occurred_at, instant_rank)
)

select
    *,
    -- An existence period begins with positive evidence after negative evidence, or with a creation that is newer than the current period: shown by
    -- this snapshot, or by a later one that proves that a write was a creation.
    count(
        case
            when is_positive and not coalesce(was_positive, false) then 1
            when is_positive and created_at is distinct from previous_created_at and created_at > previous_at then 1
            when is_positive and evidence = 'written' and next_created_at > previous_at and next_created_at <= occurred_at then 1
        end
    ) over (partition by item_kind, item_id, snapshot_subscription_id order by occurred_at, instant_rank rows unbounded preceding) as existence_period
from in_order
