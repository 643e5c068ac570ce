-- M7: each registered dollar pays missed credit or is named as excess; the runs of a claim share what pays it; and what is left is missed less paid.
with register as (
    select
        claim_id,
        coalesce(sum(settled_usd), 0) as settled_usd
    from {{ ref('base_claims') }}
    where failure is null
    group by claim_id
),

runs as (
    select
        claim_id,
        sum(missed_credit_usd) as missed_credit_usd,
        sum(settled_credit_usd) as settled_credit_usd,
        bool_and(
            settled_credit_usd between 0 and greatest(missed_credit_usd, 0)
            and open_credit_usd = missed_credit_usd - settled_credit_usd
            and (claim_status in ('settled', 'partly_settled')) = (settled_credit_usd > 0)
            and (open_credit_usd > 0 or possible_settlement_usd = 0)
        ) as is_sound
    from {{ ref('pec_missed_credit') }}
    group by claim_id
)

select claims.*
from {{ ref('pec_claims') }} as claims
full join register on claims.claim_id = register.claim_id
full join runs on coalesce(claims.claim_id, register.claim_id) = runs.claim_id
where
    claims.claim_id is null
    or claims.settled_credit_usd + claims.excess_settlement_usd is distinct from coalesce(register.settled_usd, 0)
    or claims.settled_credit_usd is distinct from coalesce(runs.settled_credit_usd, 0)
    or claims.missed_credit_usd is distinct from coalesce(runs.missed_credit_usd, 0)
    or claims.open_credit_usd is distinct from claims.missed_credit_usd - claims.settled_credit_usd
    or (claims.finding is null) is distinct from (runs.claim_id is not null and claims.excess_settlement_usd = 0)
    or not coalesce(runs.is_sound, true)
