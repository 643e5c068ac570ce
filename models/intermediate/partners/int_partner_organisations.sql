-- D3: locations of one organisation count as one partner; a partner that the directory lacks is an organisation of its own.
-- One row per partner id that the directory names; for others see organisation_of().
with directory as (
    select * from {{ ref('base_partner_directory') }}
    where failure is null
),

named as (
    select distinct unnest([partner_id, transacting_partner_id, reseller_partner_id]) as partner_id from directory
),

locations as (
    select
        partner_id,
        min(partner_global_id) as partner_global_id
    from directory
    where kind = 'partner_locations'
    group by partner_id
)

select
    named.partner_id,
    -- The prefix keeps an unlisted partner apart from an organisation whose global id reads the same.
    coalesce('organisation ' || locations.partner_global_id, 'partner ' || named.partner_id) as organisation_id,
    coalesce(locations.partner_global_id, named.partner_id) as partner_global_id
from named
left join locations on named.partner_id = locations.partner_id
where named.partner_id is not null
