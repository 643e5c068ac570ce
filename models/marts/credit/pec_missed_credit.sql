-- The claims for support, run by run, with their evidence and what is left of them (M7).
with runs as (
    select
        *,
        coalesce(sum(greatest(missed_credit_usd, 0)) over (
            partition by claim_id order by first_date rows between unbounded preceding and 1 preceding
        ), 0) as claimed_before_usd
    from {{ ref('int_missed_runs') }}
),

-- Settlements fill the oldest run of a claim first. A run of refunded usage misses less than nothing: nothing pays it.
settled as (
    select
        runs.* exclude (claiming_partner_id, claimed_before_usd),
        runs.claiming_partner_id as transacting_partner_id,
        claims.claim_by,
        claims.as_of_date,
        claims.is_registered,
        coalesce(possible.possible_settlement_usd, 0) as possible_for_claim_usd,
        least(greatest(runs.missed_credit_usd, 0), greatest(claims.settled_credit_usd - runs.claimed_before_usd, 0))::decimal(38, 18)
            as settled_credit_usd
    from runs
    inner join {{ ref('pec_claims') }} as claims on runs.claim_id = claims.claim_id
    left join {{ ref('int_possible_settlements') }} as possible
        on claims.customer_id = possible.customer_id and claims.billing_month = possible.billing_month
),

claimed_resources as (
    select
        *,
        unnest(resource_partner_keys) as resource_partner_key
    from settled
),

principals as (
    select * from {{ ref('int_principal_names') }}
),

roles as (
    select * from {{ ref('int_role_names') }}
),

-- What a support ticket must name: the assignments that covered the days, with role, principal, scope and time, from their true begin on.
assignments as (
    select distinct
        claims.billing_month,
        claims.subscription_id,
        claims.resource_id,
        claims.first_date,
        intervals.source_file,
        concat(
            intervals.access_path, ' ', intervals.item_id, ' role ', coalesce(roles.role_name || ' ', ''), intervals.role_definition_id,
            ' principal ', coalesce(principals.principal_name || ' ', ''), intervals.principal_id,
            case
                when intervals.identity_id != intervals.principal_id
                    then ' through its member ' || coalesce(members.principal_name || ' ', '') || intervals.identity_id
                else ''
            end,
            ' on ', intervals.scope_id, ' from ', coalesce(grants.valid_from::varchar, 'before the evidence'),
            case
                when intervals.valid_from is distinct from grants.valid_from then ' (counts from ' || intervals.valid_from::varchar || ')' else ''
            end,
            ' to ', coalesce(intervals.valid_to::varchar, 'now')
        ) as assignment
    from claimed_resources as claims
    inner join {{ ref('int_resource_access_intervals') }} as clipped_intervals
        on
            claims.resource_partner_key = clipped_intervals.resource_partner_key
            and {{ from_or_ever('clipped_intervals.valid_from') }} < claims.last_date + interval 1 day
            and {{ to_or_ever('clipped_intervals.valid_to') }} > claims.first_date
    inner join {{ ref('int_qualifying_access_intervals') }} as intervals on clipped_intervals.interval_id = intervals.interval_id
    inner join {{ ref('int_access_grants') }} as grants on intervals.grant_id = grants.grant_id
    left join roles on intervals.role_definition_id = roles.role_definition_id
    left join principals on intervals.principal_id = principals.principal_id
    left join principals as members on intervals.identity_id = members.principal_id
),

evidence as (
    select
        billing_month,
        subscription_id,
        resource_id,
        first_date,
        string_agg(distinct assignment, '; ' order by assignment) as evidence,
        string_agg(distinct source_file, ', ' order by source_file) as evidence_files
    from assignments
    group by billing_month, subscription_id, resource_id, first_date
)

select
    settled.* exclude (resource_partner_keys, usage_files, is_registered, as_of_date, possible_for_claim_usd, settled_credit_usd),
    settled.settled_credit_usd,
    (settled.missed_credit_usd - settled.settled_credit_usd)::decimal(38, 18) as open_credit_usd,
    case
        when settled.missed_credit_usd > settled.settled_credit_usd then settled.possible_for_claim_usd else 0
    end::decimal(38, 18) as possible_settlement_usd,
    -- A run of a claim that is paid in part may be without payment: it is submitted all the same.
    case
        when settled.settled_credit_usd > 0
            then case when settled.settled_credit_usd < settled.missed_credit_usd then 'partly_settled' else 'settled' end
        when settled.is_registered then 'submitted'
        when settled.as_of_date > settled.claim_by then 'late'
        else 'open'
    end as claim_status,
    evidence.evidence,
    concat_ws(', ', settled.usage_files, evidence.evidence_files) as source_files,
    concat_ws(
        chr(10),
        'Partner earned credit that was not applied. Our reference: ' || settled.claim_id,
        'Customer: ' || coalesce(settled.customer_name || ', ', '') || 'tenant ' || coalesce(settled.customer_id, 'unknown'),
        'Partner ID: ' || settled.transacting_partner_ids,
        'Subscription: ' || settled.subscription_id,
        'Resource: ' || settled.resource_id,
        concat('Days (UTC): ', settled.first_date, ' to ', settled.last_date, ', ', settled.day_count, ' in all'),
        'Invoices: ' || coalesce(settled.invoice_numbers, 'not yet billed'),
        concat('List cost: ', round(settled.list_cost_usd, 2)::decimal(38, 2), ' USD'),
        concat('Credit missed: ', round(settled.missed_credit_usd, 2)::decimal(38, 2), ' USD'),
        case
            when settled.settled_credit_usd > 0
                then concat('Of it already paid: ', round(settled.settled_credit_usd, 2)::decimal(38, 2), ' USD')
        end,
        'Evidence: on each of these days we had access with an eligible role for all 24 hours, by ' || evidence.evidence || '.'
    ) as ticket_text
from settled
inner join evidence
    on
        settled.billing_month = evidence.billing_month
        and settled.subscription_id = evidence.subscription_id
        and settled.resource_id = evidence.resource_id
        and settled.first_date = evidence.first_date
