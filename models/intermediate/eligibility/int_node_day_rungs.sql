-- The furthest rung of the ladder that any grant in force on a day reaches at a node, denies and whole-day cover aside.
-- One row per node, pair of organisations and day on which any grant is in force.
select
    days.node_id,
    days.transacting_organisation_id,
    days.reseller_organisation_id,
    days.usage_date,
    max(
        case when ladder.organisation_id in (days.transacting_organisation_id, days.reseller_organisation_id) then ladder.rung else 1 end
    ) as rung
from {{ ref('int_node_partner_days') }} as days
inner join {{ ref('int_node_paths') }} as paths on days.node_id = paths.node_id
inner join {{ ref('int_access_ladder') }} as ladder
    on
        paths.scope_id = ladder.scope_id
        and {{ from_or_ever('ladder.valid_from') }} < days.usage_date + interval 1 day
        and {{ to_or_ever('ladder.valid_to') }} > days.usage_date
group by days.node_id, days.transacting_organisation_id, days.reseller_organisation_id, days.usage_date
