-- Whose a grant is (ladder of reasons), at whatever time: ours or another partner's is decided when the line's partners are known.
-- One row per grant and organisation; a foreigner whom nobody knows is the organisation `unknown`. No row: the customer's own people.
with grants as (
    select * from {{ ref('int_access_grants') }}
),

agent_groups as (
    select
        groups.group_object_id,
        groups.group_name,
        groups.partner_tenant_id,
        organisations.organisation_id
    from {{ ref('stg_partner_directory__agent_groups') }} as groups
    inner join {{ ref('int_partner_organisations') }} as organisations on groups.partner_id = organisations.partner_id
)

select
    grants.grant_id,
    coalesce(agent_groups.organisation_id, 'unknown') as organisation_id
from grants
left join agent_groups
    on grants.principal_id = agent_groups.group_object_id and agent_groups.group_name in ('adminagents', 'helpdeskagents')
where grants.access_path = 'aobo'
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
inner join {{ ref('int_principal_organisations') }} as known on identities.identity_id = known.principal_id
