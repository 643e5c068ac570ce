-- Export lifecycle: of an invoice, and of a partner's unbilled month in one currency, one export date is current; a month is not both.
select
    invoice_number,
    partner_id,
    billing_currency,
    billing_month
from {{ ref('int_usage_exports') }}
where superseded_by is null
group by invoice_number, partner_id, billing_currency, billing_month
having count(distinct exported_at) > 1
