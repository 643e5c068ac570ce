"""Findings of the checks that somebody let pass: in the archive, a Parquet file each, never rewritten (docs/operations.md, Gates)."""

import hashlib
import pathlib
from datetime import datetime, timezone

import duckdb

from pec import history
from pec.archive.problems import ArchiveError
from pec.archive.store import quoted

COLUMNS = {"check_name": "varchar", "item": "varchar", "fingerprint": "varchar", "acknowledged_at": "timestamp", "note": "varchar"}
FOLDER = "acknowledgements"
LISTED = 20  # findings in a message


def prepare(archive):
    """Makes the folder of acknowledgements and a file without rows in it, so that it can be read before the first one. archive: a path."""
    folder = pathlib.Path(archive) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for left_over in folder.glob(".*.parquet"):
        left_over.unlink()  # of a command that was killed while it wrote
    if not (folder / "_schema.parquet").exists():
        write(folder / "_schema.parquet", [])


def acknowledge(warehouse, archive, check, item, note=None):
    """Lets a finding of the working warehouse pass from the next build on; returns a sentence that says so.

    warehouse, archive: paths.  check, item: of marts.data_quality_findings.  note: why, or None.
    ArchiveError: there is no such finding (the message lists those that are), the warehouse cannot be read, or the archive cannot be written.
    """
    found = findings(warehouse)
    row = found.get((check, item))
    if row is None:
        raise ArchiveError(f"{check} has found nothing about {item}; {listing(found, check)}")
    fingerprint, is_acknowledged = row
    if is_acknowledged:
        return f"{check} {item} is acknowledged already, and unchanged."
    folder = pathlib.Path(archive) / FOLDER
    if not folder.is_dir():
        raise ArchiveError(f"the archive {archive} has no folder {FOLDER}; set PEC_ARCHIVE to the archive of {warehouse}, or build once")
    try:
        keep(folder, [(check, item, fingerprint, note)])
    except (OSError, duckdb.Error) as error:
        raise ArchiveError(f"the acknowledgement cannot be written to {folder}: {error}; free disk space, and see that you may write there") from error
    return f"{check} {item} is acknowledged as it is now. It warns from the next build on; a changed finding asks again."


def keep_published(connection, archive):
    """Acknowledges what has just been published although it is beyond its limit: the first publication, and checks that only warn, hold nothing.

    The next night is compared with it, and is not held for it.
    connection: to the warehouse.  archive: a path.  Raises OSError, duckdb.Error: the file cannot be written.
    """
    rows = connection.execute(
        "select check_name, item, fingerprint, 'published while the check only warned' from marts.data_quality_findings "
        "where is_beyond_limit and not is_acknowledged order by 1, 2"
    ).fetchall()
    if rows:
        keep(pathlib.Path(archive) / FOLDER, rows)


def keep(folder, rows):
    """Writes acknowledgements of now into a file of their own.

    folder: a path.  rows: tuples (check_name, item, fingerprint, note).  Raises OSError, duckdb.Error.
    """
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    digest = hashlib.sha256("".join(row[2] for row in rows).encode()).hexdigest()[:8]
    write(folder / f"{now:%Y%m%dT%H%M%S%f}-{digest}.parquet", [(check, item, fingerprint, now, note) for check, item, fingerprint, note in rows])


def findings(warehouse):
    """{(check, item): (fingerprint, whether it is acknowledged)} of a working warehouse. ArchiveError: it cannot be read, or has no findings yet."""
    if not pathlib.Path(warehouse).exists():
        raise ArchiveError(f"there is no warehouse at {warehouse}; set PEC_WAREHOUSE, or build first")
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            rows = connection.execute(
                "select check_name, item, status = 'hold', fingerprint, is_acknowledged from marts.data_quality_findings order by 3 desc, 1, 2"
            ).fetchall()
    except duckdb.Error as error:
        raise ArchiveError(f"{warehouse} cannot be read: {error}; wait for a build to end, or build once") from error
    return {(check, item): (fingerprint, is_acknowledged) for check, item, _, fingerprint, is_acknowledged in rows}


def listing(found, check):
    """A text that lists findings: of the check if it has any, else all. found: of findings()."""
    chosen = [key for key in found if key[0] == check] or list(found)
    if not chosen:
        return "the last build has no finding"
    lines = [f"  {name} {item!r}" for name, item in chosen[:LISTED]]
    more = [f"  and {len(chosen) - LISTED} more in marts.data_quality_findings"] if len(chosen) > LISTED else []
    return "\n".join(["the last build has found:", *lines, *more])


def write(target, rows):
    """Writes a file of acknowledgements as one step. target: path.  rows: tuples in the order of COLUMNS.  Raises OSError, duckdb.Error."""
    beside = target.with_name("." + target.name)
    columns = ", ".join(f"unnest(?::{kind}[]) as {name}" for name, kind in COLUMNS.items())
    values = [list(column) for column in zip(*rows)] or [[] for _ in COLUMNS]
    with duckdb.connect() as connection:
        connection.execute(f"copy (select {columns}) to {quoted(beside)} (format parquet, compression zstd)", values)
    history.keep(beside, target)
