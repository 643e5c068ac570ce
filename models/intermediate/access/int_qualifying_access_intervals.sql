-- When a grant gives an organisation access that counts, denies aside (A2 to A4): eligible role, attributed to a partner, in force.
-- All ways to access are combined here, each row with its evidence. One row per grant, organisation, identity that is linked, link and membership.
{%- set linked_automatically = var('marketplace_offers_are_linked_automatically') | string | lower %}
with grants as (
    select
        grants.* exclude (valid_from, valid_to),
        role_spans.valid_from,
        role_spans.valid_to
    from {{ ref('int_access_grants') }} as grants
    inner join {{ ref('int_access_role_spans') }} as role_spans on grants.grant_id = role_spans.grant_id
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

links as (
    select
        links.principal_id,
        organisations.organisation_id,
        links.valid_from,
        links.valid_to
    from {{ directory_records('partner_id_links', 'principal_id, partner_id, valid_from, valid_to') }} as links
    inner join {{ ref('int_partner_organisations') }} as organisations on links.partner_id = organisations.partner_id
),

-- A3: AOBO needs no link. Neither does a Marketplace offer if the older reading is set.
automatic as (
    select
        grants.grant_id,
        agent_groups.organisation_id,
        grants.principal_id as identity_id,
        grants.valid_from,
        grants.valid_to
    from grants
    inner join agent_groups
        on case grants.access_path
            when 'aobo'
                then grants.principal_id = agent_groups.group_object_id and agent_groups.group_name in ('adminagents', 'helpdeskagents')
            when 'lighthouse'
                then
                    {{ linked_automatically }} and grants.is_marketplace_offer and grants.managing_tenant_id = agent_groups.partner_tenant_id
            else false
        end
),

-- A3: all others need a partner ID link, on the principal or on a member of the group. So does a Marketplace offer.
identities as (
    select
        grant_id,
        principal_id as identity_id,
        valid_from,
        valid_to
    from grants
    where access_path = 'direct' or (access_path = 'lighthouse' and not (is_marketplace_offer and {{ linked_automatically }}))
    union all
    select
        grants.grant_id,
        members.member_principal_id,
        {{ later_begin('grants.valid_from', 'members.valid_from') }},
        {{ earlier_end('grants.valid_to', 'members.valid_to') }}
    from grants
    inner join {{ ref('int_group_identities') }} as members on grants.principal_id = members.group_object_id
    where
        (
            grants.access_path = 'direct'
            or (grants.access_path = 'lighthouse' and not (grants.is_marketplace_offer and {{ linked_automatically }}))
        )
        and {{ overlaps('grants', 'members') }}
),

linked as (
    select
        identities.grant_id,
        links.organisation_id,
        identities.identity_id,
        {{ later_begin('identities.valid_from', 'links.valid_from') }} as valid_from,
        {{ earlier_end('identities.valid_to', 'links.valid_to') }} as valid_to
    from identities
    inner join links on identities.identity_id = links.principal_id
    where {{ overlaps('identities', 'links') }}
),

attributed as (
    select * from automatic
    union
    select * from linked
)

select
    md5(concat_ws(
        '|', attributed.grant_id, attributed.organisation_id, attributed.identity_id, attributed.valid_from, attributed.valid_to
    )) as interval_id,
    attributed.*,
    grants.scope_id,
    grants.scope_level,
    grants.subscription_id,
    grants.access_path,
    grants.principal_id,
    grants.role_definition_id,
    not grants.is_eligible_only as is_permanent,
    grants.item_kind,
    grants.item_id,
    grants.begin_evidence,
    grants.end_evidence,
    grants.source_file
from attributed
inner join {{ ref('int_access_grants') }} as grants on attributed.grant_id = grants.grant_id
