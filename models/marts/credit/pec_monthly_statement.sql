select
    sums.billing_month,
    resources.transacting_partner_id,
    resources.customer_id,
    resources.subscription_id,
    any_value(resources.customer_name order by sums.last_date desc, resources.customer_name asc) as customer_name,
    sum(sums.line_count)::bigint as line_count,
    sum(sums.list_cost_usd)::decimal(38, 18) as list_cost_usd,
    sum(sums.pec_credit_usd)::decimal(38, 18) as pec_credit_usd,
    sum({{ net_cost('sums') }})::decimal(38, 18) as net_cost_usd,
    sum(sums.applied_credit_usd)::decimal(38, 18) as applied_credit_usd,
    sum(sums.missed_credit_usd)::decimal(38, 18) as missed_credit_usd,
    sum(sums.unexpected_credit_usd)::decimal(38, 18) as unexpected_credit_usd,
    sum(sums.recoverable_credit_usd)::decimal(38, 18) as recoverable_credit_usd
from {{ ref('int_resource_month_sums') }} as sums
inner join {{ ref('stg_partner_center__usage_resources') }} as resources on sums.resource_key = resources.resource_key
group by sums.billing_month, resources.transacting_partner_id, resources.customer_id, resources.subscription_id
