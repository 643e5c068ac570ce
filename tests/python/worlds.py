"""Random worlds: small, truthful, adversarial landing zones for an independent recomputation.

`write_world(seed, zone)` writes one landing zone; the same seed gives the same bytes. `build_world(seed)` gives the
world before it is written, for whoever wants to look at the true history.

**Truth first.** A world is simulated: who was granted what from when until when, who was linked, what was used. The
evidence is derived from that history: change events where something changed, snapshots that show exactly what stands
at their instant (half-open: what begins at that instant is shown, what ends at it is not). Evidence is only ever left
out (feature `late_snapshots`), never invented. Without that feature the evidence is complete: what a recomputation
says about coverage is then what is true in `build_world(seed, features)`.

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


# ---------------------------------------------------------------------------------------------------------------------
# People: who could be granted something, who is linked to which partner id, who is a member of what
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Principal:
    id: str
    type: str
    is_steady: bool = True  # its links and memberships don't change on usage days
    tenant_id: str = ""  # of a partner's agent group or staff; empty: the customer's own

    def __lt__(self, other: "Principal") -> bool:
        return self.id < other.id


Row = tuple[str, str, datetime | None, datetime | None]


@dataclass
class People:
    """The partner directory, and by role and kind the principals that it is about."""

    links: list[Row] = field(default_factory=list)
    members: list[Row] = field(default_factory=list)
    known: list[tuple[str, str, str]] = field(default_factory=list)
    staff: dict[str, dict[str, Principal]] = field(default_factory=dict)
    strangers: dict[str, Principal] = field(default_factory=dict)
    deny_groups: list[Principal] = field(default_factory=list)


def wavering_rows(
    rng: random.Random, calendar: Calendar, owner: str, values: tuple[str, str]
) -> list[Row]:
    """A link or membership that changes on usage days: begins, ends, pauses for a microsecond or changes over."""
    early = calendar.long_before(rng)
    one, two = (*calendar.edges(rng, 2), calendar.last)[:2]
    here, other = values
    return rng.choice(
        (
            [(owner, here, one, None)],
            [(owner, here, early, one)],
            [(owner, here, one, two)],
            [(owner, here, None, one), (owner, here, one + TICK, None)],
            [(owner, here, early, one), (owner, here, one, None)],
            [(owner, other, early, one), (owner, here, one, None)],
            [(owner, here, early, two), (owner, other, two, None)],
        )
    )


def steady_rows(rng: random.Random, calendar: Calendar, owner: str, value: str) -> list[Row]:
    begin = rng.choice((None, calendar.long_before(rng)))
    return [(owner, value, begin, rng.choice((None, None, calendar.last + timedelta(days=rng.randint(0, 30)))))]


def invent_staff(
    rngs: dict[str, random.Random], calendar: Calendar, people: People, organisation: Organisation, other: str
) -> dict[str, Principal]:
    """The staff of one partner: agents, people and automations, groups; linked, half linked, formerly linked."""
    rng, ids, tenant = rngs["links"], rngs["ids"], organisation.tenant_id

    def partner_id() -> str:
        return rng.choice(organisation.partner_ids)

    def principal(kind: str = "User", is_steady: bool = True) -> Principal:
        return Principal(guid(ids), kind, is_steady, tenant)

    def know(who: Principal) -> None:
        people.known.append((who.id, partner_id(), f"{organisation.name} {who.type.lower()} {who.id[:4]}"))

    staff = {
        "admins": Principal(organisation.admin_agents, "ForeignGroup", True, tenant),
        "helpdesk": Principal(organisation.helpdesk_agents, "ForeignGroup", True, tenant),
        "user": principal(),
        "automation": principal("ServicePrincipal"),
        "known": principal(),
        "former": principal(),
        "wavering": principal(is_steady=False),
        "group": principal("Group"),
        "unlinked group": principal("Group"),
        "wavering group": principal("Group", is_steady=False),
        "half known group": principal("Group", is_steady=False),
    }
    for name in ("user", "automation"):
        people.links += steady_rows(rng, calendar, staff[name].id, partner_id())
    know(staff["known"])
    ended = calendar.first - timedelta(seconds=rng.randrange(1, 10**6))
    people.links.append((staff["former"].id, partner_id(), None, rng.choice((ended, calendar.first))))
    here = partner_id()
    people.links += wavering_rows(rng, calendar, staff["wavering"].id, (here, rng.choice((partner_id(), other))))
    if chance(rng, 0.5):
        know(staff["wavering"])

    linked, unlinked, leaving, joining = (guid(ids) for _ in range(4))
    for member in (linked, leaving, joining):
        people.links += steady_rows(rng, calendar, member, partner_id())
    people.members += steady_rows(rng, calendar, staff["group"].id, linked)
    people.members += steady_rows(rng, calendar, staff["group"].id, unlinked)
    people.members += steady_rows(rng, calendar, staff["unlinked group"].id, unlinked)
    know(staff["unlinked group"])
    people.members += wavering_rows(rng, calendar, staff["wavering group"].id, (leaving, joining))
    relinked = guid(ids)
    people.members += steady_rows(rng, calendar, staff["half known group"].id, relinked)
    people.links += wavering_rows(rng, calendar, relinked, (partner_id(), other))
    return staff


def invent_people(
    rngs: dict[str, random.Random], calendar: Calendar, partners: dict[str, Organisation]
) -> People:
    """Everybody: partners' staff, the customers' own, a foreign group that nobody knows, groups for denials."""
    people, ids, rng = People(), rngs["ids"], rngs["people"]
    for role, organisation in partners.items():
        other = partners["stranger" if role == "own" else "own"].partner_ids[0]
        people.staff[role] = invent_staff(rngs, calendar, people, organisation, other)
    people.strangers = {
        "customer's user": Principal(guid(ids), "User"),
        "customer's group": Principal(guid(ids), "Group"),
        "unknown foreign group": Principal(guid(ids), "ForeignGroup"),
    }
    people.members.append((people.strangers["customer's group"].id, guid(ids), None, None))
    for _ in range(2):
        group = Principal(guid(ids), "Group")
        for role in rng.sample(("own", "reseller", "second"), 2):
            who = people.staff[role][rng.choice(("user", "automation"))].id
            rows = steady_rows if chance(rng, 0.5) else None
            people.members += (
                rows(rng, calendar, group.id, who) if rows else wavering_rows(rng, calendar, group.id, (who, who))
            )
        people.deny_groups.append(group)
    return people


# ---------------------------------------------------------------------------------------------------------------------
# What truly stood, and when: role assignments, delegations, denials
# ---------------------------------------------------------------------------------------------------------------------


@dataclass
class Span:
    """A time in which an item stood, and whether its beginning and end were logged. Half-open."""

    begin: datetime
    end: datetime | None
    created: datetime
    write_logged: bool = True
    delete_logged: bool = True

    def holds(self, at: datetime) -> bool:
        return self.begin <= at < (self.end or FOREVER)


@dataclass
class Item:
    """A role assignment, delegation or deny assignment, known by its id through all of its spans."""

    kind: str  # role | delegation | deny
    id: str
    scope: str
    spans: list[Span]
    body: dict
    homes: list[str]  # the subscriptions whose snapshots show it
    is_stable: bool = False  # the evidence is complete
    updates: list[datetime] = field(default_factory=list)  # written again while it stood

    def standing(self, at: datetime) -> Span | None:
        return next((span for span in self.spans if span.holds(at)), None)

    @property
    def comes_back(self) -> bool:
        """Silently gone and shown again with the same creation time."""
        return len(self.spans) > 1 and self.spans[0].created == self.spans[1].created


@dataclass
class ScheduleInstance:
    """A PIM schedule instance: an activation that bounds an assignment, or (without one) an eligibility."""

    id: str
    subscription: str
    scope: str
    principal: Principal
    role: str
    begin: datetime
    end: datetime | None
    requested: datetime
    assignment: Item | None = None


@dataclass
class World:
    """A world: what is true in it, and what is told about it."""

    seed: int
    features: frozenset[str]
    rngs: dict[str, random.Random]
    calendar: Calendar
    partners: dict[str, Organisation]
    subscriptions: list[Subscription]
    people: People
    items: list[Item] = field(default_factory=list)
    instances: list[ScheduleInstance] = field(default_factory=list)
    management_groups: list[tuple[str, str]] = field(default_factory=list)
    snapshots: "list[Snapshot]" = field(default_factory=list)
    operations: "list[Operation]" = field(default_factory=list)
    products: "list[Product]" = field(default_factory=list)
    lines: "list[Line]" = field(default_factory=list)

    def has(self, feature: str) -> bool:
        return feature in self.features

    def role_of(self, organisation: Organisation) -> str:
        return next(role for role, other in self.partners.items() if other is organisation)

    def role_of_partner_id(self, partner_id: str) -> str | None:
        return next((role for role, org in self.partners.items() if partner_id in org.partner_ids), None)

    def allies(self, subscription: Subscription) -> list[str]:
        """The partners whose access counts for this subscription at some time (D2)."""
        roles = [self.role_of(relationship.organisation) for relationship in subscription.history]
        for relationship in subscription.history + subscription.registered:
            role = self.role_of_partner_id(relationship.reseller_id)
            roles += [role] if role else []
        return list(dict.fromkeys(roles))


COUNTING_STAFF = ("admins", "admins", "user", "automation", "group")
ANY_STAFF = (
    "admins", "helpdesk", "user", "automation", "known", "former", "wavering", "wavering", "group",
    "unlinked group", "wavering group", "wavering group", "half known group",
)  # fmt: skip


def always(world: World, rng: random.Random) -> list[Span]:
    begin = world.calendar.long_before(rng)
    return [Span(begin, None, begin)]


def invent_spans(world: World, rng: random.Random) -> list[Span]:
    """Always, from or until an awkward instant, twice, or with a silent pause."""
    calendar = world.calendar
    early = calendar.long_before(rng)
    moments = calendar.edges(rng, 3)
    shape = rng.random()
    if shape < COMES_BACK and len(moments) > 2 and world.has("late_snapshots"):
        begin = rng.choice((early, moments[0]))
        spans = [Span(begin, moments[1], begin, delete_logged=False), Span(moments[2], None, begin, False)]
        if chance(rng, 0.4):
            spans[1].end = calendar.last + timedelta(hours=rng.randint(1, 48))
        return spans
    if shape < COMES_BACK + WRITTEN_AGAIN and len(moments) > 2:
        begin = rng.choice((early, moments[0]))
        return [Span(begin, moments[1], begin), Span(moments[2], None, moments[2])]
    shapes = ((early, None), (moments[0], None), (moments[0], moments[1]), (early, moments[1]), (early, moments[0]))
    begin, end = rng.choices(shapes, (1, 3, 2, 2, 1))[0]
    return [Span(begin, end, begin)]


def pick_role(rng: random.Random) -> str:
    return rng.choice(ELIGIBLE_ROLES if chance(rng, ELIGIBLE_ROLE) else OTHER_ROLES)


def add_grant(
    world: World, subscription: Subscription, principal: Principal, role: str, scope: str, spans: list[Span]
) -> Item:
    """Add a role assignment. Who wavers gets one that stands, with complete evidence, all the time."""
    rng = world.rngs["roles"]
    if not principal.is_steady:
        spans = always(world, rng)
    item = Item(
        "role", guid(world.rngs["ids"]), other_case(rng, scope), spans, {"principal": principal, "role": role},
        [subscription.id], is_stable=not principal.is_steady,
    )  # fmt: skip
    last = item.spans[-1]
    if chance(rng, 0.15) and not item.comes_back:
        update = max(last.begin, world.calendar.log_begins) + timedelta(seconds=rng.randrange(2, 10**6))
        if last.holds(update + timedelta(seconds=1)):
            item.updates.append(update)
    world.items.append(item)
    return item


def someone(world: World, rng: random.Random, subscription: Subscription, kinds: tuple[str, ...]) -> Principal:
    """One of the partners' people, most likely of those that count, or somebody that no directory knows."""
    if chance(rng, 0.12):
        return rng.choice(sorted(world.people.strangers.values()))
    allies = world.allies(subscription)
    role = rng.choice(allies) if chance(rng, 0.7) else rng.choice(sorted(world.partners))
    return world.people.staff[role][rng.choice(kinds)]


