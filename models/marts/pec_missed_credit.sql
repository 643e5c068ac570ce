with missed as (
    select
        charges.billing_month,
        charges.usage_date,
        charges.invoice_number,
        charges.list_cost_usd,
        (charges.list_cost_usd * charges.pec_rate)::decimal(38, 28) as pec_credit_usd,
        resources.* exclude (resource_key),
        eligibility.evidence_strength
    from {{ ref('int_charge_lines') }} as charges
    inner join {{ ref('int_eligibility_days') }} as eligibility
        on charges.usage_date = eligibility.usage_date and charges.resource_partner_key = eligibility.resource_partner_key
    inner join {{ ref('int_usage_resources') }} as resources on charges.resource_key = resources.resource_key
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
        list(distinct missed.resource_partner_key) as resource_partner_keys,
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

claimed_resources as (
    select
        *,
        unnest(resource_partner_keys) as resource_partner_key
    from claims
),

-- What a support ticket has to name: the assignments that covered the days, with role, principal, scope and when they held.
assignments as (
    select distinct
        claims.billing_month,
        claims.subscription_id,
        claims.resource_id,
        claims.first_date,
        concat(
            intervals.access_path, ' ', intervals.item_id, ' role ', intervals.role_definition_id, ' principal ', intervals.principal_id,
            ' on ', intervals.scope_id, ' from ', coalesce(pieces.valid_from::varchar, 'before the evidence'),
            ' to ', coalesce(pieces.valid_to::varchar, 'now')
        ) as assignment
    from claimed_resources as claims
    inner join {{ ref('int_resource_access_pieces') }} as pieces
        on
            claims.resource_partner_key = pieces.resource_partner_key
            and {{ from_or_ever('pieces.valid_from') }} < claims.last_date + interval 1 day
            and {{ to_or_ever('pieces.valid_to') }} > claims.first_date
    inner join {{ ref('int_qualifying_access_intervals') }} as intervals on pieces.interval_id = intervals.interval_id
),

evidence as (
    select
        billing_month,
        subscription_id,
        resource_id,
        first_date,
        string_agg(assignment, '; ' order by assignment) as evidence
    from assignments
    group by billing_month, subscription_id, resource_id, first_date
)

select
    claims.* exclude (resource_partner_keys),
    evidence.evidence
from claims
inner join evidence
    on
        claims.billing_month = evidence.billing_month
        and claims.subscription_id = evidence.subscription_id
        and claims.resource_id = evidence.resource_id
        and claims.first_date = evidence.first_date
