with used as (
    select
        transacting_partner_id as partner_id,
        true as is_transacting,
        false as is_reseller
    from {{ ref('stg_partner_center__usage_resources') }}
    union all
    select
        reseller_mpn_id,
        false,
        true
    from {{ ref('stg_partner_center__usage_resources') }}
    union all
    select
        reseller_partner_id,
        false,
        true
    from {{ ref('int_unbilled_resellers') }}
    union all
    select
        partner_id,
        false,
        false
    from {{ ref('int_partner_organisations') }}
),

partners as (
    select
        partner_id,
        bool_or(is_transacting) as is_transacting,
        bool_or(is_reseller) as is_reseller
    from used
    where partner_id is not null
    group by partner_id
),

names as (
    select
        partner_id,
        min(name) as partner_name
    from {{ directory_records('partner_locations', 'partner_id, name') }}
    group by partner_id
)

select
    partners.partner_id,
    names.partner_name,
    coalesce(organisations.partner_global_id, partners.partner_id) as partner_global_id,
    partners.is_transacting,
    partners.is_reseller
from partners
left join names on partners.partner_id = names.partner_id
left join {{ ref('int_partner_organisations') }} as organisations on partners.partner_id = organisations.partner_id
