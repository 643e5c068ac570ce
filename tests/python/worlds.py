"""Random worlds: small, truthful, adversarial landing zones for an independent recomputation.

`write_world(seed, zone)` writes one landing zone; the same seed gives the same bytes. `build_world(seed)` gives the
world before it is written, for whoever wants to look at the true history.

**Truth first.** A world is simulated: who was granted what from when until when, who was linked, what was used. The
evidence is derived from that history: change events where something changed, snapshots that show exactly what stands
at their instant (half-open: what begins at that instant is shown, what ends at it is not). Evidence is only ever left
out (feature `late_snapshots`), never invented.

**Sharp edges on purpose.** Changes happen at midnight, a microsecond beside it, and in touching, overlapping or barely
parted relays; ids differ in letter case; names are prefixes of each other; the same event arrives in two shapes.

**No open questions.** What the rules leave open does not occur:
- two lines of one meter, day and resource never share a quantity unless they are identical in everything;
- a month's consumption of a tiered meter never falls below zero, and its product is on the price list all month or not;
- an item that is shown without creation time, whose writing was not logged, and that an earlier snapshot lacks, is
  never deleted by an event (nobody could say when it began);
- whoever has a link or membership that changes on a usage day has grants that stand through all of them (a link and a
  grant of the same day that never meet would be between two reasons);
- who is only a member of a group with access is neither named nor excluded by a deny assignment;
- nothing is written and deleted in the same instant; no two snapshots of a subscription have the same instant;
- lines of one day, resource and transacting partner have one reseller of record.
"""

import csv
import gzip
import io
import json
import os
import pathlib
import random
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

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
    }
)

# Knobs: shares of what may occur. Changing one changes every world.
TWO_MONTHS = 0.6
STRONG_ACCESS = 0.45  # subscriptions whose partner has standing access, so that days are earned at all
RELAY_ACCESS = 0.3  # subscriptions that are covered by several grants after one another
ELIGIBLE_ROLE = 0.8
LOST_EVIDENCE = 0.25  # of the writes and deletes, each (late_snapshots)
COMES_BACK = 0.12  # of the grants: silently gone, later shown again (late_snapshots)
WRITTEN_AGAIN = 0.12  # deleted and written again under the same id
IN_BOTH_LOGS = 0.3  # events that arrive in both shapes
REST_SHAPE = 0.25  # role assignment snapshots as REST answers instead of the flat CLI form
MIXED_CASE = 0.3  # ids that are written in another letter case
APPLIED_BY_MICROSOFT = 0.7  # of the lines whose product can earn

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
    "lifecycle", "files", "json", "gz", "rejects", "ids",
)  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------------
# Small helpers
# ---------------------------------------------------------------------------------------------------------------------


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


# ---------------------------------------------------------------------------------------------------------------------
# When
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Calendar:
    """One or two months, a few usage days in them, and when the activity log begins."""

    months: tuple[date, ...]
    days: tuple[date, ...]
    log_begins: datetime

    @property
    def first(self) -> datetime:
        return midnight(self.days[0])

    @property
    def last(self) -> datetime:
        return midnight(self.days[-1] + DAY)

    def long_before(self, rng: random.Random) -> datetime:
        """An instant well before the first usage day."""
        return self.first - timedelta(days=rng.randint(40, 400), microseconds=rng.randrange(10**11))

    def edge(self, rng: random.Random) -> datetime:
        """An instant of a usage day, most likely an awkward one."""
        start = midnight(rng.choice(self.days))
        return start + rng.choice(
            (
                timedelta(0),
                timedelta(0),
                DAY,
                DAY,
                DAY - TICK,
                TICK,
                timedelta(hours=12),
                timedelta(seconds=rng.randrange(1, 86400)),
                timedelta(milliseconds=rng.randrange(1, 86400_000)),
                timedelta(microseconds=rng.randrange(1, 86400_000_000)),
            )
        )

    def edges(self, rng: random.Random, count: int) -> list[datetime]:
        """Different awkward instants in order, at least a second apart from each other."""
        found: list[datetime] = []
        for _ in range(20 * count):
            candidate = self.edge(rng)
            if len(found) < count and all(abs(candidate - other) > timedelta(seconds=1) for other in found):
                found.append(candidate)
        return sorted(found)


