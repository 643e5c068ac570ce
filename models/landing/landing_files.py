"""The manifest of the landing zone: which files there are, which export each is, and how it is to be read.

What SQL cannot see is looked at here and nowhere else: names, times and digests of files, their header line, and whether their
line ends are mixed (DuckDB's strict CSV reader, the only one that never bends a row into shape, refuses those). The folders
and what they mean are those of the landing zone's interface; rows are read by the SQL models beside this one.
"""

import csv
import datetime as dt
import gzip
import hashlib
import json
import os
import re
import zlib
from concurrent.futures import ThreadPoolExecutor

# folder -> ending -> how the landing models read it
READERS = {
    "daily_rated_usage": {".csv": "csv", ".csv.gz": "csv", ".jsonl": "json", ".jsonl.gz": "json", ".json.gz": "json"},
    "price_sheet": {".csv": "csv", ".csv.gz": "csv"},
    "activity_log": {".json": "json", ".json.gz": "json"},
    "role_assignments": {".json": "json"},
    "deny_assignments": {".json": "json"},
    "lighthouse": {".json": "json"},
    "role_schedules": {".json": "json"},
    "partner_directory": {".csv": "csv"},
    "fx_rates": {".csv": "csv"},
    "invoice_reconciliation": {".csv": "csv"},
}
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
NAME_DATES = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}Z|\d{4}-\d{2}-\d{2}|\d+")
CHUNK = 1 << 22  # in smaller ones a cold disk is read a third slower


