select distinct
    principal_id,
    partner_id
from {{ ref('base_partner_directory') }}
where kind = 'partner_principals' and failure is null
