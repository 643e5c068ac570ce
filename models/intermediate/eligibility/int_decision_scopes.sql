-- Decision scopes: scopes with a grant or deny that can decide a day. Resources with the same nearest decision scope share one result, so covered
-- time is computed per decision scope. One row per decision scope; a deny for exactly its own scope adds one for that resource alone.
select distinct
    scope_id as decision_scope_id,
    scope_id,
    false as is_exact
from (
    select scope_id from {{ ref('int_access_stages') }}
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
