-- M5, M7: what each invoice line is about. Only usage is compared with our lines. Microsoft's names for licences, one-time purchases and credits are
-- translated, so codes, ids and the formula of the line tell them. One row per readable line of the newest reconciliation file of an invoice.
{%- set price = in_billing_currency(rounded('lines.effective_unit_price'), 'coalesce(lines.exchange_rate, 1)', 'trunc') %}
{%- set licence_price = cut_to_cents(price) %}

with lines as (
    select
        *,
        -- The same text as in int_invoice_usage: products of a plan are compared by it.
        concat_ws('|', invoice_number, coalesce(plan_subscription_id, '-'), coalesce(product_id, '-'), coalesce(sku_id, '-')) as product_key
    from {{ ref('base_invoice_lines') }}
    where failure is null
    -- The newest export of an invoice replaces the older, like exports of usage do; files of one export date are its parts.
    qualify export_date is not distinct from max(export_date) over (partition by invoice_number)
),

-- What is sold by consumption: it is on a price sheet, or was used, on any invoice.
consumption as (
    select
        product_id,
        sku_id
    from {{ ref('int_price_list_tiers') }}
    union
    select
        product_id,
        sku_id
    from {{ ref('int_invoice_usage') }}
),

-- Marketplace usage may have no ids, and then says only of its own plan and invoice that it was used: elsewhere a line without ids may be a licence.
used as (
    select distinct product_key from {{ ref('int_invoice_usage') }}
)

select
    lines.*,
    case
        when lower(lines.charge_type) = 'customercredit' then 'customer_credit'
        when
            coalesce(consumption.product_id, used.product_key) is null
            and (
                lines.reservation_order_id is not null
                or lines.billable_quantity is null
                -- M5: a licence costs ROUNDDOWN(EffectiveUnitPrice × rate, 2) × quantity, with as many billed as bought.
                or (lines.billable_quantity = lines.quantity and lines.subtotal_billing = try({{ licence_price }} * lines.quantity))
            )
            then 'not_usage'
        else 'usage'
    end as line_kind,
    coalesce(lines.billable_quantity < 0 or lines.subtotal_billing < 0, false) as is_refund,
    -- The line of a free tier. Until October 2023 it shows the price of the tier that is paid, since then 0.
    line_kind = 'usage' and coalesce(lines.effective_unit_price = 0, false) and lines.subtotal_billing = 0 and not lines.has_azure_credit as is_free
from lines
left join consumption on lines.product_id = consumption.product_id and lines.sku_id is not distinct from consumption.sku_id
left join used on lines.product_key = used.product_key
