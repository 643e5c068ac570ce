{{ config(pre_hook="{{ delete_changed_months() }}") }}
-- The resource-days for which eligibility is decided, under the partner that Microsoft bills (D1, D2).
-- One row per usage_date and resource_partner_key (subscription, resource, transacting partner) with accepted usage.
with resources as (
    select
        *,
        -- If lines name a resource differently, the greatest access scope decides, then the greatest resource group (Decision), then the other names.
        -- The key is a hash: another engine's is another one.
        row_number() over (
            partition by resource_partner_key
            order by
                access_scope_id,
                {% for name in ['resource_group_name', 'customer_id', 'customer_name', 'plan_subscription_id', 'market', 'reseller_mpn_id'] %}
                    {{ name }} nulls first,
                {% endfor %}
                resource_key
        ) as precedence
    from {{ ref('stg_partner_center__usage_resources') }}
),

named as (
    select
        billing_month,
        usage_date,
        resource_key,
        invoice_number is null as is_unbilled
    from {{ ref('int_usage_lines') }}
    where {{ is_in_changed_month() }}
    group by all
),

with_resellers as (
    select
        named.billing_month,
        named.usage_date,
        resources.resource_partner_key,
        resources.resource_key,
        resources.scope_key,
        resources.transacting_partner_id,
        resources.precedence,
        -- D5: the reseller of record: of a billed line from the line, of an unbilled line from the relationship of its day (joined to no other).
        coalesce(resources.reseller_mpn_id, relationships.reseller_partner_id) as reseller_partner_id
    from named
    inner join resources on named.resource_key = resources.resource_key
    left join {{ ref('int_unbilled_resellers') }} as relationships
        on
            named.is_unbilled
            and named.usage_date = relationships.usage_date
            and resources.subscription_id = relationships.subscription_id
            and resources.transacting_partner_id = relationships.transacting_partner_id
),

days as (
    select
        billing_month,
        usage_date,
        resource_partner_key,
        arg_max(resource_key, precedence) as resource_key,
        arg_max(scope_key, precedence) as scope_key,
        any_value(transacting_partner_id) as transacting_partner_id,
        -- Lines of one key that name different resellers: the greatest id decides (Decision).
        max(reseller_partner_id) as reseller_partner_id
    from with_resellers
    group by billing_month, usage_date, resource_partner_key
)

select
    days.*,
    {{ organisation_of('days.transacting_partner_id', 'transacting') }} as transacting_organisation_id,
    {{ organisation_of('days.reseller_partner_id', 'resellers') }} as reseller_organisation_id
from days
left join {{ ref('int_partner_organisations') }} as transacting on days.transacting_partner_id = transacting.partner_id
left join {{ ref('int_partner_organisations') }} as resellers on days.reseller_partner_id = resellers.partner_id
