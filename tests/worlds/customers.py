"""Who: partners, customers, subscriptions, resources."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .calendar import Calendar
from .knobs import DAY, FOREVER, chance, guid, midnight


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
