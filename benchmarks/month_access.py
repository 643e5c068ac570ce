"""The invented month's access and partner directory, as SQL (month.py writes them): grants, the snapshots and events that tell of them."""

PROVIDER_TENANT, GREYMARSH_TENANT = "guid('tenant provider')", "guid('tenant greymarsh')"

# One row per grant and life of it. story: what the evidence will tell.
#   standing   all month                          hour      deleted at 10:00, written again at 11:00 under the same id
#   removed    deleted by an event                granted   written by an event
#   vanished   no longer in the later snapshots   appeared  in the last snapshots only
#   failed     an attempt that the log shows      again     like hour, but the second grant is another assignment
GRANTS = """
    create table sites as
    select s, scope, 'S' || s as site, 'subscription' as level, story from subscriptions
    union all
    select groups.s, subscriptions.scope || '/resourceGroups/' || group_name, 'G' || g, 'group', dice(g, 'story') % 100
    from groups inner join subscriptions using (s) where dice(g, 'site') % 100 < 20
    union all
    select s, scope, 'R' || r, 'resource', dice(r, 'story') % 100 from resources where dice(r, 'site') % 1000 < 36;
    create table principals as
    select guid('user ' || c) as principal_id, 'User' as kind, '6011111' as partner_id, c, 'user' as who from customers
    union all select guid('robot ' || c), 'ServicePrincipal', '6011112', c, 'robot' from customers
    union all select guid('unlinked ' || c), 'User', '6011111', c, 'unlinked' from customers
    union all select guid('ops group ' || c % 20), 'Group', '6011111', c, 'group' from customers
    union all select guid('reseller user ' || c), 'User', '602' || coalesce(reseller, 9) || '000', c, 'reseller' from customers
    union all select guid('own ' || c), 'User', null, c, 'own' from customers
    union all select guid('admins provider'), 'ForeignGroup', '6011111', c, 'aobo' from customers
    union all
    select guid('admins reseller ' || coalesce(reseller, 9)), 'ForeignGroup', '602' || coalesce(reseller, 9) || '000', c, 'aobo reseller'
    from customers
    union all select guid('admins greymarsh'), 'ForeignGroup', '6033333', c, 'aobo other' from customers
    union all select guid('foreign ' || c % 7), 'ForeignGroup', null, c, 'foreign' from customers;
    create table planned as
    -- What decides a subscription: most are held by the provider's group, some lose it, get it late, or hold something that does not count.
    select
        sites.*,
        'main' as slot,
        case
            when level = 'subscription' then case
                when story < 80 then 'aobo' when story < 85 then 'aobo reseller' when story < 88 then 'aobo other' when story < 91 then 'foreign'
                when story < 93 then 'user' when story < 95 then 'unlinked' else 'own' end
            else ['user', 'robot', 'group', 'unlinked', 'reseller', 'aobo', 'aobo reseller', 'own'][1 + (dice(hash(site), 'who') % 8)::int]
        end as who,
        case
            when story < 62 then 'standing'
            when story < 66 then 'hour' when story < 70 then 'again' when story < 73 then 'removed' when story < 76 then 'granted'
            when story < 78 then 'vanished' when story < 79 then 'appeared' when story < 80 then 'failed'
            else 'standing'
        end as plot,
        case when level = 'subscription' and story between 88 and 89 or dice(hash(site), 'role') % 12 = 0 then 'reader'
            when dice(hash(site), 'role') % 40 = 1 then 'custom' when level = 'resource' then 'vm'
            when level = 'group' then 'contributor' else 'owner'
        end as role
    from sites
    union all
    -- The customer's own administrators, and now and then a second way in.
    select sites.*, 'own ' || n, 'own', 'standing', 'owner' from sites, range(2) as own (n) where level = 'subscription'
    union all
    select sites.*, 'second', ['user', 'robot', 'group', 'reseller', 'aobo other'][1 + (dice(s, 'second') % 5)::int], 'standing', 'contributor'
    from sites where level = 'subscription' and story < 95 and dice(s, 'has second') % 3 = 0
    union all
    select sites.*, 'helper', 'reseller', 'standing', 'reader'
    from sites where level = 'subscription' and story < 95 and dice(s, 'has helper') % 4 = 0;
    create table grants as
    select
        planned.*,
        subscriptions.c,
        subscriptions.subscription_id,
        subscriptions.scope as subscription_scope,
        guid('assignment ' || site || slot) as assignment_id,
        principals.principal_id,
        principals.kind as principal_type,
        case role when 'owner' then '8e3af657-a8ff-443c-a75c-2fe8c4bcb635' when 'contributor' then 'b24988ac-6180-42a0-ab88-20f7382dd24c'
            when 'vm' then '9980e02c-c2be-4d73-94e8-173b1dc7cf3c' when 'reader' then 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
            else guid('custom role') end as role_id,
        1 + (dice(hash(site, slot), 'day') % 30)::int as on_day,
        -- A fifth of the exports come from a CLI that tells no creation time.
        dice(subscriptions.s, 'cli') % 5 > 0 as has_creation,
        '2025-03-01 08:15:30'::timestamp + to_days((dice(hash(site, slot), 'old') % 500)::int) as old_creation,
        at_day(on_day, '10:00:00') + to_milliseconds((dice(hash(site, slot), 'ms') % 3)::int * 250) as deleted_at,
        at_day(on_day, case when plot = 'granted' then '14:20:00' else '11:00:00' end) as written_at
    from planned
    inner join subscriptions using (s)
    inner join principals on subscriptions.c = principals.c and planned.who = principals.who;
    create table lives as
    -- shown_from, shown_until: which snapshots show it (half-open)
    select
        *, assignment_id as life_id, case when has_creation then old_creation end as created_at, '-infinity'::timestamp as shown_from,
        case
            when plot in ('standing', 'vanished') then 'infinity' when plot = 'appeared' then '-infinity' else deleted_at
        end as shown_until
    from grants where plot not in ('granted', 'appeared', 'failed', 'vanished')
    union all
    select *, assignment_id, case when has_creation then old_creation end, '-infinity', at_day(2 + on_day // 2, '00:00:00')
    from grants where plot = 'vanished'
    union all
    select
        *, case when plot = 'again' then guid('again ' || assignment_id) else assignment_id end,
        case when has_creation then case when plot = 'appeared' then deleted_at else written_at end end,
        case when plot = 'appeared' then deleted_at else written_at end, 'infinity'
    from grants where plot in ('hour', 'again', 'granted', 'appeared')
"""

