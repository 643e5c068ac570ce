"""What people and BI tools open: the marts of a whole green build, copied to a folder that a symbolic link names (PEC_PUBLISHED).

A publication is written beside the link, made durable, and committed by the rename of its history file in the archive; then a new link is renamed
over the old one. Whoever opens the link finds a whole publication: the old one or the new one. Old folders stay for those who have them open.

    <warehouse>.published                 link to the folder of the newest publication
    <warehouse>.publications/<id>/        pec.duckdb, parquet/<mart>.parquet, publication.json
    <archive>/history/<id>.parquet        what it changed in the statements: it exists for each publication that counts
    <archive>/history/withdrawn/          the same of publications that were rolled back
    <archive>/publications/<id>.json      its publication.json, which stays when the folder is removed
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
from datetime import datetime, timedelta, timezone

from pec import history, privacy, progress
from pec.archive.store import quoted, sync

SCHEMA = "marts"
# Of publications: the time at which the build began. They sort by it.
ID = "%Y%m%dT%H%M%S%f"
STORAGE_VERSIONS = ("v1.2.0", "v1.0.0")  # read by DuckDB 1.2 and later; by drivers that carry 1.1
# A mart of more rows is copied a few days at a time, so that each part can be sorted in memory.
ROWS_PER_PART = 2_000_000
DAYS = ("usage_date", "ChargePeriodStart")
# The copies are sorted by the first list, and by the key of a line, or else by all columns.
SORTED_BY = ("billing_month", "usage_date", "ChargePeriodStart", "transacting_partner_id", "subscription_id", "SubAccountId", "resource_id", "ResourceId")
LINE_KEYS = ("usage_line_id", "x_UsageLineId")
# What a view reads: DuckDB writes its SQL with all relations in full.
READ = re.compile(r"""\b(?:FROM|JOIN) \(*"?(\w+)"?\."?(\w+)"?""")


class PublicationError(Exception):
    """Nothing was published or rolled back; the text says why, and what to do."""


class Places:
    """Where publications are.

    archive, link: paths of the archive's folder and of PEC_PUBLISHED.
    """

    def __init__(self, archive, link):
        self.archive, self.link = pathlib.Path(archive), pathlib.Path(link)
        self.folders = self.link.with_name(self.link.name.removesuffix(".published") + ".publications")
        self.history = self.archive / "history"
        self.records = self.archive / "publications"

    def committed(self):
        """The ids of the publications that count, oldest first."""
        return sorted(file.stem for file in self.history.glob("[0-9]*.parquet"))

    def withdrawn(self):
        """The ids of the publications that were rolled back, oldest first."""
        return sorted(file.stem for file in (self.history / "withdrawn").glob("[0-9]*.parquet"))

    def existing(self):
        """The ids of the publications whose folder is there, oldest first. A folder gets its name when it is whole."""
        return sorted(path.name for path in self.folders.glob("[0-9]*")) if self.folders.is_dir() else []

    def current(self):
        """The id of the publication that the link names, or None."""
        return os.path.basename(os.readlink(self.link)) if self.link.is_symlink() else None

    def due(self):
        """The id that the link should name: of the newest publication that counts and whose folder is there, or None."""
        return max(set(self.committed()) & set(self.existing()), default=None)

    def later(self, publication_id):
        """An id, or one of a microsecond after the newest that there was, if that is later: a clock that was set back must not put new before old."""
        newest = max([*self.committed(), *self.withdrawn()], default="")
        if publication_id > newest:
            return publication_id
        return (datetime.strptime(newest, ID) + timedelta(microseconds=1)).strftime(ID)

    def record(self, publication_id):
        """The content of a publication.json, or {} when there is none."""
        path = self.records / f"{publication_id}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def publish(connection, places, publication_id, *, marts, changes, about, documents=None, storage_version=STORAGE_VERSIONS[0], kept=5):
    """Publishes the marts of a warehouse; returns the path of the new folder.

    connection: to the warehouse, in no transaction.  places: Places.  publication_id: time of the build (ID); it gets a later one if it is not the newest.
    marts: names of all tables and views to copy.
    changes: SQL of the rows that this publication adds to the history.  about: dictionary, what publication.json says beside files and rows.
    documents: {file name: function of the path of pec.duckdb and the path to write}, what people read beside the data.
    storage_version: of pec.duckdb.  kept: how many folders stay.  PublicationError: nothing was published.
    """
    if storage_version not in STORAGE_VERSIONS:
        raise PublicationError(f"storage version {storage_version} is not one of {', '.join(STORAGE_VERSIONS)}; set the variable published_storage_version")
    if places.link.exists() and not places.link.is_symlink():
        raise PublicationError(f"{places.link} is no symbolic link; move it away, or set PEC_PUBLISHED to another path")
    publication_id = places.later(publication_id)
    beside = places.folders / f".{publication_id}"
    try:
        shutil.rmtree(beside, ignore_errors=True)
        (beside / "parquet").mkdir(parents=True)
        names = privacy.mode()
        privacy.prepare(connection, places.archive, names)
        rows = copy_marts(connection, beside, marts, storage_version, names)
        for name, write in (documents or {}).items():
            progress.now(f"publishing, writing {name}")
            write(beside / "pec.duckdb", beside / name)
        changed = places.history / f".{publication_id}.parquet"
        connection.execute(f"copy ({changes}) to {quoted(changed)} (format parquet, compression zstd)")
        written = about | {
            "publication_id": publication_id,
            "history": file_facts(changed),
            "published_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "storage_version": storage_version,
            "names": names,
            "marts": rows,
            "files": {path.relative_to(beside).as_posix(): file_facts(path) for path in sorted(beside.rglob("*.*")) if path.is_file()},
        }
        text = json.dumps(written, indent=2, ensure_ascii=False, default=str) + "\n"
        (beside / "publication.json").write_text(text, encoding="utf-8")
        for path in sorted(beside.rglob("*"), reverse=True):
            sync(path)
        sync(beside)
        folder = places.folders / publication_id
        os.rename(beside, folder)
        sync(places.folders)
        places.records.mkdir(exist_ok=True)
        part = places.records / f".{publication_id}.json"
        part.write_text(text, encoding="utf-8")
        history.keep(part, places.records / f"{publication_id}.json")
        history.keep(changed, places.history / changed.name[1:])
    except Exception as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise PublicationError(f"nothing was published, and {places.link} is unchanged: {error}. Put that right, and build again.") from error
    swap(places, publication_id)
    remove_old(places, kept)
    return folder


def copy_marts(connection, folder, marts, storage_version, names=privacy.FULL):
    """Copies marts, with their descriptions, to pec.duckdb and to Parquet; returns {mart: rows}.

    Rows are sorted, so that the same marts give the same files. connection, marts, storage_version: see publish().  folder: a path.
    names: what is published of names, a mode of pec/privacy.py.
    """
    database = folder / "pec.duckdb"
    connection.execute(f"attach {quoted(database)} as published (storage_version {quoted(storage_version)})")
    views = connection.execute(
        "select view_name, sql from duckdb_views() where schema_name = ? and database_name = current_database()", [SCHEMA]
    ).fetchall()
    (warehouse,) = connection.execute("select current_database()").fetchone()
    # A view that reads nothing but marts is one in the copy, too: it takes no space.
    selections = {name: sql for name, sql in views if {(SCHEMA, mart) for mart in marts} >= set(READ.findall(sql)) != set()}
    rows = {}
    try:
        connection.execute(f"create schema published.{SCHEMA}")
        for name in sorted(marts, key=lambda mart: (mart in selections, mart)):
            if name in selections:
                # A view keeps the names that it was made with, and readers attach the file under another name than this one.
                connection.execute("use published")
                connection.execute(selections[name])
                connection.execute(f'use "{warehouse}"')
            else:
                progress.now(f"publishing, {len(rows)} of {len(marts)} marts are copied, now {name}")
                copy_mart(connection, name, names)
            (rows[name],) = connection.execute(f"select count(*) from published.{SCHEMA}.{name}").fetchone()
            # Left joins of views are made as they are written: the rows keep the order of the mart that is widened.
            connection.execute("set disabled_optimizers = 'build_side_probe_side,join_order'")
            connection.execute(
                f"copy (from published.{SCHEMA}.{name}) to {quoted(folder / 'parquet' / f'{name}.parquet')} "
                "(format parquet, compression zstd, compression_level 1)"
            )
            connection.execute("reset disabled_optimizers")
        copy_comments(connection, marts)
    finally:
        connection.execute("reset disabled_optimizers; detach published")
    return rows


def copy_mart(connection, name, names):
    """Copies the rows of a mart, sorted, to a table of the attached database `published`. names: see copy_marts()."""
    columns = {row[0]: row[1] for row in connection.execute(f"describe {SCHEMA}.{name}").fetchall()}
    selected = ", ".join(f'{text} as "{column}"' for column, text in privacy.published_columns(name, columns, names).items())
    order = ", ".join(f'"{column}"' for column in sorting(columns))
    connection.execute(f"create table published.{SCHEMA}.{name} as select {selected} from {SCHEMA}.{name} limit 0")
    (rows,) = connection.execute(f"select count(*) from {SCHEMA}.{name}").fetchone()
    for condition in parts(connection, name, columns, rows):
        connection.execute(f"insert into published.{SCHEMA}.{name} select {selected} from {SCHEMA}.{name} where {condition} order by {order}")


def sorting(columns):
    """The columns that a copy is sorted by: a total order, in which rows that are asked for together stand together."""
    first = [column for column in SORTED_BY if column in columns]
    key = [column for column in LINE_KEYS if column in columns]
    return [*first, *(key or [column for column in columns if column not in first])]


def parts(connection, mart, columns, rows):
    """Conditions that divide the rows of a mart: one for all, or for a large mart one for each few days that together are not large.

    Rows of less than a row group are written twice by DuckDB, and all rows at once would not be sorted in memory.
    """
    day = next((column for column in DAYS if column in columns), None)
    if rows <= ROWS_PER_PART or not day:
        return ["true"]
    found, first, held = [], None, 0
    counts = connection.execute(f'select "{day}"::varchar, count(*) from {SCHEMA}.{mart} group by 1 order by 1').fetchall()
    for value, count in counts:
        if value is None:
            found.append(f'"{day}" is null')
        elif first is not None and held + count <= ROWS_PER_PART:
            found[-1], held = f'"{day}" between {quoted(first)} and {quoted(value)}', held + count
        else:
            found.append(f'"{day}" = {quoted(value)}')
            first, held = value, count
    return found


def copy_comments(connection, marts):
    """Copies the descriptions of relations and columns to the attached database `published`."""
    relations = connection.execute(
        "select table_name, comment from duckdb_tables() where schema_name = $schema and database_name = current_database() union all "
        "select view_name, comment from duckdb_views() where schema_name = $schema and database_name = current_database()", {"schema": SCHEMA}
    ).fetchall()  # fmt: skip
    copied = connection.execute("select view_name from duckdb_views() where database_name = 'published'").fetchall()
    for name, comment in relations:
        if name in marts and comment:
            kind = "view" if (name,) in copied else "table"
            connection.execute(f"comment on {kind} published.{SCHEMA}.{name} is {quoted(comment)}")
    columns = connection.execute(
        "select table_name, column_name, comment from duckdb_columns() where schema_name = ? and database_name = current_database()", [SCHEMA]
    ).fetchall()
    for name, column, comment in columns:
        if name in marts and comment:
            connection.execute(f'comment on column published.{SCHEMA}.{name}."{column}" is {quoted(comment)}')


def swap(places, publication_id):
    """Lets the link name another publication, in one step. PublicationError: the link cannot be written."""
    beside = places.link.with_name(f".{places.link.name}.new")
    try:
        beside.unlink(missing_ok=True)
        os.symlink(os.path.join(places.folders.name, publication_id), beside)
        os.rename(beside, places.link)
        sync(places.link.parent)
    except OSError as error:
        raise PublicationError(f"{places.link} cannot be set to publication {publication_id}: {error}; the next build sets it") from error


def recover(places):
    """Completes what a killed run left behind: the link names the newest publication, and folders that nothing counts are removed.

    places: Places. Call it while no other process publishes.
    """
    known = set(places.committed()) | set(places.withdrawn())
    for folder in places.folders.glob("*") if places.folders.is_dir() else []:
        if folder.name not in known:
            remove(folder)
    due = places.due()
    if due and places.current() != due and (places.link.is_symlink() or not places.link.exists()):
        swap(places, due)


def remove_old(places, kept):
    """Removes the folders of all but the newest publications. kept: how many stay, at least 1; the current one always does."""
    for publication_id in places.existing()[: -max(kept, 1)]:
        if publication_id != places.current():
            remove(places.folders / publication_id)


def remove(folder):
    """Removes a folder, renamed first: a folder that has its name is whole."""
    hidden = folder.with_name("." + folder.name.lstrip("."))
    os.rename(folder, hidden)
    shutil.rmtree(hidden, ignore_errors=True)


def rollback(places, publication_id=None):
    """Lets the link name an earlier publication, and takes what was published since out of the history; returns the id.

    publication_id: default, the one before the current one.  PublicationError: there is none, or its folder is gone.
    """
    committed = places.committed()
    to_choose = sorted(set(committed[:-1]) & set(places.existing()))
    publication_id = publication_id or max(to_choose, default=None)
    if publication_id not in to_choose:
        said = f"the folder of {publication_id} is not there" if publication_id in committed[:-1] else f"{publication_id} is no earlier publication"
        known = f"choose one of {', '.join(to_choose)}" if to_choose else "no earlier publication is kept (variable publications_kept)"
        raise PublicationError(f"nothing was rolled back: {said if publication_id else 'there is one publication at most'}; {known}")
    (places.history / "withdrawn").mkdir(exist_ok=True)
    for later in reversed(committed[committed.index(publication_id) + 1 :]):
        os.rename(places.history / f"{later}.parquet", places.history / "withdrawn" / f"{later}.parquet")
    sync(places.history / "withdrawn")
    sync(places.history)
    swap(places, publication_id)
    return publication_id


def listing(places):
    """All publications, newest first, as dictionaries: publication_id, published_at, status (current | kept | removed | rolled back), rows of all marts."""
    rolled_back, existing, current = set(places.withdrawn()), set(places.existing()), places.current()
    rows = []
    for publication_id in sorted(rolled_back | set(places.committed()), reverse=True):
        record = places.record(publication_id)
        is_kept = "kept" if publication_id in existing else "removed"
        status = "current" if publication_id == current else "rolled back" if publication_id in rolled_back else is_kept
        rows.append({
            "publication_id": publication_id, "published_at": record.get("published_at"), "status": status,
            "rows": sum(record.get("marts", {}).values()), "landing_zone": record.get("landing_zone"),
        })  # fmt: skip
    return rows


def file_facts(path):
    """Size and digest of a file."""
    with open(path, "rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