def grant_roles(world: World, subscription: Subscription) -> None:
    """Standing access, a relay or nothing of the kind, and some grants beside."""
    rng, relay, calendar = world.rngs["roles"], world.rngs["relays"], world.calendar
    staff, allies = world.people.staff, world.allies(subscription)
    mode = rng.random()
    if mode < STRONG_ACCESS:
        principal = staff[rng.choice(allies)][rng.choice(COUNTING_STAFF)]
        scope = subscription.scope if chance(rng, 0.6) else rng.choice(subscription.scopes())
        add_grant(world, subscription, principal, rng.choice(ELIGIBLE_ROLES), scope, always(world, rng))
    elif mode < STRONG_ACCESS + RELAY_ACCESS:
        add_relay(world, relay, subscription, [staff[role][kind] for role in allies for kind in COUNTING_STAFF])
    for _ in range(rng.randint(1, 4) if mode < STRONG_ACCESS + RELAY_ACCESS else rng.randint(0, 2)):
        principal = someone(world, rng, subscription, ANY_STAFF)
        scope = rng.choice(subscription.scopes())
        add_grant(world, subscription, principal, pick_role(rng), scope, invent_spans(world, rng))
    if chance(rng, 0.2):
        ended = calendar.first - timedelta(seconds=rng.randrange(1, 10**6))
        principal = staff["own"][rng.choice(COUNTING_STAFF)]
        begin = calendar.long_before(rng)
        add_grant(world, subscription, principal, "Owner", subscription.scope, [Span(begin, ended, begin)])


def add_relay(world: World, rng: random.Random, subscription: Subscription, runners: list[Principal]) -> None:
    """Cover a resource by one after another: touching, overlapping, or parted by a microsecond."""
    target = rng.choice(subscription.resources)
    here = target.uri or (f"{subscription.scope}/resourceGroups/{target.group}" if target.group else subscription.scope)
    covering = [scope for scope in subscription.scopes() if f"{here}/".lower().startswith(f"{scope}/".lower())]
    joints = world.calendar.edges(rng, rng.randint(1, 3))
    begin = world.calendar.long_before(rng)
    if len(joints) > 1 and chance(rng, 0.3):
        begin = joints.pop(0)
    finish = joints.pop() if len(joints) > 1 and chance(rng, 0.4) else None
    for joint in [*joints, finish]:
        spans = [Span(begin, joint, begin)]
        add_grant(world, subscription, rng.choice(runners), rng.choice(ELIGIBLE_ROLES), rng.choice(covering), spans)
        if joint:
            apart = rng.choice((0, 0, 0, 1, 1, 500_000, -3_600_000_000))
            begin = joint + timedelta(microseconds=apart)


def delegate(world: World, subscription: Subscription) -> None:
    """Up to two Lighthouse delegations: a Marketplace offer, a template, or just-in-time access only."""
    rng, ids = world.rngs["lighthouse"], world.rngs["ids"]
    definition = None
    for _ in range(rng.choices((0, 1, 2), (35, 40, 25))[0]):
        is_marketplace = chance(rng, 0.4)
        roles = world.allies(subscription) if chance(rng, 0.7) else sorted(world.partners)
        partner = world.partners[rng.choice(roles)]
        kinds = ("group", "user", "automation") if partner is world.partners["stranger"] else (
            "group", "user", "automation", "wavering", "wavering group", "unlinked group", "known", "former",
        )  # fmt: skip
        staff = world.people.staff[world.role_of(partner)]
        chosen = [staff[kind] for kind in rng.sample(kinds, rng.randint(1, 2))]
        role = rng.choices(("Contributor", "Virtual Machine Contributor", "Reader"), (60, 25, 15))[0]
        standing = [(principal, role) for principal in chosen]
        eligible = [(staff["user"], "Contributor")] if chance(rng, 0.25) else []
        if eligible and chance(rng, 0.6):
            standing = [] if chance(rng, 0.5) else [(principal, "Reader") for principal in chosen]
        if is_marketplace:
            tenant = guid(ids) if chance(rng, 0.2) else partner.tenant_id
            if tenant != partner.tenant_id:
                standing = [(Principal(guid(ids), "User"), role) for _, role in standing]
                eligible = []
        else:
            tenant = partner.tenant_id
        if definition is None or chance(rng, 0.6):
            definition = {
                "id": guid(ids), "tenant": tenant, "standing": standing, "eligible": eligible, "plan": is_marketplace,
            }  # fmt: skip
        steady = all(principal.is_steady for principal, _ in definition["standing"])
        groups = [resource.group for resource in subscription.resources if resource.group]
        scope = rng.choice([subscription.scope, f"{subscription.scope}/resourceGroups/{rng.choice(groups)}"])
        world.items.append(
            Item(
                "delegation", guid(ids), other_case(rng, scope),
                invent_spans(world, rng) if steady else always(world, rng),
                {"definition": definition}, [subscription.id], is_stable=not steady,
            )  # fmt: skip
        )


PERMISSIONS = (
    [{"actions": ["*"], "notActions": ["*/read"], "dataActions": [], "notDataActions": []}],
    [{"actions": ["*/write", "*/delete"], "notActions": [], "dataActions": [], "notDataActions": []}],
    [
        {"actions": [], "notActions": [], "dataActions": ["*"], "notDataActions": []},
        {"actions": ["*/delete"], "notActions": [], "dataActions": [], "notDataActions": []},
    ],
)
DATA_PERMISSIONS = [{"actions": [], "notActions": [], "dataActions": ["*"], "notDataActions": []}]


def deny(world: World, subscription: Subscription) -> None:
    """Up to two deny assignments: everyone with exclusions, a principal, a group of people, data only."""
    rng, ids = world.rngs["deny"], world.rngs["ids"]
    granted = {
        item.body["principal"]
        for item in world.items
        if item.kind == "role" and subscription.id in item.homes
    }
    granted |= {
        principal
        for item in world.items
        if item.kind == "delegation" and subscription.id in item.homes
        for principal, _ in item.body["definition"]["standing"]
    }
    granted = sorted(granted) or [world.people.staff["own"]["admins"]]
    for _ in range(rng.choices((0, 1, 2), (30, 45, 25))[0]):
        excluded: list[Principal] = []
        whom = rng.choices(("everyone", "principal", "group"), (45, 30, 25))[0]
        if whom == "everyone":
            denied = [Principal(EVERYONE, "SystemDefined")]
            if chance(rng, 0.6):
                excluded = rng.sample(granted, min(len(granted), rng.randint(1, 2)))
        elif whom == "principal":
            denied = rng.sample(granted, 1)
        else:
            denied = [rng.choice(world.people.deny_groups)]
        scope = rng.choice(subscription.scopes())
        own_only = chance(rng, 0.25)
        if own_only and chance(rng, 0.6):
            loose = [r for r in subscription.resources if not r.uri] or subscription.resources
            scope = loose[0].uri or subscription.scope + (f"/resourceGroups/{loose[0].group}" if loose[0].group else "")
        spans = invent_spans(world, rng)
        world.items.append(
            Item(
                "deny", guid(ids), other_case(rng, scope), spans,
                {
                    "permissions": DATA_PERMISSIONS if chance(rng, 0.2) else rng.choice(PERMISSIONS),
                    "principals": denied, "excluded": excluded, "own_only": own_only,
                },
                [subscription.id],
            )  # fmt: skip
        )


