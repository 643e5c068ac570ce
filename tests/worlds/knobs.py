"""What worlds may have, how often, and small helpers."""

import random
import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal

ALL_FEATURES = frozenset(
    {
        "lighthouse",  # Azure Lighthouse delegations
        "pim",  # schedule instances that bound assignments, and eligibilities
        "deny",  # deny assignments
        "management_groups",  # grants on management groups and at /
        "late_snapshots",  # evidence that begins late, or is missing
        "agreements",  # agreements.csv, with gaps
        "rejects",  # rows that cannot be read
        "lifecycle",  # exports again and again; billed replaces unbilled
        "json_usage",  # usage as JSON lines as well
        "tiers",  # graduated and free tiers
        "corrections",  # negative lines
        "gz",  # packed files
        "exact",  # quantities of 15 decimals, prices of 22, exponents, large amounts
        "copies",  # the same download twice
        "marks",  # invisible characters, blanks and braces in ids
        "blank_countries",  # lines without a country
        "reservations_in_info",  # reservations that only AdditionalInfo names
        "paid_by_benefit",  # lines that are charged nothing, without a reason
        "only_minima",  # tiers without maxima
        "day_first",  # usage files with days first
        "unreadable",  # usage files that are unreadable as a whole
        "incomplete_lists",  # lists of access that are cut, empty, errors, one page of several, or whose items lack ids; and lists in pages
        "told_by_deletion",  # answers to deletions that tell the creation, also where nothing else does
        "cost_management",  # usage of an earlier month from Cost Management, and lines beside the daily file
        "links_as_json",  # partner ID links as answers of their identities
        "refunds",  # days on which more was taken back than used
        "claims",  # a register of claims, and credits of customers
    }
)

# Knobs: shares of what may occur. Changing one changes every world.
TWO_MONTHS = 0.6
STRONG_ACCESS = 0.2  # subscriptions whose partner has standing access, so that days are earned at all
RELAY_ACCESS = 0.5  # subscriptions that are covered by several grants after one another
ELIGIBLE_ROLE = 0.8
LOST_EVIDENCE = 0.25  # of the writes and deletes, each (late_snapshots)
COMES_BACK = 0.12  # of the grants: silently gone, later shown again (late_snapshots)
WRITTEN_AGAIN = 0.12  # deleted and written again under the same id
IN_BOTH_LOGS = 0.3  # events that arrive in both shapes
REST_SHAPE = 0.25  # role assignment snapshots as REST answers instead of the flat CLI form
MIXED_CASE = 0.3  # ids that are written in another letter case
APPLIED_BY_MICROSOFT = 0.7  # of the lines whose product can earn
EXACT = 0.5  # quantities and prices with as many decimals as vendors write (exact)
LARGE = 0.03  # quantities of millions, and prices of hundreds (exact)
TINY = 0.03  # quantities next to nothing (exact)
SPELLED = 0.15  # numbers that are written with an exponent or with zeros (exact)
COPIED = 0.12  # usage files and price sheets that are there twice (copies)
INCOMPLETE = 0.35  # lists after which there is an incomplete one (incomplete_lists)
IN_PAGES = 0.2  # lists that come in pages (incomplete_lists)
TOLD_BY_DELETION = 0.5  # deletions whose answer tells a creation that the log does not know (told_by_deletion)
SPOILED = 0.08  # usage files beside which there is an unreadable one (unreadable)

ROLES = {
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Virtual Machine Contributor": "9980e02c-c2be-4d73-94e8-173b1dc7cf3c",
    "User Access Administrator": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",  # on the list, not eligible
    "Invented Operator (custom)": "6688806d-212b-4ad1-937d-26f9f49b9ff3",  # on no list
}
ELIGIBLE_ROLES = ("Owner", "Contributor", "Virtual Machine Contributor")
OTHER_ROLES = ("Reader", "Invented Operator (custom)")
EVERYONE = "00000000-0000-0000-0000-000000000000"

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
FOREVER = datetime(9999, 1, 1)
FIXED_TIME = datetime(2026, 1, 1)  # the modification time of files whose name says their date

STREAMS = (
    "calendar", "partners", "customers", "people", "links", "roles", "relays", "lighthouse", "pim", "deny",
    "groups", "evidence", "snapshots", "log", "noise", "products", "usage", "corrections", "agreements", "history",
    "lifecycle", "files", "json", "gz", "rejects", "ids", "numbers", "copies", "unreadable",
    "incomplete", "answers",
)  # fmt: skip

# Generators from the seed and their own name: a new one changes no other.
OWN_STREAMS = ("marks", "blank_countries", "reservations_in_info", "paid_by_benefit", "only_minima", "day_first", "changed_denies")


def chance(rng: random.Random, share: float) -> bool:
    """Say yes in this share of the cases."""
    return rng.random() < share


def guid(rng: random.Random) -> str:
    """Invent an id."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def plain(number: Decimal) -> str:
    """Write a number without exponent and without trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def us_date(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def iso(at: datetime, zone: str = "Z") -> str:
    """Write an instant with as many fractional digits as it needs."""
    fraction = f".{at.microsecond:06d}".rstrip("0") if at.microsecond else ""
    return f"{at:%Y-%m-%dT%H:%M:%S}{fraction}{zone}"


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def next_month(month: date) -> date:
    return (month.replace(day=28) + 4 * DAY).replace(day=1)


def other_case(rng: random.Random, text: str) -> str:
    """Write an id in another letter case, now and then."""
    if not chance(rng, MIXED_CASE):
        return text
    return rng.choice((text.lower(), text.upper(), text.title(), text.swapcase()))


def resource_group_of(scope: str) -> str:
    """Take the resource group out of a scope, as typed; empty above one."""
    parts = scope.split("/")
    return parts[4] if len(parts) > 4 and parts[3].lower() == "resourcegroups" else ""
