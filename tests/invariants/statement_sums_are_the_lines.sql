-- A month's statement is the sum of its lines, to the last decimal, and so are its claims.
with statement as (
    select
        coalesce(sum(line_count), 0) as line_count,
        sum(list_cost_usd) as list_cost_usd,
        sum(pec_credit_usd) as pec_credit_usd,
        sum(net_cost_usd) as net_cost_usd,
        coalesce(sum(missed_credit_usd), 0) as missed_credit_usd,
        sum(recoverable_credit_usd) as recoverable_credit_usd
    from {{ ref('pec_monthly_statement') }}
    where {{ is_in_changed_month('billing_month') }}
),

lines as (
    select
        count(*) as line_count,
        sum(list_cost_usd) as list_cost_usd,
        sum(pec_credit_usd) as pec_credit_usd,
        sum(net_cost_usd) as net_cost_usd,
        coalesce(sum(pec_credit_usd) filter (where pec_status = 'missed'), 0) as missed_credit_usd,
        sum(recoverable_credit_usd) as recoverable_credit_usd
    from {{ ref('fct_pec_charges_daily') }}
    where {{ is_in_changed_month('billing_month') }}
),

claims as (
    select coalesce(sum(missed_credit_usd), 0) as claimed_credit_usd
    from {{ ref('pec_missed_credit') }}
    where {{ is_in_changed_month('billing_month') }}
)

select *
from statement, lines, claims
where
    statement.line_count is distinct from lines.line_count
    or statement.list_cost_usd is distinct from lines.list_cost_usd
    or statement.pec_credit_usd is distinct from lines.pec_credit_usd
    or statement.net_cost_usd is distinct from lines.net_cost_usd
    or statement.missed_credit_usd is distinct from lines.missed_credit_usd
    or statement.recoverable_credit_usd is distinct from lines.recoverable_credit_usd
    or claims.claimed_credit_usd is distinct from lines.missed_credit_usd
    or not exists (select 1 from {{ ref('fct_pec_charges_daily') }})
