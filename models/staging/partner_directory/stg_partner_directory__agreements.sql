select distinct
    partner_global_id,
    valid_from,
    valid_to
from {{ ref('base_partner_directory') }}
where kind = 'agreements' and failure is null
