"""What the report asks of the marts. Names of marts stand without a schema: see figures.opened().

Amounts are exact decimals. MONTHS, DAYS and RUNS make temporary tables that later queries read.
"""

# One row per billing month, the newest: whether it is invoiced, and the days with usage. $months: how many at most.
# $rows: how many rows their statements have at most; two months are there in any case.
MONTHS = """
create temp table report_months as
with months as (
    select billing_month
    from pec_monthly_statement
    group by billing_month
    qualify
        row_number() over (order by billing_month desc) <= $months
        and (sum(count(*)) over (order by billing_month desc) <= $rows or row_number() over (order by billing_month desc) <= 2)
)

select
    billing_month, min(usage_date) as first_day, max(usage_date) as last_day, count(*) filter (where invoice_number is null) = 0 as is_invoiced
from fct_pec_charges_daily
where billing_month in (select billing_month from months)
group by billing_month
"""

ALL_MONTHS = "select count(distinct billing_month) from pec_monthly_statement"

# One row per day, customer, subscription, status and reason.
DAYS = """
create temp table report_days as
select
    billing_month, usage_date, customer_id, subscription_id, pec_status, pec_reason,
    sum(pec_credit_usd) filter (where pec_status = 'earned') as earned,
    sum(pec_credit_usd) filter (where pec_status = 'missed') as missed,
    sum(round(list_cost_usd * applied_pec_rate, 18)) filter (where pec_status = 'unexpected') as unexpected,
    sum(recoverable_credit_usd) as lost,
    bool_or(recoverable_credit_usd != 0) as is_lost
from fct_pec_charges_daily
where billing_month in (select billing_month from report_months)
group by all
"""

# One row per customer, subscription, month and run of days of one state and reason. A day has the state that asks most of the reader, and the reason
# that cost most. A day without usage ends a run.
RUNS = """
create temp table report_runs as
with reasons as (
    select
        billing_month, usage_date, customer_id, subscription_id,
        arg_max(pec_reason, (lost, pec_reason)) filter (where is_lost) as lost_reason,
        arg_max(pec_reason, (unexpected, pec_reason)) filter (where pec_status = 'unexpected') as unexpected_reason,
        sum(earned) as earned, sum(missed) as missed, sum(unexpected) as unexpected, sum(lost) as lost,
        case
            when bool_or(pec_status = 'missed') then 'missed'
            when bool_or(pec_status = 'unexpected') then 'unexpected'
            when bool_or(is_lost) then 'lost'
            when bool_or(pec_status = 'earned') then 'earned'
            else 'none'
        end as state
    from report_days
    group by billing_month, usage_date, customer_id, subscription_id
),

days as (
    select
        * exclude (lost_reason, unexpected_reason),
        case state when 'unexpected' then unexpected_reason when 'missed' then null else lost_reason end as reason
    from reasons
),

islands as (
    select
        *,
        usage_date - row_number() over (
            partition by billing_month, customer_id, subscription_id, state, reason order by usage_date
        )::integer as island
    from days
)

select
    billing_month, customer_id, subscription_id, state, reason, min(usage_date) as first_day, max(usage_date) as last_day,
    coalesce(sum(earned), 0) as earned, coalesce(sum(missed), 0) as missed, coalesce(sum(unexpected), 0) as unexpected, coalesce(sum(lost), 0) as lost
from islands
group by billing_month, customer_id, subscription_id, state, reason, island
"""

# The subscriptions whose calendar is shown: those in which most money is not as it should be. $subscriptions: how many.
CALENDARS = """
create temp table report_calendars as
select customer_id, subscription_id, row_number() over (order by sum(missed + unexpected + lost) desc, subscription_id, customer_id) as rank
from report_runs
group by customer_id, subscription_id
qualify rank <= $subscriptions
"""

SUBSCRIPTIONS = """
with named as (
    select customer_id, subscription_id, any_value(customer_name order by billing_month desc, customer_name) as customer_name
    from pec_monthly_statement
    where billing_month in (select billing_month from report_months)
    group by customer_id, subscription_id
)

select named.customer_id, named.subscription_id, named.customer_name, subscriptions.subscription_name
from named
left join dim_subscription as subscriptions on named.subscription_id = subscriptions.subscription_id
order by lower(named.customer_name), named.customer_id, lower(subscriptions.subscription_name), named.subscription_id
"""

