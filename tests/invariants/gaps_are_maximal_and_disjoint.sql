-- Gaps of one resource under one partner neither overlap nor touch, and none is empty.
select *
from (
    select
        *,
        lag({{ to_or_ever('gap_end') }}) over (partition by transacting_partner_id, subscription_id, resource_id order by gap_start) as ended_before
    from {{ ref('pec_access_gaps') }}
)
where gap_start >= {{ to_or_ever('gap_end') }} or gap_start <= ended_before
