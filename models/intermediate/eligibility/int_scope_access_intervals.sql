-- Qualifying access of a decision scope: the permanent qualifying intervals on its path, minus the time of denies on its path (A5).
-- One row per decision scope, interval and remaining part of it.
with on_path as (
    select
        paths.decision_scope_id,
        intervals.interval_id,
        intervals.organisation_id,
        intervals.scope_level,
        intervals.access_path,
        intervals.begin_evidence,
        intervals.valid_from,
        intervals.valid_to
    from {{ ref('int_decision_scope_paths') }} as paths
    inner join {{ ref('int_qualifying_access_intervals') }} as intervals on paths.scope_id = intervals.scope_id
    where intervals.is_permanent
),

denied as (
    select
        paths.decision_scope_id,
        spans.interval_id,
        spans.valid_from,
        spans.valid_to
    from {{ ref('int_decision_scope_paths') }} as paths
    inner join {{ ref('int_deny_spans') }} as spans on paths.scope_id = spans.scope_id
    where not spans.is_for_exact_scope
    union all
    select
        decision_scopes.decision_scope_id,
        spans.interval_id,
        spans.valid_from,
        spans.valid_to
    from {{ ref('int_decision_scopes') }} as decision_scopes
    inner join {{ ref('int_deny_spans') }} as spans on decision_scopes.scope_id = spans.scope_id
    where decision_scopes.is_exact and spans.is_for_exact_scope
),

wholes as (
    select
        *,
        decision_scope_id || '|' || interval_id as piece_key
    from on_path
),

holes as (
    select
        decision_scope_id || '|' || interval_id as piece_key,
        valid_from,
        valid_to
    from denied
),

{{ remainders('wholes', 'holes', 'piece_key') }}

select
    wholes.* exclude (piece_key, valid_from, valid_to),
    remainders.valid_from,
    remainders.valid_to
from remainders
inner join wholes on remainders.piece_key = wholes.piece_key
