{{ config(pre_hook="{{ delete_changed_months() }}") }}
-- List cost, credit and status of each line, with keys instead of names (names are joined in int_enriched_charges). One row per accepted usage
-- line.
with joined as (
    select
        lines.*,
        eligibility.access_reason,
        -- P3: the rate of the usage day.
        coalesce(rates.pec_rate, 0::decimal(5, 4)) as rate_of_day,
        lines.product_reason is null and eligibility.access_reason = 'full_day' as is_due,
        lines.applied_pec_rate > 0 as is_applied
    from {{ ref('int_rated_lines') }} as lines
    inner join {{ ref('int_eligibility_days') }} as eligibility
        on lines.usage_date = eligibility.usage_date and lines.resource_partner_key = eligibility.resource_partner_key
    left join {{ ref('pec_rates') }} as rates on {{ is_in_force('rates', 'lines.usage_date') }}
    where {{ is_in_changed_month('lines.billing_month') }}
),

rated as (
    select
        *,
        -- Recoverable: only access or agreement is missing, and Microsoft has not applied credit.
        not is_due and product_reason is null and not is_applied as is_recoverable,
        {{ credit_at('joined', 'rate_of_day') }} as credit_of_day_usd
    from joined
)

select
    content_id,
    record_number,
    line_number,
    usage_date,
    billing_month,
    resource_key,
    resource_partner_key,
    product_key,
    meter_key,
    bill_key,
    detail_key,

    quantity,
    unit_price,
    list_unit_price,
    billable_quantity,
    list_cost_usd,
    difference_kind,
    vendor_list_cost_usd,

    case when is_due then rate_of_day else 0::decimal(5, 4) end as pec_rate,
    case when is_recoverable then rate_of_day else 0::decimal(5, 4) end as recoverable_pec_rate,
    applied_pec_rate,
    -- M3: credit is rounded here, once. Net cost is list cost less credit.
    case when is_due then credit_of_day_usd else 0 end::decimal(38, 18) as pec_credit_usd,
    case when is_recoverable then credit_of_day_usd else 0 end::decimal(38, 18) as recoverable_credit_usd,
    case
        when not is_applied then 0
        when applied_pec_rate = rate_of_day then credit_of_day_usd
        else {{ credit_at('rated', 'applied_pec_rate') }}
    end::decimal(38, 18) as applied_credit_usd,
    pricing_pre_tax_total as applied_net_cost_usd,
    billing_pre_tax_total as applied_net_cost_billing,
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
    is_covered_by_benefit,
    is_tiered,

    exchange_rate
from rated
