-- Scopes on which anything stands that can decide a day. Resources with the same nearest node share one answer, so coverage is computed
-- for nodes, not for resources. One row per node; a deny for exactly its own scope makes a node of its own, for that resource alone.
select distinct
    scope_id as node_id,
    scope_id,
    false as is_exact
from (
    select scope_id from {{ ref('int_access_ladder') }}
    union
    select scope_id from {{ ref('int_deny_assignments') }}
    where not is_for_exact_scope
)
union all
select distinct
    scope_id || '#exact',
    scope_id,
    true
from {{ ref('int_deny_assignments') }}
where is_for_exact_scope
