-- What is claimed: runs of days with missed lines. Lines are summed by key first; names are joined to the sums.
-- One row per billing month, subscription, resource and run of consecutive days, each with a missed line.
with missed as (
    select
        charges.billing_month,
        hash(resources.subscription_id, resources.resource_id) as claim_key,
        charges.usage_date,
        charges.resource_key,
        charges.bill_key,
        charges.content_id,
        count(*) as line_count,
        sum(charges.list_cost_usd) as list_cost_usd,
        sum(charges.pec_credit_usd) as missed_credit_usd,
        bool_and(eligibility.evidence_strength = 'exact') as is_exact
    from {{ ref('int_charge_lines') }} as charges
    inner join {{ ref('int_eligibility_days') }} as eligibility
        on charges.usage_date = eligibility.usage_date and charges.resource_partner_key = eligibility.resource_partner_key
    inner join {{ ref('stg_partner_center__usage_resources') }} as resources on charges.resource_key = resources.resource_key
    where charges.pec_status = 'missed'
    group by charges.billing_month, claim_key, charges.usage_date, charges.resource_key, charges.bill_key, charges.content_id
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
        content_id,
        min(usage_date) as first_date,
        max(usage_date) as last_date,
        sum(line_count) as line_count,
        sum(list_cost_usd) as list_cost_usd,
        sum(missed_credit_usd) as missed_credit_usd,
        bool_and(is_exact) as is_exact
    from runs
    group by billing_month, claim_key, run, resource_key, bill_key, content_id
),

named as (
    select
        summed.* exclude (resource_key, bill_key, content_id),
        resources.* exclude (resource_key),
        bills.invoice_number,
        files.source_file
    from summed
    inner join {{ ref('stg_partner_center__usage_resources') }} as resources on summed.resource_key = resources.resource_key
    inner join {{ ref('stg_partner_center__usage_bills') }} as bills on summed.bill_key = bills.bill_key
    left join {{ ref('stg_archive__files') }} as files
        on summed.content_id = files.content_id and files.kind in ('daily_rated_usage', 'cost_management') and files.is_in_force
),

claimed as (
    select
        billing_month,
        any_value(subscription_id) as subscription_id,
        any_value(resource_id) as resource_id,
        min(first_date) as first_date,
        max(last_date) as last_date,
        -- A run may go on over a transfer. The claim is that of the partner with whom it begins, so that later days do not give it another id.
        any_value(transacting_partner_id order by first_date, transacting_partner_id) as claiming_partner_id,
        string_agg(distinct transacting_partner_id, ', ' order by transacting_partner_id) as transacting_partner_ids,
        list(distinct resource_partner_key) as resource_partner_keys,
        any_value(customer_id order by last_date desc, customer_id asc) as customer_id,
        any_value(customer_name order by last_date desc, customer_name asc) as customer_name,
        any_value(resource_group_name order by last_date desc, resource_group_name asc) as resource_group_name,
        string_agg(distinct invoice_number, ', ' order by invoice_number) as invoice_numbers,
        string_agg(distinct source_file, ', ' order by source_file) as usage_files,
        date_diff('day', min(first_date), max(last_date)) + 1 as day_count,
        sum(line_count)::bigint as line_count,
        sum(list_cost_usd)::decimal(38, 18) as list_cost_usd,
        sum(missed_credit_usd)::decimal(38, 18) as missed_credit_usd,
        case when bool_and(is_exact) then 'exact' else 'inferred' end as evidence_strength
    from named
    group by billing_month, claim_key, run
)

select
    *,
    -- M7: the runs of a resource in a month are one claim. md5 of text is the same on any engine and in any build.
    md5(concat_ws('|', strftime(billing_month, '%Y-%m-%d'), claiming_partner_id, subscription_id, resource_id)) as claim_id
from claimed
