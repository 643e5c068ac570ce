-- Accepted usage file groups (export lifecycle): of daily files, and of Cost Management for subscriptions and months of which no daily file has
-- usage, never beside it. One row per usage file group of a current export.
{%- set columns = [
    'content_id', 'source_file', 'bill_key', 'billing_month', 'usage_date', 'customer_id', 'market', 'subscription_id', 'transacting_partner_id',
    'reseller_mpn_id', 'line_count', 'pricing_pre_tax_total', 'partner_id', 'billing_currency', 'invoice_number', 'is_charged_in_month',
] %}
with daily as (
    select
        file_groups.*,
        files.source_file
    from {{ ref('int_usage_file_groups') }} as file_groups
    inner join {{ ref('stg_archive__files') }} as files on file_groups.content_id = files.content_id
    inner join {{ ref('int_usage_exports') }} as exports
        on
            files.export_date = exports.exported_at
            and file_groups.partner_id is not distinct from exports.partner_id
            and file_groups.billing_currency is not distinct from exports.billing_currency
            and file_groups.billing_month = exports.billing_month
            and file_groups.invoice_number is not distinct from exports.invoice_number
    where exports.superseded_by is null and files.kind = 'daily_rated_usage' and files.is_in_force
)

select {{ columns | join(', ') }} from daily
union all
select {{ columns | join(', ') }}
from {{ ref('int_cost_management_file_groups') }}
where (subscription_id, billing_month) not in (select (subscription_id, billing_month) from daily)
