-- Qualifying access of a transacting partner to a resource, minus denies, from the first day of usage on.
-- One row per transacting partner, resource, reseller span and piece of access.
select
    spans.resource_partner_key,
    pieces.interval_id,
    {{ later_begin('spans.valid_from', 'pieces.valid_from') }} as valid_from,
    {{ earlier_end('spans.valid_to', 'pieces.valid_to') }} as valid_to
from {{ ref('int_resource_partner_spans') }} as spans
inner join {{ ref('int_resource_decision_scopes') }} as nodes on spans.scope_key = nodes.scope_key
inner join {{ ref('int_scope_access_intervals') }} as pieces
    on
        nodes.node_id = pieces.node_id
        and pieces.organisation_id in (spans.transacting_organisation_id, spans.reseller_organisation_id)
        and {{ overlaps('spans', 'pieces') }}
