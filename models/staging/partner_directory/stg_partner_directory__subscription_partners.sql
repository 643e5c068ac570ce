select distinct
    subscription_id,
    transacting_partner_id,
    reseller_partner_id,
    valid_from,
    valid_to
from {{ ref('base_partner_directory') }}
where kind = 'subscription_partners' and failure is null
