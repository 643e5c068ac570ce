with missed as (
    select
        charges.*,
        eligibility.evidence_strength
    from {{ ref('fct_pec_charges_daily') }} as charges
    inner join {{ ref('fct_pec_eligibility_daily') }} as eligibility
        on
            charges.usage_date = eligibility.usage_date
            and charges.subscription_id = eligibility.subscription_id
            and charges.resource_id = eligibility.resource_id
            and charges.transacting_partner_id = eligibility.transacting_partner_id
    where charges.pec_status = 'missed'
),

days as (
    select
        billing_month,
        subscription_id,
        resource_id,
        usage_date,
        -- Consecutive days differ by one, and so do their numbers: the difference names the run.
        usage_date - row_number() over (partition by billing_month, subscription_id, resource_id order by usage_date)::integer as run
    from missed
    group by billing_month, subscription_id, resource_id, usage_date
),

claims as (
    select
        missed.billing_month,
        missed.subscription_id,
        missed.resource_id,
        min(missed.usage_date) as first_date,
        max(missed.usage_date) as last_date,
        string_agg(distinct missed.transacting_partner_id, ', ' order by missed.transacting_partner_id) as transacting_partner_ids,
        any_value(missed.customer_id order by missed.usage_date desc, missed.customer_id asc) as customer_id,
        any_value(missed.customer_name order by missed.usage_date desc, missed.customer_name asc) as customer_name,
        any_value(missed.resource_group_name order by missed.usage_date desc, missed.resource_group_name asc) as resource_group_name,
        string_agg(distinct missed.invoice_number, ', ' order by missed.invoice_number) as invoice_numbers,
        count(distinct missed.usage_date) as day_count,
        count(*) as line_count,
        sum(missed.list_cost_usd)::decimal(38, 24) as list_cost_usd,
        sum(missed.pec_credit_usd)::decimal(38, 28) as missed_credit_usd,
        case when bool_and(missed.evidence_strength = 'exact') then 'exact' else 'inferred' end as evidence_strength
    from missed
    inner join days
        on
            missed.billing_month = days.billing_month
            and missed.subscription_id = days.subscription_id
            and missed.resource_id = days.resource_id
            and missed.usage_date = days.usage_date
    group by missed.billing_month, missed.subscription_id, missed.resource_id, days.run
),

-- What a support ticket has to name: the assignments that covered the days, with role, principal, scope and when they held.
evidence as (
    select
        claims.billing_month,
        claims.subscription_id,
        claims.resource_id,
        claims.first_date,
        string_agg(
            distinct concat(
                intervals.access_path, ' ', intervals.item_id, ' role ', intervals.role_definition_id, ' principal ', intervals.principal_id,
                ' on ', intervals.scope_id, ' from ', coalesce(pieces.valid_from::varchar, 'before the evidence'),
                ' to ', coalesce(pieces.valid_to::varchar, 'now')
            ), '; '
            order by 1
        ) as evidence
    from claims
    inner join {{ ref('int_resource_access_pieces') }} as pieces
        on
            claims.subscription_id = pieces.subscription_id
            and claims.resource_id = pieces.resource_id
            and list_contains(string_split(claims.transacting_partner_ids, ', '), pieces.transacting_partner_id)
            and {{ from_or_ever('pieces.valid_from') }} < claims.last_date + interval 1 day
            and {{ to_or_ever('pieces.valid_to') }} > claims.first_date
    inner join {{ ref('int_qualifying_access_intervals') }} as intervals on pieces.interval_id = intervals.interval_id
    group by claims.billing_month, claims.subscription_id, claims.resource_id, claims.first_date
)

select
    claims.*,
    evidence.evidence
from claims
inner join evidence
    on
        claims.billing_month = evidence.billing_month
        and claims.subscription_id = evidence.subscription_id
        and claims.resource_id = evidence.resource_id
        and claims.first_date = evidence.first_date
