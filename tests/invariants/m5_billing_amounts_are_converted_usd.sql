{{ config(meta={'looks_at': ['int_exchange_rates']}) }}
-- M5: an amount in the billing currency is the one in USD at the line's rate, to the 12 decimals that conversion holds; a line that says its own
-- rate is converted at it, and none with a currency that a rate is known for is left without an amount.
select usage_line_id
from {{ ref('fct_pec_charges_daily') }}
where
    {{ is_to_be_checked('usage_date') }}
    and (
        (exchange_rate is not null and billing_exchange_rate is distinct from exchange_rate)
        or (billing_exchange_rate is null) is distinct from (net_cost_billing is null)
        or abs(net_cost_billing - round(net_cost_usd, 12)::decimal(24, 12) * round(billing_exchange_rate, 12)::decimal(24, 12)) > 0.000000001
        or abs(pec_credit_billing - round(pec_credit_usd, 12)::decimal(24, 12) * round(billing_exchange_rate, 12)::decimal(24, 12)) > 0.000000001
        or (billing_currency = 'USD' and exchange_rate is null and net_cost_billing != round(net_cost_usd, 12))
    )
