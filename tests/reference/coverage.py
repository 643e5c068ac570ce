"""What evidence each subscription has, and what its days without evidence may be worth (A7, evidence_coverage)."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from .evidence import activity_records, field_of, read_snapshots
from .values import ZERO, amount, instant
from .windows import whole_day

SUBSCRIPTION = re.compile(r"/subscriptions/([0-9a-f-]{36})")
# column of the mart -> folder of the lists
NEWEST = {
    "newest_role_assignments_at": "role_assignments", "newest_delegations_at": "lighthouse", "newest_deny_assignments_at": "deny_assignments",
    "newest_role_schedules_at": "role_schedules",
}  # fmt: skip


def log_spans(zone: Path) -> dict[str, tuple[datetime, datetime]]:
    """The first and the last record of the log, of any operation, by the subscription that the record names first."""
    times: dict[str, list[datetime]] = defaultdict(list)
    for record in activity_records(zone):
        named = SUBSCRIPTION.search(json.dumps(record, ensure_ascii=False).lower())
        try:
            when = instant(field_of(record, "eventTimestamp", "time"))
        except ValueError:
            continue
        if named and when:
            times[named[1]].append(when)
    return {subscription: (min(found), max(found)) for subscription, found in times.items()}


def coverage_of(zone: Path, eligibility: dict[tuple, dict[str, Any]], charges: list[dict[str, Any]]) -> dict[tuple, dict[str, Any]]:
    """`evidence_coverage` by (subscription_id,): newest complete lists, span of the log, and days that no evidence decides.

    **Choices**: a day lacks evidence after the newest of lists and log, and, if it is not earned, before the oldest or where there is no complete list of
    role assignments or of delegations at all. What the days in doubt are worth is at least the credit of these days (`least_in_doubt`), and at most
    that of all days (`most_in_doubt`): due, recoverable, or applied without evidence, of lines that nothing but access decides.
    """
    complete = {column: read_snapshots(zone / folder, zone).complete for column, folder in NEWEST.items()}
    spans = log_spans(zone)
    worth: dict[tuple, Decimal] = defaultdict(Decimal)
    for row in charges:
        key = row["usage_date"], row["subscription_id"], row["resource_id"], row["transacting_partner_id"]
        if row["pec_reason"] in ("eligible", eligibility[key]["access_reason"]):
            applied = amount(row["list_cost_usd"] * row["applied_pec_rate"]) if row["pec_status"] == "unexpected" else ZERO
            worth[key] += row["pec_credit_usd"] + row["recoverable_credit_usd"] + applied
    days: dict[str, dict[tuple, dict[str, Any]]] = defaultdict(dict)
    for key, row in eligibility.items():
        days[key[1]][key] = row
    out = {}
    for subscription, rows in days.items():
        newest = {column: max(lists.get(subscription, ()), default=None) for column, lists in complete.items()}
        oldest = [min(complete[column][subscription]) for column in list(NEWEST)[:2] if complete[column].get(subscription)]
        first_event, last_event = spans.get(subscription, (None, None))
        first = min([*oldest, *([first_event] if first_event else [])], default=None)
        last = max((at for at in (*list(newest.values())[:2], last_event) if at), default=None)
        has_lists = all(list(newest.values())[:2])

        def lacks(day: date, row: dict[str, Any]) -> bool:
            if first is None or last is None or day > last.date():
                return True
            return not row["is_access_eligible"] and (whole_day(day)[0] < first or not has_lists)

        judged = {key: row for key, row in rows.items() if row["access_reason"] != "no_agreement"}
        lacking = [key for key, row in judged.items() if lacks(key[0], row)]
        out[subscription,] = {
            **newest,
            "activity_log_first_at": first_event,
            "activity_log_last_at": last_event,
            "days_without_evidence": len({key[0] for key in lacking}),
            "least_in_doubt": sum((worth[key] for key in lacking), ZERO),
            "most_in_doubt": sum((worth[key] for key in judged), ZERO),
            "has_refunds": any(worth[key] < 0 for key in judged),
        }
    return out
