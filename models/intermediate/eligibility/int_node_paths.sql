-- A node's own scope and the scopes above it that are nodes (A1): all that stands on them holds for the node.
-- One row per node and scope on its path.
with nodes as (
    select * from {{ ref('int_scope_nodes') }}
),

prefixes as (
    select
        node_id,
        unnest({{ scope_prefixes('scope_id') }}) as scope_id
    from nodes
)

select
    prefixes.node_id,
    prefixes.scope_id
from prefixes
inner join nodes on prefixes.scope_id = nodes.scope_id
where not nodes.is_exact
