"""News of evidence."""

import json
import pathlib
from datetime import timedelta

from .files import GUID, export_day, read_text
from .landing import EVIDENCE, Landing


def shown(file: pathlib.Path) -> list:
    """The items of a snapshot."""
    content = json.loads(read_text(file))
    return content if isinstance(content, list) else content["value"]


def with_shown(file: pathlib.Path, items: list) -> str:
    """The text of a snapshot with other items."""
    content = json.loads(read_text(file))
    return json.dumps(items if isinstance(content, list) else content | {"value": items})


def snapshots(arrivals: Landing, dated: bool) -> list[pathlib.Path]:
    """The snapshots in the zone that show something, dated by their name or not."""
    found = [file for kind in EVIDENCE for file in arrivals.files(f"{kind}/")]
    return [file for file in found if (file.name != "current.json") == dated and shown(file)]


def subscription_of(file: pathlib.Path) -> str:
    return GUID.findall(file.as_posix().lower())[-1]


def without_one(arrivals: Landing, file: pathlib.Path) -> tuple[str, str]:
    """The text of a snapshot that no longer shows one of its items, and that item's id."""
    items = shown(file)
    gone = items.pop(arrivals.rng.randrange(len(items)))
    return with_shown(file, items), gone["id"].rsplit("/", 1)[-1]


def list_again_without(arrivals: Landing) -> str:
    """A later snapshot of a subscription no longer shows an item, with no event that says why."""
    found = snapshots(arrivals, dated=True)
    if not found:
        return ""
    file = arrivals.rng.choice(found)
    kind, subscription = arrivals.path(file).split("/")[0], subscription_of(file)
    others = [export_day(f) for f in arrivals.files(f"{kind}/", arrivals.kept) if subscription_of(f) == subscription]
    day = max([*others, arrivals.rng.choice(arrivals.days)]) + timedelta(days=1)
    text, gone = without_one(arrivals, file)
    arrivals.put(f"{kind}/again/{day}_{subscription}.json", text)
    return f"{kind} {day} without {gone}"


def correct_list(arrivals: Landing) -> str:
    """A snapshot is replaced by one of the same name that does not show one of its items."""
    found = snapshots(arrivals, dated=True)
    if not found:
        return ""
    file = arrivals.rng.choice(found)
    text, gone = without_one(arrivals, file)
    arrivals.put(arrivals.path(file), text)
    return f"{arrivals.path(file)[-60:]} without {gone}"
