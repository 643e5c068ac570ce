"""Claims that were paid (M7): what is missed, run by run, what the register settles of it, and what may have paid it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from .evidence import page_of
from .values import DAY, ZERO, date_in_name, day_of, file_instant, files_in, ident, number, table, text

CLAIM_DAYS = 60  # after the usage month
POSSIBLE_DAYS = 180
LISTS = ("role_assignments", "deny_assignments", "lighthouse", "role_schedules")
NAMED = ("activity_log", "role_assignments", "deny_assignments", "lighthouse", "role_schedules", "invoice_reconciliation")


def claim_id(month: date, partner: str, subscription: str, resource: str) -> str:
    """The stable id of a claim. **Choice**: md5 of the four texts, joined by a bar."""
    return hashlib.md5(f"{month.isoformat()}|{partner}|{subscription}|{resource}".encode()).hexdigest()


def month_end(month: date) -> date:
    """The last day of a month."""
    return (month.replace(day=28) + 4 * DAY).replace(day=1) - DAY


def newest_export(zone: Path, quarantined: set[str]) -> date:
    """The day on which claims are judged: the newest date of an export.

    **Choice**: files of usage that can be read count with their date, whatever it comes from; lists that can be read, logs and invoices with the one in their name;
    price sheets, rates and the directory do not count.
    """
    files = [*files_in(zone / "daily_rated_usage", ""), *files_in(zone / "cost_management", ".csv", ".csv.gz", ".parquet")]
    usage = [file for file in files if file.relative_to(zone).as_posix() not in quarantined]
    named = [
        file for folder in NAMED for file in files_in(zone / folder, "")
        if date_in_name(file) and not (folder in LISTS and page_of(file).entries is None)
    ]  # fmt: skip
    return max(file_instant(file) for file in usage + named).date()


def read_register(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of claims.csv by claim; one that cannot be read settles nothing, nor does it register anything."""
    out: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in table(folder / "claims.csv"):
        claim = ident(row.get("claim_id"))
        try:
            submitted, settled = day_of(row.get("submitted_on")), day_of(row.get("settled_on"))
            usd = number(row.get("settled_usd"))
        except ValueError:
            continue
        if claim and not (usd is not None and usd < 0) and not (settled and usd is None):
            out[claim].append({"submitted_on": submitted, "settled_on": settled, "usd": usd or ZERO})
    return out


def read_credits(zone: Path) -> list[tuple[str, date, Decimal]]:
    """Credits of customers as (customer, day, USD), of the newest file of each invoice.

    **Choices**: a credit is of its order date or of the begin of its period, whichever is later; files of one day are parts of one export.
    """
    files = [(file_instant(file).date(), table(file)) for file in files_in(zone / "invoice_reconciliation", ".csv")]
    newest: dict[str, Any] = {}
    for when, rows in files:
        for row in rows:
            invoice = (text(row["invoicenumber"]) or "").upper()
            newest[invoice] = max(newest.get(invoice, when), when)
    out = []
    for when, rows in files:
        for row in rows:
            if newest[(text(row["invoicenumber"]) or "").upper()] != when or ident(row["chargetype"]) != "customercredit":
                continue
            dates = [day for day in (day_of(row["orderdate"]), day_of(row["chargestartdate"])) if day]
            usd = -number(row["subtotal"]) / (number(row["pctobcexchangerate"]) or 1)
            usd = usd.quantize(Decimal("1E-18"), rounding=ROUND_HALF_UP)
            out.append((ident(row["customerid"]), max(dates, default=when), usd))
    return out


