"""What the zone loses, and what comes broken."""

from datetime import UTC, datetime

import worlds

from .evidence import snapshots, without_one
from .files import read_text
from .landing import EVIDENCE, Landing


def lose_files(arrivals: Landing) -> str:
    """Some files of any kind, which were read, are gone. Usage and prices do not go altogether: without any the build refuses to run."""
    gone = []
    for folder in arrivals.rng.sample(("daily_rated_usage", "activity_log", "price_sheet", *EVIDENCE), 4):
        files = arrivals.seen(folder)
        if files and len(arrivals.files(f"{folder}/")) > 1:
            file = arrivals.rng.choice(files)
            file.unlink()
            gone.append(arrivals.path(file)[-60:])
    return ", ".join(gone)


def overwrite_list(arrivals: Landing) -> str:
    """A snapshot whose name has no date is overwritten by a later one, which does not show one of its items."""
    found = [file for file in snapshots(arrivals, dated=False) if arrivals.path(file) not in arrivals.fresh]
    if not found:
        return ""
    file = arrivals.rng.choice(found)
    text, gone = without_one(arrivals, file)
    earlier = arrivals.kept / arrivals.path(file)
    earlier.rename(earlier.with_name(f"{datetime.fromtimestamp(earlier.stat().st_mtime, UTC):%Y-%m-%dT%H%M%SZ}.json"))
    arrivals.put(arrivals.path(file), text, file.stat().st_mtime + 86400 * arrivals.rng.randint(1, 3) + 3600)
    return f"{arrivals.path(file)} without {gone}"


def break_download(arrivals: Landing) -> str:
    """A usage file that was read comes again and is unreadable as a whole: what it said before stays in force."""
    found = [file for file in arrivals.seen("daily_rated_usage") if file.name.endswith((".csv", ".gz"))]
    if not found:
        return ""
    file = arrivals.rng.choice(found)
    arrivals.put(arrivals.path(file), worlds.spoiled(arrivals.rng, file.name, read_text(file).encode()), is_broken=True)
    return arrivals.path(file)[-60:]


def mend_download(arrivals: Landing) -> str:
    """What came broken comes again, whole: as it was known, or for the first time."""
    if not arrivals.broken:
        return ""
    path = arrivals.rng.choice(sorted(arrivals.broken))
    known, first = arrivals.kept / path, arrivals.source / path
    arrivals.put(path, (known if known.exists() else first).read_bytes())
    return path[-60:]
