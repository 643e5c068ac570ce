-- Accepted usage file groups (export lifecycle): of daily files, and of Cost Management for subscriptions and months of which no daily file has
-- usage, never beside it. One row per usage file group of a current export.
{%- set columns = [
    'content_id', 'source_file', 'bill_key', 'billing_month', 'usage_date', 'customer_id', 'market', 'subscription_id', 'transacting_partner_id',
    'reseller_mpn_id', 'line_count', 'pricing_pre_tax_total', 'partner_id', 'billing_currency', 'invoice_number', 'is_charged_in_month',
] %}
with daily as (
    select *
    from {{ ref('int_usage_exported_groups') }}
    where superseded_by is null
)

select {{ columns | join(', ') }} from daily
union all
select {{ columns | join(', ') }}
from {{ ref('int_cost_management_file_groups') }}
where (subscription_id, billing_month) not in (select (subscription_id, billing_month) from daily)
