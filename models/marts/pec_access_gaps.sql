with gaps as (
    select * from {{ ref('int_access_gaps') }}
),

reasons as (
    select * from {{ ref('int_access_gap_reasons') }}
),

losses as (
    select * from {{ ref('int_access_gap_losses') }}
),

-- The access whose end began the gap, and the access whose begin ended it.
bounds as (
    select
        pieces.transacting_partner_id,
        pieces.subscription_id,
        pieces.resource_id,
        pieces.valid_from,
        pieces.valid_to,
        intervals.item_id,
        intervals.begin_evidence,
        intervals.end_evidence
    from {{ ref('int_resource_access_pieces') }} as pieces
    inner join {{ ref('int_qualifying_access_intervals') }} as intervals on pieces.interval_id = intervals.interval_id
),

lost as (
    select
        transacting_partner_id,
        subscription_id,
        resource_id,
        valid_to as gap_start,
        min(item_id) as item_id,
        min(end_evidence) as evidence
    from bounds
    group by all
),

regained as (
    select
        transacting_partner_id,
        subscription_id,
        resource_id,
        valid_from as gap_end,
        min(item_id) as item_id,
        min(begin_evidence) as evidence
    from bounds
    group by all
),

why as (
    select
        gaps.*,
        case reasons.rung
            when 5 then 'denied'
            when 4 then 'not_permanent'
            when 3 then 'not_linked'
            when 2 then 'ineligible_role'
            when 1 then 'other_partner'
            else 'no_access'
        end as access_reason
    from gaps
    inner join reasons
        on
            gaps.transacting_partner_id = reasons.transacting_partner_id
            and gaps.subscription_id = reasons.subscription_id
            and gaps.resource_id = reasons.resource_id
            and gaps.valid_from = reasons.valid_from
)

select
    why.transacting_partner_id,
    why.subscription_id,
    why.resource_id,
    why.valid_from as gap_start,
    why.valid_to as gap_end,
    why.access_reason,
    coalesce(losses.lost_days, 0)::bigint as lost_days,
    coalesce(losses.lost_credit_usd, 0)::decimal(38, 28) as lost_credit_usd,
    case when why.valid_to is null then coalesce(losses.last_day_lost_credit_usd, 0) else 0 end::decimal(38, 28) as lost_credit_per_day_usd,
    case when lost.evidence in ('vanished', 'first_seen') or regained.evidence in ('first_seen', 'before_evidence') then 'inferred' else 'exact' end
        as evidence_strength,
    lost.item_id as lost_with,
    regained.item_id as regained_with,
    repairs.repair
from why
inner join {{ ref('access_repairs') }} as repairs on why.access_reason = repairs.access_reason
left join losses
    on
        why.transacting_partner_id = losses.transacting_partner_id
        and why.subscription_id = losses.subscription_id
        and why.resource_id = losses.resource_id
        and why.valid_from = losses.valid_from
left join lost
    on
        why.transacting_partner_id = lost.transacting_partner_id
        and why.subscription_id = lost.subscription_id
        and why.resource_id = lost.resource_id
        and why.valid_from = lost.gap_start
left join regained
    on
        why.transacting_partner_id = regained.transacting_partner_id
        and why.subscription_id = regained.subscription_id
        and why.resource_id = regained.resource_id
        and why.valid_to = regained.gap_end
