-- M5: an amount in the billing currency is the one in USD at the line's rate (to as many digits as 38 hold); a
-- line that says its own rate is converted at it, and none with a currency that a rate is known for is left without an amount.
select usage_line_id
from {{ ref('fct_pec_charges_daily') }}
where
    {{ is_in_changed_month(month_of('usage_date')) }}
    and (
        (exchange_rate is not null and billing_exchange_rate is distinct from exchange_rate)
        or (billing_exchange_rate is null) is distinct from (net_cost_billing is null)
        {% for amount in ['net_cost', 'pec_credit'] %}
            or (
                abs({{ amount }}_usd) < 1000000
                and case
                    when abs({{ amount }}_usd) < 1000000
                        then abs({{ amount }}_billing - round({{ amount }}_usd, 9) * billing_exchange_rate)
                end > 0.000000001 * greatest(1, billing_exchange_rate)
            )
            -- The same with as many digits as a larger amount leaves room for.
            or abs({{ amount }}_billing - round({{ amount }}_usd, 4)::decimal(24, 4) * round(billing_exchange_rate, 10)::decimal(18, 10))
            > 0.0001 * greatest(1, billing_exchange_rate) + 0.000000001 * abs({{ amount }}_usd)
        {% endfor %}
        or (billing_currency = 'USD' and exchange_rate is null and net_cost_billing != net_cost_usd)
    )
