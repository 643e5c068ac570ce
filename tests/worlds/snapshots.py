"""Evidence: which snapshots are taken, which changes are logged."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from .customers import Subscription
from .knobs import DAY, LOST_EVIDENCE, TICK, chance, midnight, other_case
from .truth import Item, World

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
