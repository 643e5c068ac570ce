-- What Microsoft credited to a customer in the time after a month, in USD (M7). Such credits pay other things too, so they settle nothing.
-- One row per customer and billing month with claims and such a credit.
with credits as (
    select
        lines.customer_id,
        lines.charged_on,
        coalesce(lines.exchange_rate, case when lines.billing_currency = 'USD' then 1::decimal(28, 18) end, rates.units_per_usd) as rate_of_line,
        try(
            ({{ divide('-lines.subtotal_billing', 'rate_of_line', 34, later=10) }})::decimal(38, 0)
            * 0.000000000000000001::decimal(18, 18)
        )::decimal(38, 18) as credit_usd
    from {{ ref('int_invoice_lines') }} as lines
    left join {{ ref('int_exchange_rates') }} as rates
        on lines.billing_currency = rates.currency and {{ month_of('lines.charged_on') }} = rates.rate_month
    where lines.line_kind = 'customer_credit'
),

customer_months as (
    select distinct
        customer_id,
        billing_month
    from {{ ref('int_missed_runs') }}
)

select
    customer_months.customer_id,
    customer_months.billing_month,
    greatest(sum(credits.credit_usd), 0)::decimal(38, 18) as possible_settlement_usd
from customer_months
inner join credits
    on
        customer_months.customer_id = credits.customer_id
        and date_diff('day', last_day(customer_months.billing_month), credits.charged_on) between 1 and {{ var('possible_settlement_days') }}
group by customer_months.customer_id, customer_months.billing_month
