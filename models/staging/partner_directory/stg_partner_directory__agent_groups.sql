select distinct
    group_object_id,
    group_name,
    partner_tenant_id,
    partner_id
from {{ ref('base_partner_directory') }}
where kind = 'agent_groups' and failure is null