def activate(world: World, subscription: Subscription) -> None:
    """Time-bound assignments with their PIM schedule instances, and eligibilities."""
    rng, ids, calendar = world.rngs["pim"], world.rngs["ids"], world.calendar
    staff = world.people.staff[rng.choice(world.allies(subscription))]
    for _ in range(rng.choices((0, 1, 2), (40, 40, 20))[0]):
        principal = staff[rng.choice(("user", "automation", "known", "group"))]
        role, scope = pick_role(rng), rng.choice(subscription.scopes())
        moments = [at.replace(microsecond=at.microsecond // 1000 * 1000) for at in calendar.edges(rng, 2)]
        begin, end = rng.choice(((moments[0], moments[1]), (calendar.first - 9 * DAY, moments[1]), (moments[0], None)))
        written = begin + timedelta(microseconds=rng.choice((0, 0, 0, 731_000, 2_004_001)))
        removed = end + timedelta(microseconds=rng.choice((0, 0, 1, 950_001, 86_400_000_000))) if end else None
        if removed and removed <= written:
            written = begin
        if chance(rng, 0.2):
            written = calendar.long_before(rng)  # it stands before its start: the schedule alone bounds it
        item = add_grant(world, subscription, principal, role, scope, [Span(written, removed, written)])
        item.updates.clear()
        requested = min(written, begin) - timedelta(minutes=rng.randint(1, 600))
        instance = ScheduleInstance(guid(ids), subscription.id, scope, principal, role, begin, end, requested, item)
        world.instances.append(instance)
    for _ in range(rng.choices((0, 1, 2), (40, 40, 20))[0]):
        moments = calendar.edges(rng, 2)
        begin, end = rng.choice(((calendar.long_before(rng), None), (moments[0], None), (moments[0], moments[-1])))
        if begin == end:
            end = None
        principal = staff[rng.choice(("user", "known", "group", "automation"))]
        scope = rng.choice(subscription.scopes())
        requested = begin - timedelta(hours=1)
        eligibility = ScheduleInstance(
            guid(ids), subscription.id, scope, principal, pick_role(rng), begin, end, requested
        )
        world.instances.append(eligibility)


def group_subscriptions(world: World) -> None:
    """Management groups, mapped and not, with grants; and grants at the root of a customer's tenant."""
    rng, ids, calendar = world.rngs["groups"], world.rngs["ids"], world.calendar
    customers = {subscription.customer.tenant_id: subscription.customer for subscription in world.subscriptions}
    for customer in customers.values():
        own = [subscription for subscription in world.subscriptions if subscription.customer is customer]
        staff = [world.people.staff[role] for role in world.allies(own[0])] + [world.people.staff["stranger"]]

        def grant(scope: str, homes: list[Subscription], end: datetime | None, staff: list = staff) -> Item:
            principal = rng.choice(staff)[rng.choice(("admins", "user", "group", "automation"))]
            begin = rng.choice((calendar.long_before(rng), calendar.edge(rng)))
            end = end if end and end > begin else None
            item = Item(
                "role", guid(ids), scope, [Span(begin, end, begin)], {"principal": principal, "role": pick_role(rng)},
                [subscription.id for subscription in homes], is_stable=True,
            )  # fmt: skip
            world.items.append(item)
            return item

        if chance(rng, 0.5):
            name = f"mg-{customer.name.split()[0].lower()}"
            below = own if chance(rng, 0.6) else own[:1]
            for subscription in below:
                subscription.management_group = name
                if chance(rng, 0.75):
                    world.management_groups.append((other_case(rng, name), other_case(rng, subscription.id)))
            scope = f"/providers/Microsoft.Management/managementGroups/{other_case(rng, name)}"
            for _ in range(rng.randint(1, 2)):
                grant(scope, below, rng.choice((None, calendar.edge(rng)))).spans[0].write_logged = True
        if chance(rng, 0.35):
            item = grant("/", own, rng.choice((None, calendar.edge(rng))))
            item.body["role"] = rng.choice(("User Access Administrator", "User Access Administrator", "Reader"))
            item.spans[0].write_logged = False


def invent_access(world: World) -> None:
    """Fill the world with everything that gives and takes access."""
    for subscription in world.subscriptions:
        grant_roles(world, subscription)
        if world.has("lighthouse"):
            delegate(world, subscription)
        if world.has("deny"):
            deny(world, subscription)
        if world.has("pim"):
            activate(world, subscription)
    if world.has("management_groups"):
        group_subscriptions(world)


# ---------------------------------------------------------------------------------------------------------------------
# Evidence: which snapshots are taken, which changes are logged
# ---------------------------------------------------------------------------------------------------------------------

FOLDERS = {
    "role": "role_assignments",
    "delegation": "lighthouse",
    "deny": "deny_assignments",
    "schedule": "role_schedules",
}


@dataclass
class Snapshot:
    """A full list of what stands in a subscription at an instant, and the file that holds it."""

    kind: str
    subscription: Subscription
    at: datetime
    with_created: bool
    path: str = ""
    has_dated_name: bool = True


def snapshot_moments(world: World, rng: random.Random, subscription: Subscription, kind: str, count: int) -> set:
    """Instants of snapshots: midnights, whole seconds, and exactly when something begins or ends."""
    calendar = world.calendar
    changes = [
        at
        for item in world.items
        if item.kind == kind and subscription.id in item.homes
        for span in item.spans
        for at in (span.begin, span.end)
        if at and at.microsecond == 0 and calendar.log_begins < at < calendar.last + DAY
    ]
    moments = set()
    for _ in range(count):
        day = midnight(rng.choice(calendar.days))
        moments.add(
            rng.choice(
                [
                    day,
                    day + rng.choice((-1, 1)) * DAY,
                    day + timedelta(seconds=rng.randrange(86400)),
                    rng.choice(changes) if changes else calendar.last + timedelta(hours=rng.randrange(60)),
                ]
            )
        )
    return moments


def moment_within(rng: random.Random, begin: datetime, end: datetime | None) -> datetime | None:
    """A whole second inside an interval, if there is one."""
    end = end or begin + 20 * DAY
    first = begin.replace(microsecond=0) + timedelta(seconds=1 if begin.microsecond else 0)
    seconds = int((end - TICK - first).total_seconds())
    return first + timedelta(seconds=rng.randint(0, seconds)) if first < end else None


def take_snapshots(world: World) -> None:
    """Plan the snapshots of all kinds, then name their files."""
    rng, late = world.rngs["snapshots"], world.has("late_snapshots")
    kinds = [
        kind
        for kind, feature in (("role", None), ("delegation", "lighthouse"), ("deny", "deny"), ("schedule", "pim"))
        if feature is None or world.has(feature)
    ]
    rooted = {home for item in world.items if item.scope == "/" for home in item.homes}
    for subscription in world.subscriptions:
        for kind in kinds:
            share_created = rng.choice((1.0, 0.0, 0.5)) if late and subscription.id not in rooted else 1.0
            moments = snapshot_moments(world, rng, subscription, kind, rng.choice((0, 1, 2, 2, 3)))
            if not late:
                moments.add(midnight(world.calendar.log_begins.date() + DAY))
            for item in world.items:
                if subscription.id not in item.homes or item.kind != kind:
                    continue
                if item.comes_back and chance(rng, 0.6):
                    pause = (item.spans[0].end, item.spans[1].begin)
                    for begin, end in (pause, (item.spans[1].begin, item.spans[1].end)):
                        moments.add(moment_within(rng, begin, end))
                if item.scope == "/" or (kind == "delegation" and not (late and chance(rng, 0.1))):
                    visible = item.spans[-1]
                    begin = max(visible.begin, world.calendar.log_begins)
                    if visible.end is None or visible.end > begin:
                        moments.add(moment_within(rng, begin, visible.end))
            for instance in world.instances if kind == "schedule" else ():
                if instance.subscription == subscription.id and not (late and chance(rng, 0.1)):
                    begin = max(instance.begin, world.calendar.log_begins)
                    if instance.end is None or instance.end > begin:
                        moments.add(moment_within(rng, begin, instance.end))
            for at in sorted(moments - {None}):
                world.snapshots.append(Snapshot(kind, subscription, at, chance(rng, share_created)))
    name_snapshot_files(world)


def name_snapshot_files(world: World) -> None:
    """Dates in names in all the ways, or none; the subscription as a folder or in the name."""
    rng = world.rngs["files"]
    taken = set()
    for snapshot in world.snapshots:
        at, subscription = snapshot.at, snapshot.subscription
        names = [f"{at:%Y-%m-%dT%H%M%SZ}"]
        if at == midnight(at.date()):
            names += [f"{at:%Y-%m-%d}", f"{at:%Y-%m-%d}", f"{at:%Y%m%d}"]
        name = rng.choice(names)
        slug = subscription.customer.name.split()[0].lower()
        path = rng.choice((f"{subscription.id}/{name}", f"{slug}/{name}_{subscription.id}"))
        if chance(rng, 0.2):
            path = f"{other_case(rng, subscription.id)}/{name}"
        undated = f"{subscription.id}/current"
        if chance(rng, 0.15) and (snapshot.kind, undated) not in taken:
            path, snapshot.has_dated_name = undated, False
        taken.add((snapshot.kind, path))
        snapshot.path = f"{FOLDERS[snapshot.kind]}/{path}.json"


def settle_evidence(world: World, item: Item) -> None:
    """Decide which changes of an item were logged, so that the rules say what to make of it."""
    if not item.scope.lower().startswith("/subscriptions"):
        return  # management groups are logged completely; a grant at the root is known from snapshots and its deletion
    rng, calendar, late = world.rngs["evidence"], world.calendar, world.has("late_snapshots")
    snapshots = [s for s in world.snapshots if s.kind == item.kind and s.subscription.id in item.homes]
    tells_creation = item.kind != "delegation"
    showing = [[s for s in snapshots if span.holds(s.at)] for span in item.spans]
    created = [tells_creation and any(s.with_created for s in shown) for shown in showing]

    if item.comes_back:
        with_creation = {s.with_created for shown in showing for s in shown} if tells_creation else {False}
        if len(with_creation) > 1:  # now with, now without creation time: it would be unclear whether it is the same
            del item.spans[1:], showing[1:], created[1:]

    for number, span in enumerate(item.spans):
        silent_return = item.comes_back and number == 1
        silent_end = item.comes_back and number == 0
        span.write_logged = span.begin >= calendar.log_begins and not silent_return
        span.delete_logged = not silent_end
        if late and not item.is_stable:
            span.write_logged = span.write_logged and not chance(rng, LOST_EVIDENCE)
            span.delete_logged = span.delete_logged and not chance(rng, LOST_EVIDENCE)
    first, last = item.spans[0], item.spans[-1]

    if item.is_stable:
        seen_in_time = created[0] or any(s.at <= calendar.first for s in showing[0])
        first.write_logged = first.write_logged or not seen_in_time
    if item.comes_back:
        if not showing[0]:
            first.write_logged = True
        if not any(created) or not showing[-1]:
            last.delete_logged = False
    elif len(item.spans) > 1:
        first.delete_logged = last.write_logged = True
        first.write_logged = first.write_logged or not created[0]
    begins_unknown = not first.write_logged and not created[0]
    if begins_unknown and showing[0] and first.delete_logged and any(s.at < first.begin for s in snapshots):
        first.write_logged = True
    if not last.write_logged:
        item.updates.clear()


# ---------------------------------------------------------------------------------------------------------------------
# The activity log: operations, and their records in two shapes
# ---------------------------------------------------------------------------------------------------------------------


@dataclass
class Operation:
    """Something that somebody asked Azure to do, and what became of it."""

    type: str  # Microsoft.Authorization/roleAssignments/write
    entity: str
    at: datetime  # when it ended, or was asked for if it never ended
    subscription: str
    tenant: str
    outcome: str = "Succeeded"  # Succeeded | Failed | nothing: only started
    request: dict | None = None
    response: dict | None = None
    sub_status: str = "OK"


TYPES = {
    "role": "Microsoft.Authorization/roleAssignments",
    "deny": "Microsoft.Authorization/denyAssignments",
    "delegation": "Microsoft.ManagedServices/registrationAssignments",
}


def entity_of(item: Item) -> str:
    return f"{item.scope.rstrip('/')}/providers/{TYPES[item.kind]}/{item.id}"


def role_id(rng: random.Random, role: str, subscription: str) -> str:
    """A role definition id, with one of its prefixes."""
    prefix = rng.choice(("", f"/subscriptions/{subscription}" if subscription else ""))
    return f"{prefix}/providers/Microsoft.Authorization/roleDefinitions/{other_case(rng, ROLES[role])}"


def deny_properties(item: Item) -> dict:
    body = item.body
    return {
        "denyAssignmentName": f"Lock {item.id[:4]}",
        "description": None,
        "permissions": body["permissions"],
        "scope": item.scope,
        "doNotApplyToChildScopes": body["own_only"],
        "principals": [{"id": principal.id, "type": principal.type} for principal in body["principals"]],
        "excludePrincipals": [{"id": principal.id, "type": principal.type} for principal in body["excluded"]],
        "isSystemProtected": True,
    }


def definition_id(item: Item) -> str:
    return (
        f"/subscriptions/{item.homes[0]}/providers/Microsoft.ManagedServices/registrationDefinitions/"
        f"{item.body['definition']['id']}"
    )


def write_request(rng: random.Random, item: Item) -> dict:
    """The body of a writing request, as different clients send it."""
    if item.kind == "delegation":
        return {"properties": {"registrationDefinitionId": definition_id(item)}}
    if item.kind == "deny":
        properties = deny_properties(item)
        if chance(rng, 0.3):
            del properties["scope"]
        return {"properties": properties}
    principal, home = item.body["principal"], item.homes[0]
    if chance(rng, 0.6):
        properties = {
            "PrincipalId": other_case(rng, principal.id),
            "PrincipalType": principal.type,
            "RoleDefinitionId": role_id(rng, item.body["role"], home),
            "Scope": item.scope,
        }
        return {"Id": item.id, "Properties": properties}
    properties = {"roleDefinitionId": role_id(rng, item.body["role"], home), "principalId": principal.id}
    if principal.type == "ForeignGroup" or chance(rng, 0.6):
        properties["principalType"] = principal.type
    return {"properties": properties}


def delete_response(rng: random.Random, item: Item, span: Span) -> dict | None:
    """The body that answers a deletion. It tells the creation only where the log knows it, too."""
    if item.kind == "delegation" or (item.kind == "deny" and chance(rng, 0.5)):
        return None
    if item.kind == "deny":
        properties = deny_properties(item)
    else:
        principal = item.body["principal"]
        properties = {
            "roleDefinitionId": role_id(rng, item.body["role"], item.homes[0]),
            "principalId": principal.id,
            "principalType": principal.type,
            "scope": item.scope,
            "condition": None,
        }
    if span.write_logged:
        properties |= {"createdOn": iso(span.created), "updatedOn": iso(span.created)}
    return {"properties": properties, "id": entity_of(item), "type": TYPES[item.kind], "name": item.id}


def log_changes(world: World) -> None:
    """Turn what was logged of all items into operations."""
    rng = world.rngs["log"]
    tenants = {subscription.id: subscription.customer.tenant_id for subscription in world.subscriptions}
    for item in world.items:
        settle_evidence(world, item)
        home = item.homes[0] if item.scope.lower().startswith("/subscriptions") else ""
        entity, tenant = entity_of(item), tenants[item.homes[0]]
        written = [span.begin for span in item.spans if span.write_logged]
        for at in written + item.updates:
            status = "OK" if at in item.updates else "Created"
            request = write_request(rng, item)
            world.operations.append(
                Operation(f"{TYPES[item.kind]}/write", entity, at, home, tenant, "Succeeded", request, None, status)
            )
        for span in item.spans:
            if span.delete_logged and span.end:
                response = delete_response(rng, item, span)
                world.operations.append(
                    Operation(f"{TYPES[item.kind]}/delete", entity, span.end, home, tenant, response=response)
                )


def log_noise(world: World) -> None:
    """Operations that change nothing: failed, only started, deleting what is not there, other services' business."""
    rng, ids, calendar = world.rngs["noise"], world.rngs["ids"], world.calendar
    for subscription in world.subscriptions:
        home, tenant = subscription.id, subscription.customer.tenant_id
        own = [item for item in world.items if item.homes == [home] and item.scope.lower().startswith("/sub")]
        admins = world.people.staff["own"]["admins"]
        for _ in range(rng.randint(0, 2)):  # would have given access to everything
            body = {"principal": admins, "role": "Owner"}
            wanted = Item("role", guid(ids), subscription.scope, [], body, [home])
            operation = Operation(f"{TYPES['role']}/write", entity_of(wanted), calendar.edge(rng), home, tenant)
            operation.outcome, operation.sub_status = rng.choice((("Failed", "Forbidden"), ("", "")))
            operation.request = write_request(rng, wanted)
            world.operations.append(operation)
        for item in rng.sample(own, min(len(own), rng.randint(0, 2))):  # would have taken it away
            span = rng.choice(item.spans)
            at = max(span.begin, calendar.log_begins) + timedelta(seconds=rng.randrange(2, 400_000))
            if span.holds(at) and (span.end is None or at + timedelta(seconds=5) < span.end):
                operation = Operation(f"{TYPES[item.kind]}/delete", entity_of(item), at, home, tenant)
                operation.outcome, operation.sub_status = rng.choice((("Failed", "Conflict"), ("", "")))
                world.operations.append(operation)
        if chance(rng, 0.4):
            missing = f"{subscription.scope}/providers/{TYPES['role']}/{guid(ids)}"
            operation = Operation(f"{TYPES['role']}/delete", missing, calendar.edge(rng), home, tenant)
            operation.sub_status = "NoContent"
            world.operations.append(operation)
        if chance(rng, 0.5):
            machine = f"{subscription.scope}/resourceGroups/rg-app/providers/{VM}/vm1"
            request = {"properties": {"hardwareProfile": {"vmSize": "Standard_D2s_v5"}}, "location": "westeurope"}
            world.operations.append(
                Operation(f"{VM}/write", machine, calendar.edge(rng), home, tenant, request=request)
            )
        if chance(rng, 0.15):
            world.operations.append(
                Operation(
                    "Microsoft.Authorization/elevateAccess/action", "/providers/Microsoft.Authorization",
                    calendar.edge(rng), "", tenant,
                )  # fmt: skip
            )
    for instance in world.instances:
        if instance.assignment and instance.begin > calendar.log_begins and chance(rng, 0.4):
            scope = f"{instance.scope}/providers/Microsoft.Authorization/roleAssignmentScheduleRequests/{guid(ids)}"
            request = {
                "Properties": {
                    "PrincipalId": instance.principal.id,
                    "RoleDefinitionId": role_id(rng, instance.role, instance.subscription),
                    "RequestType": "SelfActivate",
                    "ScheduleInfo": {"StartDateTime": iso(instance.begin), "Expiration": {"Type": "AfterDateTime"}},
                }
            }
            tenant = next(s.customer.tenant_id for s in world.subscriptions if s.id == instance.subscription)
            world.operations.append(
                Operation(
                    "Microsoft.Authorization/roleAssignmentScheduleRequests/write", scope, instance.requested,
                    instance.subscription, tenant, request=request, sub_status="Created",
                )  # fmt: skip
            )


@dataclass(frozen=True)
class Record:
    """One record of an operation: that it started, was accepted, or ended."""

    operation: Operation
    status: str  # Started | Accepted | Succeeded | Failed
    at: datetime
    seventh_digit: int
    event_id: str
    operation_id: str
    correlation_id: str
    request_text: str = ""
    response_text: str = ""

    def time(self, digits: str) -> str:
        """Write the time as `cli`, or with up to `seven` digits. The seventh is never what decides."""
        if digits == "cli":
            return iso(self.at, "+00:00")
        fraction = f"{self.at.microsecond:06d}{self.seventh_digit}".rstrip("0")
        return f"{self.at:%Y-%m-%dT%H:%M:%S}{'.' + fraction if fraction else ''}Z"


def records_of(world: World, operation: Operation, correlation_id: str) -> list[Record]:
    """The records of one operation, in order. What is asked for stands in the first, what was deleted in the last."""
    rng, ids = world.rngs["log"], world.rngs["ids"]
    operation_id = guid(ids)
    asked = operation.at - timedelta(microseconds=rng.choice((1, 250_000, 812_345, 2_100_007)))

    def record(status: str, at: datetime, request: str = "", response: str = "") -> Record:
        seventh = rng.randrange(10) if at.microsecond not in (0, 999_999) and chance(rng, 0.5) else 0
        return Record(operation, status, at, seventh, guid(ids), operation_id, correlation_id, request, response)

    request = json.dumps(operation.request, separators=(",", ":")) if operation.request else ""
    records = [record("Started", asked, request=request)]
    if not operation.outcome:
        return records
    if chance(rng, 0.1):
        records.append(record("Accepted", asked + (operation.at - asked) / 2))
    response = json.dumps(operation.response, separators=(",", ":")) if operation.response else ""
    records.append(record(operation.outcome, operation.at, response=response))
    return records


def log_properties(record: Record) -> dict:
    operation = record.operation
    properties = {
        "eventCategory": "Administrative",
        "entity": operation.entity,
        "message": operation.type,
        "hierarchy": "/".join(part for part in (operation.tenant, operation.subscription) if part),
    }
    if record.request_text:
        properties["requestbody"] = record.request_text
    if record.response_text:
        properties["responseBody"] = record.response_text
    if record.status in ("Succeeded", "Failed"):
        properties |= {"statusCode": operation.sub_status, "serviceRequestId": None}
    return properties


CLAIM = "http://schemas.microsoft.com/identity/claims/"


def rest_record(record: Record, digits: str) -> dict:
    """A record as `az monitor activity-log list` and the REST interface give it."""
    operation = record.operation

    def pair(value: str) -> dict:
        return {"value": value, "localizedValue": value}

    return {
        "authorization": {"action": operation.type, "role": None, "scope": operation.entity},
        "caller": "admin@customer.example",
        "claims": {f"{CLAIM}objectidentifier": operation.tenant, f"{CLAIM}tenantid": operation.tenant},
        "correlationId": record.correlation_id,
        "eventDataId": record.event_id,
        "eventName": pair("BeginRequest" if record.status == "Started" else "EndRequest"),
        "category": pair("Administrative"),
        "eventTimestamp": record.time(digits),
        "id": f"{operation.entity}/events/{record.event_id}/ticks/639033624008342177",
        "level": "Informational" if record.status != "Failed" else "Error",
        "operationId": record.operation_id,
        "operationName": pair(operation.type),
        "resourceGroupName": resource_group_of(operation.entity),
        "resourceProviderName": pair(operation.type.split("/")[0]),
        "resourceType": pair(operation.type.rsplit("/", 1)[0]),
        "resourceId": operation.entity,
        "status": pair(record.status),
        "subStatus": pair(operation.sub_status if record.status in ("Succeeded", "Failed") else ""),
        "submissionTimestamp": iso(record.at.replace(microsecond=0) + timedelta(minutes=7)),
        "subscriptionId": operation.subscription,
        "tenantId": operation.tenant,
        "properties": log_properties(record),
        "relatedEvents": [],
    }


RESULT_TYPES = {"Started": "Start", "Accepted": "Accept", "Succeeded": "Success", "Failed": "Failure"}


def storage_record(rng: random.Random, record: Record) -> dict:
    """A record as a diagnostic setting stores it: other names, other words, ids in upper case, the caller's role."""
    operation = record.operation
    detail = operation.sub_status if record.status in ("Succeeded", "Failed") else ""
    properties: dict | str = log_properties(record)
    if chance(rng, 0.15):
        properties = json.dumps(properties, separators=(",", ":"))
    evidence = {
        "role": "Owner",
        "roleAssignmentScope": f"/subscriptions/{operation.subscription}",
        "roleAssignmentId": operation.tenant.replace("-", ""),
        "roleDefinitionId": ROLES["Owner"].replace("-", ""),
        "principalId": operation.tenant.replace("-", ""),
        "principalType": "User",
    }
    return {
        "RoleLocation": "West Europe",
        "ReleaseVersion": "7.2026.1.3",
        "time": record.time("seven"),
        "resourceId": operation.entity.upper(),
        "operationName": operation.type.upper(),
        "category": "Administrative",
        "resultType": RESULT_TYPES[record.status],
        "resultSignature": f"{record.status}.{detail}",
        "durationMs": rng.choice(("0", 61)),
        "callerIpAddress": "203.0.113.24",
        "correlationId": record.correlation_id,
        "identity": {
            "authorization": {"scope": operation.entity, "action": operation.type, "evidence": evidence},
            "claims": {f"{CLAIM}tenantid": operation.tenant},
        },
        "level": "Information",
        "location": "global",
        "properties": properties,
        "tenantId": operation.tenant,
    }


# ---------------------------------------------------------------------------------------------------------------------
# Writing files, and what stands in the snapshots and logs
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Zone:
    """A landing zone on disk."""

    root: pathlib.Path

    def write(self, path: str, content: bytes, modified: datetime | None = None) -> None:
        """Write a file. Its modification time is fixed, and its date where the name has none."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(gzip.compress(content, mtime=0) if path.endswith(".gz") else content)
        seconds = (modified or FIXED_TIME).replace(tzinfo=UTC).timestamp()
        os.utime(file, (seconds, seconds))

    def write_json(self, rng: random.Random, path: str, content: object, modified: datetime | None = None) -> None:
        indent = rng.choice((None, 1))
        text = json.dumps(content, indent=indent, ensure_ascii=False, separators=None if indent else (",", ":"))
        self.write(path, text.encode(), modified)


def packed(world: World, path: str, share: float = 0.3) -> str:
    """Pack a file now and then, where the world has packed files."""
    return f"{path}.gz" if chance(world.rngs["gz"], share) and world.has("gz") else path


def role_entry(rng: random.Random, item: Item, span: Span, snapshot: Snapshot, is_rest: bool) -> dict:
    """A role assignment as the CLI lists it, flat, or as the REST interface does, with properties."""
    principal = item.body["principal"]
    properties = {
        "condition": None,
        "conditionVersion": None,
        "description": None,
        "principalId": other_case(rng, principal.id),
        "principalName": "" if principal.type == "ForeignGroup" else f"{principal.type.lower()}@customer.example",
        "principalType": principal.type,
        "roleDefinitionId": role_id(rng, item.body["role"], snapshot.subscription.id),
        "roleDefinitionName": item.body["role"],
        "scope": other_case(rng, item.scope),
    }
    if resource_group_of(item.scope):
        properties["resourceGroup"] = resource_group_of(item.scope)
    if snapshot.with_created:
        created = iso(span.created, "Z" if is_rest else "+00:00")
        creator = snapshot.subscription.customer.tenant_id
        properties |= {"createdOn": created, "updatedOn": created, "createdBy": creator}
    elif chance(rng, 0.5):
        properties |= {"createdOn": None, "updatedOn": None}
    identity = {"id": entity_of(item), "name": item.id, "type": TYPES["role"]}
    if is_rest:
        for lifted in ("principalName", "roleDefinitionName", "resourceGroup"):
            properties.pop(lifted, None)
        return identity | {"properties": properties}
    return dict(sorted((identity | properties).items()))


def deny_entry(item: Item, span: Span, snapshot: Snapshot) -> dict:
    properties = deny_properties(item)
    if snapshot.with_created:
        properties |= {"createdOn": iso(span.created), "updatedOn": iso(span.created)}
    return {"id": entity_of(item), "name": item.id, "type": TYPES["deny"], "properties": properties}


def delegation_entry(rng: random.Random, item: Item, snapshot: Snapshot) -> dict:
    """A delegation with its definition. It has no creation time; a plan only if it came from the Marketplace."""
    definition = item.body["definition"]

    def authorization(principal: Principal, role: str) -> dict:
        return {
            "principalId": other_case(rng, principal.id),
            "principalIdDisplayName": f"Operations {principal.type}",
            "roleDefinitionId": ROLES[role],
        }

    inner = {
        "description": None,
        "registrationDefinitionName": f"Offer {definition['id'][:4]}",
        "managedByTenantId": definition["tenant"],
        "managedByTenantName": "Managing partner",
        "manageeTenantId": snapshot.subscription.customer.tenant_id,
        "manageeTenantName": snapshot.subscription.customer.name,
        "provisioningState": "Succeeded",
        "authorizations": [authorization(*entry) for entry in definition["standing"]],
    }
    if definition["eligible"]:
        policy = {"multiFactorAuthProvider": "Azure", "maximumActivationDuration": "PT8H"}
        inner["eligibleAuthorizations"] = [
            {"justInTimeAccessPolicy": policy, **authorization(*entry)} for entry in definition["eligible"]
        ]
    registration = {
        "id": definition_id(item),
        "name": definition["id"],
        "type": "Microsoft.ManagedServices/registrationDefinitions",
        "properties": inner,
    }
    if definition["plan"]:
        registration["plan"] = {
            "name": "managed-basic", "publisher": "examplecloud", "product": "managed-azure", "version": "1.2.0",
        }  # fmt: skip
    elif chance(rng, 0.3):
        registration["plan"] = None
    return {
        "id": entity_of(item),
        "name": item.id,
        "type": TYPES["delegation"],
        "properties": {
            "registrationDefinitionId": definition_id(item),
            "provisioningState": "Succeeded",
            "registrationDefinition": registration,
        },
    }


def instance_entry(rng: random.Random, instance: ScheduleInstance) -> dict:
    kind = "roleAssignmentScheduleInstances" if instance.assignment else "roleEligibilityScheduleInstances"
    properties = {
        "scope": instance.scope,
        "roleDefinitionId": role_id(rng, instance.role, instance.subscription),
        "principalId": instance.principal.id,
        "principalType": instance.principal.type,
        "memberType": "Direct",
        "status": "Provisioned",
        "startDateTime": iso(instance.begin),
        "endDateTime": iso(instance.end) if instance.end else None,
        "createdOn": iso(instance.requested),
    }
    if instance.assignment:
        properties |= {
            "assignmentType": "Activated" if instance.end and chance(rng, 0.5) else "Assigned",
            "originRoleAssignmentId": other_case(rng, entity_of(instance.assignment)),
        }
    identity = f"{instance.scope}/providers/Microsoft.Authorization/{kind}/{instance.id}"
    return {
        "id": identity, "name": instance.id, "type": f"Microsoft.Authorization/{kind}", "properties": properties,
    }  # fmt: skip


def write_snapshots(world: World, zone: Zone) -> None:
    """Write every snapshot with exactly what stands at its instant."""
    rng = world.rngs["files"]
    for snapshot in world.snapshots:
        modified = None if snapshot.has_dated_name else snapshot.at
        if snapshot.kind == "schedule":
            current = [
                instance_entry(rng, instance)
                for instance in world.instances
                if instance.subscription == snapshot.subscription.id
                and instance.requested <= snapshot.at < (instance.end or FOREVER)
            ]
            zone.write_json(rng, snapshot.path, {"value": current}, modified)
            continue
        standing = [
            (item, span)
            for item in world.items
            if item.kind == snapshot.kind and snapshot.subscription.id in item.homes
            if (span := item.standing(snapshot.at))
        ]
        rng.shuffle(standing)
        if snapshot.kind == "role":
            is_rest = chance(rng, REST_SHAPE)
            entries = [role_entry(rng, item, span, snapshot, is_rest) for item, span in standing]
            content = {"value": entries} if is_rest else entries
        elif snapshot.kind == "deny":
            entries = [deny_entry(item, span, snapshot) for item, span in standing]
            content = {"value": entries, "nextLink": None}
        else:
            entries = [delegation_entry(rng, item, snapshot) for item, _ in standing]
            content = entries if chance(rng, REST_SHAPE) else {"value": entries}
        zone.write_json(rng, snapshot.path, content, modified)


def log_records(world: World) -> list[Record]:
    """All records. Operations of one deployment share a correlation id, never two on the same entity."""
    rng, ids = world.rngs["log"], world.rngs["ids"]
    records, used, previous = [], set(), guid(ids)
    for operation in sorted(world.operations, key=lambda operation: (operation.at, operation.entity, operation.type)):
        fresh = guid(ids)
        shared = chance(rng, 0.25) and (previous, operation.entity.lower()) not in used
        previous = previous if shared else fresh
        used.add((previous, operation.entity.lower()))
        records += records_of(world, operation, previous)
    return records


def storage_path(operation: Operation, at: datetime) -> str:
    """The blob of the hour of arrival."""
    if operation.subscription:
        owner = f"SUBSCRIPTIONS/{operation.subscription.upper()}"
    else:
        name = operation.entity.split("/")[4].upper()
        owner = f"PROVIDERS/MICROSOFT.MANAGEMENT/MANAGEMENTGROUPS/{name}"
    return (
        f"activity_log/insights-activity-logs/resourceId=/{owner}/"
        f"y={at:%Y}/m={at:%m}/d={at:%d}/h={at:%H}/m=00/PT1H.json"
    )


def write_activity_log(world: World, zone: Zone) -> None:
    """Write the log: arrays that overlap, and JSON lines by the hour of arrival; some records in both."""
    rng = world.rngs["log"]
    arrays: dict[str, list[Record]] = defaultdict(list)
    blobs: dict[str, list[str]] = defaultdict(list)
    shape: dict[int, str] = {}
    for record in log_records(world):
        operation = record.operation
        at_tenant = not operation.subscription and "managementgroups" not in operation.entity.lower()
        if id(operation) not in shape:
            shape[id(operation)] = "array" if at_tenant else rng.choice(("array", "array", "blob"))
            if not at_tenant and chance(rng, IN_BOTH_LOGS):
                shape[id(operation)] = "both"
        if shape[id(operation)] in ("array", "both"):
            names = ["first", "second"] if chance(rng, 0.15) else [rng.choice(("first", "first", "second"))]
            for name in names:
                arrays[f"activity_log/cli/{operation.tenant[:8]}-{name}.json"].append(record)
        if shape[id(operation)] in ("blob", "both"):
            arrival = record.at + timedelta(minutes=rng.choice((0, 5, 20)))
            line = json.dumps(storage_record(rng, record), separators=(",", ":"))
            blobs[storage_path(operation, arrival)] += [line] * (2 if chance(rng, 0.08) else 1)
    for path, records in arrays.items():
        digits = rng.choice(("cli", "seven"))
        records.sort(key=lambda record: (record.at, record.event_id), reverse=True)
        if chance(rng, 0.3):
            rng.shuffle(records)
        zone.write_json(rng, packed(world, path), [rest_record(record, digits) for record in records])
    for path, lines in blobs.items():
        if chance(rng, 0.3):
            rng.shuffle(lines)
        zone.write(packed(world, path, 0.1), ("\n".join(lines) + rng.choice(("\n", ""))).encode())


# ---------------------------------------------------------------------------------------------------------------------
# The partner directory
# ---------------------------------------------------------------------------------------------------------------------


def write_table(zone: Zone, path: str, header: str, rows: list[tuple], modified: datetime | None = None) -> None:
    """Write a small CSV file. An instant that is not there means unbounded."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header.split(","))
    for row in rows:
        writer.writerow(["" if v is None else iso(v) if isinstance(v, datetime) else v for v in row])
    zone.write(path, buffer.getvalue().encode(), modified)


def invent_agreements(world: World) -> list[tuple]:
    """Agreements: mostly in force, some from or until an awkward instant, one renewed at midnight, one missing."""
    rng, calendar = world.rngs["agreements"], world.calendar
    rows = []
    for role in ("own", "second", "reseller", "stranger"):
        owner = world.partners[role].global_id
        one, other = (*calendar.edges(rng, 2), calendar.last)[:2]
        renewed = midnight(one.date())
        rows += rng.choices(
            (
                [(owner, None, None)],
                [(owner, calendar.long_before(rng), None)],
                [(owner, one, None)],
                [(owner, None, other)],
                [(owner, None, one), (owner, other, None)],
                [(owner, None, renewed), (owner, renewed, None)],
                [],
            ),
            (30, 30, 8, 8, 8, 12, 4),
        )[0]
    return rows


def write_directory(world: World, zone: Zone) -> None:
    """Write what no export gives and the partner knows."""
    rng, people, folder = world.rngs["files"], world.people, "partner_directory/"
    partners = world.partners
    write_table(
        zone, folder + "partner_locations.csv", "partner_id,partner_global_id,name",
        [(i, p.global_id, p.name) for p in partners.values() if p.is_listed for i in p.partner_ids],
    )  # fmt: skip
    groups = []
    for organisation in partners.values():
        for name, identity in (("AdminAgents", "admin_agents"), ("HelpdeskAgents", "helpdesk_agents")):
            location = rng.choice(organisation.partner_ids)
            groups.append((getattr(organisation, identity), name, organisation.tenant_id, location))
    if chance(rng, 0.4):
        groups = [row for row in groups if row[2] != partners["stranger"].tenant_id]
    write_table(
        zone, folder + "agent_groups.csv", "group_object_id,group_name,partner_tenant_id,partner_id", groups
    )

    def shuffled(rows: list) -> list:
        return rng.sample(rows, len(rows))

    links = [(other_case(rng, owner), *rest) for owner, *rest in people.links]
    span = "valid_from,valid_to"
    write_table(zone, folder + "partner_id_links.csv", f"principal_id,partner_id,{span}", shuffled(links))
    write_table(zone, folder + "partner_principals.csv", "principal_id,partner_id,name", shuffled(people.known))
    write_table(
        zone, folder + "group_members.csv", f"group_object_id,member_principal_id,{span}", shuffled(people.members)
    )
    if world.has("agreements"):
        agreements = invent_agreements(world)
        write_table(zone, folder + "agreements.csv", f"partner_global_id,{span}", shuffled(agreements))
    registered = [
        (other_case(rng, subscription.id), row.partner_id, row.reseller_id, row.begin, row.end)
        for subscription in world.subscriptions
        for row in subscription.registered
    ]
    write_table(
        zone, folder + "subscription_partners.csv",
        f"subscription_id,transacting_partner_id,reseller_partner_id,{span}", shuffled(registered),
    )  # fmt: skip
    if world.has("management_groups"):
        write_table(
            zone, folder + "management_groups.csv", "management_group_id,subscription_id", world.management_groups
        )


# ---------------------------------------------------------------------------------------------------------------------
# Products and their prices
# ---------------------------------------------------------------------------------------------------------------------

LISTED_SINCE = date(2023, 3, 1)
Tiers = tuple[tuple[Decimal | None, Decimal], ...]  # (upper limit, price of a unit); the last has no limit


@dataclass(frozen=True)
class PriceRow:
    """A set of tiers on a market's price list, for some meters, from a day to a day (included)."""

    begin: date
    end: date | None
    tiers: Tiers
    meters: str

    def holds(self, day: date) -> bool:
        return self.begin <= day and (self.end is None or day <= self.end)


@dataclass
class Product:
    name: str
    product_id: str
    sku_id: str
    meters: tuple[str, ...]
    category: str
    meter_name: str
    publisher: str
    tags: str
    is_tiered: bool
    rows: dict[str, list[PriceRow]] = field(default_factory=dict)  # by market

    def own_price(self, market: str, day: date, meter: str) -> Decimal:
        """A price that a line may carry: of the newest row's last tier, or an invented one when it is not listed."""
        rows = [r for r in self.rows.get(market, []) if r.holds(day) and (not r.meters or meter in r.meters)]
        return max(rows, key=lambda row: row.begin).tiers[-1][1] if rows else Decimal("0.7125")


# name: (category, name of the meter, kinds of resources that use it, number of meters)
PRODUCT_KINDS = {
    "machine": ("Virtual Machines", "D2s v5", ("Compute",), 1),
    "spot": ("Virtual Machines", "D4s v5 Spot", ("Compute",), 1),
    "hotspot": ("Virtual Machines", "D2s v5 HotSpot", ("Compute",), 1),
    "cool spot": ("Storage", "Cool Spot", ("Storage",), 1),
    "storage": ("Storage", "Hot LRS Data Stored", ("Storage", "Sql"), 1),
    "ingestion": ("Log Analytics", "Pay-as-you-go Data Ingestion", ("OperationalInsights", "Network"), 1),
    "database": ("SQL Database", "vCore", ("Sql",), 2),
    "backup": ("Backup", "Protected Instances", ("Sql", "Compute"), 2),
    "bandwidth": ("Bandwidth", "Data Transfer Out", ("Network", "Compute"), 1),
    "third party": ("Virtual Machine Licenses", "Shield PAYG", ("Compute",), 1),
    "marketplace": ("Virtual Machine Licenses", "Firewall 4 Core Hours", ("Compute",), 1),
    "unlisted": ("Preview", "Preview Hours", ("Sql", "Network"), 1),
    "other meter": ("Preview", "Preview Operations", ("Storage",), 1),
    "leaving": ("Classic", "Classic Hours", ("Compute", "OperationalInsights"), 1),
    "arriving": ("Modern", "Modern Hours", ("Compute", "OperationalInsights"), 1),
}
TIERED = ("storage", "ingestion", "backup")
FREE = ("ingestion",)


def invent_price(rng: random.Random) -> Decimal:
    """A price with 2 to 16 decimals."""
    decimals = rng.choice((2, 3, 4, 4, 6, 10, 16))
    return Decimal(rng.randrange(10 ** (decimals - 1), 3 * 10**decimals)).scaleb(-decimals)


def invent_tiers(rng: random.Random, kind: str, is_tiered: bool) -> Tiers:
    if not is_tiered:
        return ((None, invent_price(rng)),)
    limits = sorted(rng.sample((5, 10, 25, 40, 60, 100), rng.randint(1, 2)))
    prices = sorted((invent_price(rng) for _ in range(len(limits) + 1)), reverse=True)
    if kind in FREE:
        prices[0] = Decimal(0)
    return tuple(zip([*map(Decimal, limits), None], prices, strict=True))


def invent_rows(
    rng: random.Random, calendar: Calendar, kind: str, is_tiered: bool, meters: str
) -> list[PriceRow]:
    """The price history of one market: constant, changed in the month, overlapped for good or for some days."""

    def row(begin: date, end: date | None) -> PriceRow:
        return PriceRow(begin, end, invent_tiers(rng, kind, is_tiered), meters)

    if kind == "leaving":
        return [row(LISTED_SINCE, calendar.months[-1] - DAY)]
    if kind == "arriving":
        return [row(calendar.months[-1], None)]
    day = rng.choice(calendar.days)
    until = min(day + rng.randint(0, 3) * DAY, next_month(day.replace(day=1)) - DAY)
    shape = rng.choices(("constant", "changed", "overlapped", "inset", "month"), (35, 25, 15, 15, 10))[0]
    if shape == "constant":
        return [row(LISTED_SINCE, None)]
    if shape == "changed":
        return [row(LISTED_SINCE, day - DAY), row(day, None)]
    if shape == "overlapped":
        return [row(LISTED_SINCE, None), row(day, None)]
    if shape == "inset":
        return [row(LISTED_SINCE, None), row(day, until)]
    return [row(LISTED_SINCE, calendar.months[-1] - DAY), row(calendar.months[-1], None)]


def invent_products(world: World) -> None:
    """One product of each kind, with a price history on each market."""
    rng, ids = world.rngs["products"], world.rngs["ids"]
    markets = sorted({subscription.customer.country for subscription in world.subscriptions})
    for number, (name, (category, meter_name, _, count)) in enumerate(PRODUCT_KINDS.items()):
        if name in ("leaving", "arriving") and len(world.calendar.months) == 1:
            continue
        meters = tuple(guid(ids) for _ in range(count))
        is_third, is_market = name == "third party", name == "marketplace"
        product = Product(
            name,
            "" if is_market else f"QZH770Z0{0 if name == 'spot' else number:02d}WX",  # Spot: another SKU of the machine
            "" if is_market else f"00{number:02X}",
            ("4core",) if is_market else meters,
            category,
            meter_name,
            "Invented Networks, Inc." if is_third or is_market else "Microsoft",
            rng.choice(("Azure;ThirdParty", "ThirdParty", "Azure;Third Party")) if is_third else "Azure",
            name in TIERED and world.has("tiers"),
        )
        world.products.append(product)
        if name in ("marketplace", "unlisted"):
            continue
        for market in markets:
            if name == "database":  # a row for each meter
                listed = [(meter, invent_rows(rng, world.calendar, name, False, meter)) for meter in meters]
            elif name == "other meter":
                other = guid(ids)
                listed = [(other, invent_rows(rng, world.calendar, name, False, other))]
            else:
                named = rng.choice((meters[0], "")) if count == 1 else rng.choice((",", ";", " ", ", ")).join(meters)
                listed = [(named, invent_rows(rng, world.calendar, name, product.is_tiered, named))]
            product.rows[market] = [row for _, rows in listed for row in rows]


SHEET_HEADER = (
    "ProductTitle", "ProductId", "SkuId", "SkuTitle", "Publisher", "SkuDescription", "UnitOfMeasure", "TermDuration",
    "Market", "Currency", "UnitPrice", "PricingTierRangeMin", "PricingTierRangeMax", "EffectiveStartDate",
    "EffectiveEndDate", "MeterIds", "MeterType", "Tags",
)  # fmt: skip


def sheet_lines(rng: random.Random, product: Product, market: str, row: PriceRow, month: date, known: bool) -> list:
    """One price row as lines of a sheet, a tier each. An end after the month may not be known yet."""
    end = row.end if row.end and (known or row.end < next_month(month)) else None
    ended = f"{us_date(end)} {rng.choice(('11:59:59 PM', '11:59:59 PM', '12:00:00 AM'))}" if end else ""
    lines, above = [], 0
    for limit, price in row.tiers:
        ranges = ("", "")
        if len(row.tiers) > 1:
            ranges = (str(above), plain(limit) if limit is not None else "9223372036854780000")
            above = int(limit or 0) + 1
        title = f"{product.category} - {product.meter_name}"
        lines.append(
            (
                product.category, product.product_id, product.sku_id, title, product.publisher, title, "1 Hour",
                "payG-1", market, "USD", plain(price), *ranges, f"{us_date(row.begin)} 12:00:00 AM",
                ended or "11/30/9999 11:59:59 PM", row.meters, "1 Hour", product.tags,
            )
        )  # fmt: skip
    return lines


def write_price_sheets(world: World, zone: Zone) -> None:
    """Write a sheet for every market and month. Rows that hold in both months stand in both."""
    rng = world.rngs["products"]
    for market in sorted({subscription.customer.country for subscription in world.subscriptions}):
        for month in world.calendar.months:
            known = chance(rng, 0.5)
            lines = [
                line
                for product in world.products
                for row in product.rows.get(market, [])
                if row.begin < next_month(month) and (row.end is None or row.end >= month)
                for line in sheet_lines(rng, product, market, row, month, known)
            ]
            reserved = list(lines[0])
            reserved[1:3], reserved[7], reserved[17] = ("QZH779Z0RSVD", "0001"), "P1Y", "Reservation"
            lines.append(tuple(reserved))
            rng.shuffle(lines)
            buffer = io.StringIO()
            writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
            writer.writerows([SHEET_HEADER, *lines])
            path = f"price_sheet/{market}/azure_consumption_{market}_{month:%Y%m}.csv"
            zone.write(packed(world, path, 0.2), buffer.getvalue().encode())


DOLLARS = {"EUR": Decimal("1.166000000142252"), "GBP": Decimal("1.347000000728727"), "USD": Decimal(1)}
EXCHANGE_RATES = {"EUR": Decimal("0.857632933"), "GBP": Decimal("0.742390497"), "USD": Decimal(1)}


def write_fx_rates(world: World, zone: Zone) -> None:
    for month in world.calendar.months:
        rows = [(currency, plain(dollars), f"{month:%Y%m}") for currency, dollars in DOLLARS.items()]
        write_table(zone, f"fx_rates/fx_rates_{month:%Y%m}.csv", "CurrencyCode,USDPerUnit,Month", rows)


# ---------------------------------------------------------------------------------------------------------------------
# What was truly used
# ---------------------------------------------------------------------------------------------------------------------


@dataclass
class Line:
    """A line of rated usage as it will be in the end, and what it was before it was restated."""

    subscription: Subscription
    role: str  # of the transacting partner
    partner_id: str
    reseller_id: str
    day: date
    resource: Resource
    product: Product
    meter: str
    quantity: Decimal
    unit_price: Decimal
    invoice_month: date
    visible: date  # the first unbilled export that can have it
    benefit: str = ""  # Reservation | SavingsPlan | Charge
    has_credit: bool = False
    is_applied: bool = False
    charge_type: str = "new"
    earlier: tuple[Decimal, date] | None = None  # the quantity until it was restated
    looks: int = 0  # the letter case of its ids

    @property
    def customer(self) -> Customer:
        return self.subscription.customer

    @property
    def plan(self) -> str:
        return self.customer.plans[self.role]

    @property
    def resource_id(self) -> str:
        group = f"/resourceGroups/{self.resource.group}" if self.resource.group else ""
        return (self.resource.uri or self.subscription.scope + group).lower()

    @property
    def fills_tiers(self) -> bool:
        return self.benefit not in ("Reservation", "SavingsPlan")

    @property
    def place(self) -> tuple:
        """What lines of one meter, day and resource share: among them, quantities differ."""
        return self.plan, self.meter, self.day, self.resource_id


def draw_quantity(rng: random.Random, product: Product, taken: set, place: tuple) -> Decimal:
    """Draw a quantity that no other line of the same place has: round ones, that meet tiers exactly, or long ones."""
    while True:
        quantity = rng.choice(
            (
                Decimal(rng.choice((24, 12, 5, 10, 1))),
                Decimal(rng.randrange(1, 60)) / 2,
                Decimal(rng.randrange(1, 30 * 10**6)).scaleb(-6),
                Decimal(rng.randrange(1, 15 * 10**8)).scaleb(-8),
                Decimal(rng.randrange(1, 1000)).scaleb(-8),
            )
        )
        if product.is_tiered and chance(rng, 0.3):
            quantity = rng.choice((Decimal(5), Decimal(10), Decimal("7.5"), Decimal("15.000001"), Decimal("30")))
        if (place, quantity) not in taken:
            taken.add((place, quantity))
            return quantity


def use(world: World) -> None:
    """Use the resources: most days, with the products that fit them, sometimes something special."""
    rng = world.rngs["usage"]
    by_kind = defaultdict(list)
    for product in world.products:
        for kind in PRODUCT_KINDS[product.name][2]:
            by_kind[kind].append(product)
    taken: set = set()
    for subscription in world.subscriptions:
        for resource in subscription.resources:
            kind = resource.kind if resource.kind in by_kind else "Network"
            usual = rng.sample(by_kind[kind], min(len(by_kind[kind]), rng.randint(1, 2)))
            for day in world.calendar.days:
                if chance(rng, 0.1):
                    continue
                special = [rng.choice(by_kind[kind])] if chance(rng, 0.2) else []
                for seller in subscription.sellers(day):
                    for product in dict.fromkeys(map(id, usual + special)):
                        product = next(p for p in world.products if id(p) == product)
                        add_usage(world, rng, taken, subscription, seller, resource, day, product)
    if world.has("corrections"):
        correct(world, taken)


def add_usage(
    world: World, rng: random.Random, taken: set, subscription: Subscription, seller: Relationship,
    resource: Resource, day: date, product: Product,
) -> None:  # fmt: skip
    """Add a line, or two: covered by a savings plan and the rest, paid by a credit, the same twice."""
    role, meter = world.role_of(seller.organisation), rng.choice(product.meters)
    market = subscription.customer.country

    def line(benefit: str = "", has_credit: bool = False) -> Line:
        can_earn = benefit in ("", "Charge") and not has_credit and product.name not in ("spot", "marketplace")
        new = Line(
            subscription, role, seller.partner_id, subscription.reseller_on(day, seller.organisation), day, resource,
            product, meter, Decimal(0), product.own_price(market, day, meter), day.replace(day=1),
            day + rng.randint(1, 2) * DAY, benefit, has_credit,
            is_applied=chance(rng, APPLIED_BY_MICROSOFT if can_earn else 0.04), looks=rng.randrange(4),
        )  # fmt: skip
        new.quantity = draw_quantity(rng, product, taken, new.place)
        if chance(rng, 0.15):
            new.earlier = (draw_quantity(rng, product, taken, new.place), new.visible + rng.randint(1, 3) * DAY)
        world.lines.append(new)
        return new

    luck = rng.random()
    if luck < 0.06 and product.name in ("machine", "database", "spot"):
        line("SavingsPlan")
        line("Charge")
    elif luck < 0.12 and product.name in ("machine", "storage", "database"):
        line("Reservation")
        if chance(rng, 0.5):
            line()
    elif luck < 0.2:
        line(has_credit=True)
        if chance(rng, 0.4):
            line()
    else:
        first = line()
        if luck > 0.95:
            world.lines.append(first)


def is_billed(world: World, role: str, currency: str, month: date) -> bool:
    """Has this month been invoiced? The same answer whenever it is asked; never before the month that precedes it."""
    luck = random.Random(f"{world.seed}/{role}/{currency}").random()
    months = world.calendar.months
    if len(months) == 1:
        return luck < 0.5
    return luck < (0.75 if month == months[0] else 0.45)


def correct(world: World, taken: set) -> None:
    """Take something back: in the same month, or with the next invoice. Tiers are unwound, never below zero."""
    rng = world.rngs["corrections"]
    for original in rng.sample(world.lines, min(len(world.lines), rng.randint(0, 9))):
        if not original.fills_tiers or original.quantity <= Decimal("0.00001"):
            continue
        share = rng.choice((Decimal(1), Decimal("0.5"), Decimal("0.3")))
        quantity = -(original.quantity * share).quantize(Decimal("0.00000001"))
        if (original.place, quantity) in taken:
            continue
        correction = Line(**{**vars(original), "quantity": quantity, "charge_type": rng.choice(("Refund", "Cancel"))})
        correction.earlier = None
        correction.visible = original.visible + rng.randint(0, 2) * DAY
        following = next_month(original.invoice_month)
        followed = any(
            (line.role, line.customer.currency, line.invoice_month, line.day.replace(day=1))
            == (original.role, original.customer.currency, following, following)
            for line in world.lines
        )
        if followed and is_billed(world, original.role, original.customer.currency, following) and chance(rng, 0.7):
            correction.invoice_month = following
        if not sinks_below_zero(world, correction):
            taken.add((original.place, quantity))
            world.lines.append(correction)


def sinks_below_zero(world: World, correction: Line) -> bool:
    """Would the month's consumption of the tiered meter, in order of usage, fall below zero?"""
    if not correction.product.is_tiered:
        return False
    shared = (correction.plan, correction.meter, correction.day.replace(day=1))
    lines = [
        line
        for line in [*world.lines, correction]
        if (line.plan, line.meter, line.day.replace(day=1)) == shared and line.fills_tiers
    ]
    total = Decimal(0)
    for line in sorted(lines, key=lambda line: (line.day, line.resource_id, line.quantity)):
        total += line.quantity
        if total < 0:
            return True
    return False


# ---------------------------------------------------------------------------------------------------------------------
# Exports of usage: which lines they have, how their files look
# ---------------------------------------------------------------------------------------------------------------------


@dataclass
class Export:
    """What a partner exported on a day: lines with the quantity they had then, invoiced or not."""

    role: str
    day: date
    lines: list[tuple[Line, Decimal, str]]  # with quantity and invoice number


def as_of(lines: list[Line], day: date) -> list[tuple[Line, Decimal, str]]:
    """The unbilled lines as they were on that day."""
    return [
        (line, line.earlier[0] if line.earlier and day < line.earlier[1] else line.quantity, "")
        for line in lines
        if line.visible <= day
    ]


def unbilled_exports(world: World, role: str, lines: list[Line]) -> list[Export]:
    """Month-to-date exports: some on the way, of all or one currency, and a last one of what is not invoiced."""
    rng = world.rngs["lifecycle"]

    def billed(line: Line) -> bool:
        return is_billed(world, role, line.customer.currency, line.invoice_month)

    # A correction that waits for the next invoice was never in an unbilled export of its own month.
    lines = [line for line in lines if line.invoice_month == line.day.replace(day=1)]
    settled = max((max(line.visible, line.earlier[1] if line.earlier else line.visible) for line in lines))
    last = max(settled, world.calendar.days[-1]) + rng.randint(1, 3) * DAY
    straggling = chance(rng, 0.2)  # the last export still has a month that has been invoiced
    exports = [Export(role, last, as_of([line for line in lines if straggling or not billed(line)], last))]
    if not world.has("lifecycle"):
        return [Export(role, last, as_of([line for line in lines if not billed(line)], last))]
    days = sorted({line.visible for line in lines} - {last})
    for day in rng.sample(days, min(len(days), rng.randint(1, 4))):
        months = {line.invoice_month for line in lines}
        if len(months) > 1 and chance(rng, 0.5):
            months = {max(month for month in months if month <= day)}
        currencies = {line.customer.currency for line in lines}
        if len(currencies) > 1 and chance(rng, 0.3):
            currencies = {rng.choice(sorted(currencies))}
        some = [line for line in lines if line.invoice_month in months and line.customer.currency in currencies]
        exports.append(Export(role, day, as_of(some, day)))
    return exports


def billed_exports(world: World, role: str, lines: list[Line]) -> list[Export]:
    """Exports of invoices: one or two invoices for a month and currency, some exported again after a correction."""
    rng, ids = world.rngs["lifecycle"], world.rngs["ids"]
    exports = []
    for month in world.calendar.months:
        day = next_month(month) + rng.randint(5, 9) * DAY
        content: list[tuple[Line, Decimal, str]] = []
        for currency in sorted({line.customer.currency for line in lines}):
            if not is_billed(world, role, currency, month):
                continue
            numbers = [f"G{ids.randrange(10**8, 10**9)}" for _ in range(2)]
            by_customer = chance(rng, 0.4)
            customers = sorted({line.customer.tenant_id for line in lines})
            content += [
                (line, line.quantity, numbers[customers.index(line.customer.tenant_id) % 2 if by_customer else 0])
                for line in lines
                if line.invoice_month == month and line.customer.currency == currency
            ]
        if not content:
            continue
        exports.append(Export(role, day, content))
        if world.has("lifecycle") and chance(rng, 0.35):
            number = rng.choice(content)[2]
            first = [(ln, ln.earlier[0] if ln.earlier else q, n) for ln, q, n in content if n == number]
            first = [entry for entry in first if chance(rng, 0.9)]
            exports.append(Export(role, day - rng.randint(1, 3) * DAY, first))
    return exports


COLUMNS = (
    "PartnerId,PartnerName,CustomerId,CustomerName,CustomerDomainName,CustomerCountry,MpnId,Tier2MpnId,InvoiceNumber,"
    "ProductId,SkuId,AvailabilityId,SkuName,ProductName,PublisherName,PublisherId,SubscriptionDescription,"
    "SubscriptionId,ChargeStartDate,ChargeEndDate,UsageDate,MeterType,MeterCategory,MeterId,MeterSubCategory,"
    "MeterName,MeterRegion,Unit,ResourceLocation,ConsumedService,ResourceGroup,ResourceURI,ChargeType,UnitPrice,"
    "Quantity,UnitType,BillingPreTaxTotal,BillingCurrency,PricingPreTaxTotal,PricingCurrency,ServiceInfo1,"
    "ServiceInfo2,Tags,AdditionalInfo,EffectiveUnitPrice,PCToBCExchangeRate,PCToBCExchangeRateDate,EntitlementId,"
    "EntitlementDescription,PartnerEarnedCreditPercentage,CreditPercentage,CreditType,BenefitOrderId,BenefitId,"
    "BenefitType"
).split(",")
BENEFIT_COLUMNS = ("BenefitOrderId", "BenefitId", "BenefitType")
CREDIT = Decimal("0.15")  # what Microsoft writes in its lines; worlds decide nothing by it


def looking(line: Line, identity: str) -> str:
    """An id of this line in the letter case that this line happens to have."""
    return (identity, identity, identity.lower(), identity.upper())[line.looks]


def line_values(world: World, line: Line, quantity: Decimal, invoice: str) -> dict[str, object]:
    """The columns of a line. Dates are dates, numbers are numbers; the file decides how they look."""
    organisation, customer, product = world.partners[line.role], line.customer, line.product
    rate = EXCHANGE_RATES[customer.currency]
    paid = Decimal(0) if line.has_credit or not line.fills_tiers else line.unit_price
    net_price = paid * (1 - CREDIT) if line.is_applied else paid
    net = (quantity * net_price).quantize(Decimal("1E-16"), ROUND_HALF_EVEN)
    credit_type = "Partner Earned Credit Applied" if line.is_applied else "Credit Not Applied"
    benefit_id = "" if line.fills_tiers else str(uuid.uuid5(uuid.NAMESPACE_OID, line.plan))
    title = f"{product.category} - {product.meter_name}"
    values = {
        "PartnerId": organisation.tenant_id, "PartnerName": organisation.name, "CustomerId": customer.tenant_id,
        "CustomerName": customer.name, "CustomerDomainName": customer.domain, "CustomerCountry": customer.country,
        "MpnId": line.partner_id, "Tier2MpnId": line.reseller_id if invoice else "", "InvoiceNumber": invoice,
        "ProductId": product.product_id, "SkuId": product.sku_id,
        "AvailabilityId": f"{product.product_id}A" if product.product_id else "", "SkuName": title,
        "ProductName": product.category, "PublisherName": product.publisher, "PublisherId": "",
        "SubscriptionDescription": "Azure plan", "SubscriptionId": line.plan, "ChargeStartDate": line.invoice_month,
        "ChargeEndDate": next_month(line.invoice_month) - DAY, "UsageDate": line.day, "MeterType": "1 Hour",
        "MeterCategory": product.category, "MeterId": line.meter, "MeterSubCategory": product.name.title(),
        "MeterName": product.meter_name, "MeterRegion": "EU West", "Unit": "1 Hour", "ResourceLocation": "EUWest",
        "ConsumedService": line.resource.type, "ResourceGroup": looking(line, line.resource.group),
        "ResourceURI": looking(line, line.resource.uri), "ChargeType": line.charge_type,
        "UnitPrice": line.unit_price, "Quantity": quantity, "UnitType": "1 Hour",
        "BillingPreTaxTotal": (net * rate).quantize(Decimal("1E-16"), ROUND_HALF_EVEN),
        "BillingCurrency": customer.currency, "PricingPreTaxTotal": net, "PricingCurrency": "USD",
        "ServiceInfo1": "", "ServiceInfo2": "", "Tags": '{"env":"prod","owner":"a, b"}' if line.looks == 1 else "",
        "AdditionalInfo": '{"ServiceType":"Standard_D2s_v5","VMName":""}' if line.looks == 2 else "",
        "EffectiveUnitPrice": net_price.quantize(Decimal("1E-16"), ROUND_HALF_EVEN), "PCToBCExchangeRate": rate,
        "PCToBCExchangeRateDate": line.invoice_month, "EntitlementId": looking(line, line.subscription.id),
        "EntitlementDescription": line.subscription.name,
        "PartnerEarnedCreditPercentage": 100 * CREDIT if line.is_applied else Decimal(0),
        "CreditPercentage": Decimal(100 if line.has_credit else 0),
        "CreditType": "Azure Credit Applied" if line.has_credit else credit_type,
        "BenefitOrderId": benefit_id, "BenefitId": benefit_id, "BenefitType": line.benefit,
    }  # fmt: skip
    return values


def malformed(rng: random.Random, row: dict[str, str]) -> dict[str, str]:
    """Break the date or the quantity of a row."""
    if chance(rng, 0.5):
        return row | {"UsageDate": rng.choice(("13/45/2026", "2/30/2026", "2026-02-30", "soon"))}
    return row | {"Quantity": rng.choice(("twelve", "1.2.3", "-"))}


def csv_content(world: World, rows: list[dict[str, object]]) -> bytes:
    """A file as Partner Center delivers it: columns in any order, unknown ones, US or ISO dates, perhaps a BOM."""
    rng, reject = world.rngs["files"], world.rngs["rejects"]
    columns = list(COLUMNS)
    if chance(rng, 0.2) and not any(row["BenefitType"] for row in rows):
        columns = [column for column in columns if column not in BENEFIT_COLUMNS]  # an older layout
    if chance(rng, 0.5):
        columns[rng.randrange(len(columns)) : 0] = rng.sample(("SettlementGroup", "PriceBenefits", "Neue Spalte"), 2)
    if chance(rng, 0.5):
        rng.shuffle(columns)
    renamed = {"MpnId": "MPNID", "Tier2MpnId": "ResellerMPNID"} if chance(rng, 0.3) else {}
    write_date = rng.choice((us_date, date.isoformat, lambda day: f"{day.isoformat()}T00:00:00Z"))
    percent, no_reseller, shouts = rng.choice(("15", "15.0", "15")), rng.choice(("", "0")), chance(rng, 0.1)

    def text(column: str, value: object) -> str:
        if column == "PartnerEarnedCreditPercentage":
            return percent if value else "0"
        if column == "Tier2MpnId":
            return str(value) or no_reseller
        if isinstance(value, date):
            return write_date(value)
        if column == "MeterId" and shouts:
            return str(value).upper()
        return plain(value) if isinstance(value, Decimal) else str(value)

    texts = [{column: text(column, value) for column, value in row.items()} for row in rows]
    lines = [[row.get(column, "new") for column in columns] for row in texts]
    broken = []
    if chance(reject, 0.45):
        for row in reject.sample(texts, min(len(texts), reject.randint(1, 3))):
            values = [malformed(reject, row).get(column, "new") for column in columns]
            too_short = [row.get(column, "new") for column in columns][: reject.randint(2, 30)]
            broken.append((reject.randint(0, len(lines)), values if chance(reject, 0.7) else too_short))
    for position, values in broken if world.has("rejects") else ():
        lines.insert(position, values)
    buffer = io.StringIO()
    quoting = rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    writer = csv.writer(buffer, quoting=quoting, lineterminator=rng.choice(("\r\n", "\n")))
    writer.writerow([renamed.get(column, column) for column in columns])
    writer.writerows(lines)
    return buffer.getvalue().encode("utf-8-sig" if chance(rng, 0.3) else "utf-8")


API_NAMES = {
    "Unit": "unitOfMeasure", "ResourceURI": "resourceUri", "Tier2MpnId": "resellerMpnId",
    "PCToBCExchangeRate": "pcToBCExchangeRate", "PCToBCExchangeRateDate": "pcToBCExchangeRateDate",
}  # fmt: skip
GRAPH_NAMES = {"BenefitOrderId": "BenefitOrderID", "BenefitId": "BenefitID"}


def json_line(row: dict[str, object]) -> str:
    """One object. Numbers are written digit by digit, never as binary fractions."""
    pairs = [
        f"{json.dumps(name)}:{plain(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)}"
        for name, value in row.items()
    ]
    return "{" + ",".join(pairs) + "}"


def json_content(world: World, rows: list[dict[str, object]]) -> bytes:
    """The same lines as JSON: of the REST interface (credit as a rate) or of the newer export (percent)."""
    rng, reject = world.rngs["json"], world.rngs["rejects"]
    is_api = chance(rng, 0.7)
    lines = []
    for row in rows:
        row = {name: iso(midnight(value)) if isinstance(value, date) else value for name, value in row.items()}
        if is_api:
            applied = row.pop("PartnerEarnedCreditPercentage") / 100
            credit = row.pop("CreditPercentage") / 100
            row["Tier2MpnId"] = int(row["Tier2MpnId"] or 0)
            row = {API_NAMES.get(name, name[0].lower() + name[1:]): value for name, value in row.items()}
            row["rateOfPartnerEarnedCredit"], row["hasPartnerEarnedCredit"] = applied, bool(applied)
            row["rateOfCredit"] = applied if applied and not credit and chance(rng, 0.5) else credit
            row |= {"invoiceLineItemType": "usage_line_items", "attributes": {"objectType": "DailyRatedUsageLineItem"}}
        else:
            row = {GRAPH_NAMES.get(name, name): value for name, value in row.items()}
        lines.append(json_line(row))
        if chance(reject, 0.02) and world.has("rejects"):
            lines.append(json_line(malformed(reject, row) if not is_api else row | {"quantity": "twelve"}))
    return ("\n".join(lines) + rng.choice(("\n", ""))).encode()


def write_export(world: World, zone: Zone, export: Export, taken: set[str]) -> None:
    """Write an export in one to three parts of the same date, in different formats, with that date told variously."""
    rng = world.rngs["files"]
    entries = rng.sample(export.lines, len(export.lines))
    count = rng.choice((1, 1, 2, 3)) if world.has("lifecycle") and len(entries) > 6 else 1
    slug = world.partners[export.role].name.split()[0].lower()
    kind = "billed" if entries[0][2] else "unbilled"
    for number in range(count):
        part = entries[number::count]
        name = f"{kind}_{rng.choice((export.day.isoformat(), f'{export.day:%Y%m%d}'))}"
        modified = None
        if count == 1:
            if chance(rng, 0.1):
                name = f"{kind}_{export.day.isoformat()}T061500Z"
            elif chance(rng, 0.12) and f"{slug}/{kind}_latest" not in taken:
                name, modified = f"{kind}_latest", midnight(export.day) + timedelta(hours=9)
        else:
            name += f"_part{number + 1}"
        taken.add(f"{slug}/{name}")
        rows = [line_values(world, *entry) for entry in part]
        path = f"daily_rated_usage/{slug}/{name}"
        as_json = chance(world.rngs["json"], 0.3) and world.has("json_usage")
        if as_json:
            path = packed(world, f"{path}.jsonl")
            if path.endswith(".gz") and chance(world.rngs["gz"], 0.5):
                path = path.replace(".jsonl.gz", ".json.gz")
            zone.write(path, json_content(world, rows), modified)
        else:
            zone.write(packed(world, f"{path}.csv"), csv_content(world, rows), modified)


def write_usage(world: World, zone: Zone) -> None:
    """Write all exports of all partners."""
    taken: set[str] = set()
    for role in world.partners:
        lines = [line for line in world.lines if line.role == role]
        if lines:
            for export in unbilled_exports(world, role, lines) + billed_exports(world, role, lines):
                if export.lines:
                    write_export(world, zone, export, taken)


# ---------------------------------------------------------------------------------------------------------------------
# All of it
# ---------------------------------------------------------------------------------------------------------------------


def build_world(seed: int, features: frozenset[str] = ALL_FEATURES) -> World:
    """Simulate a world: what is true, and what evidence there is. Nothing is written yet."""
    unknown = features - ALL_FEATURES
    if unknown:
        raise ValueError(f"unknown features: {sorted(unknown)}")
    root = random.Random(seed)
    rngs = {name: random.Random(root.getrandbits(64)) for name in STREAMS}
    calendar = invent_calendar(rngs["calendar"])
    partners = invent_partners(rngs["partners"], rngs["ids"])
    subscriptions = invent_customers(rngs, calendar, partners)
    people = invent_people(rngs, calendar, partners)
    world = World(seed, features, rngs, calendar, partners, subscriptions, people)
    invent_access(world)
    take_snapshots(world)
    log_changes(world)
    log_noise(world)
    invent_products(world)
    use(world)
    return world


def write_world(seed: int, zone: pathlib.Path, features: frozenset[str] = ALL_FEATURES) -> None:
    """Write the landing zone of a world into a folder. The same seed and features give the same bytes."""
    world = build_world(seed, features)
    landing = Zone(zone)
    write_directory(world, landing)
    write_snapshots(world, landing)
    write_activity_log(world, landing)
    write_price_sheets(world, landing)
    write_fx_rates(world, landing)
    write_usage(world, landing)
