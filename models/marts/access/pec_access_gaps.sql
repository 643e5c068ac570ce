with gaps as (
    select * from {{ ref('int_gap_repairs') }}
    where valid_from is not null
),

-- The access whose end began the gap, and the access whose begin ended it.
bounds as (
    select
        clipped_intervals.resource_partner_key,
        clipped_intervals.valid_from,
        clipped_intervals.valid_to,
        intervals.item_id,
        intervals.begin_evidence,
        intervals.end_evidence
    from {{ ref('int_resource_access_intervals') }} as clipped_intervals
    inner join {{ ref('int_qualifying_access_intervals') }} as intervals on clipped_intervals.interval_id = intervals.interval_id
),

lost as (
    select
        resource_partner_key,
        valid_to as gap_start,
        min(item_id) as item_id,
        min(end_evidence) as evidence
    from bounds
    group by all
),

regained as (
    select
        resource_partner_key,
        valid_from as gap_end,
        min(item_id) as item_id,
        min(begin_evidence) as evidence
    from bounds
    group by all
)

select
    gaps.transacting_partner_id,
    gaps.customer_id,
    gaps.customer_name,
    gaps.subscription_id,
    gaps.resource_id,
    gaps.valid_from as gap_start,
    gaps.valid_to as gap_end,
    stages.access_reason,
    gaps.last_usage_date,
    gaps.is_losing_now,
    gaps.lost_days::bigint as lost_days,
    gaps.lost_credit_usd,
    gaps.lost_credit_per_day_usd,
    case
        when
            gaps.is_begun_unseen or lost.evidence in ('vanished', 'first_seen') or regained.evidence in ('first_seen', 'before_evidence')
            then 'inferred'
        else 'exact'
    end as evidence_strength,
    lost.item_id as lost_with,
    regained.item_id as regained_with,
    case
        -- A change of today wins nothing for the time before it.
        when gaps.valid_to is null then concat_ws('. ', stages_today.repair, case when gaps.is_begun_unseen then unseen.repair end)
        else {{ filled('actions.what_to_do', {'from': 'gaps.began_at_text', 'to': 'gaps.ended_at_text'}) }}
    end as repair,
    gaps.repair_id
from gaps
inner join {{ ref('access_stages') }} as stages on gaps.access_stage = stages.access_stage
inner join {{ ref('access_stages') }} as stages_today on gaps.access_stage_today = stages_today.access_stage
inner join {{ ref('repair_actions') }} as actions on gaps.action = actions.action
inner join {{ ref('unresolved_reasons') }} as unseen on unseen.reason = 'deletion_begun_unseen'
left join lost
    on
        gaps.resource_partner_key = lost.resource_partner_key
        and gaps.valid_from = lost.gap_start
left join regained
    on
        gaps.resource_partner_key = regained.resource_partner_key
        and gaps.valid_to = regained.gap_end
