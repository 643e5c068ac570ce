-- The access stage that each grant reaches for an organisation, and when (seed access_stages). Denies and whole days are decided later.
-- A grant of another organisation counts as any_grant (int_scope_day_stages). One row per grant or interval, organisation and stage.
with reached as (
    select
        grants.grant_id,
        grants.scope_id,
        owners.organisation_id,
        null::varchar as identity_id,
        'own_grant' as reached,
        grants.valid_from,
        grants.valid_to
    from {{ ref('int_access_grants') }} as grants
    inner join {{ ref('int_access_grant_owners') }} as owners on grants.grant_id = owners.grant_id
    union all
    select
        grants.grant_id,
        grants.scope_id,
        owners.organisation_id,
        null,
        'eligible_role',
        role_spans.valid_from,
        role_spans.valid_to
    from {{ ref('int_access_role_spans') }} as role_spans
    inner join {{ ref('int_access_grants') }} as grants on role_spans.grant_id = grants.grant_id
    inner join {{ ref('int_access_grant_owners') }} as owners on role_spans.grant_id = owners.grant_id
    union all
    select
        grant_id,
        scope_id,
        organisation_id,
        identity_id,
        case when is_permanent then 'permanent' else 'linked' end,
        valid_from,
        valid_to
    from {{ ref('int_qualifying_access_intervals') }}
)

select
    reached.grant_id,
    reached.scope_id,
    reached.organisation_id,
    reached.identity_id,
    stages.access_stage,
    reached.valid_from,
    reached.valid_to
from reached
inner join {{ ref('access_stages') }} as stages on reached.reached = stages.reached
