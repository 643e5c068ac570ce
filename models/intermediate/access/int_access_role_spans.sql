-- When a grant's role is PEC-eligible (A2): the role list is dated. A role that the list does not hold has no row: not eligible.
-- One row per grant and eligible period of its role, clipped to the grant.
select
    grants.grant_id,
    {{ later_begin('grants.valid_from', 'roles.valid_from::timestamp') }} as valid_from,
    {{ earlier_end('grants.valid_to', 'roles.valid_to::timestamp') }} as valid_to
from {{ ref('int_access_grants') }} as grants
inner join {{ ref('azure_role_pec_eligibility') }} as roles on grants.role_definition_id = roles.role_definition_id
where roles.is_pec_eligible and {{ overlaps('grants', 'roles') }}
