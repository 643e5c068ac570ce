-- The nearest decision scope of each scope with usage (A1): itself, else the nearest above it. One row per scope that has one.
with scopes as (
    select distinct
        scope_key,
        access_scope_id
    from {{ ref('stg_partner_center__usage_resources') }}
),

nodes as (
    select * from {{ ref('int_decision_scopes') }}
),

prefixes as (
    select
        scope_key,
        access_scope_id,
        unnest({{ scope_prefixes('access_scope_id') }}) as scope_id
    from scopes
)

select
    prefixes.scope_key,
    prefixes.access_scope_id,
    nodes.node_id
from prefixes
inner join nodes on prefixes.scope_id = nodes.scope_id and (not nodes.is_exact or prefixes.access_scope_id = nodes.scope_id)
qualify row_number() over (partition by prefixes.access_scope_id order by length(nodes.node_id) desc) = 1
