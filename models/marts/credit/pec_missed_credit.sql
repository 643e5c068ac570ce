-- Lines are summed by key first; names are joined to the sums.
with missed as (
    select
        charges.billing_month,
        hash(resources.subscription_id, resources.resource_id) as claim_key,
        charges.usage_date,
        charges.resource_key,
        charges.bill_key,
        count(*) as line_count,
        sum(charges.list_cost_usd) as list_cost_usd,
        sum(charges.pec_credit_usd) as missed_credit_usd,
        bool_and(eligibility.evidence_strength = 'exact') as is_exact
    from {{ ref('int_charge_lines') }} as charges
    inner join {{ ref('int_eligibility_days') }} as eligibility
        on charges.usage_date = eligibility.usage_date and charges.resource_partner_key = eligibility.resource_partner_key
    inner join {{ ref('stg_partner_center__usage_resources') }} as resources on charges.resource_key = resources.resource_key
    where charges.pec_status = 'missed'
    group by charges.billing_month, claim_key, charges.usage_date, charges.resource_key, charges.bill_key
),

-- Day minus rank is constant within a run of consecutive days.
runs as (
    select
        *,
        usage_date - dense_rank() over (partition by billing_month, claim_key order by usage_date)::integer as run
    from missed
),

summed as (
    select
        billing_month,
        claim_key,
        run,
        resource_key,
        bill_key,
        min(usage_date) as first_date,
        max(usage_date) as last_date,
        sum(line_count) as line_count,
        sum(list_cost_usd) as list_cost_usd,
        sum(missed_credit_usd) as missed_credit_usd,
        bool_and(is_exact) as is_exact
    from runs
    group by billing_month, claim_key, run, resource_key, bill_key
),

named as (
    select
        summed.* exclude (resource_key, bill_key),
        resources.* exclude (resource_key),
        bills.invoice_number
    from summed
    inner join {{ ref('stg_partner_center__usage_resources') }} as resources on summed.resource_key = resources.resource_key
    inner join {{ ref('stg_partner_center__usage_bills') }} as bills on summed.bill_key = bills.bill_key
),

claims as (
    select
        billing_month,
        any_value(subscription_id) as subscription_id,
        any_value(resource_id) as resource_id,
        min(first_date) as first_date,
        max(last_date) as last_date,
        string_agg(distinct transacting_partner_id, ', ' order by transacting_partner_id) as transacting_partner_ids,
        claim_key,
        list(distinct resource_partner_key) as resource_partner_keys,
        any_value(customer_id order by last_date desc, customer_id asc) as customer_id,
        any_value(customer_name order by last_date desc, customer_name asc) as customer_name,
        any_value(resource_group_name order by last_date desc, resource_group_name asc) as resource_group_name,
        string_agg(distinct invoice_number, ', ' order by invoice_number) as invoice_numbers,
        (max(last_date) - min(first_date) + 1)::bigint as day_count,
        sum(line_count)::bigint as line_count,
        sum(list_cost_usd)::decimal(38, 18) as list_cost_usd,
        sum(missed_credit_usd)::decimal(38, 18) as missed_credit_usd,
        case when bool_and(is_exact) then 'exact' else 'inferred' end as evidence_strength
    from named
    group by billing_month, claim_key, run
),

claimed_resources as (
    select
        *,
        unnest(resource_partner_keys) as resource_partner_key
    from claims
),

-- What a support ticket must name: the assignments that covered the days, with role, principal, scope and time.
assignments as (
    select distinct
        claims.billing_month,
        claims.claim_key,
        claims.first_date,
        concat(
            intervals.access_path, ' ', intervals.item_id, ' role ', intervals.role_definition_id, ' principal ', intervals.principal_id,
            ' on ', intervals.scope_id, ' from ', coalesce(clipped_intervals.valid_from::varchar, 'before the evidence'),
            ' to ', coalesce(clipped_intervals.valid_to::varchar, 'now')
        ) as assignment
    from claimed_resources as claims
    inner join {{ ref('int_resource_access_intervals') }} as clipped_intervals
        on
            claims.resource_partner_key = clipped_intervals.resource_partner_key
            and {{ from_or_ever('clipped_intervals.valid_from') }} < claims.last_date + interval 1 day
            and {{ to_or_ever('clipped_intervals.valid_to') }} > claims.first_date
    inner join {{ ref('int_qualifying_access_intervals') }} as intervals on clipped_intervals.interval_id = intervals.interval_id
),

evidence as (
    select
        billing_month,
        claim_key,
        first_date,
        string_agg(assignment, '; ' order by assignment) as evidence
    from assignments
    group by billing_month, claim_key, first_date
)

select
    claims.* exclude (claim_key, resource_partner_keys),
    evidence.evidence
from claims
inner join evidence
    on
        claims.billing_month = evidence.billing_month
        and claims.claim_key = evidence.claim_key
        and claims.first_date = evidence.first_date
