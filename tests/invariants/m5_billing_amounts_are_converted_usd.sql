{{ config(meta={'looks_at': ['int_exchange_rates']}) }}
-- M5: amounts in the billing currency are those in USD at the line's rate, to the 12 decimals that conversion holds; a line that says its own rate is
-- converted at it, one in USD at 1, and none with a currency that a rate is known for is left without an amount. Lines of one rate are looked at as
-- sums: each may be half a unit of the 12th decimal, times the rate, from the exact product.
with rates as (
    select
        usage_date,
        billing_currency,
        billing_exchange_rate,
        round(billing_exchange_rate, 12)::decimal(24, 12) as rate,
        count(*) as line_count,
        sum(net_cost_usd) as net_cost_usd,
        sum(net_cost_billing) as net_cost_billing,
        sum(pec_credit_usd) as pec_credit_usd,
        sum(pec_credit_billing) as pec_credit_billing,
        count(net_cost_billing) as net_cost_count,
        count(pec_credit_billing) as pec_credit_count,
        bool_or(exchange_rate is not null and billing_exchange_rate is distinct from exchange_rate) as is_of_another_rate,
        bool_or(billing_currency = 'USD' and exchange_rate is null and billing_exchange_rate is distinct from 1) as is_of_another_dollar
    from {{ ref('fct_pec_charges_daily') }}
    where {{ is_to_be_checked('usage_date') }}
    group by usage_date, billing_currency, billing_exchange_rate
)

select *
from rates
where
    is_of_another_rate
    or is_of_another_dollar
    or net_cost_count != case when rate is null then 0 else line_count end
    or pec_credit_count != case when rate is null then 0 else line_count end
    or abs(net_cost_billing - round(net_cost_usd, 12)::decimal(24, 12) * rate) > line_count * rate * 0.000000000001
    or abs(pec_credit_billing - round(pec_credit_usd, 12)::decimal(24, 12) * rate) > line_count * rate * 0.000000000001
