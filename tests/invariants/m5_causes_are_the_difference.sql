-- M5: the causes of an invoice line's difference sum to it exactly, and it is what its two amounts differ by.
select *
from {{ ref('invoice_reconciliation') }}
where
    difference_billing is distinct from invoiced_billing - recomputed_billing
    or difference_billing is distinct from
    difference_credit_billing + difference_azure_credit_billing + difference_price_billing + difference_exchange_rate_billing
    + difference_promotion_billing + difference_quantity_billing + difference_formula_billing + difference_unmatched_billing
    + difference_not_usage_billing + difference_rounding_billing
    or within_tolerance is distinct from (
        match_status in ('not_usage', 'customer_credit') or abs(difference_billing) * 100 <= tolerance_cents
    )
    or (match_status in ('not_usage', 'customer_credit') and difference_not_usage_billing is distinct from invoiced_billing)
    or (match_status in ('matched', 'invoice_line_without_usage', 'usage_without_invoice_line') and difference_not_usage_billing != 0)
    or (match_status = 'matched') is distinct from (
        difference_unmatched_billing = 0 and usage_quantity is not null and source_file is not null
    )
