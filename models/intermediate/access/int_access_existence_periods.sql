-- A7: when an item existed. One row per item, subscription whose evidence it is, and existence period.
with existence_periods as (
    select
        item_kind,
        item_id,
        snapshot_subscription_id,
        existence_period,
        min(occurred_at) filter (where is_positive) as first_at,
        max(occurred_at) filter (where is_positive) as last_standing_at,
        arg_min(evidence, (occurred_at, instant_rank)) filter (where is_positive) = 'written' as is_first_written,
        arg_min(started_at, occurred_at) filter (where evidence = 'written') as started_at,
        min(occurred_at) filter (where evidence = 'written') as written_at,
        arg_min(created_at, (occurred_at, instant_rank)) filter (where is_positive) as created_at,
        min(occurred_at) filter (where evidence = 'deleted') as deleted_at,
        min(occurred_at) filter (where evidence = 'replaced') as replaced_at,
        arg_min(created_of_deleted_at, occurred_at) filter (where evidence = 'deleted') as created_of_deleted_at,
        min(occurred_at) filter (where evidence = 'missing') as missing_at,
        max(occurred_at) filter (where not is_positive) as last_negative_at,
        -- The response to the deletion shows the item's facts if nothing else does. An eligibility is extended and shortened: its newest end counts.
        case
            when item_kind = 'role_eligibility' then arg_max(facts, (is_positive, occurred_at, instant_rank)) filter (where facts is not null)
            else arg_min(facts, (not is_positive, occurred_at, instant_rank)) filter (where facts is not null)
        end as facts,
        min(source_file) filter (where is_positive) as source_file
    from {{ ref('int_access_evidence_timeline') }}
    group by item_kind, item_id, snapshot_subscription_id, existence_period
),

first_snapshots as (
    select
        item_kind,
        subscription_id,
        min(snapshot_at) as first_snapshot_at
    from {{ ref('int_access_snapshots') }}
    where is_complete
    group by item_kind, subscription_id
),

item_facts as (
    select
        item_kind,
        item_id,
        any_value(facts order by snapshot_subscription_id, existence_period) as facts
    from existence_periods
    where facts is not null
    group by item_kind, item_id
),

with_neighbours as (
    select
        periods.* exclude (facts, created_at, created_of_deleted_at, deleted_at, replaced_at),
        -- What a delegation no longer grants ends with the write, if it still stood.
        coalesce(
            periods.deleted_at, case when periods.replaced_at <= {{ to_or_ever('periods.missing_at') }} then periods.replaced_at end
        ) as deleted_at,
        coalesce(periods.facts, item_facts.facts) as facts,
        coalesce(periods.created_at, periods.created_of_deleted_at) as created_at,
        first_snapshots.first_snapshot_at,
        lag(periods.last_negative_at) over item as previous_negative_at,
        lag(periods.last_standing_at) over item as previous_standing_at,
        lead(periods.first_at) over item as next_first_at
    from existence_periods as periods
    left join item_facts on periods.item_kind = item_facts.item_kind and periods.item_id = item_facts.item_id
    left join first_snapshots
        on periods.item_kind = first_snapshots.item_kind and periods.snapshot_subscription_id = first_snapshots.subscription_id
    window item as (partition by periods.item_kind, periods.item_id, periods.snapshot_subscription_id order by periods.existence_period)
),

bounded as (
    select
        *,
        case
            -- Period 0: deletions before any positive evidence. The item began unseen: it does not count, but access may have existed before.
            when existence_period = 0 then 'unseen'
            -- A creation time between an operation's start and its success belongs to that operation: the success decides, even if a list of a bare
            -- date shows the item from its creation.
            when created_at between started_at and written_at then 'written'
            -- The creation time is the exact begin, unless it belongs to an earlier existence period: then the item begins when it is seen again.
            when
                created_at <= first_at and created_at >= {{ from_or_ever('previous_negative_at') }}
                and coalesce(created_at > previous_standing_at, true)
                then 'created'
            when is_first_written then 'written'
            -- A snapshot shows it, an event deleted it, and nothing shows its begin, no complete list before: it began before the evidence.
            when deleted_at is not null and previous_negative_at is null and coalesce(first_at <= first_snapshot_at, true) then 'before_evidence'
            else 'first_seen'
        end as begin_evidence,
        case
            when deleted_at is not null then 'deleted'
            -- If only a newer creation separates the next period from this one, the item was gone in between.
            when missing_at is not null or next_first_at is not null then 'vanished'
            else 'standing'
        end as end_evidence
    from with_neighbours
)

select
    item_kind,
    item_id,
    snapshot_subscription_id,
    existence_period,
    facts,
    source_file,
    begin_evidence,
    end_evidence,
    case begin_evidence
        when 'created' then created_at
        when 'written' then written_at
        when 'before_evidence' then null
        when 'unseen' then last_negative_at
        else first_at
    end as valid_from,
    case
        when begin_evidence = 'unseen' then last_negative_at
        when end_evidence = 'deleted' then deleted_at
        -- Conservative: access ends when last seen, a deny when first missing (A5).
        when end_evidence = 'vanished' then case when item_kind = 'deny_assignment' then coalesce(missing_at, next_first_at) else last_standing_at end
    end as valid_to,

    coalesce(first_at, last_negative_at) as first_at,
    last_standing_at,
    coalesce(missing_at, next_first_at) as missing_at
from bounded
where facts is not null
