select distinct
    management_group_id,
    subscription_id
from {{ ref('base_partner_directory') }}
where kind = 'management_groups' and failure is null
