-- The statement is the sum of the lines, to the last decimal.
with statement as (
    select
        sum(line_count) as line_count,
        sum(list_cost_usd) as list_cost_usd,
        sum(pec_credit_usd) as pec_credit_usd,
        sum(net_cost_usd) as net_cost_usd,
        sum(missed_credit_usd) as missed_credit_usd,
        sum(recoverable_credit_usd) as recoverable_credit_usd
    from {{ ref('pec_monthly_statement') }}
),

lines as (
    select
        count(*) as line_count,
        sum(list_cost_usd) as list_cost_usd,
        sum(pec_credit_usd) as pec_credit_usd,
        sum(net_cost_usd) as net_cost_usd,
        sum(case when pec_status = 'missed' then pec_credit_usd else 0 end) as missed_credit_usd,
        sum(recoverable_credit_usd) as recoverable_credit_usd
    from {{ ref('fct_pec_charges_daily') }}
),

claims as (
    select coalesce(sum(missed_credit_usd), 0) as claimed_credit_usd from {{ ref('pec_missed_credit') }}
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
    or lines.line_count = 0
