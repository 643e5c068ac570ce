-- Qualifying access of a transacting partner to a resource, minus denies, from the first day of usage on.
-- One row per transacting partner, resource, reseller span and interval of access.
select
    spans.resource_partner_key,
    clipped_intervals.interval_id,
    {{ later_begin('spans.valid_from', 'clipped_intervals.valid_from') }} as valid_from,
    {{ earlier_end('spans.valid_to', 'clipped_intervals.valid_to') }} as valid_to
from {{ ref('int_resource_partner_spans') }} as spans
inner join {{ ref('int_resource_decision_scopes') }} as decision_scopes on spans.scope_key = decision_scopes.scope_key
inner join {{ ref('int_scope_access_intervals') }} as clipped_intervals
    on
        decision_scopes.decision_scope_id = clipped_intervals.decision_scope_id
        and clipped_intervals.organisation_id in (spans.transacting_organisation_id, spans.reseller_organisation_id)
        and {{ overlaps('spans', 'clipped_intervals') }}
