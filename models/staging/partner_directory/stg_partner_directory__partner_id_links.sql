select distinct
    principal_id,
    partner_id,
    valid_from,
    valid_to
from {{ ref('base_partner_directory') }}
where kind = 'partner_id_links' and failure is null
