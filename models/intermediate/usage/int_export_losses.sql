{%- set percent = var('export_loss_percent') -%}
-- Files in force with fewer lines or less money than what they replaced (export lifecycle): an older export of the partner, currency and month or
-- of the invoice, the unbilled export of an invoiced month, or an earlier version of the same file. An export is compared with all that it replaced
-- since one was acknowledged (pec acknowledge): a second short night is compared with the last good one. Money is PricingPreTaxTotal; where it is
-- not known, or not above 0, the lines alone are compared.
-- One row per file. An export of several files has the name of the one with the most lines.
-- Replaced contents take nothing from the numbers.
with replaced_contents as (
    select distinct content_id
    from {{ ref('int_usage_exported_groups') }}
    where is_content_superseded
),

files as (
    select
        partner_id,
        billing_currency,
        billing_month,
        invoice_number,
        export_date,
        superseded_by,
        source_file,
        content_id,
        {{ finding_fingerprint("'export_shrank'", 'source_file', 'content_id') }}
        in (select acknowledged.fingerprint from {{ ref('stg_archive__acknowledgements') }} as acknowledged) as is_acknowledged,
        sum(line_count) as line_count,
        sum(pricing_pre_tax_total) as total
    from {{ ref('int_usage_exported_groups') }}
    group by all
),

exports as (
    select
        partner_id,
        billing_currency,
        billing_month,
        invoice_number,
        export_date as exported_at,
        superseded_by,
        bool_or(is_acknowledged) as is_acknowledged,
        min(struct_pack(fewest := -files.line_count, source_file := files.source_file, content_id := files.content_id)) as named,
        sum(files.line_count) as line_count,
        sum(files.total)::decimal(30, 2) as total
    from files
    group by all
),

-- What of an invoiced month counts now, in all its invoices.
invoiced_months as (
    select
        partner_id,
        billing_currency,
        billing_month,
        sum(line_count) as line_count,
        sum(total)::decimal(30, 2) as total,
        min(named) as named
    from exports
    where invoice_number is not null and superseded_by is null
    group by partner_id, billing_currency, billing_month
),

compared as (
    select
        newer.named.source_file,
        newer.named.content_id,
        concat_ws('|', newer.partner_id, newer.billing_currency, newer.billing_month, newer.invoice_number) as chain,
        'the export of ' || older.exported_at::date || ' (' || strftime(newer.billing_month, '%Y-%m') || ')' as replaced,
        older.exported_at as replaced_order,
        older.is_acknowledged,
        newer.line_count,
        newer.total,
        older.line_count as replaced_line_count,
        older.total as replaced_total
    from exports as newer
    inner join exports as older
        on
            newer.partner_id is not distinct from older.partner_id
            and newer.billing_currency is not distinct from older.billing_currency
            and newer.billing_month = older.billing_month
            and newer.invoice_number is not distinct from older.invoice_number
            and newer.exported_at > older.exported_at
    where newer.superseded_by is null
    union all
    select
        newer.named.source_file,
        newer.named.content_id,
        concat_ws('|', 'invoiced', newer.partner_id, newer.billing_currency, newer.billing_month),
        'the unbilled export of ' || older.exported_at::date || ' (' || strftime(newer.billing_month, '%Y-%m') || ')',
        older.exported_at,
        false,
        newer.line_count,
        newer.total,
        older.line_count as replaced_line_count,
        older.total as replaced_total
    from invoiced_months as newer
    inner join exports as older
        on
            newer.partner_id is not distinct from older.partner_id
            and newer.billing_currency is not distinct from older.billing_currency
            and newer.billing_month = older.billing_month
            and older.superseded_by = 'billed_export'
    union all
    select
        source_file,
        content_id,
        'version',
        'an earlier version of the file',
        make_timestamp(replaced_observation_number),
        replaced_is_acknowledged,
        line_count,
        total,
        replaced_line_count,
        replaced_total
    from {{ ref('int_replaced_versions') }}
    where
        kind != 'daily_rated_usage'
        or content_id not in (select content_id from replaced_contents)
),

since_acknowledged as (
    select
        * exclude (total, replaced_total),
        -- NULL: not compared.
        case when replaced_total > 0 then total end as total,
        case when replaced_total > 0 and total is not null then replaced_total end as replaced_total
    from compared
    window chain_of_file as (partition by source_file, content_id, chain)
    qualify replaced_order >= coalesce(max(replaced_order) filter (where is_acknowledged) over chain_of_file, replaced_order)
),

losses as (
    select
        *,
        (replaced_line_count - line_count) * 100 > {{ percent }} * replaced_line_count
        or coalesce((replaced_total - total) * 100 > {{ percent }} * replaced_total, false) as is_beyond_limit
    from since_acknowledged
    where replaced_line_count > line_count or coalesce(replaced_total > total, false)
)

select
    source_file,
    content_id,
    is_beyond_limit,
    line_count || ' lines' || coalesce(' and ' || total || ' USD', '') || ', where ' || replaced || ' has ' || replaced_line_count || ' lines'
    || coalesce(' and ' || replaced_total || ' USD', '') as found
from losses
qualify row_number() over (
    partition by source_file, content_id
    order by is_beyond_limit desc, replaced_total - total desc nulls last, replaced_line_count - line_count desc, chain asc, replaced_order asc
) = 1
