"""Evidence: events and snapshots (A7)."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Iterator

from .values import FOREVER, FOREVER_AGO, GUID, Unreadable, content_of, file_instant, files_in, ident, instant

ASSIGNMENT = re.compile(r"(.*)/providers/microsoft\.(?:authorization|managedservices)/[^/]+/[^/]+")
SUCCESS = {"success", "succeeded"}
START = {"start", "started"}


def field_of(value: Any, *names: str) -> Any:
    """A member of a JSON object by name, without regard to case; the first of the names that is there and not null."""
    if not isinstance(value, dict):
        return None
    lower = {str(name).lower(): found for name, found in value.items()}
    for name in names:
        if lower.get(name.lower()) is not None:
            return lower[name.lower()]
    return None


def unpacked(value: Any) -> Any:
    """A JSON value, or the JSON inside a string; None when it is neither."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return None
    return value


def scope_id(value: Any) -> str | None:
    """A scope in lower case without a slash at its end; the root is '/'."""
    out = ident(value)
    return None if out is None else out.rstrip("/") or "/"


def scope_of_assignment(assignment: str | None) -> str | None:
    """The scope that an assignment's id begins with."""
    found = ASSIGNMENT.fullmatch(assignment or "")
    return scope_id(found.group(1) or "/") if found else None


def last_segment(value: Any) -> str | None:
    """The GUID at the end of a role definition's id, which comes with several prefixes, or bare."""
    out = ident(value)
    return out.rstrip("/").split("/")[-1] if out else None


def subscription_of(scope: str | None) -> str | None:
    """The subscription that a scope lies in; None for management groups and the root."""
    found = re.match(r"/subscriptions/([^/]+)", scope or "")
    return found.group(1) if found else None


@dataclass(frozen=True)
class Item:
    """What an assignment says: a grant (role, principal), or a deny (who, except whom, children or not)."""

    scope: str
    principal: str | None = None
    principal_type: str | None = None
    role: str | None = None
    eligible_only: bool = False
    tenant: str | None = None
    marketplace: bool = False
    definition: str | None = None
    denied: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    own_scope_only: bool = False
    control_plane: bool = True


@dataclass
class Point:
    """Something that the evidence says about an assignment at an instant."""

    when: datetime
    kind: str  # lacking | shown | deleted | created | written
    item: Item | None = None


RANK = {"lacking": 0, "shown": 1, "deleted": 2, "created": 3, "written": 4}
Spell = tuple[datetime, datetime, Item]


def spells(points: list[Point], ends_when: str = "last seen") -> list[Spell]:
    """The times in which an assignment stood, and what it said then (A7, A5).

    Going through the evidence in order of time: writing, creation and a first sighting begin a spell; a delete event
    ends it exactly; a later snapshot that lacks it marks it as gone, and unless a delete event still follows, it ended
    when it was last seen (`ends_when="first lacking"`, for deny assignments: at that first snapshot). What begins
    again after that begins at its new event or creation time, else when seen again.

    **Choices**: a delete event that follows a snapshot lacking the assignment is believed (a bare snapshot date means
    00:00 and may lie hours before the real moment). A later creation time than the last sighting proves that the
    earlier spell had ended. A creation time before a snapshot that lacks the assignment does not bridge it. A delete
    without any earlier sign of the assignment proves nothing; one shown without a creation time and then deleted, with
    nothing before that speaks against it, stood since ever ("before the evidence begins"). At the same instant:
    lacking, shown, deleted, created, written, in this order.
    """
    out: list[Spell] = []
    pieces: list[tuple[datetime, Item | None]] = []
    last_seen = FOREVER_AGO
    gone: datetime | None = None
    began_unseen = False

    def close(end: datetime, item: Item | None = None) -> None:
        nonlocal gone
        ends = [start for start, _ in pieces[1:]] + [end]
        for (start, said), stop in zip(pieces, ends):
            if (said or item) and start < min(stop, end):
                out.append((start, min(stop, end), said or item))
        pieces.clear()
        gone = None

    def begin_or_go_on(when: datetime, item: Item | None) -> None:
        if not pieces:
            pieces.append((when, item))
        elif item and pieces[-1][1] is None:
            pieces[-1] = (pieces[-1][0], item)
        elif item and item != pieces[-1][1]:
            pieces.append((when, item))

    for number, point in enumerate(sorted(points, key=lambda p: (p.when, RANK[p.kind]))):
        if point.kind == "deleted":
            if pieces and began_unseen:
                pieces[0] = (FOREVER_AGO, pieces[0][1])
            close(point.when, point.item)
            continue
        if point.kind == "lacking":
            if pieces and gone is None and point.when > last_seen:
                gone = point.when
            continue
        if pieces and gone is not None:
            close(gone if ends_when == "first lacking" else last_seen)
        elif pieces and point.kind == "created" and point.when > last_seen:
            close(point.when if ends_when == "first lacking" else last_seen)
        if not pieces or point.kind == "created":
            began_unseen = point.kind == "shown" and number == 0
        begin_or_go_on(point.when, point.item)
        last_seen = point.when
    if pieces:
        close(FOREVER if gone is None else gone if ends_when == "first lacking" else last_seen)
    return out


