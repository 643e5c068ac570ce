"""The reference on M7: claims that were submitted and paid. A run of two days is worth 3.00, one day 1.50, of January 2026."""

import hashlib
from datetime import date
from decimal import Decimal

import pytest

from reference.zones import CUSTOMER, SUB, USERS, VM, assignment

RUNS = (date(2026, 1, 5), date(2026, 1, 8))
CLAIM = hashlib.md5(f"2026-01-01|1000001|{SUB}|{VM}".lower().encode()).hexdigest()
CREDIT = {
    "InvoiceNumber": "G1", "CustomerId": CUSTOMER, "ChargeType": "customerCredit", "Subtotal": "-2.70", "Currency": "EUR", "PCToBCExchangeRate": "0.9",
    "OrderDate": "2/1/2026", "ChargeStartDate": "",
}  # fmt: skip


@pytest.fixture
def missed(zone):
    """Two runs of one claim, judged on the last day of January."""
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"])])
    zone.usage(*({"UsageDate": f"1/{day}/2026"} for day in (5, 6, 8)))
    return zone


def register(zone, *rows):
    """Writes claims.csv: (settled_usd, settled_on) each."""
    names = ("claim_id", "submitted_on", "ticket", "settled_on", "settled_usd", "note")
    zone.directory("claims", [dict(zip(names, (CLAIM, "2026-02-02", "T1", on, usd, ""))) for usd, on in rows])


def told(zone):
    """(status, settled, open) of both runs, and the finding of the claim."""
    result = zone.run()
    rows = [row for _, row in sorted(result["missed"].items())]
    return [(row["claim_status"], row["settled_credit_usd"], row["open_credit_usd"]) for row in rows], result["claims"][CLAIM,]["finding"]


@pytest.mark.parametrize(
    ("rows", "first", "second", "finding"),
    [
        ([("", "")], ("submitted", 0, 3), ("submitted", 0, Decimal("1.5")), None),
        ([("2", "2026-03-01")], ("partly_settled", 2, 1), ("submitted", 0, Decimal("1.5")), None),
        ([("3", "2026-03-01")], ("settled", 3, 0), ("submitted", 0, Decimal("1.5")), None),
        ([("3", ""), ("1", "2026-03-01")], ("settled", 3, 0), ("partly_settled", 1, Decimal("0.5")), None),
        ([("4.5", "2026-03-01")], ("settled", 3, 0), ("settled", Decimal("1.5"), 0), None),
        ([("4.51", "2026-03-01")], ("settled", 3, 0), ("settled", Decimal("1.5"), 0), "settled_more_than_claimed"),
    ],
)
def test_settlements_fill_the_oldest_run_first(missed, rows, first, second, finding):
    register(missed, *rows)
    assert told(missed) == ([first, second], finding)


def test_rows_that_cannot_be_read_settle_nothing(missed):
    register(missed, ("1,5", ""), ("-1", ""), ("", "2026-03-01"), ("1", "soon"))
    assert told(missed) == ([("open", 0, 3), ("open", 0, Decimal("1.5"))], None)


def test_a_claim_that_is_not_due_is_named(missed):
    missed.directory("claims", [{"claim_id": "other", "submitted_on": "", "ticket": "", "settled_on": "", "settled_usd": "7", "note": ""}])
    claim = missed.run()["claims"]["other",]
    assert (claim["finding"], claim["excess_settlement_usd"], claim["claim_status"]) == ("unknown_claim", 7, None)


@pytest.mark.parametrize(("day", "status"), [("2026-04-01", "open"), ("2026-04-02", "late")])
def test_a_claim_is_late_after_sixty_days(missed, day, status):
    missed.snapshot("lighthouse", day, [])
    assert [row["claim_status"] for row in missed.run()["missed"].values()] == [status, status]


@pytest.mark.parametrize(("day", "usd"), [("1/31/2026", 0), ("2/1/2026", 3), ("7/30/2026", 3), ("7/31/2026", 0)])
def test_credits_of_the_customer_are_possible_settlements(missed, day, usd):
    missed.rows(missed.root / "invoice_reconciliation" / "credits.csv", [{**CREDIT, "OrderDate": day}])
    register(missed, ("3", "2026-03-01"))
    assert [row["possible_settlement_usd"] for _, row in sorted(missed.run()["missed"].items())] == [0, usd]
    assert told(missed)[0][1] == ("submitted", 0, Decimal("1.5"))
