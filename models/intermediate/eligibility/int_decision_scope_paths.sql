-- A decision scope and the decision scopes above it (A1): grants and denies on them apply to it.
-- One row per node and scope on its path.
with nodes as (
    select * from {{ ref('int_decision_scopes') }}
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
