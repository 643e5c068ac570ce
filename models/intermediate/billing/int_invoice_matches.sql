-- M5: the part of our usage that each invoice line bills. Source's defect: invoice lines carry no meter, and one product of a plan has a line for
-- each price, for its part with and without credit, and for its free tier. Guarantee: every invoice line and part of usage is in exactly one row.
-- One row per invoice line, and per part of usage without one. A product is compared in the finest parts that are the same on both sides.
{%- set parts = [
    "concat_ws('|', unit_price, is_refund, has_pec, has_azure_credit)", "concat_ws('|', unit_price, has_pec, has_azure_credit)",
    "concat_ws('|', is_refund, has_pec, has_azure_credit)", "concat_ws('|', has_pec, has_azure_credit)", "'whole'",
] %}
{%- set ids = ['invoice_number', 'plan_subscription_id', 'product_id', 'sku_id', 'customer_id', 'billing_currency'] %}

with invoice_side as (
    select
        *,
        case when is_free then ['free'] else [{{ parts | join(', ') }}] end as parts
    from {{ ref('int_invoice_lines') }}
),

free_lines as (
    select distinct product_key from invoice_side
    where is_free
),

-- Only an invoice that shows the free tier apart has a line for it; usage of such a product is two parts, what the free tier covers and the rest.
usage_side as (
    select
        usage.*,
        [{{ parts | join(', ') }}] as parts,
        free_lines.product_key is not null and not usage.has_azure_credit as has_free_line,
        unnest([false, true]) as is_free_part
    from {{ ref('int_invoice_usage') }} as usage
    left join free_lines on usage.product_key = free_lines.product_key
),

usage_parts as (
    select
        * exclude (is_free_part, parts, line_count, quantity, billable_quantity, net_due_usd, net_applied_usd, net_vendor_usd),
        case when is_free_part then ['free'] else parts end as parts,
        case when is_free_part then free_line_count when has_free_line then line_count - free_line_count else line_count end as line_count,
        case when is_free_part then quantity - billable_quantity when has_free_line then billable_quantity else quantity end as quantity,
        {% for amount in ['billable_quantity', 'net_due_usd', 'net_applied_usd'] %}
            case when is_free_part then 0 else {{ amount }} end as {{ amount }},
        {% endfor %}
        case when is_free_part then 0 when has_free_line then net_vendor_usd - free_net_vendor_usd else net_vendor_usd end as net_vendor_usd
    from usage_side
    where
        case
            when is_free_part then has_free_line and (free_line_count > 0 or quantity != billable_quantity)
            else not has_free_line or line_count > free_line_count
        end
),

sides as (
    {% for side, rows, which in [('invoice', 'invoice_side', "line_kind = 'usage' and not is_free"), ('usage', 'usage_parts', "parts != ['free']")] %}
        select
            '{{ side }}' as side,
            product_key,
            parts
        from {{ rows }}
        where {{ which }}
        {{ 'union' if not loop.last }}
    {% endfor %}
),

side_parts as (
    {% for part in parts %}
        select
            side,
            product_key,
            {{ loop.index }} as level,
            parts[{{ loop.index }}] as part
        from sides
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

levels as (
    select
        product_key,
        level
    from side_parts
    group by product_key, level
    having count(distinct part) * 2 = count(distinct side || part)
),

products as (
    select
        product_key,
        min(level) as level
    from levels
    group by product_key
),

keyed as (
    select
        invoice_side.*,
        case
            when invoice_side.line_kind = 'usage'
                then invoice_side.product_key || '|' || case when is_free then 'free' else parts[coalesce(products.level, -1)] end
            else 'line|' || invoice_line_id
        end as match_key
    from invoice_side
    left join products on invoice_side.product_key = products.product_key
),

-- Of several invoice lines for one part, the first gets the usage, so that nothing counts twice.
numbered as (
    select
        *,
        row_number() over (partition by match_key order by source_file, line_number, invoice_line_id) as line_of_part
    from keyed
),

used as (
    select
        usage_parts.product_key || '|' || parts[case when parts = ['free'] then 1 else coalesce(products.level, -1) end] as match_key,
        {% for column in ids + ['exchange_rate'] %}
            min({{ column }}) as {{ column }},
        {% endfor %}
        bool_and(has_azure_credit) as has_azure_credit,
        sum(line_count)::bigint as line_count,
        sum(quantity)::decimal(38, 15) as quantity,
        sum(billable_quantity)::decimal(38, 15) as billable_quantity,
        sum(net_due_usd)::decimal(38, 18) as net_due_usd,
        sum(net_applied_usd)::decimal(38, 18) as net_applied_usd,
        sum(net_vendor_usd)::decimal(38, 18) as net_vendor_usd
    from usage_parts
    left join products on usage_parts.product_key = products.product_key
    group by match_key
)

select
    coalesce(numbered.invoice_line_id, 'usage-' || md5(used.match_key)) as reconciliation_id,
    numbered.invoice_line_id is not null as is_invoiced,
    used.match_key is not null as is_used,
    coalesce(numbered.line_kind, 'usage') as line_kind,
    {% for column in ids + ['has_azure_credit'] %}
        coalesce(numbered.{{ column }}, used.{{ column }}) as {{ column }},
    {% endfor %}
    numbered.exchange_rate as invoice_exchange_rate,
    used.exchange_rate as usage_exchange_rate,
    numbered.billable_quantity as invoiced_quantity,
    {% for column in ['sku_name', 'charge_type', 'promotion_id', 'source_file', 'line_number', 'unit_price', 'effective_unit_price', 'list_cost_usd',
                      'pec_rate', 'subtotal_billing'] %}
        numbered.{{ column }},
    {% endfor %}
    {% for column in ['quantity', 'billable_quantity', 'net_due_usd', 'net_applied_usd', 'net_vendor_usd'] %}
        used.{{ column }},
    {% endfor %}
    coalesce(used.line_count, 0) as line_count
from numbered
full join used on numbered.match_key = used.match_key and numbered.line_of_part = 1
