{{ config(materialized='incremental', pre_hook="{{ forget_files() }}", post_hook="{{ remember_files() }}") }}
-- What of a file is accepted as a whole or not at all, and what a day's usage is told apart by: counted once, when the file is new.
-- One row per file, export_key, charge period, customer, subscription, transacting partner, reseller and usage day.
with counted as (
    select
        lines.file_id,
        lines.export_key,
        lines.partner_id,
        lines.billing_currency,
        upper(lines.invoice_number) as invoice_number,
        date_trunc('month', lines.usage_date)::date as billing_month,
        coalesce(date_trunc('month', lines.charge_start_date) = date_trunc('month', lines.usage_date), false) as is_charged_in_month,
        resources.customer_id,
        resources.subscription_id,
        resources.transacting_partner_id,
        resources.reseller_mpn_id,
        lines.usage_date,
        count(*) as line_count,
        coalesce(sum(lines.pricing_pre_tax_total), 0) as pricing_pre_tax_total
    from {{ ref('stg_partner_center__daily_rated_usage') }} as lines
    inner join {{ ref('int_usage_resources') }} as resources on lines.resource_key = resources.resource_key
    where {{ is_of_new_file('lines.file_id') }}
    group by all
)

select
    counted.*,
    files.digest
from counted
inner join {{ ref('landing_files') }} as files on counted.file_id = files.file_id
