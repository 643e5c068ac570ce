-- Restatements: the newest version of every statement is what the statement says now, so that the history told its way up to it.
with newest as (
    select
        billing_month,
        transacting_partner_id,
        subscription_id,
        net_cost_usd
    from {{ ref('pec_statement_history') }}
    where as_of_until is null and line_count > 0
),

statement as (
    select
        billing_month,
        transacting_partner_id,
        subscription_id,
        sum(net_cost_usd) as net_cost_usd
    from {{ ref('pec_monthly_statement') }}
    group by billing_month, transacting_partner_id, subscription_id
)

select *
from newest
full join statement
    on
        newest.billing_month = statement.billing_month
        and newest.transacting_partner_id = statement.transacting_partner_id
        and newest.subscription_id = statement.subscription_id
where newest.net_cost_usd is distinct from statement.net_cost_usd
