-- noqa: disable=CP02
-- FOCUS spells its columns in capitals, and tools look for them so.
with charges as (
    select * from {{ ref('int_enriched_charges') }}
),

details as (
    select * from {{ ref('stg_partner_center__usage_details') }}
),

categories as (
    select * from {{ ref('focus_service_categories') }}
),

-- Patterns are slow: they are matched once per resource, and not once per line.
resources as (
    select
        resource_key,
        regexp_extract(resource_id, '[^/]+$') as resource_name,
        nullif(regexp_extract(resource_id, '.*/providers/([^/]+/[^/]+)/', 1), '') as resource_type
    from {{ ref('stg_partner_center__usage_resources') }}
),

lines as (
    select
        charges.*,
        details.sku_name,
        details.product_name,
        details.resource_location,
        resources.resource_name,
        resources.resource_type,
        coalesce(details.unit, 'Units') as unit,
        coalesce(details.meter_region, details.resource_location) as region_name,
        coalesce(details.entitlement_description, charges.subscription_id) as sub_account_name,
        coalesce(details.tags, '{}') as focus_tags,
        coalesce(charges.billing_currency, 'USD') as currency,
        case
            when charges.pec_reason in ('savings_plan', 'reservation')
                then coalesce(details.benefit_id, details.benefit_order_id, 'unknown')
        end as commitment_id,
        -- In the billing currency; without any exchange rate amounts stay in USD.
        coalesce(charges.billing_exchange_rate, 1) as focus_rate,
        {{ in_billing_currency('charges.list_cost_usd', 'focus_rate') }} as list_cost,
        {{ in_billing_currency(rounded('charges.list_unit_price'), 'focus_rate') }} as unit_price_billing,
        coalesce(
            charges.applied_net_cost_billing,
            {{ in_billing_currency('charges.applied_net_cost_usd', 'focus_rate') }},
            0
        ) as billed_cost
    from charges
    inner join details on charges.detail_key = details.detail_key
    inner join resources on charges.resource_key = resources.resource_key
)

select
    lines.billed_cost as BilledCost,
    coalesce(lines.partner_id, lines.transacting_partner_id) as BillingAccountId,
    'Partner ' || lines.transacting_partner_id as BillingAccountName,
    'Partner' as BillingAccountType,
    lines.currency as BillingCurrency,
    (lines.billing_month + interval 1 month)::timestamp as BillingPeriodEnd,
    lines.billing_month::timestamp as BillingPeriodStart,
    null::varchar as CapacityReservationId,
    null::varchar as CapacityReservationStatus,
    'Usage' as ChargeCategory,
    case when lines.quantity < 0 then 'Correction' end as ChargeClass,
    coalesce(lines.sku_name, lines.product_name, lines.meter_name) as ChargeDescription,
    'Usage-Based' as ChargeFrequency,
    (lines.usage_date + interval 1 day)::timestamp as ChargePeriodEnd,
    -- DuckDB reads only the lines of a day that is asked for if the cast cannot fail; else it makes all of them first.
    try_cast(lines.usage_date as timestamp) as ChargePeriodStart,
    case lines.pec_reason when 'savings_plan' then 'Spend' when 'reservation' then 'Usage' end as CommitmentDiscountCategory,
    lines.commitment_id as CommitmentDiscountId,
    null::varchar as CommitmentDiscountName,
    null::decimal(27, 15) as CommitmentDiscountQuantity,
    case when lines.commitment_id is not null then 'Used' end as CommitmentDiscountStatus,
    case lines.pec_reason when 'savings_plan' then 'Savings Plan' when 'reservation' then 'Reservation' end as CommitmentDiscountType,
    null::varchar as CommitmentDiscountUnit,
    lines.quantity as ConsumedQuantity,
    lines.unit as ConsumedUnit,
    lines.list_cost as ContractedCost,
    lines.unit_price_billing as ContractedUnitPrice,
    lines.billed_cost as EffectiveCost,
    lines.invoice_number as InvoiceId,
    'Microsoft' as InvoiceIssuerName,
    lines.list_cost as ListCost,
    lines.unit_price_billing as ListUnitPrice,
    case when lines.commitment_id is not null then 'Committed' when lines.pec_reason = 'spot' then 'Dynamic' else 'Standard' end as PricingCategory,
    'USD' as PricingCurrency,
    lines.list_unit_price as PricingCurrencyContractedUnitPrice,
    lines.applied_net_cost_usd as PricingCurrencyEffectiveCost,
    lines.list_unit_price as PricingCurrencyListUnitPrice,
    lines.quantity as PricingQuantity,
    lines.unit as PricingUnit,
    'Microsoft' as ProviderName,
    coalesce(nullif(lines.publisher_name, 'NA'), 'Microsoft') as PublisherName,
    lower(lines.resource_location) as RegionId,
    lines.region_name as RegionName,
    lines.resource_id as ResourceId,
    lines.resource_name as ResourceName,
    lines.resource_type as ResourceType,
    coalesce(categories.service_category, 'Other') as ServiceCategory,
    coalesce(lines.meter_category, 'Other') as ServiceName,
    coalesce(categories.service_subcategory, 'Other (Other)') as ServiceSubcategory,
    upper(concat(lines.product_id, lines.sku_id)) as SkuId,
    lines.meter_name as SkuMeter,
    null::varchar as SkuPriceDetails,
    nullif(upper(concat_ws('-', lines.product_id, lines.sku_id, lines.meter_id)), '') as SkuPriceId,
    '/subscriptions/' || lines.subscription_id as SubAccountId,
    lines.sub_account_name as SubAccountName,
    'Subscription' as SubAccountType,
    lines.focus_tags as Tags,
    lines.applied_net_cost_usd as x_BilledCostInUsd,
    lines.billing_exchange_rate as x_BillingExchangeRate,
    lines.customer_id as x_CustomerId,
    lines.customer_name as x_CustomerName,
    lines.invoice_number as x_InvoiceId,
    lines.list_cost_usd as x_ListCostInUsd,
    case when lines.applied_pec_rate > 0 then '1' else '0' end as x_PartnerCreditApplied,
    lines.applied_pec_rate as x_PartnerCreditRate,
    lines.pec_rate as x_PartnerCreditDueRate,
    lines.pec_credit_usd as x_PartnerCreditDueInUsd,
    lines.recoverable_credit_usd as x_PartnerCreditRecoverableInUsd,
    lines.pec_status as x_PartnerCreditStatus,
    lines.pec_reason as x_PartnerCreditReason,
    lines.reseller_partner_id as x_ResellerId,
    lines.resource_group_name as x_ResourceGroupName,
    lines.meter_category as x_SkuMeterCategory,
    lines.meter_id as x_SkuMeterId,
    lines.meter_name as x_SkuMeterName,
    lines.usage_line_id as x_UsageLineId
from lines
left join categories on lower(lines.meter_category) = categories.meter_category
