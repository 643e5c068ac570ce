-- What coverage is computed for, with a fingerprint of the resources that share it. One row per node, pair of organisations that can earn (D2)
-- and day with usage.
select
    nodes.node_id,
    days.transacting_organisation_id,
    days.reseller_organisation_id,
    days.usage_date,
    sum({{ short_hash('days.resource_partner_key') }}) as resources_fingerprint
from {{ ref('int_resource_days') }} as days
inner join {{ ref('int_resource_nodes') }} as nodes on days.scope_key = nodes.scope_key
group by all
