"""What truly stood, and when: role assignments, delegations, denials."""

import random
from datetime import datetime, timedelta

from .customers import Subscription
from .knobs import (
    COMES_BACK, DAY, ELIGIBLE_ROLE, ELIGIBLE_ROLES, EVERYONE, OTHER_ROLES, RELAY_ACCESS, STRONG_ACCESS,
    WRITTEN_AGAIN, chance, guid, other_case,
)  # fmt: skip
from .people import Principal
from .truth import Item, ScheduleInstance, Span, World

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
        item = Item(
            "deny", guid(ids), other_case(rng, scope), spans,
            {
                "permissions": DATA_PERMISSIONS if chance(rng, 0.2) else rng.choice(PERMISSIONS),
                "principals": denied, "excluded": excluded, "own_only": own_only,
            },
            [subscription.id],
        )  # fmt: skip
        change_deny(world, item, granted)
        world.items.append(item)


def change_deny(world: World, item: Item, granted: list[Principal]) -> None:
    """Some denies name or exclude somebody else from some time on, which a write of the log tells, or lists alone. granted: who has access."""
    rng = world.rngs["changed_denies"]
    at = world.calendar.edge(rng)
    begin = item.spans[-1].begin + timedelta(seconds=2)
    if chance(rng, 0.4) and begin <= at and item.spans[-1].holds(at + timedelta(seconds=1)):
        changed = rng.choice(("excluded", "principals", "permissions"))
        others = DATA_PERMISSIONS if item.body["permissions"] is not DATA_PERMISSIONS else PERMISSIONS[0]
        item.change = at, {changed: others if changed == "permissions" else rng.sample(granted, 1)}
        if chance(rng, 0.6) and at >= world.calendar.log_begins:
            item.updates.append(at)


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
