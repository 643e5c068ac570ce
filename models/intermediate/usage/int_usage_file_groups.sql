{{ config(pre_hook="{{ delete_outdated('daily_rated_usage') }}") }}
-- The grouping used for acceptance: lines of one content that are accepted or superseded together. Counted once, when the content is new.
-- One row per content, bill_key, resource's customer, market, subscription, transacting partner and reseller, and usage day.
with counted as (
    select
        lines.content_id,
        lines.bill_key,
        date_trunc('month', lines.usage_date)::date as billing_month,
        lines.usage_date,
        resources.customer_id,
        resources.market,
        resources.subscription_id,
        resources.transacting_partner_id,
        resources.reseller_mpn_id,
        count(*) as line_count,
        coalesce(sum(lines.pricing_pre_tax_total), 0) as pricing_pre_tax_total
    from {{ ref('stg_partner_center__usage_lines') }} as lines
    inner join {{ ref('stg_partner_center__usage_resources') }} as resources on lines.resource_key = resources.resource_key
    where lines.failure is null and lines.content_id in ({{ unread_contents('daily_rated_usage') }})
    group by all
)

select
    counted.*,
    bills.partner_id,
    bills.billing_currency,
    upper(bills.invoice_number) as invoice_number,
    coalesce(date_trunc('month', bills.charge_start_date) = counted.billing_month, false) as is_charged_in_month,
    (select rules_version from {{ ref('project_version') }}) as rules_version
from counted
inner join {{ ref('stg_partner_center__usage_bills') }} as bills on counted.bill_key = bills.bill_key
