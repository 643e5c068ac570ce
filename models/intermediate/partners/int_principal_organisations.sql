-- Which organisations a principal is known to belong to: ever linked to, or listed by one of their partner ids, at any time.
-- One row per principal and organisation.
select distinct
    known.principal_id,
    organisations.organisation_id
from (
    select
        principal_id,
        partner_id
    from {{ ref('stg_partner_directory__partner_id_links') }}
    union
    select
        principal_id,
        partner_id
    from {{ ref('stg_partner_directory__partner_principals') }}
) as known
inner join {{ ref('int_partner_organisations') }} as organisations on known.partner_id = organisations.partner_id
