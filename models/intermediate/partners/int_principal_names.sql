-- What the partner calls its principals and groups. One row per principal that the directory names.
select
    principal_id,
    min(name) as principal_name
from (
    select
        principal_id,
        name
    from {{ directory_records('partner_principals', 'principal_id, name') }}
    union all
    select
        group_object_id,
        case group_name when 'adminagents' then 'AdminAgents' when 'helpdeskagents' then 'HelpdeskAgents' else group_name end
        || ' of partner ' || partner_id
    from {{ directory_records('agent_groups', 'group_object_id, group_name, partner_id') }}
) as named
group by principal_id
