-- The organisations that own a grant, at any time (access stages). Later models decide whether that is a partner of the line.
-- One row per grant and organisation; an unknown foreign principal belongs to organisation `unknown`. Grants of the customer's own principals have
-- no row.
with grants as (
    select * from {{ ref('int_access_grants') }}
),

-- A principal is known to an organisation when it was ever linked to one of its partners, or is listed for one.
known as (
    select distinct
        principals.principal_id,
        organisations.organisation_id
    from {{ ref('base_partner_directory') }} as principals
    inner join {{ ref('int_partner_organisations') }} as organisations on principals.partner_id = organisations.partner_id
    where principals.kind in ('partner_id_links', 'partner_principals') and principals.failure is null
),

agent_groups as (
    select
        groups.group_object_id,
        groups.group_name,
        groups.partner_tenant_id,
        organisations.organisation_id
    from {{ directory_records('agent_groups', 'group_object_id, group_name, partner_tenant_id, partner_id') }} as groups
    inner join {{ ref('int_partner_organisations') }} as organisations on groups.partner_id = organisations.partner_id
),

of_agent_groups as (
    select
        grants.grant_id,
        grants.access_path,
        agent_groups.organisation_id
    from grants
    left join agent_groups
        on grants.principal_id = agent_groups.group_object_id and agent_groups.group_name in ('adminagents', 'helpdeskagents')
)

select
    grant_id,
    coalesce(organisation_id, 'unknown') as organisation_id
from of_agent_groups
-- A delegation to an agent group is its partner's, whatever tenant the directory names.
where access_path = 'aobo' or (access_path = 'lighthouse' and organisation_id is not null)
union
select
    grants.grant_id,
    coalesce(agent_groups.organisation_id, 'unknown')
from grants
left join agent_groups on grants.managing_tenant_id = agent_groups.partner_tenant_id
where grants.access_path = 'lighthouse'
union
select
    identities.grant_id,
    known.organisation_id
from (
    select
        grant_id,
        principal_id as identity_id
    from grants
    union
    select
        grants.grant_id,
        members.member_principal_id
    from grants
    inner join {{ ref('int_group_identities') }} as members on grants.principal_id = members.group_object_id
) as identities
inner join known on identities.identity_id = known.principal_id
