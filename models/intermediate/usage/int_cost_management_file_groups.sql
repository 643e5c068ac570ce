-- Which lines of Cost Management count where no daily file does (export lifecycle): the newest export of a subscription and month. Source's defect:
-- each daily run repeats the month so far, and files of one run have no common date in their names.
-- One row per content, bill_key, resource's customer, market, subscription, transacting partner and reseller, and usage day.
with lines as (
    select
        lines.*,
        date_trunc('month', lines.usage_date)::date as billing_month,
        resources.customer_id,
        resources.market,
        resources.subscription_id,
        resources.transacting_partner_id,
        resources.reseller_mpn_id,
        files.export_date,
        -- The last GUID of the path is the run's id: two runs of one day are two exports. Without one, files of a date are parts of one export.
        coalesce(files.ids_in_path[-1], '') as run_id
    from {{ ref('stg_cost_management__usage_lines') }} as lines
    inner join {{ ref('stg_archive__files') }} as files on lines.file_id = files.file_id
    inner join {{ ref('stg_partner_center__usage_resources') }} as resources on lines.resource_key = resources.resource_key
    where lines.is_usage and lines.failure is null
),

exports as (
    select
        subscription_id,
        billing_month,
        export_date,
        run_id,
        max(exported_at) as last_exported_at
    from lines
    group by subscription_id, billing_month, export_date, run_id
    qualify row_number() over (partition by subscription_id, billing_month order by export_date desc, last_exported_at desc, run_id desc) = 1
),

counted as (
    select
        lines.content_id,
        lines.source_file,
        lines.bill_key,
        lines.billing_month,
        lines.usage_date,
        lines.customer_id,
        lines.market,
        lines.subscription_id,
        lines.transacting_partner_id,
        lines.reseller_mpn_id,
        count(*) as line_count,
        coalesce(sum(lines.pricing_pre_tax_total), 0) as pricing_pre_tax_total
    from lines
    inner join exports
        on
            lines.subscription_id = exports.subscription_id
            and lines.billing_month = exports.billing_month
            and lines.export_date = exports.export_date
            and lines.run_id = exports.run_id
    group by all
)

select
    counted.*,
    bills.partner_id,
    bills.billing_currency,
    upper(bills.invoice_number) as invoice_number,
    coalesce(date_trunc('month', bills.charge_start_date) = counted.billing_month, false) as is_charged_in_month
from counted
inner join {{ ref('stg_partner_center__usage_bills') }} as bills on counted.bill_key = bills.bill_key
