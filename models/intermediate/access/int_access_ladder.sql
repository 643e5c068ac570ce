-- How far each grant gets for an organisation, and when: the rungs below a qualifying, undenied interval (ladder of reasons).
-- One row per grant or interval, organisation and rung: 2 ours, 3 with an eligible role, 4 linked, 5 permanent. What is not ours is rung 1.
select
    grants.scope_id,
    owners.organisation_id,
    2 as rung,
    grants.valid_from,
    grants.valid_to
from {{ ref('int_access_grants') }} as grants
inner join {{ ref('int_access_grant_owners') }} as owners on grants.grant_id = owners.grant_id
union all
select
    grants.scope_id,
    owners.organisation_id,
    3,
    role_spans.valid_from,
    role_spans.valid_to
from {{ ref('int_access_role_spans') }} as role_spans
inner join {{ ref('int_access_grants') }} as grants on role_spans.grant_id = grants.grant_id
inner join {{ ref('int_access_grant_owners') }} as owners on role_spans.grant_id = owners.grant_id
union all
select
    scope_id,
    organisation_id,
    case when is_permanent then 5 else 4 end,
    valid_from,
    valid_to
from {{ ref('int_qualifying_access_intervals') }}
