-- The FOCUS datasets are the charges: the same lines, list cost, credit and vendor's total, in both versions, on the days that changed. That there
-- are rows at all, has_rows says of each.
with charges as (
    select
        count(*) as line_count,
        sum(list_cost_usd) as list_cost_usd,
        sum(pec_credit_usd) as pec_credit_usd,
        sum(applied_net_cost_usd) as applied_net_cost_usd
    from {{ ref('fct_pec_charges_daily') }}
    where {{ is_to_be_checked('usage_date') }}
),

focus as (
    select
        count(*) as line_count,
        sum(x_listcostinusd) as list_cost_usd,
        sum(x_partnercreditdueinusd) as pec_credit_usd,
        sum(x_billedcostinusd) as applied_net_cost_usd,
        sum(billedcost) as billed_cost
    from {{ ref('focus_cost_and_usage') }}
    where {{ is_to_be_checked('chargeperiodstart::date') }}
),

focus_1_0 as (
    select
        count(*) as line_count,
        sum(billedcost) as billed_cost
    from {{ ref('focus_cost_and_usage_1_0') }}
    where {{ is_to_be_checked('chargeperiodstart::date') }}
)

select *
from charges, focus, focus_1_0
where
    focus.line_count is distinct from charges.line_count
    or focus.list_cost_usd is distinct from charges.list_cost_usd
    or focus.pec_credit_usd is distinct from charges.pec_credit_usd
    or focus.applied_net_cost_usd is distinct from charges.applied_net_cost_usd
    or focus_1_0.line_count is distinct from charges.line_count
    or focus_1_0.billed_cost is distinct from focus.billed_cost
