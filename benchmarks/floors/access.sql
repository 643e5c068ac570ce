-- Who had access when: the partner directory, what snapshots and events tell, and from when to when each grant counts for whom (A2 to A5, A7, D3).
--
-- Needs in_directory(name), a table macro of a directory file's columns as text; places; snapshot_documents (kind, path, content); activity_records
-- (time, operationName, resultType, correlationId, properties). Leaves partners, lives, intervals, ladder.

-- stage: directory
create macro from_ever(t) as coalesce(t, '-infinity'::timestamp);
create macro to_ever(t) as coalesce(t, 'infinity'::timestamp);

-- D3. The organisation is a small number, from the global id, or the partner id where the directory lacks it.
create table locations as
select partner_id::varchar as partner_id, min('o' || partner_global_id) as organisation
from in_directory('partner_locations') group by all;
create table organisations as
select row_number() over (order by organisation) as organisation_id, organisation
from (
    select organisation from locations
    union select 'p' || partner_id from in_directory('agent_groups')
    union select 'p' || partner_id from in_directory('partner_id_links')
    union select 'p' || partner_id from in_directory('partner_principals')
    union select 'p' || partner_id from places
    union select 'p' || reseller_id from places
    union
    select 'p' || unnest([transacting_partner_id, reseller_partner_id]) from in_directory('subscription_partners')
)
where organisation is not null;
create table partners as
select partner_id, organisation_id
from (
    select partner_id, organisation from locations
    union all select organisation[2:], organisation from organisations
    where organisation[1] = 'p' and organisation[2:] not in (select partner_id from locations)
) inner join organisations using (organisation);
create table agent_groups as
select distinct lower(group_object_id) as principal_id, lower(group_name) as group_name, lower(partner_tenant_id) as tenant_id, organisation_id
from in_directory('agent_groups') inner join partners using (partner_id);
create table links as
select distinct lower(principal_id) as identity_id, organisation_id, from_ever(valid_from::timestamptz::timestamp) as valid_from,
    to_ever(valid_to::timestamptz::timestamp) as valid_to
from in_directory('partner_id_links') inner join partners using (partner_id);
create table members as
select lower(group_object_id) as group_id, lower(member_principal_id) as identity_id, from_ever(valid_from::timestamptz::timestamp) as valid_from,
    to_ever(valid_to::timestamptz::timestamp) as valid_to
from in_directory('group_members');
create table known as
select identity_id, organisation_id from links
union
select lower(principal_id), organisation_id
from in_directory('partner_principals') inner join partners using (partner_id);

-- stage: access
create macro guid_in(t) as regexp_extract(t, '([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})', 1);
create macro last_part(t) as regexp_extract(t, '[^/]+$');
create table snapshot_files as
select kind, guid_in(lower(path)) as subscription_id, regexp_extract(path, '[^/]*$')[:10]::timestamp as snapshot_at, lower(content) as content
from snapshot_documents;
create table shown as
select
    kind, subscription_id, snapshot_at, item ->> '$.id' as item_id, item ->> '$.scope' as scope, item ->> '$.principalid' as principal_id,
    item ->> '$.principaltype' as principal_type, last_part(item ->> '$.roledefinitionid') as role_id,
    upper(item ->> '$.createdon')::timestamptz::timestamp as created_at, null::varchar as tenant_id, false as is_marketplace,
    false as is_eligible_only,
    null::varchar[] as denied_ids, null::varchar[] as excluded_ids
from (select kind, subscription_id, snapshot_at, unnest(from_json(content, '["JSON"]')) as item from snapshot_files where kind = 'role')
union all
select
    kind, subscription_id, snapshot_at, item ->> '$.id', item ->> '$.properties.scope', null, null, null,
    upper(item ->> '$.properties.createdon')::timestamptz::timestamp, null, false, false,
    json_extract_string(item, '$.properties.principals[*].id'), json_extract_string(item, '$.properties.excludeprincipals[*].id')
from (select kind, subscription_id, snapshot_at, unnest(from_json(content -> '$.value', '["JSON"]')) as item from snapshot_files where kind = 'deny')
where len(json_extract(item, '$.properties.permissions[*].actions[*]')) > 0
union all
select
    kind, subscription_id, snapshot_at,
    concat_ws('|', item ->> '$.id', grantee ->> '$.principalid', last_part(grantee ->> '$.roledefinitionid'), is_eligible_only),
    split_part(item ->> '$.id', '/providers/microsoft.managedservices', 1), grantee ->> '$.principalid', null,
    last_part(grantee ->> '$.roledefinitionid'), null, item ->> '$.properties.registrationdefinition.properties.managedbytenantid',
    (item -> '$.properties.registrationdefinition.plan') is not null, is_eligible_only, null, null
