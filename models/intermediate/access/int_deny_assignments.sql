-- Deny assignments that remove access (A5). Source's defect: whom a deny names and excludes can change while it stands. Guarantee: each version of
-- it holds from when it is seen until the next is.
-- One row per existence period of a deny of control-plane actions, version, and scope.
with periods as (
    select * from {{ ref('int_access_existence_on_scopes') }}
    where item_kind = 'deny_assignment'
),

-- Of one instant the last evidence counts, as everywhere (A7).
shown as (
    select
        item_id,
        snapshot_subscription_id,
        existence_period,
        occurred_at,
        case when arg_max(evidence, instant_rank) = 'written' then 'written' else 'first_seen' end as begin_evidence,
        arg_max(facts, instant_rank) as facts
    from {{ ref('int_access_evidence_timeline') }}
    where item_kind = 'deny_assignment' and is_positive and facts is not null
    group by item_id, snapshot_subscription_id, existence_period, occurred_at
),

changes as (
    select
        *,
        lag(facts) over (partition by item_id, snapshot_subscription_id, existence_period order by occurred_at) as facts_before
    from shown
),

versions as (
    select
        * exclude (facts, begin_evidence, valid_from, first_at),
        facts,
        begin_evidence,
        valid_from,
        first_at,
        false as is_change
    from periods
    union all
    select
        periods.* exclude (facts, begin_evidence, valid_from, first_at),
        changes.facts,
        changes.begin_evidence,
        changes.occurred_at as valid_from,
        changes.occurred_at as first_at,
        true as is_change
    from periods
    inner join changes
        on
            periods.item_id = changes.item_id
            and periods.snapshot_subscription_id = changes.snapshot_subscription_id
            and periods.existence_period = changes.existence_period
            and coalesce(changes.facts_before, periods.facts)::varchar != changes.facts::varchar
            and {{ from_or_ever('periods.valid_from') }} <= changes.occurred_at
            and {{ to_or_ever('periods.valid_to') }} > changes.occurred_at
),

denies as (
    select
        md5(concat_ws('|', item_id, snapshot_subscription_id, existence_period, scope_id, valid_from)) as deny_id,
        item_id as deny_assignment_id,
        snapshot_subscription_id,
        scope_id,
        scope_level,
        {{ subscription_of('scope_id') }} as subscription_id,
        (facts ->> '$.is_for_exact_scope')::boolean as is_for_exact_scope,
        (facts ->> '$.denies_control_plane')::boolean as denies_control_plane,
        from_json(facts -> '$.principal_ids', '["VARCHAR"]') as principal_ids,
        from_json(facts -> '$.excluded_ids', '["VARCHAR"]') as excluded_ids,
        begin_evidence,
        case when lead(valid_from) over in_order is null then end_evidence else 'changed' end as end_evidence,
        valid_from,
        coalesce(lead(valid_from) over in_order, valid_to) as valid_to,
        first_at,
        last_standing_at,
        missing_at
    from versions
    window in_order as (
        partition by item_id, snapshot_subscription_id, existence_period, scope_id, scope_level order by valid_from nulls first, is_change
    )
)

select * exclude (denies_control_plane)
from denies
-- A deny for exactly a management group does not apply to anything below it. What began unseen has no time that counts, but may have stood before.
where
    denies_control_plane
    and not (scope_level = 'management_group' and is_for_exact_scope)
    and ({{ from_or_ever('valid_from') }} < {{ to_or_ever('valid_to') }} or begin_evidence = 'unseen')
