"""The archive on disk: folders, the manifest, and files that are written beside, made durable, and renamed."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import threading
import uuid
from contextlib import contextmanager

import duckdb

from pec import kinds
from pec.archive.problems import ArchiveError, reason_of

# Grows when the same bytes would be archived otherwise than before.
PARSER_VERSION = 2

COLUMNS = {
    "observation_number": "BIGINT", "source_file": "VARCHAR", "kind": "VARCHAR", "folder": "VARCHAR", "reader": "VARCHAR",
    "size_bytes": "BIGINT", "modified_at": "TIMESTAMP", "stored_digest": "VARCHAR", "content_digest": "VARCHAR", "content_id": "VARCHAR",
    "plain_bytes": "BIGINT", "exported_at": "TIMESTAMP", "is_date_from_name": "BOOLEAN", "ids_in_path": "VARCHAR[]", "header": "VARCHAR[]",
    "records": "BIGINT", "archived": "BIGINT", "rejected": "BIGINT", "is_whole_document": "BOOLEAN", "has_next_page": "BOOLEAN",
    "problem": "VARCHAR", "parser_version": "INTEGER", "archive_file": "VARCHAR", "archive_digest": "VARCHAR",
}  # fmt: skip
KEY_COLUMNS = {"content_id": "VARCHAR", "record_number": "BIGINT", "line_number": "BIGINT"}
ITEM_COLUMNS = {"content_id": "VARCHAR", "item_number": "BIGINT", "line_number": "BIGINT", "item": "VARCHAR"}
REJECT_COLUMNS = KEY_COLUMNS | {"column_name": "VARCHAR", "reason": "VARCHAR", "raw_text": "VARCHAR"}
# What stays of pruned lines (export lifecycle): how many they were, and their sum, USD as Microsoft charges them. Without a count: of a content that was lost.
PRUNED_COLUMNS = {
    "kind": "VARCHAR", "content_id": "VARCHAR", "archive_file": "VARCHAR", "lines": "BIGINT", "pricing_pre_tax_total": "DECIMAL(38, 18)",
}  # fmt: skip
# Rows of a group are held in memory until it is written: 122,880 lines of a kilobyte do not fit in a worker's share, and spilling takes three times as long.
PARQUET = "format parquet, compression zstd, row_group_size 40960"
WORK = ".work"


def quoted(text):
    """A SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def literal_path(path):
    """A path for read_parquet(), in which wildcards stand for themselves."""
    return re.sub(r"([\[*?])", r"[\1]", path)


def unnested(columns):
    """The select list that makes columns of lists given as parameters. columns: name -> DuckDB type."""
    return ", ".join(f"unnest(?::{kind}[]) as {name}" for name, kind in columns.items())


def lists(rows, columns):
    """Rows (dicts) as one list for each column, in order: the parameters of unnested()."""
    return [[row.get(name) for row in rows] for name in columns]


def as_relation(connection, observations):
    """Observations as a relation of a DuckDB connection: the manifest's columns and is_present, ordered by observation_number.

    connection: DuckDB's, also a dbt session.  observations: dicts, such as Update.observations.
    """
    columns = COLUMNS | {"is_present": "BOOLEAN"}
    table = f"pec_observations_{uuid.uuid4().hex[:8]}"
    # A table: parameters of a relation are not kept by all that dbt does with it.
    connection.execute(f"create or replace temp table {table} as select {unnested(columns)}", lists(observations, columns))
    return connection.sql(f"select * from {table} order by observation_number")