@dataclass
class Event:
    """A change that succeeded: what, when, to which assignment, and what the records of the operation say of it."""

    kind: str  # written | deleted
    resource: str  # roleassignments | denyassignments | registrationassignments | registrationdefinitions
    assignment: str
    when: datetime
    began: datetime
    body: Any


def activity_records(zone: Path) -> Iterator[dict[str, Any]]:
    """All records of `activity_log/`: arrays, {"value": [...]}, {"records": [...]}, or one JSON object a line.

    Lines and files that cannot be read are passed over.
    """
    for path in files_in(zone / "activity_log", ".json", ".json.gz"):
        try:
            content = content_of(path)
        except Unreadable:
            continue
        try:
            found = [json.loads(content)]
        except ValueError:
            found = [unpacked(line) for line in content.split("\n")]
        while found:
            record = found.pop()
            if isinstance(record, list):
                found.extend(record)
            elif isinstance(record, dict):
                lists = [record[name] for name in ("value", "records") if isinstance(record.get(name), list)]
                inner = lists[0] if lists else None
                if inner is None:
                    yield record
                else:
                    found.extend(inner)


def value_of(value: Any) -> str:
    """The text of a field that comes plain or as {"value", "localizedValue"}, in lower case."""
    return ident(field_of(value, "value") if isinstance(value, dict) else value) or ""


def read_events(zone: Path) -> list[Event]:
    """The successful writes and deletes of assignments (A7), in any order of arrival; duplicates do no harm.

    **Choices**: a success belongs to the starts of the same assignment with its operation id; where one of the two
    records has none (diagnostic settings), with its correlation id. A body that the success itself carries is used
    when no start has one. PIM requests and elevateAccess are not assignments: they count through the assignments that
    they write, or that snapshots show. A delete answered with NoContent is a delete: from then on it is not there.
    """
    pattern = re.compile(
        r"microsoft\.(?:authorization/(?P<a>roleassignments|denyassignments)"
        r"|managedservices/(?P<m>registrationassignments|registrationdefinitions))/(?P<verb>write|delete)"
    )
    records: dict[tuple, list[dict[str, Any]]] = defaultdict(list)
    for record in activity_records(zone):
        operation = pattern.fullmatch(value_of(field_of(record, "operationName")))
        status = value_of(field_of(record, "status", "resultType"))
        if not operation or status not in SUCCESS | START:
            continue
        properties = unpacked(field_of(record, "properties"))
        entity = scope_id(field_of(properties, "entity")) or scope_id(field_of(record, "resourceId"))
        try:
            when = instant(field_of(record, "eventTimestamp", "time"))
        except ValueError:
            continue
        if when is None or entity is None:
            continue
        resource, kind = operation["a"] or operation["m"], operation["verb"]
        names = ("requestbody", "responseBody") if kind == "write" else ("responseBody", "requestbody")
        bodies = [unpacked(field_of(properties, name)) for name in names]
        records[resource, kind, entity].append(
            {
                "succeeded": status in SUCCESS,
                "when": when,
                "operation": ident(field_of(record, "operationId")),
                "correlation": ident(field_of(record, "correlationId")),
                "body": next((body for body in bodies if isinstance(body, dict)), None),
            }
        )

    def of_one_operation(left: dict[str, Any], right: dict[str, Any]) -> bool:
        if left["operation"] and right["operation"]:
            return left["operation"] == right["operation"]
        return left["correlation"] is not None and left["correlation"] == right["correlation"]

    events = []
    for (resource, kind, entity), found in records.items():
        for success in (record for record in found if record["succeeded"]):
            starts = [record for record in found if not record["succeeded"] and of_one_operation(record, success)]
            speaking = [*starts, success] if kind == "write" else [success, *starts]
            body = next((record["body"] for record in speaking if record["body"]), None)
            began = min(record["when"] for record in speaking)
            name = "written" if kind == "write" else "deleted"
            events.append(Event(name, resource, entity, success["when"], began, body))
    return events


@dataclass
class Snapshots:
    """Dated lists of one folder: subscription -> instant -> its entries; and which of them are proven complete (A7)."""

    shown: dict[str, dict[datetime, list[dict[str, Any]]]] = field(default_factory=lambda: defaultdict(dict))
    complete: dict[str, set[datetime]] = field(default_factory=lambda: defaultdict(set))


