-- What roles are called: a role is eligible for some time and not for another, and has one name. One row per role of the seed.
select
    role_definition_id,
    min(role_name) as role_name
from {{ ref('azure_role_pec_eligibility') }}
group by role_definition_id
