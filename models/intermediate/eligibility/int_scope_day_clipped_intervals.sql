-- Qualifying intervals clipped to days with usage (D1, D2). One row per decision scope, pair of organisations, day and interval.
select
    days.*,
    clipped_intervals.begin_evidence,
    -- A6: the order in which covering grants are reported: down the levels, and on each AOBO, Lighthouse, direct.
    3 * list_position(['management_group', 'subscription', 'resource_group', 'resource'], clipped_intervals.scope_level)
    + list_position(['aobo', 'lighthouse', 'direct'], clipped_intervals.access_path) as cover_rank,
    clipped_intervals.scope_level,
    clipped_intervals.access_path,
    greatest({{ from_or_ever('clipped_intervals.valid_from') }}, days.usage_date::timestamp) as clipped_from,
    least({{ to_or_ever('clipped_intervals.valid_to') }}, days.usage_date + interval 1 day) as clipped_to
from {{ ref('int_scope_partner_days') }} as days
inner join {{ ref('int_scope_access_intervals') }} as clipped_intervals
    on
        days.decision_scope_id = clipped_intervals.decision_scope_id
        -- D2: the transacting partner's access counts, the reseller of record's, or both together.
        and clipped_intervals.organisation_id in (days.transacting_organisation_id, days.reseller_organisation_id)
        and {{ from_or_ever('clipped_intervals.valid_from') }} < days.usage_date + interval 1 day
        and {{ to_or_ever('clipped_intervals.valid_to') }} > days.usage_date