def runs_of(charges: list[dict[str, Any]]) -> dict[tuple, dict[str, Any]]:
    """`pec_missed_credit` by (billing_month, subscription_id, resource_id, first_date), before anything is settled.

    **Choice**: a day counts as missed when any line of it is; its other lines (earned, not eligible) neither break the
    run nor add to its credit and line count. The partner is no part of the grain: runs go on over a transfer, and the claim is
    that of the partner of the first day (of several the least).
    """
    days: dict[tuple, dict[date, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in charges:
        if row["pec_status"] == "missed":
            key = row["usage_date"].replace(day=1), row["subscription_id"], row["resource_id"]
            days[key][row["usage_date"]].append(row)
    out: dict[tuple, dict[str, Any]] = {}
    for key, missed in days.items():
        for first in (day for day in missed if day - DAY not in missed):
            run = [first]
            while run[-1] + DAY in missed:
                run.append(run[-1] + DAY)
            lines = [line for day in run for line in missed[day]]
            partner = min(line["transacting_partner_id"] for line in missed[first])
            out[(*key, first)] = {
                "last_date": run[-1],
                "missed_credit_usd": sum((line["pec_credit_usd"] for line in lines), ZERO),
                "line_count": len(lines),
                "claim_id": claim_id(key[0], partner, *key[1:]),
            }
    return out


def customer_of(runs: list[tuple], charges: list[dict[str, Any]], missed: dict[tuple, dict[str, Any]]) -> str | None:
    """The customer of a claim: of its newest missed day that names one."""
    month, subscription, resource, first = max(runs, key=lambda key: key[3])
    last = missed[month, subscription, resource, first]["last_date"]
    found = [
        (-row["usage_date"].toordinal(), row["customer_id"])
        for row in charges
        if row["pec_status"] == "missed" and row["customer_id"]
        and (row["subscription_id"], row["resource_id"]) == (subscription, resource) and first <= row["usage_date"] <= last
    ]  # fmt: skip
    return min(found)[1] if found else None


def status(missed: Decimal, settled: Decimal, is_registered: bool, is_late: bool) -> str:
    """How far a claim, or a run of its days, has come."""
    if settled > 0:
        return "settled" if settled == missed else "partly_settled"
    return "submitted" if is_registered else "late" if is_late else "open"


def settle(
    zone: Path, charges: list[dict[str, Any]], quarantined: set[str]
) -> tuple[dict[tuple, dict[str, Any]], dict[tuple, dict[str, Any]]]:
    """`pec_missed_credit` and `pec_claims` (by claim_id)."""
    missed = runs_of(charges)
    register, credits, today = read_register(zone / "partner_directory"), read_credits(zone), newest_export(zone, quarantined)
    claims: dict[str, list[tuple]] = defaultdict(list)
    for key, run in missed.items():
        claims[run["claim_id"]].append(key)
    out: dict[tuple, dict[str, Any]] = {}
    for claim in claims.keys() | register.keys():
        rows, keys = register.get(claim, []), sorted(claims.get(claim, []), key=lambda key: key[3])
        paid = sum((row["usd"] for row in rows), ZERO)
        due = sum((missed[key]["missed_credit_usd"] for key in keys), ZERO)
        settled = min(paid, max(due, ZERO))  # refunded usage misses less than nothing
        possible = ZERO
        if keys:
            end, customer = month_end(keys[0][0]), customer_of(keys, charges, missed)
            window = (end + DAY, end + POSSIBLE_DAYS * DAY)
            possible = max(ZERO, sum((usd for who, day, usd in credits if who == customer and window[0] <= day <= window[1]), ZERO))
            is_late = today > end + timedelta(days=CLAIM_DAYS)
        out[claim,] = {
            "missed_credit_usd": due,
            "registered_settlement_usd": paid,
            "settled_credit_usd": settled,
            "open_credit_usd": due - settled,
            "excess_settlement_usd": paid - settled,
            "submitted_on": min((row["submitted_on"] for row in rows if row["submitted_on"]), default=None),
            "settled_on": max((row["settled_on"] for row in rows if row["settled_on"]), default=None),
            "is_registered": bool(rows),
            "possible_settlement_usd": possible if due > settled else ZERO,
            "claim_status": status(due, settled, bool(rows), is_late) if keys else None,
            "finding": "unknown_claim" if not keys else "settled_more_than_claimed" if paid > settled else None,
        }
        left = settled
        for key in keys:
            run = missed[key]
            part = min(left, max(run["missed_credit_usd"], ZERO))
            left -= part
            run |= {
                "claim_by": end + timedelta(days=CLAIM_DAYS),
                "claim_status": status(run["missed_credit_usd"], part, bool(rows), is_late),
                "settled_credit_usd": part,
                "open_credit_usd": run["missed_credit_usd"] - part,
                "possible_settlement_usd": possible if part < run["missed_credit_usd"] else ZERO,
            }
    return missed, out