class Store:
    """The folder of an archive."""

    def __init__(self, path):
        """path: of the archive's folder; it need not exist yet."""
        self.path = os.path.abspath(path)
        self.own = None
        self.written = []  # paths of files that write() made

    @property
    def connection(self):
        """The store's own connection to DuckDB, made when it is first needed; of one thread."""
        self.own = self.own or duckdb.connect(config={"threads": 1})
        return self.own

    def at(self, *parts):
        """A path inside the archive."""
        return os.path.join(self.path, *parts)

    @contextmanager
    def writing(self):
        """What is done inside writes to the archive, and nobody else does meanwhile. ArchiveError: it cannot be written."""
        lock = None
        try:
            os.makedirs(self.path, exist_ok=True)
            lock = open(self.at(".lock"), "w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
            except OSError:
                pass  # some network file systems have no locks
            self.remove_leftovers()
            os.makedirs(self.at(WORK))
        except OSError as error:
            raise self.unwritable(error) from error
        try:
            yield
        except OSError as error:
            raise self.unwritable(error) from error
        finally:
            shutil.rmtree(self.at(WORK), ignore_errors=True)
            lock.close()

    def unwritable(self, error):
        """The ArchiveError for an operating system's error while the archive is written."""
        return ArchiveError(
            f"the archive {self.path} cannot be written: {reason_of(error)}; give the build the right to write there and free disk space, "
            "or set PEC_ARCHIVE to another folder"
        )

    def remove_leftovers(self):
        """Removes what a killed run left behind: its work, and files that were never renamed."""
        shutil.rmtree(self.at(WORK), ignore_errors=True)
        for parent, _, names in os.walk(self.path):
            for name in names:
                if name.startswith(".") and name.endswith(".part"):
                    os.remove(os.path.join(parent, name))

    def identity(self):
        """What archive.json says, {"archive_id", "landing_zone"}, or None when there is none. ArchiveError: it cannot be understood."""
        try:
            with open(self.at("archive.json"), encoding="utf-8") as file:
                found = json.load(file)
            return {"archive_id": str(found["archive_id"]), "landing_zone": str(found["landing_zone"])}
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ArchiveError(f"{self.at('archive.json')} cannot be read: {reason_of(error)}; restore it from a backup") from error

    def write_identity(self, zone, archive_id=None):
        """Writes archive.json. zone: the landing zone's absolute path.  archive_id: the one it has already, if any."""
        text = json.dumps({"archive_id": archive_id or str(uuid.uuid4()), "landing_zone": zone}, indent=2)
        self.write("archive.json", lambda part: write_text(part, text + "\n"))

    def write(self, relative, make):
        """Makes a file of the archive durable. relative: its path.  make: called with the path to write to; its result is returned."""
        target = self.at(*relative.split("/"))
        folder, name = os.path.split(target)
        os.makedirs(folder, exist_ok=True)
        part = os.path.join(folder, f".{name}.part")
        try:
            result = make(part)
            sync(part)
            os.replace(part, target)
            sync(folder)
        except BaseException:
            if os.path.exists(part):
                os.remove(part)
            raise
        self.written.append(relative)
        return result

    def has(self, relative):
        """Whether the archive has a file. relative: its path, or None."""
        return relative is not None and os.path.exists(self.at(*relative.split("/")))

    def manifest_files(self):
        """Paths of the manifest's files, oldest first."""
        return sorted(path for path in self.parquet_files("manifest"))

    def parquet_files(self, *folder):
        """Paths of the Parquet files of a folder of the archive."""
        path = self.at(*folder)
        names = os.listdir(path) if os.path.isdir(path) else []
        return [os.path.join(path, name) for name in names if name.endswith(".parquet") and not name.startswith(".")]

    def batch_files(self):
        """[(number, path)] of all files that are named by a batch."""
        folders = [("manifest",), ("rejected",), ("pruned",), *(("documents", kind) for kind in kinds.KINDS)]
        stems = [(os.path.basename(path).removesuffix(".parquet"), path) for folder in folders for path in self.parquet_files(*folder)]
        return [(int(stem), path) for stem, path in stems if stem.isdigit()]

    def next_batch(self):
        """The number of the next batch, 8 digits: one more than the greatest there is."""
        return f"{max((number for number, _ in self.batch_files()), default=0) + 1:08d}"

    def set_orphans_aside(self):
        """Renames items and rejected records of an update that was killed before its manifest was written: its files are archived again.

        They would be there twice. They are not deleted: a manifest that was lost can be restored.
        """
        listed = {int(os.path.basename(path)[:8]) for path in self.manifest_files()}
        for number, path in self.batch_files():
            if number not in listed and os.path.basename(os.path.dirname(path)) not in ("manifest", "pruned"):
                os.replace(path, path + ".orphan")

    def check_writable(self):
        """ArchiveError: nothing can be written to the archive any more."""
        probe = self.at(WORK, f"probe-{threading.get_ident()}")  # two files that fail at once must not take each other's
        try:
            with open(probe, "wb") as file:
                file.write(b"0" * 65536)
                file.flush()
                os.fsync(file.fileno())
            os.remove(probe)
        except OSError as error:
            raise self.unwritable(error) from error

    def observations(self):
        """All observations (dicts), oldest first. ArchiveError: the manifest is damaged."""
        files = self.manifest_files()
        if not files:
            return []
        try:
            listed = ", ".join(quoted(literal_path(path)) for path in files)
            query = f"select {', '.join(COLUMNS)} from read_parquet([{listed}], union_by_name = true) order by observation_number"
            rows = self.connection.execute(query).fetchall()
        except duckdb.Error as error:
            raise ArchiveError(f"the manifest in {self.at('manifest')} is damaged: {reason_of(error)}; restore it from a backup") from error
        return [dict(zip(COLUMNS, row)) for row in rows]

    def pruned(self):
        """Paths, relative to the archive, of content files that were pruned."""
        return {path for path, _, lines in self.notes_of_pruned() if lines is not None}

    def forgotten(self):
        """{(path in the archive, content_id)} of contents whose loss somebody accepted (care.forget())."""
        return {(path, content_id) for path, content_id, lines in self.notes_of_pruned() if lines is None}

    def notes_of_pruned(self):
        """(archive_file, content_id, lines) of all that was pruned or forgotten."""
        files = self.parquet_files("pruned")
        if not files:
            return []
        listed = ", ".join(quoted(literal_path(path)) for path in files)
        return self.connection.execute(f"select archive_file, content_id, lines from read_parquet([{listed}])").fetchall()

    def holds(self, row, forgotten):
        """Whether the archive has the content of an observation. row: dict.  forgotten: of forgotten(). A document's file may be there without it."""
        if not self.has(row["archive_file"]):
            return False
        return row["archive_file"].startswith("contents/") or (row["archive_file"], row["content_id"]) not in forgotten

    def with_rejects(self):
        """Ids of contents of which rejected records are held. ArchiveError: these are damaged."""
        listed = ", ".join(quoted(literal_path(path)) for path in self.parquet_files("rejected"))
        try:
            query = f"select distinct content_id from read_parquet([{listed}], union_by_name = true)"
            return {content_id for (content_id,) in self.connection.execute(query).fetchall()}
        except duckdb.Error as error:
            raise ArchiveError(f"{self.at('rejected')} is damaged: {reason_of(error)}; restore it from a backup") from error

    def write_rows(self, relative, rows, columns):
        """Writes rows (dicts) to a Parquet file of the archive, in their order. columns: name -> DuckDB type."""

        def make(part):
            self.connection.execute(f"create or replace temp table rows as select {unnested(columns)}", lists(rows, columns))
            self.connection.execute(f"copy rows to {quoted(part)} ({PARQUET})")

        try:
            self.write(relative, make)
        except duckdb.Error as error:
            raise self.unwritable(error) from error

    def write_schemas(self):
        """Writes, once, an empty file with all columns to each folder, so that its files can always be read by a glob."""
        folders = {"rejected": REJECT_COLUMNS}
        for kind in kinds.KINDS.values():
            folder = "contents" if kind.is_table else "documents"
            folders[f"{folder}/{kind.name}"] = KEY_COLUMNS | dict.fromkeys(kind.columns, "VARCHAR") if kind.is_table else ITEM_COLUMNS
        for folder, columns in folders.items():
            mark = hashlib.sha256(json.dumps(columns).encode()).hexdigest()[:12]
            relative = f"{folder}/_schema-{mark}.parquet"
            if not self.has(relative):
                self.write_rows(relative, [], columns)


def write_text(path, text):
    """Writes a text file, UTF-8."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def sync(path):
    """Makes a file or folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
