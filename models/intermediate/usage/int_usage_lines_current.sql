-- The lines of current exports, with the ids that the marts compare by. One row per accepted usage line.
with lines as (
    select
        *,
        date_trunc('month', usage_date)::date as billing_month,
        -- Some meters carry no Azure id here, or something that is none.
        case
            when starts_with(resource_uri, '/subscriptions/') then rtrim(resource_uri, '/')
            when starts_with(resource_uri, 'subscriptions/') then '/' || rtrim(resource_uri, '/')
        end as azure_resource_id
    from {{ ref('stg_partner_center__daily_rated_usage') }}
),

current_exports as (
    select * from {{ ref('int_usage_exports') }}
    where superseded_by is null
),

accepted as (
    select
        lines.*,
        -- Without an Azure subscription of its own a line stands for its plan's, where no access can be found (Decision).
        coalesce(lines.entitlement_id, {{ subscription_of('lines.azure_resource_id') }}, lines.plan_subscription_id) as subscription_id
    from lines
    inner join current_exports
        on
            lines.exported_at = current_exports.exported_at
            and lines.partner_id is not distinct from current_exports.partner_id
            and lines.billing_currency is not distinct from current_exports.billing_currency
            and lines.billing_month = current_exports.billing_month
            and upper(lines.invoice_number) is not distinct from current_exports.invoice_number
),

with_scopes as (
    select
        *,
        '/subscriptions/' || subscription_id || coalesce('/resourcegroups/' || resource_group, '') as group_scope_id
    from accepted
)

select
    usage_line_id,
    source_file,
    line_number,
    usage_date,
    billing_month,
    invoice_number,

    customer_id,
    customer_name,
    customer_country as market,
    plan_subscription_id,
    subscription_id,
    coalesce(nullif(regexp_extract(azure_resource_id, '/resourcegroups/([^/]+)', 1), ''), resource_group) as resource_group_name,
    -- A1: without a resource the line stands for its resource group, else for its subscription.
    coalesce(azure_resource_id, resource_uri, group_scope_id) as resource_id,
    -- Where access to it stands: something that is no Azure id lies in its resource group or subscription all the same.
    coalesce(azure_resource_id, group_scope_id) as access_scope_id,

    mpn_id as transacting_partner_id,
    reseller_mpn_id,

    product_id,
    sku_id,
    meter_id,
    meter_category,
    meter_name,
    publisher_name,
    benefit_type,
    credit_type,
    applied_credit_rate,

    quantity,
    unit_price,
    applied_pec_rate,
    pricing_pre_tax_total,
    billing_pre_tax_total,
    billing_currency,
    exchange_rate,
    effective_unit_price
from with_scopes
