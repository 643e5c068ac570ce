-- The nearest node of each resource with usage (A1): itself, else the nearest scope above it. One row per resource that has one.
with resources as (
    select distinct resource_id from {{ ref('int_resource_days') }}
),

nodes as (
    select * from {{ ref('int_scope_nodes') }}
),

prefixes as (
    select
        resource_id,
        unnest({{ scope_prefixes('resource_id') }}) as scope_id
    from resources
)

select
    prefixes.resource_id,
    nodes.node_id
from prefixes
inner join nodes on prefixes.scope_id = nodes.scope_id and (not nodes.is_exact or prefixes.resource_id = nodes.scope_id)
qualify row_number() over (partition by prefixes.resource_id order by length(nodes.node_id) desc) = 1
