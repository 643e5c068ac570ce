with charges as (
    select * from {{ ref('fct_pec_charges_daily') }}
)

select
    billing_month,
    transacting_partner_id,
    customer_id,
    subscription_id,
    any_value(customer_name order by usage_date desc, customer_name asc) as customer_name,
    count(*) as line_count,
    sum(list_cost_usd)::decimal(38, 24) as list_cost_usd,
    sum(pec_credit_usd)::decimal(38, 28) as pec_credit_usd,
    sum(net_cost_usd)::decimal(38, 28) as net_cost_usd,
    sum((list_cost_usd * applied_pec_rate)::decimal(38, 28))::decimal(38, 28) as applied_credit_usd,
    coalesce(sum(pec_credit_usd) filter (where pec_status = 'missed'), 0)::decimal(38, 28) as missed_credit_usd,
    coalesce(sum((list_cost_usd * applied_pec_rate)::decimal(38, 28)) filter (where pec_status = 'unexpected'), 0)::decimal(38, 28)
        as unexpected_credit_usd,
    sum(recoverable_credit_usd)::decimal(38, 28) as recoverable_credit_usd
from charges
group by billing_month, transacting_partner_id, customer_id, subscription_id