from (
    select kind, subscription_id, snapshot_at, item, false as is_eligible_only,
        unnest(json_extract(item, '$.properties.registrationdefinition.properties.authorizations[*]')) as grantee
    from (select *, unnest(from_json(content -> '$.value', '["JSON"]')) as item from snapshot_files where kind = 'delegation')
    union all
    select kind, subscription_id, snapshot_at, item, true,
        unnest(json_extract(item, '$.properties.registrationdefinition.properties.eligibleauthorizations[*]'))
    from (select *, unnest(from_json(content -> '$.value', '["JSON"]')) as item from snapshot_files where kind = 'delegation')
);
-- A7: what was granted stands in the record of the start, or of a deletion's success; the instant is the success's.
create table records as
select
    lower(properties ->> '$.entity') as item_id, "correlationId" as correlation_id, ends_with(lower("operationName"), 'delete') as is_delete,
    lower("resultType") as result, time::timestamptz::timestamp as happened_at,
    lower(coalesce(properties ->> '$.requestbody', properties ->> '$.responseBody'))::json -> '$.properties' as body
from activity_records
where contains(lower("operationName"), 'microsoft.authorization/roleassignments/');
create table events as
select
    ended.item_id, ended.is_delete, ended.happened_at, any_value(began.happened_at) as started_at,
    any_value(coalesce(began.body, ended.body)) as body
from records as ended
left join records as began
    on ended.item_id = began.item_id and ended.correlation_id = began.correlation_id and ended.is_delete = began.is_delete and began.result = 'start'
where ended.result = 'success'
group by ended.item_id, ended.is_delete, ended.happened_at;
create table facts as
select item_id, any_value(scope) as scope, any_value(principal_id) as principal_id, any_value(principal_type) as principal_type,
    any_value(role_id) as role_id, any_value(kind) as kind, any_value(subscription_id) as subscription_id, any_value(tenant_id) as tenant_id,
    any_value(is_marketplace) as is_marketplace, any_value(is_eligible_only) as is_eligible_only, any_value(denied_ids) as denied_ids,
    any_value(excluded_ids) as excluded_ids
from (
    select * exclude (snapshot_at, created_at) from shown
    union all by name
    select item_id, body ->> '$.scope' as scope, body ->> '$.principalid' as principal_id, body ->> '$.principaltype' as principal_type,
        last_part(body ->> '$.roledefinitionid') as role_id, 'role' as kind, regexp_extract(item_id, '^/subscriptions/([^/]+)', 1) as subscription_id,
        false as is_marketplace, false as is_eligible_only
    from events where body is not null
)
group by item_id;
create table evidence as
select
    item_id, greatest(snapshot_at, coalesce(created_at, snapshot_at)) as happened_at, 1 as instant_order, created_at, null::timestamp as started_at
from shown
union all
select item_id, happened_at, case when is_delete then 2 else 4 end, null, started_at from events
union all
-- A snapshot that lacks what was written or shown before it.
select facts.item_id, snapshot_files.snapshot_at, 3, null, null
from facts
inner join snapshot_files on facts.kind = snapshot_files.kind and facts.subscription_id = snapshot_files.subscription_id
anti join shown on facts.item_id = shown.item_id and snapshot_files.snapshot_at = shown.snapshot_at
where snapshot_files.snapshot_at > (
    select min(seen.happened_at)
    from (select item_id, snapshot_at as happened_at from shown union all select item_id, happened_at from events where not is_delete) as seen
    where seen.item_id = facts.item_id
);
create table lives as
with in_order as (
    select *, instant_order in (1, 4) as is_positive,
        lag(instant_order in (1, 4)) over (partition by item_id order by happened_at, instant_order) as was_positive
    from evidence
),
numbered as (
    select *, sum((is_positive and not coalesce(was_positive, false))::int) over (partition by item_id order by happened_at, instant_order) as life
    from in_order
),
grouped as (
    select
        item_id, life, min(happened_at) filter (where is_positive) as first_at, max(happened_at) filter (where is_positive) as last_at,
        arg_min(instant_order, (happened_at, instant_order)) filter (where is_positive) = 4 as is_written,
        arg_min(started_at, happened_at) filter (where instant_order = 4) as started_at,
        min(created_at) as created_at,
        min(happened_at) filter (where instant_order = 2) as deleted_at, min(happened_at) filter (where instant_order = 3) as missing_at,
        max(happened_at) filter (where not is_positive) as negative_at
    from numbered group by item_id, life
),
with_previous as (
    select *, lag(negative_at) over (partition by item_id order by life) as previous_negative_at from grouped
),
first_snapshots as (
    select kind, subscription_id, min(snapshot_at) as first_snapshot_at from snapshot_files group by kind, subscription_id
)
select
    facts.*,
    case
        when created_at <= first_at and created_at >= coalesce(previous_negative_at, '-infinity')
            and not coalesce(is_written and created_at >= started_at, false)
            then created_at
        when is_written then first_at
        when deleted_at is not null and previous_negative_at is null and first_at <= first_snapshot_at then '-infinity'
        else first_at
    end as valid_from,
    coalesce(deleted_at, case when missing_at is null then 'infinity' when facts.kind = 'deny' then missing_at else last_at end) as valid_to
