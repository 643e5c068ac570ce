-- One row per accepted usage line, with its reseller of record (D5): a billed line is taken at its word, an unbilled one asks the history.
select
    lines.* exclude (reseller_mpn_id),
    coalesce(lines.reseller_mpn_id, case when lines.invoice_number is null then resellers.reseller_partner_id end) as reseller_partner_id
from {{ ref('int_usage_lines_current') }} as lines
left join {{ ref('int_unbilled_resellers') }} as resellers
    on
        lines.subscription_id = resellers.subscription_id
        and lines.usage_date = resellers.usage_date
        and lines.transacting_partner_id = resellers.transacting_partner_id
