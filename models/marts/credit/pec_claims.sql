-- M7: what is due, what the register says, and what is left. Only the register settles a claim.
with claimed as (
    select
        claim_id,
        any_value(billing_month) as billing_month,
        any_value(claiming_partner_id) as transacting_partner_id,
        any_value(customer_id order by first_date desc) as customer_id,
        any_value(customer_name order by first_date desc) as customer_name,
        any_value(subscription_id) as subscription_id,
        any_value(resource_id) as resource_id,
        min(first_date) as first_date,
        max(last_date) as last_date,
        sum(day_count)::bigint as day_count,
        sum(missed_credit_usd)::decimal(38, 18) as missed_credit_usd
    from {{ ref('int_missed_runs') }}
    group by claim_id
),

-- A claim may be paid in parts: one row of the register each.
register as (
    select
        claim_id,
        min(submitted_on) as submitted_on,
        string_agg(distinct ticket, ', ' order by ticket) as ticket,
        max(settled_on) as settled_on,
        coalesce(sum(settled_usd), 0)::decimal(38, 18) as registered_settlement_usd,
        string_agg(distinct note, '; ' order by note) as note
    from {{ ref('base_claims') }}
    where failure is null
    group by claim_id
),

settled as (
    select
        coalesce(claimed.claim_id, register.claim_id) as claim_id,
        claimed.* exclude (claim_id, missed_credit_usd),
        register.* exclude (claim_id, registered_settlement_usd),
        register.claim_id is not null as is_registered,
        claimed.claim_id is null as is_unknown,
        coalesce(claimed.missed_credit_usd, 0)::decimal(38, 18) as missed_credit_usd,
        coalesce(register.registered_settlement_usd, 0)::decimal(38, 18) as registered_settlement_usd,
        -- A claim of refunded usage alone is negative: it is settled by nothing.
        least(
            greatest(coalesce(claimed.missed_credit_usd, 0), 0)::decimal(38, 18), coalesce(register.registered_settlement_usd, 0)::decimal(38, 18)
        ) as settled_credit_usd,
        (last_day(claimed.billing_month) + {{ var('claim_days') }})::date as claim_by,
        as_of.as_of_date
    from claimed
    full join register on claimed.claim_id = register.claim_id
    -- The day on which claims are judged.
    cross join {{ ref('int_as_of_date') }} as as_of
)

select
    settled.* exclude (is_unknown),
    (missed_credit_usd - settled_credit_usd)::decimal(38, 18) as open_credit_usd,
    (registered_settlement_usd - settled_credit_usd)::decimal(38, 18) as excess_settlement_usd,
    case when missed_credit_usd > settled_credit_usd then coalesce(possible.possible_settlement_usd, 0) else 0 end::decimal(38, 18)
        as possible_settlement_usd,
    case
        when is_unknown then null
        when settled_credit_usd > 0 then case when settled_credit_usd < missed_credit_usd then 'partly_settled' else 'settled' end
        when is_registered then 'submitted'
        when as_of_date > claim_by then 'late'
        else 'open'
    end as claim_status,
    case
        when is_unknown then 'unknown_claim'
        when registered_settlement_usd > settled_credit_usd then 'settled_more_than_claimed'
    end as finding
from settled
left join {{ ref('int_possible_settlements') }} as possible
    on settled.customer_id = possible.customer_id and settled.billing_month = possible.billing_month