def normalise(name):
    """A column name as the landing models compare it: letters and digits only, lower case (vendors vary case, blanks and quotes)."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def date_in_name(file_name):
    """The instant that a file name carries, or None.

    The first of YYYY-MM-DDTHHMMSSZ, YYYY-MM-DD and YYYYMMDD that is a date of the calendar; a bare date is 00:00 UTC (A7). Ids in
    the name are no dates: GUIDs are cut out first, and a longer run of digits is not searched.
    """
    for found in NAME_DATES.findall(GUID.sub(" ", file_name)):
        form = {18: "%Y-%m-%dT%H%M%SZ", 10: "%Y-%m-%d", 8: "%Y%m%d"}.get(len(found))
        try:
            if form and (len(found) != 10 or "-" in found):
                return dt.datetime.strptime(found, form)
        except ValueError:
            continue
    return None


def kind_of(folder, file_name):
    """The kind of file that a name inside a landing folder is; each file of the partner directory is a kind of its own."""
    return file_name.lower().rsplit(".csv", 1)[0] if folder == "partner_directory" else folder


def open_plain(path):
    """The bytes of a file, decompressed when its name ends in .gz."""
    return gzip.open(path, "rb") if path.lower().endswith(".gz") else open(path, "rb")


def examine(path):
    """Digest (hex SHA-256 of the stored bytes), length in bytes once decompressed, and whether CRLF and bare LF are mixed."""
    digest, length, has_crlf, has_lf, last = hashlib.sha256(), 0, False, False, b""
    is_packed = path.lower().endswith(".gz")
    with open(path, "rb") as stored, open_plain(path) as plain:
        if is_packed:
            for chunk in iter(lambda: stored.read(CHUNK), b""):
                digest.update(chunk)
        for chunk in iter(lambda: plain.read(CHUNK), b""):
            if not is_packed:
                digest.update(chunk)
            crlf, lf = line_ends(chunk, last)
            length, has_crlf, has_lf, last = length + len(chunk), has_crlf or crlf, has_lf or lf, chunk[-1:]
    return digest.hexdigest(), length, has_crlf and has_lf


def line_ends(chunk, last):
    """Whether a chunk of bytes has CRLF, and whether it has bare LF. last: the byte before it. Most files have no CR at all: then nothing is counted."""
    if last != b"\r" and b"\r" not in chunk:
        return False, b"\n" in chunk
    pairs = (last + chunk).count(b"\r\n")
    return pairs > 0, chunk.count(b"\n") > pairs


def header_of(path, reader):
    """The column names of a CSV file, or the keys of the first objects of a JSON-lines file, as normalise() leaves them, in order."""
    with open_plain(path) as plain:
        if reader == "csv":
            lines = (line.decode("utf-8-sig", "replace") for line in plain)
            names = next(csv.reader(lines), [])
        else:
            names = {}
            for _, line in zip(range(20), plain):
                try:
                    names.update(dict.fromkeys(json.loads(line.decode("utf-8-sig", "replace"))))
                except (ValueError, TypeError):
                    continue
    header = []
    for name in map(normalise, names):
        header.append(name if name and name not in header else f"column{len(header)}")
    return header


def normalised_copy(path, file_id):
    """A copy of a CSV file whose line ends are all LF, under target/; its path. Only files with mixed ends need it."""
    folder = os.path.join("target", "normalised")
    os.makedirs(folder, exist_ok=True)
    copy = os.path.join(folder, f"{file_id}.csv")
    with open_plain(path) as plain, open(copy, "wb") as out:
        for line in plain:
            out.write(line[:-2] + b"\n" if line.endswith(b"\r\n") else line)
    return copy


def name_in(zone, path):
    """A file's path relative to the zone, with slashes. zone: an absolute path, which the file's path begins with."""
    return path[len(zone) :].lstrip(os.sep).replace(os.sep, "/")


def modified_at(stat):
    """The modification time that os.stat() tells, in microseconds, UTC."""
    return dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=stat.st_mtime_ns // 1000)


def as_it_was(zone, path, known):
    """The row of a file that was examined in a build before and is as it was then, or None.

    known: {(source_file, size, modified): row}. A file that could not be read is tried again; so is one whose normalised copy has gone.
    """
    stat = os.stat(path)
    before = known.get((name_in(zone, path), stat.st_size, modified_at(stat)))
    if before and before["digest"] and (before["read_path"] == path or os.path.exists(before["read_path"])):
        return before | {"is_present": True}
    return None


def describe(zone, path):
    """One manifest row (a dict) for a file."""
    source_file = name_in(zone, path)
    folder, name = source_file.split("/", 1)[0], os.path.basename(path)
    stat = os.stat(path)
    modified = modified_at(stat)
    ending = next((e for e in sorted(READERS[folder], key=len, reverse=True) if name.lower().endswith(e)), None)
    named = date_in_name(name)
    row = {
        "source_file": source_file, "kind": kind_of(folder, name), "reader": READERS[folder].get(ending), "size_bytes": stat.st_size,
        "modified_at": modified, "exported_at": named or modified, "is_date_from_name": named is not None, "read_path": path, "is_present": True,
        "ids_in_path": [guid.lower() for guid in GUID.findall(source_file)], "header": [], "problem": None, "plain_bytes": 0,
    }  # fmt: skip
    try:
        row["digest"], row["plain_bytes"], is_mixed = examine(path)
        if row["reader"] and (row["reader"] == "csv" or folder == "daily_rated_usage"):
            row["header"] = header_of(path, row["reader"])
    except (OSError, EOFError, zlib.error) as error:
        row["digest"], is_mixed, row["problem"] = "", False, f"cannot be read: {error}; download it again"
    if row["reader"] is None:
        row["problem"] = f"not a kind of file that {folder}/ is read for ({', '.join(READERS[folder])})"
    row["file_id"] = file_identity(row)
    if is_mixed and row["reader"]:
        row["read_path"] = normalised_copy(path, row["file_id"])
    return row


def file_identity(row):
    """What replaces what: a file of the same identity but another digest replaces the older one, any other file stands beside it.

    The partner directory is the state now, so its file name alone counts. The activity log is history: every version stands. All else
    is one export per path and date, so that a corrected export replaces its own earlier version and no other day's.
    """
    if row["source_file"].startswith("partner_directory/"):
        parts = [row["source_file"]]
    elif row["kind"] == "activity_log":
        parts = [row["source_file"], row["digest"]]
    elif row["is_date_from_name"] or row["reader"] == "json" and row["kind"] != "daily_rated_usage":
        parts = [row["source_file"], row["exported_at"].isoformat()]
    else:
        parts = [row["source_file"], row["exported_at"].date().isoformat()]
    return "f" + hashlib.md5("|".join(parts).encode()).hexdigest()[:15]  # a letter first: never taken for a number


COLUMNS = {
    "file_id": "VARCHAR", "source_file": "VARCHAR", "kind": "VARCHAR", "reader": "VARCHAR", "size_bytes": "BIGINT",
    "modified_at": "TIMESTAMP", "digest": "VARCHAR", "plain_bytes": "BIGINT", "exported_at": "TIMESTAMP", "is_date_from_name": "BOOLEAN",
    "read_path": "VARCHAR", "is_present": "BOOLEAN", "ids_in_path": "VARCHAR[]", "header": "VARCHAR[]", "problem": "VARCHAR",
}  # fmt: skip


def list_files(zone):
    """Paths of all files in the landing folders, by folder and name; hidden files and folders are not exports."""
    found = []
    for folder in READERS:
        paths = []
        for parent, folders, names in os.walk(os.path.join(zone, folder)):
            folders[:] = [name for name in folders if not name.startswith(".")]
            paths += [os.path.join(parent, name) for name in names if not name.startswith(".")]
        found += sorted(paths)
    return found


def model(dbt, session):
    dbt.config(materialized="file_list")
    zone = os.path.abspath(os.environ.get("PEC_LANDING_ZONE") or os.path.join("seeds", "landing_zone"))
    names = list(COLUMNS)
    known = {}
    if session.execute("from duckdb_tables() where (schema_name, table_name) = (?, ?)", [dbt.this.schema, dbt.this.identifier]).fetchall():
        for values in session.sql(f"select {', '.join(names)} from {dbt.this}").fetchall():
            row = dict(zip(names, values))
            known[(row["source_file"], row["size_bytes"], row["modified_at"])] = row
    found = {path: as_it_was(zone, path, known) for path in list_files(zone)}
    with ThreadPoolExecutor(2) as pool:  # digests and decompression let go of Python's lock
        unknown = [path for path, row in found.items() if row is None]
        found |= zip(unknown, pool.map(lambda path: describe(zone, path), unknown))
    rows = {row["file_id"]: row for row in found.values()}
    gone = [row | {"is_present": False} for row in known.values() if row["file_id"] not in rows]
    columns = [[row[name] for row in [*rows.values(), *gone]] for name in names]
    unnested = ", ".join(f"unnest(?::{kind}[]) as {name}" for name, kind in COLUMNS.items())
    session.execute(f"create or replace temp table landing_files_found as select {unnested}", columns)
    return session.sql("select * from landing_files_found order by source_file")
