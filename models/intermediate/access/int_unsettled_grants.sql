-- Grants and groups that count for nobody, and that one row of the directory or of the reference data would settle (A2, A3).
-- One row per grant, and per agent group of an unknown name and grant that it holds.
with grants as (
    select * from {{ ref('int_access_grants') }}
),

agent_groups as (
    select
        group_object_id,
        coalesce(group_name, '') in ('adminagents', 'helpdeskagents') as is_known_name
    from {{ directory_records('agent_groups', 'group_object_id, group_name') }}
),

owned as (
    select grant_id from {{ ref('int_access_grant_owners') }}
    where organisation_id != 'unknown'
),

-- Grants that are attributed to nobody, and that one row of the directory or of the reference data would settle.
unsettled_grants as (
    select
        grants.item_kind,
        grants.item_id,
        grants.scope_id,
        grants.principal_id,
        grants.role_definition_id,
        case
            when grants.role_definition_id not in (select role_definition_id from {{ ref('azure_role_pec_eligibility') }}) then 'role_not_listed'
            -- A3: the display name of a foreign group proves nothing, so it may be the partner's own AdminAgents.
            when
                grants.access_path = 'aobo' and agent_groups.group_object_id is null
                and grants.grant_id not in (select grant_id from owned)
                then 'foreign_group_of_nobody'
            -- A3: a Marketplace offer needs a link like any other delegation.
            when
                grants.access_path = 'lighthouse' and grants.is_marketplace_offer and not grants.is_eligible_only
                and not {{ var('marketplace_offers_are_linked_automatically') | string | lower }}
                and grants.grant_id in (select grant_id from {{ ref('int_access_role_spans') }})
                and grants.grant_id not in (select grant_id from {{ ref('int_qualifying_access_intervals') }})
                then 'marketplace_delegation_not_linked'
        end as reason,
        grants.valid_from,
        grants.valid_to
    from grants
    left join agent_groups on grants.principal_id = agent_groups.group_object_id
),

-- A group of the directory whose name is neither AdminAgents nor HelpdeskAgents: it counts for nothing (A3).
unknown_groups as (
    select
        'agent_group' as item_kind,
        agent_groups.group_object_id as item_id,
        coalesce(grants.scope_id, '/') as scope_id,
        agent_groups.group_object_id as principal_id,
        grants.role_definition_id,
        'unknown_group_name' as reason,
        grants.valid_from,
        grants.valid_to
    from agent_groups
    left join grants on agent_groups.group_object_id = grants.principal_id
    where not agent_groups.is_known_name
)

select * from unsettled_grants
where reason is not null
union all
select * from unknown_groups
