"""From evidence to grants and denies (A1-A5)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from .evidence import (
    Event, Item, Point, created_of_entry, field_of, id_of_entry, last_segment, read_snapshots, scope_id,
    scope_of_assignment, spells, subscription_of,
)  # fmt: skip
from .values import FOREVER, FOREVER_AGO, ident, instant
from .windows import Window, Windows, both

LEVELS = ("management_group", "subscription", "resource_group", "resource")
PATHS = ("aobo", "lighthouse", "direct")
EVERYONE = "00000000-0000-0000-0000-000000000000"


@dataclass
class Held:
    """An assignment (grant or deny) with its item, the times in which it stands, and whose evidence tells of it."""

    item: Item
    windows: Windows
    source: str  # role | lighthouse | eligibility | deny
    told_by: str | None  # the subscription whose snapshots show it; decides what a grant at '/' covers

    @property
    def level(self) -> str:
        """The level of the scope; '/' counts as a management group, everything below a resource group as resource."""
        scope = self.item.scope
        if not scope.startswith("/subscriptions/"):
            return LEVELS[0]
        depth = len(scope.strip("/").split("/"))
        if depth == 2:
            return LEVELS[1]
        return LEVELS[2] if depth == 4 and "/resourcegroups/" in scope else LEVELS[3]


def role_item(body: Any, assignment: str) -> Item | None:
    """What a role assignment grants, from a snapshot entry or an event's body; None without principal and role."""
    inner = field_of(body, "properties")
    found = inner if isinstance(inner, dict) else body
    principal = ident(field_of(found, "principalId", "objectId"))
    role = last_segment(field_of(found, "roleDefinitionId"))
    scope = scope_id(field_of(found, "scope")) or scope_of_assignment(assignment)
    if not (principal and role and scope):
        return None
    return Item(scope, principal, ident(field_of(found, "principalType", "objectType")), role)


def deny_item(body: Any, assignment: str) -> Item | None:
    """What a deny assignment takes away, from a snapshot entry or an event's body."""
    inner = field_of(body, "properties")
    found = inner if isinstance(inner, dict) else body
    scope = scope_id(field_of(found, "scope")) or scope_of_assignment(assignment)
    if not isinstance(found, dict) or scope is None:
        return None

    for name in ("principals", "excludePrincipals", "permissions"):
        # Of whom and what a deny says, each part must be read, or nobody knows whom it hits (A5).
        for part in field_of(found, name) or []:
            if not isinstance(part, dict) or (name != "permissions" and not ident(field_of(part, "id", "objectId"))):
                return None

    def ids(name: str) -> frozenset[str]:
        listed = field_of(found, name)
        every = [ident(field_of(who, "id", "objectId")) for who in listed] if isinstance(listed, list) else []
        return frozenset(who for who in every if who)

    permissions = field_of(found, "permissions")
    permissions = permissions if isinstance(permissions, list) else []
    return Item(
        scope,
        denied=ids("principals"),
        excluded=ids("excludePrincipals"),
        own_scope_only=str(field_of(found, "doNotApplyToChildScopes")).lower() == "true",
        control_plane=any(field_of(permission, "actions") for permission in permissions),
    )


def created_by_event(created: datetime | None, writes: list[Event]) -> datetime | None:
    """The exact start: a creation time that falls into a write operation is that write, whose success is the instant.

    **Choice**: between an operation's start and its success the event's instant wins over the snapshot's (A7: "the
    instant is that of the success").
    """
    for write in writes:
        if created is not None and write.began <= created <= write.when:
            return write.when
    return created


def sighting(when: datetime, item: Item | None, created: datetime | None) -> list[Point]:
    """The points that one snapshot entry makes: its creation, and its sighting if that is later."""
    made = [Point(created, "created", item)] if created else []
    return made if created and created >= when else [*made, Point(when, "shown", item)]


