-- D3: locations of one organisation count as one partner; a partner that the directory lacks is an organisation of its own.
-- One row per partner id that anything names.
with named as (
    select transacting_partner_id as partner_id from {{ ref('int_usage_slices_current') }}
    union
    select reseller_mpn_id from {{ ref('int_usage_slices_current') }}
    where reseller_mpn_id is not null
    union
    select transacting_partner_id from {{ ref('stg_partner_directory__subscription_partners') }}
    union
    select reseller_partner_id from {{ ref('stg_partner_directory__subscription_partners') }}
    where reseller_partner_id is not null
    union
    select partner_id from {{ ref('stg_partner_directory__agent_groups') }}
    union
    select partner_id from {{ ref('stg_partner_directory__partner_id_links') }}
    union
    select partner_id from {{ ref('stg_partner_directory__partner_principals') }}
    union
    select partner_id from {{ ref('stg_partner_directory__partner_locations') }}
),

locations as (
    select
        partner_id,
        min(partner_global_id) as partner_global_id
    from {{ ref('stg_partner_directory__partner_locations') }}
    group by partner_id
)

select
    named.partner_id,
    -- The prefix keeps an unlisted partner apart from an organisation whose global id reads the same.
    coalesce('organisation ' || locations.partner_global_id, 'partner ' || named.partner_id) as organisation_id,
    coalesce(locations.partner_global_id, named.partner_id) as partner_global_id
from named
left join locations on named.partner_id = locations.partner_id
