with gaps as (
    select * from {{ ref('int_access_gaps') }}
),

reasons as (
    select * from {{ ref('int_access_gap_reasons') }}
),

losses as (
    select * from {{ ref('int_access_gap_losses') }}
),

resources as (
    select distinct
        resource_partner_key,
        transacting_partner_id,
        subscription_id,
        resource_id
    from {{ ref('stg_partner_center__usage_resources') }}
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
),

why as (
    select
        gaps.*,
        stages.access_reason,
        reasons.is_begun_unseen,
        case
            when reasons.is_begun_unseen then 'Access may have begun before the evidence: supply an older list of the subscription''s access'
            else stages.repair
        end as repair
    from gaps
    inner join reasons
        on
            gaps.resource_partner_key = reasons.resource_partner_key
            and gaps.valid_from = reasons.valid_from
    inner join {{ ref('access_stages') }} as stages on reasons.access_stage = stages.access_stage
)

select
    resources.transacting_partner_id,
    resources.subscription_id,
    resources.resource_id,
    why.valid_from as gap_start,
    why.valid_to as gap_end,
    why.access_reason,
    coalesce(losses.lost_days, 0)::bigint as lost_days,
    coalesce(losses.lost_credit_usd, 0)::decimal(38, 18) as lost_credit_usd,
    case when why.valid_to is null then coalesce(losses.last_day_lost_credit_usd, 0) else 0 end::decimal(38, 18) as lost_credit_per_day_usd,
    case
        when
            why.is_begun_unseen or lost.evidence in ('vanished', 'first_seen') or regained.evidence in ('first_seen', 'before_evidence')
            then 'inferred'
        else 'exact'
    end as evidence_strength,
    lost.item_id as lost_with,
    regained.item_id as regained_with,
    why.repair
from why
inner join resources on why.resource_partner_key = resources.resource_partner_key
left join losses
    on
        why.resource_partner_key = losses.resource_partner_key
        and why.valid_from = losses.valid_from
left join lost
    on
        why.resource_partner_key = lost.resource_partner_key
        and why.valid_from = lost.gap_start
left join regained
    on
        why.resource_partner_key = regained.resource_partner_key
        and why.valid_to = regained.gap_end
