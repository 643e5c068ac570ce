with lines as (
    select * from {{ ref('int_usage_lines') }}
),

rated as (
    select * from {{ ref('int_rated_lines') }}
    where not is_beyond_types
),

eligibility as (
    select * from {{ ref('fct_pec_eligibility_daily') }}
),

rates as (
    select * from {{ ref('pec_rates') }}
),

exchange_rates as (
    select * from {{ ref('int_exchange_rates') }}
),

joined as (
    select
        lines.*,
        coalesce(
            lines.exchange_rate, case when lines.billing_currency = 'USD' then 1::decimal(28, 18) end, exchange_rates.units_per_usd
        ) as billing_exchange_rate,
        rated.* exclude (usage_line_id),
        eligibility.access_reason,
        -- P3: the rate of the usage day.
        coalesce(rates.pec_rate, 0::decimal(5, 4)) as rate_of_day,
        rated.product_reason is null and eligibility.access_reason = 'full_day' as is_due
    from lines
    inner join rated on lines.usage_line_id = rated.usage_line_id
    inner join eligibility
        on
            lines.usage_date = eligibility.usage_date
            and lines.subscription_id = eligibility.subscription_id
            and lines.resource_id = eligibility.resource_id
            and lines.transacting_partner_id = eligibility.transacting_partner_id
    left join rates
        on lines.usage_date >= coalesce(rates.valid_from, lines.usage_date) and (rates.valid_to is null or lines.usage_date < rates.valid_to)
    left join exchange_rates on lines.billing_currency = exchange_rates.currency and lines.billing_month = exchange_rates.rate_month
),

credited as (
    select
        *,
        case when is_due then rate_of_day else 0::decimal(5, 4) end as pec_rate,
        applied_pec_rate > 0 as is_applied
    from joined
)

select
    usage_line_id,
    source_file,
    usage_date,
    billing_month,
    invoice_number,

    customer_id,
    customer_name,
    plan_subscription_id,
    subscription_id,
    resource_group_name,
    resource_id,
    transacting_partner_id,
    reseller_partner_id,

    product_id,
    sku_id,
    meter_id,
    meter_category,
    meter_name,

    quantity,
    list_unit_price,
    list_cost_usd,
    pec_rate,
    -- M3: credit and net at full precision.
    (list_cost_usd * pec_rate)::decimal(38, 28) as pec_credit_usd,
    (list_cost_usd - list_cost_usd * pec_rate)::decimal(38, 28) as net_cost_usd,
    applied_pec_rate,
    pricing_pre_tax_total as applied_net_cost_usd,

    case
        when is_due and is_applied then 'earned'
        when is_due then 'missed'
        when is_applied then 'unexpected'
        else 'not_earned'
    end as pec_status,
    case
        when is_due then 'eligible'
        else coalesce(product_reason, access_reason)
    end as pec_reason,
    case
        when not is_due and product_reason is null and not is_applied then (list_cost_usd * rate_of_day)::decimal(38, 28)
        else 0::decimal(38, 28)
    end as recoverable_credit_usd,

    billing_currency,
    exchange_rate,
    billing_exchange_rate,
    {{ in_billing_currency('list_cost_usd * pec_rate', 'billing_exchange_rate') }} as pec_credit_billing,
    {{ in_billing_currency('list_cost_usd - list_cost_usd * pec_rate', 'billing_exchange_rate') }} as net_cost_billing
from credited
