select distinct
    partner_id,
    partner_global_id,
    name
from {{ ref('base_partner_directory') }}
where kind = 'partner_locations' and failure is null
