-- A decision scope and the decision scopes above it (A1): grants and denies on them apply to it.
-- One row per decision scope and scope on its path.
with decision_scopes as (
    select * from {{ ref('int_decision_scopes') }}
),

prefixes as (
    select
        decision_scope_id,
        unnest({{ scope_prefixes('scope_id') }}) as scope_id
    from decision_scopes
)

select
    prefixes.decision_scope_id,
    prefixes.scope_id
from prefixes
inner join decision_scopes on prefixes.scope_id = decision_scopes.scope_id
where not decision_scopes.is_exact