SNAPSHOTS = """
    create table snapshots as
    select s, subscription_id, scope, '2026-08-31'::date as taken_on from subscriptions
    union all select s, subscription_id, scope, '2026-10-01' from subscriptions
    union all select s, subscription_id, scope, '2026-09-16' from subscriptions where dice(s, 'middle') % 5 = 0
"""

ROLE_ASSIGNMENTS = """
    select
        'role_assignments/' || snapshots.subscription_id || '/' || taken_on || '.json' as path,
        '[' || coalesce(string_agg(to_json(case when created_at is null then json_object(
            'id', lives.scope || '/providers/Microsoft.Authorization/roleAssignments/' || life_id, 'name', life_id, 'principalId', principal_id,
            'principalName', '', 'principalType', principal_type, 'roleDefinitionId',
            subscription_scope || '/providers/Microsoft.Authorization/roleDefinitions/' || role_id, 'roleDefinitionName', role,
            'scope', lives.scope, 'type', 'Microsoft.Authorization/roleAssignments'
        ) else json_object(
            'condition', null, 'createdOn', strftime(created_at, '%Y-%m-%dT%H:%M:%S.%f+00:00'),
            'id', lives.scope || '/providers/Microsoft.Authorization/roleAssignments/' || life_id, 'name', life_id, 'principalId', principal_id,
            'principalName', '', 'principalType', principal_type, 'roleDefinitionId',
            subscription_scope || '/providers/Microsoft.Authorization/roleDefinitions/' || role_id, 'roleDefinitionName', role,
            'scope', lives.scope, 'type', 'Microsoft.Authorization/roleAssignments', 'updatedOn', strftime(created_at, '%Y-%m-%dT%H:%M:%S.%f+00:00')
        ) end)::varchar, ',' || chr(10) order by life_id), '') || ']' as content
    from snapshots
    left join lives on snapshots.s = lives.s and lives.shown_from <= taken_on and lives.shown_until > taken_on
    group by all
"""

