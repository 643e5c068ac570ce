-- D5: the reseller of record of unbilled usage, which does not name it: the earliest relationship that overlaps the day and names the
-- line's transacting organisation. One row per subscription, day and transacting partner with unbilled usage that has such a relationship.
with unbilled as (
    select distinct
        subscription_id,
        usage_date,
        transacting_partner_id
    from {{ ref('int_usage_file_groups_current') }}
    where invoice_number is null
),

relationships as (
    select *
    from {{ directory_records(
        'subscription_partners', 'subscription_id, transacting_partner_id, reseller_partner_id, valid_from, valid_to'
    ) }}
)

select
    unbilled.subscription_id,
    unbilled.usage_date,
    unbilled.transacting_partner_id,
    relationships.reseller_partner_id
from unbilled
inner join relationships
    on
        unbilled.subscription_id = relationships.subscription_id
        and {{ from_or_ever('relationships.valid_from') }} < unbilled.usage_date + interval 1 day
        and {{ to_or_ever('relationships.valid_to') }} > unbilled.usage_date
        and {{ from_or_ever('relationships.valid_from') }} < {{ to_or_ever('relationships.valid_to') }}
left join {{ ref('int_partner_organisations') }} as line_partners on unbilled.transacting_partner_id = line_partners.partner_id
left join {{ ref('int_partner_organisations') }} as named_partners on relationships.transacting_partner_id = named_partners.partner_id
where
    {{ organisation_of('unbilled.transacting_partner_id', 'line_partners') }}
    = {{ organisation_of('relationships.transacting_partner_id', 'named_partners') }}
qualify row_number() over (
    partition by unbilled.subscription_id, unbilled.usage_date, unbilled.transacting_partner_id
    order by {{ from_or_ever('relationships.valid_from') }}, {{ to_or_ever('relationships.valid_to') }}, relationships.reseller_partner_id
) = 1
