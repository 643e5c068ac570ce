{{ config(materialized='incremental', pre_hook="{{ forget_files() }}", post_hook="{{ remember_files() }}") }}
-- What of a file is accepted as a whole or not at all, and what a day's usage is told apart by: counted once, when the file is new.
-- One row per file, bill_key, resource's customer, subscription, transacting partner and reseller, and usage day.
with counted as (
    select
        lines.file_id,
        lines.bill_key,
        lines.billing_month,
        lines.usage_date,
        resources.customer_id,
        resources.subscription_id,
        resources.transacting_partner_id,
        resources.reseller_mpn_id,
        count(*) as line_count,
        coalesce(sum(lines.pricing_pre_tax_total), 0) as pricing_pre_tax_total
    from {{ ref('stg_partner_center__daily_rated_usage') }} as lines
    inner join {{ ref('int_usage_resources') }} as resources on lines.resource_key = resources.resource_key
    where {{ is_of_new_file('lines.file_id') }}
    group by all
)

select
    counted.*,
    bills.partner_id,
    bills.billing_currency,
    upper(bills.invoice_number) as invoice_number,
    coalesce(date_trunc('month', bills.charge_start_date) = counted.billing_month, false) as is_charged_in_month,
    files.digest
from counted
inner join {{ ref('stg_partner_center__usage_bills') }} as bills on counted.bill_key = bills.bill_key
inner join {{ ref('landing_files') }} as files on counted.file_id = files.file_id
