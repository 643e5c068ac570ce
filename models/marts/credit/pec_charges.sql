select
    charges.usage_line_id,
    charges.source_file,
    charges.usage_date,
    charges.billing_month,
    dates.quarter_name,
    dates.year_number,
    dates.is_working_day,
    charges.invoice_number,
    charges.customer_id,
    charges.customer_name,
    charges.subscription_id,
    subscriptions.subscription_name,
    charges.plan_subscription_id,
    charges.resource_group_name,
    charges.resource_id,
    charges.transacting_partner_id,
    transacting.partner_name as transacting_partner_name,
    charges.reseller_partner_id,
    resellers.partner_name as reseller_partner_name,
    charges.product_id,
    charges.sku_id,
    charges.meter_id,
    charges.meter_category,
    charges.meter_name,
    charges.quantity,
    charges.list_unit_price,
    charges.list_cost_usd,
    charges.pec_rate,
    charges.pec_credit_usd,
    charges.net_cost_usd,
    charges.applied_pec_rate,
    charges.applied_net_cost_usd,
    charges.recoverable_credit_usd,
    charges.pec_status,
    statuses.text as pec_status_text,
    charges.pec_reason,
    reasons.text as pec_reason_text,
    reasons.explanation as pec_reason_explanation,
    charges.billing_currency,
    charges.exchange_rate
from {{ ref('fct_pec_charges_daily') }} as charges
left join {{ ref('dim_date') }} as dates on charges.usage_date = dates.date_day
left join {{ ref('dim_subscription') }} as subscriptions on charges.subscription_id = subscriptions.subscription_id
left join {{ ref('dim_partner') }} as transacting on charges.transacting_partner_id = transacting.partner_id
left join {{ ref('dim_partner') }} as resellers on charges.reseller_partner_id = resellers.partner_id
left join {{ ref('pec_texts') }} as statuses on charges.pec_status = statuses.code and statuses.kind = 'pec_status'
left join {{ ref('pec_texts') }} as reasons on charges.pec_reason = reasons.code and reasons.kind = 'pec_reason'