def hold_scoped(zone: Path, folder: str, resource: str, read_item: Any, events: list[Event]) -> list[tuple[str, Held]]:
    """Role or deny assignments: (assignment id, held). One timeline per assignment and subscription that tells of it.

    **Choices**: below a subscription only that subscription's snapshots speak. At a management group or the root every
    subscription whose snapshots ever showed the assignment tells its own story, and the stories add up; an assignment
    there that only events know is told by nobody's snapshots and stands until an event ends it. A principal type that
    one record lacks comes from another record of the same assignment, and so does what a success without the record of
    its start wrote: from the next that tells it, else the last.
    """
    lists = read_snapshots(zone / folder, zone)
    shown = lists.shown
    mine: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.resource == resource:
            mine[event.assignment].append(event)
    seen: dict[str, dict[str, list[tuple[datetime, Item | None, datetime | None]]]] = defaultdict(dict)
    for subscription, dated in shown.items():
        for when, entries in dated.items():
            for entry in entries:
                assignment = id_of_entry(entry)
                if assignment:
                    item = read_item(entry, assignment)
                    told = seen[assignment].setdefault(subscription, [])
                    told.append((when, item, created_of_entry(entry)))
    out = []
    for assignment in sorted(set(mine) | set(seen)):
        its_events = mine.get(assignment, [])
        writes = [event for event in its_events if event.kind == "written"]
        home = subscription_of(scope_of_assignment(assignment))
        tellers: list[str | None] = [home] if home else sorted(seen.get(assignment, {})) or [None]
        for teller in tellers:
            points = [Point(e.when, e.kind, read_item(e.body, assignment) if e.body else None) for e in its_events]
            sightings = sorted(seen.get(assignment, {}).get(teller or "", []), key=lambda sighting: sighting[0])
            for when, item, created in sightings:
                points += sighting(when, item, created_by_event(created, writes))
            seen_at = {when for when, _, _ in sightings}
            points += [Point(when, "lacking") for when in lists.complete.get(teller or "", ()) if when not in seen_at]
            for event in its_events if resource != "registrationassignments" else ():
                # The answer to a deletion may tell the creation of what it ended (A7).
                told = created_of_entry(field_of(event.body, "properties") or event.body or {}) if event.kind == "deleted" else None
                if told and told <= event.when:
                    points.append(Point(created_by_event(told, writes), "created", read_item(event.body, assignment)))
            # Of a creation that several tell, the first tells what it created: an assignment can change later.
            created_at: set[datetime] = set()
            points = [p for p in points if p.kind != "created" or not (p.when in created_at or created_at.add(p.when))]
            types = {p.item.principal: p.item.principal_type for p in points if p.item and p.item.principal_type}
            for point in points:
                if point.item and point.item.principal_type is None:
                    point.item = replace(point.item, principal_type=types.get(point.item.principal))
            telling = sorted((point for point in points if point.item), key=lambda point: point.when)
            for point in points:
                if point.kind == "written" and point.item is None and telling:
                    point.item = next((other.item for other in telling if other.when >= point.when), telling[-1].item)
            ends_when = "first lacking" if resource == "denyassignments" else "last seen"
            source = "deny" if resource == "denyassignments" else "role"
            for start, end, item in spells(points, ends_when):
                out.append((assignment, Held(item, [(start, end)], source, teller)))
    return out


def hold_roles(zone: Path, events: list[Event]) -> list[Held]:
    """Role assignments, bounded by the PIM schedule instances that name them, and PIM eligibilities (A4).

    **Choices**: several instances of one assignment add up; of one instance the newest snapshot's times count. An
    eligibility stands from its start to its end, or until it was last seen when a later snapshot lacks it; an
    eligibility never gives access but is told as a reason (`not_permanent`).
    """
    lists = read_snapshots(zone / "role_schedules", zone)
    shown = lists.shown
    instances: dict[str, dict[str, tuple[datetime, Window]]] = defaultdict(dict)
    eligible: dict[tuple[str, str], list[tuple[datetime, Item, Window]]] = defaultdict(list)
    for subscription, dated in shown.items():
        for when, entries in sorted(dated.items()):
            for entry in entries:
                instance = id_of_entry(entry) or ""
                try:
                    start = instant(field_of(entry, "startDateTime")) or FOREVER_AGO
                    end = instant(field_of(entry, "endDateTime")) or FOREVER
                except ValueError:
                    continue
                kind = f"{ident(field_of(entry, 'type')) or ''} {instance}"
                if "roleeligibilityschedule" in kind:
                    item = role_item(entry, instance)
                    if item:
                        item = replace(item, eligible_only=True)
                        eligible[instance, subscription].append((when, item, (start, end)))
                    continue
                origin = scope_id(field_of(entry, "originRoleAssignmentId"))
                known = instances[origin].get(instance) if origin else None
                if origin and (known is None or known[0] <= when):
                    instances[origin][instance] = (when, (start, end))
    out = []
    for assignment, held in hold_scoped(zone, "role_assignments", "roleassignments", role_item, events):
        bounds = instances.get(assignment) or instances.get(assignment.split("/")[-1])
        if bounds:
            held.windows = both(held.windows, [window for _, window in bounds.values()])
        out.append(held)
    for (_, subscription), sightings in eligible.items():
        points: list[Point] = []
        for when, item, (start, _) in sightings:
            points += sighting(when, item, None if start == FOREVER_AGO else start)
        seen_at = {when for when, _, _ in sightings}
        points += [Point(when, "lacking") for when in lists.complete[subscription] if when not in seen_at]
        newest = max(sightings, key=lambda s: s[0])[2]
        for start, end, item in spells(points):
            out.append(Held(item, both([(start, end)], [newest]), "eligibility", subscription))
    return out


