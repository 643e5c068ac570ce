{{ config(materialized='incremental', pre_hook="{{ forget_charges('int_charge_day_versions') }}") }}
-- What is due for each line, on keys and numbers only: names are stored once, with what they name, and meet the lines in int_named_charges.
-- One row per accepted usage line that the types of the marts hold.
with joined as (
    select
        lines.*,
        eligibility.access_reason,
        -- P3: the rate of the usage day.
        coalesce(rates.pec_rate, 0::decimal(5, 4)) as rate_of_day,
        lines.product_reason is null and eligibility.access_reason = 'full_day' as is_due,
        lines.applied_pec_rate > 0 as is_applied,
        case when lines.is_tiered then versions.tiered_version else versions.other_version end as input_version
    from {{ ref('int_rated_lines') }} as lines
    inner join {{ ref('int_charge_day_versions') }} as versions on lines.usage_date = versions.usage_date
    inner join {{ ref('int_eligibility_days') }} as eligibility
        on lines.usage_date = eligibility.usage_date and lines.resource_partner_key = eligibility.resource_partner_key
    left join {{ ref('pec_rates') }} as rates on {{ is_in_force('rates', 'lines.usage_date') }}
    where not lines.is_beyond_types and {{ is_charged_again('lines', ref('int_charge_day_versions')) }}
)

select
    file_id,
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
    -- What the line would earn with whole-day access: only access or agreement stands in the way, and Microsoft has not applied it.
    case when not is_due and product_reason is null and not is_applied then rate_of_day else 0::decimal(5, 4) end as recoverable_pec_rate,
    applied_pec_rate,
    pricing_pre_tax_total as applied_net_cost_usd,
    billing_pre_tax_total::decimal(38, 20) as applied_net_cost_billing,
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

    exchange_rate,
    input_version
from joined
