"""A landing zone of invoices and claims, and what its invoice is against our usage (M5)."""

import pathlib
from decimal import Decimal

from project import warehouse as w

ZONE = pathlib.Path(__file__).parent / "zone"


def reconciled(warehouse):
    """Of each line of the invoice: number, status, difference and what of it is a promotion."""
    rows = w.query(
        warehouse,
        "select line_number, match_status, difference_billing, difference_promotion_billing from marts.invoice_reconciliation "
        "where invoice_number = 'G055000019' order by line_number",
    )
    return [tuple(row.values()) for row in rows]


def line(number, status="matched", difference="0", promotion="0"):
    return number, status, Decimal(difference), Decimal(promotion)


# Texts in four languages, or none; a free tier until October 2023, since then, and in one line; a promotion; a refund; numbers of 15 decimals.
RECONCILED = [
    *map(line, range(2, 11)), line(11, difference="0.01"), line(12), line(13, difference="0.01"), line(14), line(15, "matched", "-2.55", "-2.55"),
    *map(line, range(16, 19)), line(19, "not_usage", "200.50"), line(20, "not_usage", "500"), line(21, "customer_credit", "-2"),
]  # fmt: skip
