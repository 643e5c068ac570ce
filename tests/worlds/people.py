"""People: who could be granted something, who is linked to which partner id, who is a member of what."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .calendar import Calendar
from .customers import Organisation
from .knobs import TICK, chance, guid


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