def delegated(assignment: str, definition_id: Any, definition: Any) -> set[Item]:
    """The authorizations of a Lighthouse delegation, standing and eligible ones."""
    inner = field_of(definition, "properties")
    found = inner if isinstance(inner, dict) else definition
    plan = field_of(definition, "plan") or field_of(found, "plan")
    plan = isinstance(plan, dict) and any(value not in (None, "") for value in plan.values())
    out = set()
    for name in ("authorizations", "eligibleAuthorizations"):
        listed = field_of(found, name)
        for authorization in listed if isinstance(listed, list) else []:
            principal = ident(field_of(authorization, "principalId"))
            role = last_segment(field_of(authorization, "roleDefinitionId"))
            scope = scope_of_assignment(assignment)
            if principal and role and scope:
                out.add(
                    Item(
                        scope,
                        principal,
                        role=role,
                        eligible_only=name == "eligibleAuthorizations",
                        tenant=ident(field_of(found, "managedByTenantId")),
                        marketplace=plan,
                        definition=last_segment(definition_id),
                    )
                )
    return out


def hold_lighthouse(zone: Path, events: list[Event]) -> list[Held]:
    """Lighthouse delegations, one held item per authorization (A3, A7).

    **Choices**: an entry whose provisioning state is not Succeeded counts as not shown. Every authorization has its
    own timeline: one that a later snapshot adds starts when first seen, unless the delegation was written since the
    snapshot before. The event of a delegation names only its definition; the authorizations come from the snapshots
    that show that definition, for this or another scope, or from the event that wrote the definition. A write that
    names another definition ends the authorizations of the former one.
    """
    lists = read_snapshots(zone / "lighthouse", zone)
    shown = lists.shown
    definitions: dict[str, Any] = {}
    for event in sorted(events, key=lambda e: e.when):
        if event.resource == "registrationdefinitions" and event.kind == "written" and event.body:
            definitions[last_segment(event.assignment) or ""] = event.body
    every = [(when, entries) for dated in shown.values() for when, entries in dated.items()]
    for _, entries in sorted(every, key=lambda pair: pair[0]):
        for entry in entries:
            if field_of(entry, "registrationDefinition"):
                name = last_segment(field_of(entry, "registrationDefinitionId")) or ""
                definitions[name] = field_of(entry, "registrationDefinition")
    seen: dict[str, dict[datetime, set[Item]]] = defaultdict(lambda: defaultdict(set))
    for dated in shown.values():
        for when, entries in dated.items():
            for entry in entries:
                assignment = id_of_entry(entry)
                if assignment and (ident(field_of(entry, "provisioningState")) or "succeeded") == "succeeded":
                    name = field_of(entry, "registrationDefinitionId")
                    body = field_of(entry, "registrationDefinition") or definitions.get(last_segment(name) or "")
                    seen[assignment][when] |= delegated(assignment, name, body)
    mine: dict[str, list[tuple[Event, str | None]]] = defaultdict(list)
    for event in events:
        if event.resource == "registrationassignments":
            body = field_of(event.body, "properties") or event.body
            mine[event.assignment].append((event, last_segment(field_of(body, "registrationDefinitionId"))))
    out = []
    for assignment in sorted(set(mine) | set(seen)):
        teller = subscription_of(scope_of_assignment(assignment))
        items = set().union(*seen[assignment].values()) if assignment in seen else set()
        for _, definition in mine.get(assignment, []):
            if definition and definition not in {item.definition for item in items}:
                items |= delegated(assignment, definition, definitions.get(definition))
        for item in items:
            points = []
            for event, definition in mine.get(assignment, []):
                replaced = event.kind == "written" and definition not in (None, item.definition)
                points.append(Point(event.when, "deleted" if replaced else event.kind, item))
            for when in shown.get(teller or "", {}):
                is_there = item in seen.get(assignment, {}).get(when, set())
                if is_there or when in lists.complete.get(teller or "", ()):
                    points.append(Point(when, "shown" if is_there else "lacking", item if is_there else None))
            for start, end, said in spells(points):
                out.append(Held(said, [(start, end)], "lighthouse", teller))
    return out
