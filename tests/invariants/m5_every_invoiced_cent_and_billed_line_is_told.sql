-- M5: every invoice line is in the reconciliation once, and every billed usage line that costs anything is behind exactly one of its rows.
with newest_lines as (
    select subtotal_billing
    from {{ ref('base_invoice_lines') }}
    where failure is null
    qualify export_date is not distinct from max(export_date) over (partition by invoice_number)
),

invoice as (
    select
        count(*) as line_count,
        coalesce(sum(subtotal_billing), 0) as subtotal_billing
    from newest_lines
),

usage as (
    select coalesce(sum(line_count), 0) as line_count from {{ ref('int_invoice_usage') }}
),

billed as (
    select count(*) as line_count
    from {{ ref('fct_pec_charges_daily') }}
    where invoice_number is not null and pec_reason not in ('reservation', 'savings_plan', 'benefit_paid')
),

told as (
    select
        count(source_file) as line_count,
        coalesce(sum(invoiced_billing), 0) as invoiced_billing,
        coalesce(sum(usage_line_count), 0) as usage_line_count
    from {{ ref('invoice_reconciliation') }}
)

select *
from invoice, usage, billed, told
where
    told.line_count is distinct from invoice.line_count
    or told.invoiced_billing is distinct from invoice.subtotal_billing
    or told.usage_line_count is distinct from usage.line_count
    or usage.line_count is distinct from billed.line_count