def invent_calendar(rng: random.Random) -> Calendar:
    """Choose months and 4 to 9 usage days: neighbours, so that midnights matter, and loners."""
    month = date(*rng.choice(((2025, 12), (2026, 1), (2026, 2), (2024, 2), (2026, 4), (2026, 5), (2026, 7))), 1)
    after = next_month(month)
    if chance(rng, TWO_MONTHS):
        months = (month, after)
        days = {after - n * DAY for n in range(1, rng.randint(2, 4))}
        days |= {after + n * DAY for n in range(rng.randint(2, 3))}
        days |= {month + rng.randrange(24) * DAY for _ in range(rng.randint(0, 2))}
        days |= {after + rng.randrange(5, 24) * DAY for _ in range(rng.randint(0, 1))}
    else:
        months = (month,)
        length = (after - month).days
        run = rng.randint(3, 5)
        begin = rng.choice((0, length - run, rng.randrange(length - run)))
        days = {month + (begin + n) * DAY for n in range(run)}
        days |= {month + rng.randrange(length) * DAY for _ in range(rng.randint(1, 3))}
    days = tuple(sorted(days))
    return Calendar(months, days, midnight(days[0]) - timedelta(days=rng.randint(2, 20), hours=rng.randrange(24)))


# ---------------------------------------------------------------------------------------------------------------------
# Who: partners, customers, subscriptions, resources
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Organisation:
    """A partner organisation: its locations (partner ids), its tenant and its agent groups there."""

    name: str
    global_id: str
    partner_ids: tuple[str, ...]
    tenant_id: str
    admin_agents: str
    helpdesk_agents: str
    is_listed: bool  # in partner_locations.csv


@dataclass(frozen=True)
class Resource:
    """What a usage line names: a resource, or nothing but a resource group or a subscription."""

    uri: str
    group: str
    kind: str

    @property
    def type(self) -> str:
        return self.uri.split("/providers/")[-1].split("/")[0] if self.uri else "Microsoft.Network"


@dataclass(frozen=True)
class Relationship:
    """Who sells a subscription, and through whom, from an instant on."""

    begin: datetime | None
    end: datetime | None
    organisation: Organisation
    partner_id: str
    reseller_id: str

    def overlaps(self, day: date) -> bool:
        return (self.begin or datetime.min) < midnight(day + DAY) and (self.end or FOREVER) > midnight(day)


@dataclass
class Customer:
    name: str
    tenant_id: str
    country: str
    currency: str
    plans: dict[str, str]  # organisation -> the Azure plan subscription that it sells to this customer

    @property
    def domain(self) -> str:
        return f"{self.name.split()[0].lower()}.example"


@dataclass
class Subscription:
    """An Azure subscription of a customer."""

    id: str
    name: str
    customer: Customer
    resources: list[Resource]
    history: list[Relationship]
    registered: list[Relationship]  # what subscription_partners.csv says of the history
    management_group: str = ""

    @property
    def scope(self) -> str:
        return f"/subscriptions/{self.id}"

    def sellers(self, day: date) -> list[Relationship]:
        """Who sells on that day: two on a day on which it is transferred around noon."""
        found: dict[str, Relationship] = {}
        for relationship in self.history:
            if relationship.overlaps(day):
                found.setdefault(relationship.partner_id, relationship)
        return list(found.values())

    def reseller_on(self, day: date, organisation: Organisation) -> str:
        """The reseller of record that a billed line of that day carries."""
        return next((r.reseller_id for r in self.history if r.overlaps(day) and r.organisation is organisation), "")

    def scopes(self) -> list[str]:
        """Where something can be granted: here and below, with near misses."""
        groups = sorted({resource.group for resource in self.resources if resource.group})
        scopes = [self.scope] * 2 + [f"{self.scope}/resourceGroups/{group}" for group in groups]
        for resource in self.resources:
            if resource.uri:
                scopes.append(resource.uri)
            if "/databases/" in resource.uri:
                scopes.append(resource.uri.split("/databases/")[0])
            if "/servers/" in resource.uri and "/databases/" not in resource.uri:
                scopes.append(f"{resource.uri}/databases/db1")
        return scopes


def invent_partners(rng: random.Random, ids: random.Random) -> dict[str, Organisation]:
    """Own organisation, its reseller, a stranger, a second transacting one, and one that nobody has listed."""

    def organisation(name: str, number: int, locations: int, is_listed: bool = True) -> Organisation:
        partner_ids = tuple(str(6_000_000 + number * 10_000 + n) for n in range(1, locations + 1))
        return Organisation(
            name, str(4_000_000 + number), partner_ids, guid(ids), guid(ids), guid(ids), is_listed
        )

    return {
        "own": organisation("Harbour Cloud", 11, 2),
        "reseller": organisation("Meadow Systems", 22, 2),
        "stranger": organisation("Granite Consulting", 33, 1, is_listed=chance(rng, 0.5)),
        "second": organisation("Willow Cloud", 44, 1),
        "unlisted": organisation("Quiet Partner", 55, 1, is_listed=False),
    }


