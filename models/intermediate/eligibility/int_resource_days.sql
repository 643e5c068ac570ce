-- One row per usage_date, subscription_id, resource_id and transacting_partner_id with accepted usage: what eligibility is decided for.
with days as (
    select
        usage_date,
        subscription_id,
        resource_id,
        transacting_partner_id,
        max(resource_group_name) as resource_group_name,
        max(access_scope_id) as access_scope_id,
        -- Lines of one key that name different resellers: the greatest id decides (Decision).
        max(reseller_partner_id) as reseller_partner_id
    from {{ ref('int_usage_lines') }}
    group by usage_date, subscription_id, resource_id, transacting_partner_id
)

select
    days.*,
    transacting.organisation_id as transacting_organisation_id,
    resellers.organisation_id as reseller_organisation_id
from days
inner join {{ ref('int_partner_organisations') }} as transacting on days.transacting_partner_id = transacting.partner_id
left join {{ ref('int_partner_organisations') }} as resellers on days.reseller_partner_id = resellers.partner_id
