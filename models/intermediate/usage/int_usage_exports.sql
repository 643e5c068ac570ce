-- Which exports count (export lifecycle). Source's defect: unbilled exports are month-to-date and arrive daily, and the billed export repeats the
-- unbilled one. Guarantee: every group of lines is current in exactly one of them.
-- One row per export date, partner, billing currency, usage month and invoice number (none: unbilled).
with groups as (
    select
        files.export_date as exported_at,
        file_groups.partner_id,
        file_groups.billing_currency,
        file_groups.billing_month,
        file_groups.invoice_number,
        bool_or(file_groups.is_charged_in_month) as is_charged_in_month,
        sum(file_groups.line_count) as line_count,
        sum(file_groups.pricing_pre_tax_total) as pricing_pre_tax_total
    from {{ ref('int_usage_file_groups') }} as file_groups
    inner join {{ ref('stg_archive__files') }} as files on file_groups.content_id = files.content_id
    where files.kind = 'daily_rated_usage' and files.is_in_force
    group by all
),

newest as (
    select
        *,
        max(exported_at) over (
            partition by
                invoice_number,
                case when invoice_number is null then struct_pack(partner_id, billing_currency, billing_month) end
        ) as newest_exported_at
    from groups
),

-- An invoice covers the newest month of its usage, and every month whose own charge period it bills; older usage on it is correction. What an older
-- export of the invoice said counts no more.
invoiced_months as (
    select distinct
        partner_id,
        billing_currency,
        billing_month
    from newest
    where invoice_number is not null and exported_at = newest_exported_at
    qualify is_charged_in_month or billing_month = max(billing_month) over (partition by invoice_number)
)

select
    newest.exported_at,
    newest.partner_id,
    newest.billing_currency,
    newest.billing_month,
    newest.invoice_number,
    newest.line_count,
    newest.pricing_pre_tax_total,
    case
        when newest.exported_at < newest.newest_exported_at then 'newer_export'
        when newest.invoice_number is null and invoiced_months.billing_month is not null then 'billed_export'
    end as superseded_by
from newest
left join invoiced_months
    on
        newest.partner_id is not distinct from invoiced_months.partner_id
        and newest.billing_currency is not distinct from invoiced_months.billing_currency
        and newest.billing_month = invoiced_months.billing_month