# An operation's two records; a write's body stands in the start, a delete's in the success.
ACTIVITY_LOG = """
    with operations as (
        select *, life_id as item, 'delete' as verb, deleted_at as ended_at, true as has_succeeded
        from lives where plot in ('hour', 'again', 'removed') and shown_from = '-infinity'
        union all
        select *, life_id, 'write', written_at, true from lives where plot in ('hour', 'again', 'granted') and shown_from > '-infinity'
        union all
        select *, assignment_id, null, null, null, assignment_id, 'write', written_at, false from grants where plot = 'failed'
    ),
    records as (
        select
            *,
            is_end,
            case when is_end then ended_at else ended_at - interval 2 second end as happened_at,
            scope || '/providers/Microsoft.Authorization/roleAssignments/' || item as entity,
            json_object('Id', item, 'Properties', json_object(
                'PrincipalId', principal_id, 'PrincipalType', principal_type, 'RoleDefinitionId',
                '/providers/Microsoft.Authorization/roleDefinitions/' || role_id, 'Scope', scope)) as request_body,
            json_object('id', entity, 'name', item, 'properties', json_object(
                'principalId', principal_id, 'principalType', principal_type, 'roleDefinitionId',
                subscription_scope || '/providers/Microsoft.Authorization/roleDefinitions/' || role_id, 'scope', scope)) as response_body,
            guid('operation ' || item || verb || ended_at) as correlation_id
        from operations, (values (false), (true)) as steps (is_end)
    )
    select
        'activity_log/insights-activity-logs/resourceId=/SUBSCRIPTIONS/' || upper(subscription_id) || '/y=2026/m=09/d=' || strftime(ended_at, '%d')
        || '/h=' || strftime(ended_at, '%H') || '/m=00/PT1H.json' as path,
        string_agg(json_object(
            'RoleLocation', 'West Europe', 'time', strftime(happened_at, '%Y-%m-%dT%H:%M:%S.%f') || '0Z', 'resourceId', upper(entity),
            'operationName', upper('Microsoft.Authorization/roleAssignments/' || verb), 'category', 'Administrative',
            'resultType', case when not is_end then 'Start' when has_succeeded then 'Success' else 'Failure' end,
            'resultSignature', case when not is_end then 'Started.' when has_succeeded then 'Succeeded.OK' else 'Failed.Forbidden' end,
            'durationMs', '600', 'callerIpAddress', '203.0.113.24', 'correlationId', correlation_id,
            'identity', json_object('authorization', json_object('scope', entity, 'action', 'Microsoft.Authorization/roleAssignments/' || verb),
                'claims', json_object('http://schemas.microsoft.com/identity/claims/objectidentifier', guid('own ' || c))),
            'level', 'Information',
            'properties', json_merge_patch(
                json_object('eventCategory', 'Administrative', 'entity', entity),
                case
                    when verb = 'write' and not is_end then json_object('requestbody', request_body::varchar)
                    when verb = 'delete' and is_end then json_object('responseBody', response_body::varchar)
                    else json_object()
                end),
            'tenantId', guid('customer ' || c)
        )::varchar || chr(10), '' order by happened_at, item, is_end) as content
    from records
    group by path
"""

# Deny assignments in one subscription of thirty: of everyone but a robot on a resource group, or of the provider's group on the subscription.
DENY_ASSIGNMENTS = """
    with denies as (
        select
            s.s, s.subscription_id, s.c,
            case when s.s % 60 = 4 then s.scope || '/resourceGroups/' || g.group_name else s.scope end as scope,
            guid('deny ' || s.s) as deny_id,
            s.s % 60 = 4 as is_for_everyone,
            dice(s.s, 'deny ends') % 4 = 0 as ends_unseen,
            at_day(1 + dice(s.s, 'deny') % 30, '14:50:00') as created_at
        from subscriptions as s
        inner join (select s, min(group_name) as group_name from groups group by s) as g on s.s = g.s
        where s.s % 30 = 4
    )
    select
        'deny_assignments/' || subscription_id || '/' || taken_on || '.json' as path,
        json_object('value', case when (case when ends_unseen then taken_on < '2026-09-01'::date else taken_on >= created_at end)
            then json_array(json_object(
                'id', scope || '/providers/Microsoft.Authorization/denyAssignments/' || deny_id, 'name', deny_id,
                'type', 'Microsoft.Authorization/denyAssignments',
                'properties', json_object(
                    'denyAssignmentName', 'Freeze', 'scope', scope, 'doNotApplyToChildScopes', false, 'isSystemProtected', true,
                    'permissions', json_array(json_object(
                        'actions', json_array('*'), 'notActions', json_array('*/read'), 'dataActions', json_array())),
                    'principals', json_array(json_object(
                        'id', case when is_for_everyone then '00000000-0000-0000-0000-000000000000' else guid('admins provider') end,
                        'type', 'SystemDefined')),
                    'excludePrincipals', case
                        when is_for_everyone then json_array(json_object('id', guid('robot ' || c), 'type', 'ServicePrincipal'))
                        else json_array() end,
                    'createdOn', case when ends_unseen then '2026-08-02T09:00:00Z' else strftime(created_at, '%Y-%m-%dT%H:%M:%SZ') end
                )))
            else json_array() end)::varchar as content
    from denies, (values ('2026-08-31'::date), ('2026-10-01'::date)) as dates (taken_on)
"""

