-- Deny assignments that remove access (A5). One row per existence period of a deny of control-plane actions, and scope.
with denies as (
    select
        md5(concat_ws('|', item_id, snapshot_subscription_id, existence_period, scope_id)) as deny_id,
        item_id as deny_assignment_id,
        scope_id,
        scope_level,
        {{ subscription_of('scope_id') }} as subscription_id,
        (facts ->> '$.is_for_exact_scope')::boolean as is_for_exact_scope,
        from_json(facts -> '$.principal_ids', '["VARCHAR"]') as principal_ids,
        from_json(facts -> '$.excluded_ids', '["VARCHAR"]') as excluded_ids,
        valid_from,
        valid_to
    from {{ ref('int_access_existence_on_scopes') }}
    where item_kind = 'deny_assignment' and (facts ->> '$.denies_control_plane')::boolean
)

select *
from denies
-- A deny for exactly a management group does not apply to anything below it.
where not (scope_level = 'management_group' and is_for_exact_scope) and {{ from_or_ever('valid_from') }} < {{ to_or_ever('valid_to') }}
