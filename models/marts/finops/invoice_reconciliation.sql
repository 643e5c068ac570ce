with matches as (
    select
        *,
        coalesce(invoice_exchange_rate, usage_exchange_rate, 1) as invoice_rate,
        coalesce(usage_exchange_rate, invoice_exchange_rate, 1) as usage_rate,
        {{ product('invoiced_quantity', 'effective_unit_price') }} as formula_usd
    from {{ ref('int_invoice_matches') }}
),

-- The steps from the recomputed to the invoiced amount, in the billing currency. Each step is one cause.
steps as (
    select
        *,
        coalesce(subtotal_billing, 0)::decimal(38, 2) as invoiced_billing,
        -- M5: cut to cents in USD, and again after conversion.
        coalesce(
            {{ cut_to_cents(in_billing_currency(cut_to_cents('net_due_usd'), 'usage_rate', 'trunc')) }}, 0
        )::decimal(38, 2) as recomputed_billing,
        coalesce({{ in_billing_currency('net_due_usd', 'usage_rate') }}, 0)::decimal(38, 18) as due_step,
        coalesce({{ in_billing_currency('net_applied_usd', 'usage_rate') }}, 0)::decimal(38, 18) as applied_step,
        coalesce({{ in_billing_currency('net_vendor_usd', 'usage_rate') }}, 0)::decimal(38, 18) as vendor_price_step,
        coalesce({{ in_billing_currency('net_vendor_usd', 'invoice_rate') }}, 0)::decimal(38, 18) as invoice_rate_step,
        coalesce({{ in_billing_currency(rounded('formula_usd'), 'invoice_rate') }}, 0)::decimal(38, 18) as invoice_formula_step,
        -- What the invoiced quantity costs at UnitPrice less the credit: a promotion lowers the effective price further.
        coalesce(
            {{ in_billing_currency(rounded('list_cost_usd - ' ~ rounded('list_cost_usd * pec_rate')), 'invoice_rate') }}, 0
        )::decimal(38, 18) as unpromoted_step,
        coalesce(
            {{ cut_to_cents(in_billing_currency(cut_to_cents('formula_usd'), 'invoice_rate', 'trunc')) }}, subtotal_billing, 0
        )::decimal(38, 2) as formula_billing
    from matches
),

causes as (
    select
        *,
        (invoiced_billing - recomputed_billing)::decimal(38, 2) as difference_billing,
        case
            -- M5, M7: licences, purchases and credits are no usage.
            when line_kind != 'usage' then line_kind
            when is_invoiced and is_used then 'matched'
            when is_invoiced then 'invoice_line_without_usage'
            else 'usage_without_invoice_line'
        end as match_status,
        is_invoiced and is_used as is_matched,
        -- If the invoiced quantity equals our quantity or our billable quantity, the remaining difference is rounding of the effective price.
        coalesce(invoiced_quantity in (quantity, billable_quantity), false) as is_same_quantity
    from steps
),

split as (
    select
        *,
        case when is_matched then applied_step - due_step else 0 end::decimal(38, 18) as credit_cause,
        case when is_matched and has_azure_credit then -applied_step else 0 end::decimal(38, 18) as azure_credit_cause,
        case when is_matched and not has_azure_credit then vendor_price_step - applied_step else 0 end::decimal(38, 18) as price_cause,
        case when is_matched and not has_azure_credit then invoice_rate_step - vendor_price_step else 0 end::decimal(38, 18) as exchange_rate_cause,
        case
            when not is_matched or has_azure_credit or promotion_id is null then 0
            else invoice_formula_step - case when is_same_quantity then invoice_rate_step else unpromoted_step end
        end::decimal(38, 18) as promotion_cause,
        case
            when not is_matched or has_azure_credit or is_same_quantity then 0
            else case when promotion_id is null then invoice_formula_step else unpromoted_step end - invoice_rate_step
        end::decimal(38, 18) as quantity_cause,
        case when is_matched then invoiced_billing - formula_billing else 0 end::decimal(38, 18) as formula_cause,
        case when is_matched or line_kind != 'usage' then 0 else difference_billing end::decimal(38, 18) as unmatched_cause,
        case when line_kind != 'usage' then difference_billing else 0 end::decimal(38, 18) as not_usage_cause
    from causes
)

select
    reconciliation_id,
    invoice_number,
    match_status,
    customer_id,
    plan_subscription_id,
    product_id,
    sku_id,
    sku_name,
    charge_type,
    promotion_id,
    source_file,
    line_number,

    billing_currency,
    invoiced_quantity,
    quantity as usage_quantity,
    billable_quantity as usage_billable_quantity,
    line_count as usage_line_count,
    invoiced_billing,
    recomputed_billing,
    difference_billing,

    credit_cause as difference_credit_billing,
    azure_credit_cause as difference_azure_credit_billing,
    price_cause as difference_price_billing,
    exchange_rate_cause as difference_exchange_rate_billing,
    promotion_cause as difference_promotion_billing,
    quantity_cause as difference_quantity_billing,
    formula_cause as difference_formula_billing,
    unmatched_cause as difference_unmatched_billing,
    not_usage_cause as difference_not_usage_billing,
    (
        difference_billing - credit_cause - azure_credit_cause - price_cause - exchange_rate_cause - promotion_cause - quantity_cause
        - formula_cause - unmatched_cause - not_usage_cause
    )::decimal(38, 18) as difference_rounding_billing,

    {{ var('invoice_tolerance_cents') }}::integer as tolerance_cents,
    line_kind != 'usage' or abs(difference_billing) * 100 <= {{ var('invoice_tolerance_cents') }} as within_tolerance
from split
