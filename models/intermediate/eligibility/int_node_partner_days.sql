-- One row per node, pair of organisations that can earn (D2) and day with usage: what coverage is computed for.
select distinct
    nodes.node_id,
    days.transacting_organisation_id,
    days.reseller_organisation_id,
    days.usage_date
from {{ ref('int_resource_days') }} as days
inner join {{ ref('int_resource_nodes') }} as nodes on days.access_scope_id = nodes.access_scope_id
