-- The FOCUS datasets are the charges: the same lines, list cost, credit and vendor's total, on the days that changed. They are read as version 1.0,
-- which is a selection from the other, and of the other what is billed. That there are rows at all, has_rows says of each.
with charges as (
    select
        count(*) as line_count,
        sum(list_cost_usd) as list_cost_usd,
        sum(pec_credit_usd) as pec_credit_usd,
        sum(applied_net_cost_usd) as applied_net_cost_usd,
        -- Where the vendor leaves no line's total in the billing currency out, what is billed is their sum.
        case when count(applied_net_cost_billing) = count(*) then sum(applied_net_cost_billing) end as billed_cost
    from {{ ref('int_charge_lines') }}
    where {{ is_in_changed_month(month_of('usage_date')) }}
),

focus as (
    select
        count(*) as line_count,
        sum(x_listcostinusd) as list_cost_usd,
        sum(x_partnercreditdueinusd) as pec_credit_usd,
        sum(x_billedcostinusd) as applied_net_cost_usd,
        sum(billedcost) as billed_cost
    from {{ ref('focus_cost_and_usage_1_0') }}
    where {{ is_in_changed_month(month_of('chargeperiodstart::date')) }}
),

focus_1_2 as (
    select sum(billedcost) as billed_cost
    from {{ ref('focus_cost_and_usage') }}
    where {{ is_in_changed_month(month_of('chargeperiodstart::date')) }}
)

select *
from charges, focus, focus_1_2
where
    focus.line_count is distinct from charges.line_count
    or focus.list_cost_usd is distinct from charges.list_cost_usd
    or focus.pec_credit_usd is distinct from charges.pec_credit_usd
    or focus.applied_net_cost_usd is distinct from charges.applied_net_cost_usd
    or focus.billed_cost is distinct from focus_1_2.billed_cost
    or focus.billed_cost != charges.billed_cost
