-- The nearest decision scope of each scope with usage (A1): itself, else the nearest above it. One row per scope that has one.
with scopes as (
    select distinct
        scope_key,
        access_scope_id
    from {{ ref('stg_partner_center__usage_resources') }}
),

decision_scopes as (
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
    decision_scopes.decision_scope_id
from prefixes
inner join decision_scopes
    on
        prefixes.scope_id = decision_scopes.scope_id
        and (not decision_scopes.is_exact or prefixes.access_scope_id = decision_scopes.scope_id)
qualify row_number() over (partition by prefixes.access_scope_id order by length(decision_scopes.decision_scope_id) desc) = 1