# What each folder lists: the end of its items' types, which their ids contain as well.
LISTED = {"role_assignments": "roleassignments", "deny_assignments": "denyassignments", "lighthouse": "registrationassignments"}


@dataclass
class Page:
    """A file of a list: its entries, whether each tells its id, and whether it says that more pages follow. Unreadable: no entries at all."""

    entries: list[dict[str, Any]] | None = None
    is_sound: bool = False
    has_next: bool = False


def page_of(path: Path) -> Page:
    """A snapshot file, with `properties` lifted to the top of its entries."""
    try:
        found = json.loads(content_of(path))
    except ValueError:
        return Page()
    has_next = False
    if isinstance(found, dict):
        lists = [field_of(found, name) for name in ("value", "data")]
        status = str(field_of(found, "statusCode") or "")
        if any(isinstance(inner, list) for inner in lists) and (field_of(found, "error") or re.fullmatch("[45][0-9]{2}", status)):
            return Page()
        has_next = bool(field_of(found, "nextLink", "@odata.nextLink", "skip_token", "$skipToken"))
        found = next((inner for inner in lists if isinstance(inner, list)), [found])
    if not isinstance(found, list):
        return Page()
    out, is_sound = [], True
    for entry in found:
        if isinstance(entry, dict):
            inner = unpacked(field_of(entry, "properties"))
            out.append({**entry, **inner} if isinstance(inner, dict) else entry)
        is_sound = is_sound and isinstance(entry, dict) and id_of_entry(entry) not in (None, "/")
    return Page(out, is_sound, has_next)


def is_of_another_kind(entry: dict[str, Any], folder: str) -> bool:
    """Whether an entry with an id says by its type, and by its id, that it is none of those that its folder is for."""
    kind, told, mine = ident(field_of(entry, "type")) or "", id_of_entry(entry) or "", LISTED.get(folder)
    if mine is None or told in ("", "/"):
        return False
    if folder == "lighthouse":
        return kind.endswith("/registrationdefinitions") or "/registrationdefinitions/" in told
    return kind != "" and not kind.endswith(f"/{mine}") and f"/{mine}/" not in told


def read_snapshots(folder: Path, zone: Path) -> Snapshots:
    """All lists of a folder.

    A list speaks for the subscriptions that its entries lie in; when they name none (an empty list, or only
    management groups and the root), for the subscription in its file name, else in the nearest folder.

    **Choices**: files of the same subscription and instant are pages of one list, which is complete when each of them
    was read with all ids, and one of them is the last; of several pages none may be unreadable. An entry at a
    management group or the root belongs to every subscription of its file. A file of entries none of which is of the
    folder's kind is no page: it says nothing about that kind.
    """
    out = Snapshots()
    pages: dict[tuple[str, datetime], list[Page]] = defaultdict(list)
    for path in files_in(folder, ".json", ".json.gz"):
        page, when = page_of(path), file_instant(path)
        if page.entries and all(is_of_another_kind(entry, folder.name) for entry in page.entries):
            continue
        places = [(entry, subscription_of(scope_of_entry(entry))) for entry in page.entries or []]
        subscriptions = {place for _, place in places if place}
        if not subscriptions:
            parts = [path.name] + [part.name for part in path.relative_to(zone).parents]
            named = [found[-1].lower() for found in map(GUID.findall, parts) if found]
            subscriptions = set(named[:1])
        for subscription in subscriptions:
            pages[subscription, when].append(page)
            if page.entries is not None:
                mine = [entry for entry, place in places if place in (None, subscription)]
                out.shown[subscription].setdefault(when, []).extend(mine)
    for (subscription, when), found in pages.items():
        read = [page for page in found if page.entries is not None]
        is_paged, is_torn = any(page.has_next for page in read), len(read) < len(found)
        has_last = any(not page.has_next for page in read)
        if all(page.is_sound for page in read) and has_last and not (is_paged and is_torn):
            out.complete[subscription].add(when)
    return out


def id_of_entry(entry: dict[str, Any]) -> str | None:
    """The id of a snapshot entry, in lower case."""
    return scope_id(field_of(entry, "id", "RoleAssignmentId"))


def scope_of_entry(entry: dict[str, Any]) -> str | None:
    """The scope of a snapshot entry: its own field, else the beginning of its id."""
    return scope_id(field_of(entry, "scope")) or scope_of_assignment(id_of_entry(entry))


def created_of_entry(entry: dict[str, Any]) -> datetime | None:
    """The creation time of a snapshot entry, when it tells one that can be read."""
    try:
        return instant(field_of(entry, "createdOn", "createdDateTime"))
    except ValueError:
        return None
