-- M5: the causes of an invoice line's difference sum to it exactly, and it is what its two amounts differ by.
select *
from {{ ref('invoice_reconciliation') }}
where
    difference_billing is distinct from invoiced_billing - recomputed_billing
    or difference_billing is distinct from
    difference_credit_billing + difference_azure_credit_billing + difference_price_billing + difference_exchange_rate_billing
    + difference_quantity_billing + difference_formula_billing + difference_unmatched_billing + difference_rounding_billing
    or within_tolerance is distinct from (abs(difference_billing) * 100 <= tolerance_cents)
    or (match_status = 'matched') is distinct from (difference_unmatched_billing = 0 and usage_line_count > 0 and source_file is not null)
