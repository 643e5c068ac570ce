select distinct
    group_object_id,
    member_principal_id,
    valid_from,
    valid_to
from {{ ref('base_partner_directory') }}
where kind = 'group_members' and failure is null
