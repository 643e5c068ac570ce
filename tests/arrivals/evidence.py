"""News of evidence."""

import json
import pathlib
from datetime import timedelta

from .files import GUID, export_day, read_text
from .landing import EVIDENCE, Landing


def listed(file: pathlib.Path) -> tuple[object, list]:
    """A snapshot and its items; none where it cannot be read, or is an error message."""
    try:
        content = json.loads(read_text(file))
    except ValueError:
        return None, []
    if isinstance(content, dict):
        return content, next((content[key] for key in ("value", "data") if key in content), [])
    return content, content if isinstance(content, list) else []


def shown(file: pathlib.Path) -> list:
    """The items of a snapshot that have an id."""
    return [item for item in listed(file)[1] if str(item.get("id") or "").strip()]


def with_shown(file: pathlib.Path, items: list) -> str:
    """The text of a snapshot with other items; a page stays a page."""
    content, _ = listed(file)
    return json.dumps({key: items if key in ("value", "data") else value for key, value in content.items()} if isinstance(content, dict) else items)


def snapshots(arrivals: Landing, dated: bool) -> list[pathlib.Path]:
    """The snapshots in the zone that show something, dated by their name or not."""
    found = [file for kind in EVIDENCE for file in arrivals.files(f"{kind}/")]
    return [file for file in found if (file.name != "current.json") == dated and shown(file)]


def subscription_of(file: pathlib.Path) -> str:
    return GUID.findall(file.as_posix().lower())[-1]


def without_one(arrivals: Landing, file: pathlib.Path) -> tuple[str, str]:
    """The text of a snapshot that no longer shows one of its items, and that item's id."""
    gone = arrivals.rng.choice(shown(file))
    return with_shown(file, [item for item in listed(file)[1] if item != gone]), gone["id"].rsplit("/", 1)[-1]


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


def mend_list(arrivals: Landing) -> str:
    """A list that could not be read, or a page without the last, comes again: as another list of its kind and subscription says it, and whole."""
    files = [file for kind in EVIDENCE for file in arrivals.files(f"{kind}/") if file.name != "current.json"]
    found = [file for file in files if not isinstance(listed(file)[0], list) and arrivals.path(file) not in arrivals.broken]
    if not found:
        return ""
    file = arrivals.rng.choice(found)
    kind, subscription = arrivals.path(file).split("/")[0], subscription_of(file)
    others = [other for other in files if arrivals.path(other).startswith(f"{kind}/") and subscription_of(other) == subscription]
    arrivals.put(arrivals.path(file), json.dumps(shown(arrivals.rng.choice(others))))
    return arrivals.path(file)[-60:]


def break_list(arrivals: Landing) -> str:
    """A list that was read comes again and cannot be read: what it said before stays in force, and ends what it ended."""
    found = [file for file in snapshots(arrivals, dated=True) if arrivals.path(file) not in arrivals.fresh | arrivals.broken]
    if not found:
        return ""
    file = arrivals.rng.choice(found)
    text = read_text(file)
    error = json.dumps({"error": {"code": "AuthorizationFailed", "message": "no"}})
    arrivals.put(arrivals.path(file), arrivals.rng.choice(("", "null", error, text[: len(text) // 2])), is_broken=True)
    return arrivals.path(file)[-60:]