VM = "Microsoft.Compute/virtualMachines"
RESOURCE_SETS = (
    (("rg-app", f"{VM}/vm1"), ("rg-app", f"{VM}/vm10")),
    (("RG-Data", "Microsoft.Sql/servers/sql1"), ("RG-Data", "Microsoft.Sql/servers/sql1/databases/db1")),
    (("RG-Data", "Microsoft.Sql/servers/sql1/databases/db1"),),
    (("rg-app2", f"{VM}/vm1"), ("rg-app2", "Microsoft.Storage/storageAccounts/stdata")),
    (("rg-app", "Microsoft.Storage/storageAccounts/stdata"), ("rg-app", "")),
    (("RG-Ops.Central", "Microsoft.OperationalInsights/workspaces/law"), ("", "")),
    (("rg-app", f"{VM}/vm1"), ("rg-app2", "")),
)
COUNTRIES = (("DE", "EUR"), ("FR", "EUR"), ("GB", "GBP"), ("US", "USD"))
CUSTOMER_NAMES = ("Alder Works GmbH", "Birch Foods SA", "Cedar Freight Ltd", "Dogwood Labs, Inc.")


def invent_resources(rng: random.Random, subscription_scope: str) -> list[Resource]:
    """Two to four things that are used, always some that could be confused with each other."""
    chosen = dict.fromkeys(entry for pick in rng.sample(RESOURCE_SETS, 2) for entry in pick)
    found = []
    for group, path in list(chosen)[:4]:
        uri = f"{subscription_scope}/resourceGroups/{group}/providers/{path}" if path else ""
        kind = path.split("/")[0].removeprefix("Microsoft.") if path else "Network"
        found.append(Resource(uri, group, kind))
    return found


def invent_history(
    rng: random.Random, calendar: Calendar, partners: dict[str, Organisation]
) -> list[Relationship]:
    """One seller all the time, or a transfer, or a change of location or reseller, at awkward instants too."""

    def reseller() -> str:
        own_reseller = partners["reseller"].partner_ids
        return rng.choice(("", own_reseller[0], own_reseller[0], own_reseller[1], partners["unlisted"].partner_ids[0]))

    own = partners["own"]
    begin = None if chance(rng, 0.3) else calendar.first - timedelta(days=rng.randint(30, 300))
    first = (own, own.partner_ids[0], reseller())
    what = rng.choices(("constant", "transfer", "reseller", "location"), (50, 25, 15, 10))[0]
    if what == "constant":
        return [Relationship(begin, None, *first)]
    at = calendar.edge(rng)
    if what == "transfer":
        receiver = partners["second"] if chance(rng, 0.8) else partners["unlisted"]
        at = at if chance(rng, 0.3) else midnight(at.date())
        second = (receiver, receiver.partner_ids[0], rng.choice(("", partners["reseller"].partner_ids[0])))
    elif what == "reseller":
        second = (own, own.partner_ids[0], "" if first[2] else partners["reseller"].partner_ids[0])
    else:
        second = (own, own.partner_ids[1], reseller())
    return [Relationship(begin, at, *first), Relationship(at, None, *second)]


def register(rng: random.Random, history: list[Relationship], partners: dict[str, Organisation]) -> list[Relationship]:
    """Tell subscription_partners.csv the history: mostly right, sometimes nothing, sometimes other resellers."""
    telling = rng.choices(("right", "nothing", "wrong"), (75, 10, 15))[0]
    if telling == "nothing":
        return []
    if telling == "right":
        return history
    other = partners["reseller"].partner_ids[0]
    return [
        Relationship(r.begin, r.end, r.organisation, r.organisation.partner_ids[-1], "" if r.reseller_id else other)
        for r in history
    ]


def invent_customers(
    rngs: dict[str, random.Random], calendar: Calendar, partners: dict[str, Organisation]
) -> list[Subscription]:
    """Two to four subscriptions of two or three customers."""
    rng, ids = rngs["customers"], rngs["ids"]
    customers = [
        Customer(name, guid(ids), *country, {role: guid(ids) for role in partners})
        for name, country in zip(
            rng.sample(CUSTOMER_NAMES, rng.randint(2, 3)), rng.sample(COUNTRIES, 3), strict=False
        )
    ]
    subscriptions = []
    for number in range(rng.randint(len(customers), 4)):
        identity = guid(ids)
        customer = customers[number % len(customers)]
        history = invent_history(rngs["history"], calendar, partners)
        subscriptions.append(
            Subscription(
                identity,
                f"{customer.name.split()[0]} {('Prod', 'Test', 'Lab', 'Edge')[number]}",
                customer,
                invent_resources(rng, f"/subscriptions/{identity}"),
                history,
                register(rngs["history"], history, partners),
            )
        )
    return subscriptions