# Delegations in one subscription of twenty: Marketplace offers of the provider (also just-in-time) or of somebody unknown, and templates that
# need a link.
LIGHTHOUSE = """
    with delegations as (
        select s.s, s.subscription_id, s.c, s.scope, guid('delegation ' || s.s) as delegation_id, dice(s.s, 'offer') % 4 as offer,
            dice(s.s, 'late') % 3 = 0 as is_late
        from subscriptions as s where s.s % 20 = 3
    )
    select
        'lighthouse/' || subscription_id || '/' || taken_on || '.json' as path,
        json_object('value', case when is_late and taken_on < '2026-09-01' then json_array() else json_array(json_object(
            'id', scope || '/providers/Microsoft.ManagedServices/registrationAssignments/' || delegation_id,
            'name', delegation_id, 'type', 'Microsoft.ManagedServices/registrationAssignments',
            'properties', json_object(
                'registrationDefinitionId', scope || '/providers/Microsoft.ManagedServices/registrationDefinitions/' || guid('definition ' || s),
                'provisioningState', 'Succeeded',
                'registrationDefinition', json_merge_patch(json_object(
                    'id', scope || '/providers/Microsoft.ManagedServices/registrationDefinitions/' || guid('definition ' || s),
                    'properties', json_object(
                        'registrationDefinitionName', 'Managed Azure', 'managedByTenantId',
                        case when offer = 3 then guid('tenant nobody knows') else {provider_tenant} end, 'provisioningState', 'Succeeded',
                        case when offer = 1 then 'eligibleAuthorizations' else 'authorizations' end, json_array(json_object(
                            'principalId', case when offer = 2 then guid('ops group ' || c % 20) else guid('operators') end,
                            'principalIdDisplayName', 'Operators', 'roleDefinitionId', 'b24988ac-6180-42a0-ab88-20f7382dd24c')))),
                    case when offer in (0, 1, 3)
                        then json_object('plan', json_object(
                            'name', 'managed', 'publisher', 'fjellblick', 'product', 'managed-azure', 'version', '1.2.0'))
                        else json_object() end)))) end)::varchar as content
    from delegations, (values ('2026-08-31'::date), ('2026-09-16'::date), ('2026-10-01'::date)) as dates (taken_on)
"""

# What the partner knows. A few links, memberships and reseller relationships begin or end inside the month.
DIRECTORY = {
    "partner_locations": """
        select * from (values
            ('6011111', '6010000', 'Fjellblick, Hamburg'), ('6011112', '6010000', 'Fjellblick, Leeds'), ('6033333', '6030000', 'Greymarsh')
        ) as l (partner_id, partner_global_id, name)
        union all select '602' || range || '000', '6020' || range || '00', 'Reseller ' || range from range(1, 10)
    """,
    "agent_groups": f"""
        select
            guid('admins provider') as group_object_id, 'AdminAgents' as group_name, {PROVIDER_TENANT} as partner_tenant_id,
            '6011111' as partner_id
        union all select guid('helpdesk provider'), 'HelpdeskAgents', {PROVIDER_TENANT}, '6011111'
        union all select guid('admins greymarsh'), 'AdminAgents', {GREYMARSH_TENANT}, '6033333'
        union all
        select guid('admins reseller ' || range), 'AdminAgents', guid('tenant reseller ' || range), '602' || range || '000' from range(1, 10)
    """,
    "partner_id_links": """
        select
            principal_id, partner_id,
            case when dice(c, 'link ' || who) % 20 = 0 then '2026-09-11T09:30:00Z' else '2025-02-11T13:30:00Z' end as valid_from,
            case when dice(c, 'link ' || who) % 20 = 1 then '2026-09-21T16:00:00Z' else '' end as valid_to
        from principals where who in ('user', 'robot', 'reseller')
        union all select guid('operator ' || range), '6011111', '2025-01-15T10:00:00Z', '' from range(20)
        -- A3: offers of the Marketplace need a link, too.
        union all select guid('operators'), '6011111', '2025-01-15T10:00:00Z', ''
    """,
    "partner_principals": """
        select distinct principal_id, partner_id, who || ' of a customer' as name
        from principals where who in ('user', 'robot', 'unlinked', 'group', 'reseller')
    """,
    "group_members": """
        select guid('ops group ' || range) as group_object_id, guid('operator ' || range) as member_principal_id,
            '2025-01-15T10:00:00Z' as valid_from,
            case when range % 10 = 3 then '2026-09-18T12:00:00Z' else '' end as valid_to from range(20)
    """,
    "agreements": """
        select * from (values ('6010000', '2023-05-01T00:00:00Z', ''), ('6030000', '2024-02-01T00:00:00Z', ''))
            as a (partner_global_id, valid_from, valid_to)
    """,
    "subscription_partners": """
        select subscription_id, '6011111' as transacting_partner_id, coalesce('602' || reseller || '000', '') as reseller_partner_id,
            '2025-09-29T00:00:00Z' as valid_from, case when s % 40 = 5 then '2026-09-14T00:00:00Z' else '' end as valid_to
        from subscriptions inner join customers using (c)
        union all
        select subscription_id, '6011111', '6027000', '2026-09-14T00:00:00Z', '' from subscriptions where s % 40 = 5
    """,
}