from with_previous
inner join facts using (item_id)
left join first_snapshots using (kind, subscription_id)
where life > 0;

-- stage: intervals
create macro level_of(scope) as case
    when regexp_full_match(scope, '/subscriptions/[^/]+') then 2
    when regexp_full_match(scope, '/subscriptions/[^/]+/resourcegroups/[^/]+') then 3
    else 4
end;
create table grants as
select
    row_number() over () as grant_key, lives.*, level_of(scope) as level,
    case
        when kind = 'delegation' then 2
        when coalesce(principal_type, '') = 'foreigngroup'
            or principal_id in (select principal_id from agent_groups where group_name in ('adminagents', 'helpdeskagents')) then 1
        else 3
    end as path,
    coalesce(roles.is_pec_eligible, false) as is_role_eligible
from lives
left join read_csv(getvariable('reference') || '/azure_role_pec_eligibility.csv') as roles on lives.role_id = roles.role_definition_id
where kind != 'deny' and lives.valid_from < lives.valid_to;
-- A2 to A4, D3: from when to when a grant counts for whom.
create table intervals as
with identities as (
    select grant_key, principal_id as identity_id, valid_from, valid_to from grants
    union all
    select grant_key, identity_id, greatest(grants.valid_from, members.valid_from), least(grants.valid_to, members.valid_to)
    from grants inner join members on grants.principal_id = members.group_id
),
attributed as (
    select grant_key, organisation_id, principal_id as identity_id, valid_from, valid_to
    from grants inner join agent_groups using (principal_id)
    where path = 1 and group_name in ('adminagents', 'helpdeskagents')
    union
    select identities.grant_key, organisation_id, identity_id, greatest(identities.valid_from, links.valid_from),
        least(identities.valid_to, links.valid_to)
    from identities inner join links using (identity_id) inner join grants using (grant_key)
    where path in (2, 3)
)
select
    row_number() over () as interval_key, attributed.*, grants.scope, grants.subscription_id, grants.principal_id, grants.is_eligible_only,
    -- A6: down the levels, and on each AOBO, Lighthouse, direct.
    3 * grants.level + grants.path as cover_rank
from attributed inner join grants using (grant_key)
where attributed.valid_from < attributed.valid_to and is_role_eligible;
-- The ladder of reasons: 2 ours, 3 eligible role, 4 linked, 5 permanent.
create table ladder as
with identities as (
    select grant_key, principal_id as identity_id from grants
    union
    select grant_key, identity_id from grants inner join members on grants.principal_id = members.group_id
),
owners as (
    select grant_key, coalesce(organisation_id, -1) as organisation_id
    from grants left join agent_groups on grants.principal_id = agent_groups.principal_id and group_name in ('adminagents', 'helpdeskagents')
    where path = 1
    union
    select grant_key, coalesce(organisation_id, -1) from grants left join agent_groups on grants.tenant_id = agent_groups.tenant_id where path = 2
    union
    select grant_key, organisation_id from identities inner join known using (identity_id)
)
select scope, organisation_id, case when is_role_eligible then 3 else 2 end as rung, valid_from, valid_to
from owners inner join grants using (grant_key)
union
select scope, organisation_id, case when is_eligible_only then 4 else 5 end, valid_from, valid_to from intervals;
