-- M3: credit + net = list, exactly; the credit is rate × list, rounded to the 18th decimal, half away from zero; what is recoverable was neither due
-- nor applied.
select usage_line_id
from {{ ref('fct_pec_charges_daily') }}
where
    {{ is_in_changed_month(month_of('usage_date')) }}
    and (
        pec_credit_usd + net_cost_usd is distinct from list_cost_usd
        -- Away from zero is plus for a charge and minus for a refund.
        or coalesce((pec_credit_usd - list_cost_usd * pec_rate) * sign(list_cost_usd) > 0.0000000000000000005, true)
        or (pec_credit_usd - list_cost_usd * pec_rate) * sign(list_cost_usd) <= -0.0000000000000000005
        or pec_rate not between 0 and 1
        or applied_pec_rate not between 0 and 1
        or (recoverable_credit_usd != 0 and pec_status is distinct from 'not_earned')
        or (pec_status in ('earned', 'missed')) is distinct from (pec_reason = 'eligible')
        or (pec_status in ('earned', 'unexpected')) is distinct from (applied_pec_rate > 0)
    )