STATEMENT = """
select
    billing_month, transacting_partner_id, customer_id, subscription_id, list_cost_usd, pec_credit_usd, applied_credit_usd, missed_credit_usd,
    unexpected_credit_usd, recoverable_credit_usd
from pec_monthly_statement
where billing_month in (select billing_month from report_months)
order by all
"""

LOST_BY_REASON = """
select billing_month, customer_id, subscription_id, pec_reason, sum(lost) as lost
from report_days
where is_lost
group by all
order by all
"""

RUNS_OF_CALENDARS = """
select
    runs.billing_month, runs.customer_id, runs.subscription_id, runs.state, runs.reason, runs.first_day, runs.last_day, runs.earned, runs.missed,
    runs.unexpected, runs.lost
from report_runs as runs
inner join report_calendars as calendars
    on runs.subscription_id = calendars.subscription_id and runs.customer_id is not distinct from calendars.customer_id
order by calendars.rank, runs.first_day, runs.state
"""

# What is lost now, dearest first.
REPAIRS = """
select
    repair_id, customer_id, customer_name, subscription_id, transacting_partner_id, access_reason, action, scope_id, what_to_do, tenant, tenant_kind,
    done_by, az_command, powershell_command, how_to_check, resource_count, first_lost_date, last_usage_date, lost_credit_usd,
    win_per_day_usd, win_per_month_usd
from pec_repairs
where is_losing_now
order by win_per_month_usd desc, repair_rank, repair_id
"""

CLAIMS = """
select
    claim_id, billing_month, customer_id, customer_name, subscription_id, resource_id, first_date, last_date, day_count, claim_status, claim_by,
    finding,
    submitted_on, ticket, settled_on, missed_credit_usd, settled_credit_usd, open_credit_usd, excess_settlement_usd
from pec_claims
where billing_month is null or billing_month in (select billing_month from report_months)
order by claim_status = 'settled', finding is null, claim_by, open_credit_usd desc, claim_id
"""

# One row per invoice, customer and currency. The invoice is of the newest month of its usage; without usage it is of none.
INVOICES = """
with months as (
    select invoice_number, max(billing_month) as billing_month
    from fct_pec_charges_daily
    where invoice_number is not null
    group by invoice_number
)

select
    lines.invoice_number, months.billing_month, lines.customer_id, lines.billing_currency, sum(lines.invoiced_billing) as invoiced,
    sum(lines.recomputed_billing) as recomputed, sum(lines.difference_billing) as difference,
    count(*) as line_count, count(*) filter (where not lines.within_tolerance) as beyond_count, {causes}
from invoice_reconciliation as lines
left join months on lines.invoice_number = months.invoice_number
where months.billing_month is null or months.billing_month in (select billing_month from report_months)
group by all
order by months.billing_month desc, lines.invoice_number, lines.customer_id, lines.billing_currency
"""

COVERAGE = """
select
    customer_id, subscription_id, first_usage_date, last_usage_date, newest_role_assignments_at, newest_delegations_at, newest_deny_assignments_at,
    activity_log_last_at, days_inferred, days_without_evidence, unresolved_items, credit_in_doubt_usd, to_supply
from evidence_coverage
order by credit_in_doubt_usd desc, to_supply is null, subscription_id
"""

UNRESOLVED = "select reason, count(*) as count, min(repair) as repair from pec_unresolved_access group by reason order by count desc, reason"

CHECKS = """
select check_name, status, found, allowed, items, what_to_do, checked, finding_count, hold_count, acknowledged_count
from data_quality
order by case status when 'hold' then 1 when 'warn' then 2 else 3 end, check_name
"""

AS_OF = "select max(as_of_date) from pec_claims"
EXPORTED = "select max(exported_at) from landed_files where is_in_force and kind in ('daily_rated_usage', 'cost_management')"
FILES = """
select
    count(*) filter (where is_in_force) as file_count, sum(record_count)::bigint as record_count, sum(used_count)::bigint as used_count,
    sum(rejected_count)::bigint as rejected_count
from landed_files
"""
PARTNERS = "select partner_id, partner_name from dim_partner order by partner_id"
TEXTS = "select kind, code, text, explanation from pec_texts order by kind, sort_order, code"
