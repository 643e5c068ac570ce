-- What coverage is computed for, with a fingerprint of the resources that share it. One row per node, pair of organisations that can earn (D2)
-- and day with usage.
select
    nodes.node_id,
    days.transacting_organisation_id,
    days.reseller_organisation_id,
    days.usage_date,
    sum(resources.resource_partner_fingerprint) as resources_fingerprint
from {{ ref('int_resource_days') }} as days
inner join {{ ref('int_resource_nodes') }} as nodes on days.scope_key = nodes.scope_key
inner join {{ ref('int_usage_resources') }} as resources on days.resource_key = resources.resource_key
group by all
