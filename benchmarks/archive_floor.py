"""Archives a landing zone by hand, as equal_duties.py needs it: each file once, with everything in it, its digest and a count of its records.

CSV files become a Parquet file each: all columns as text, with the numbers of the file, the record and the line. JSON documents are kept whole,
a Parquet file per folder. manifest.parquet tells of each CSV file, rejects.parquet of each record that could not be read.
"""

import csv
import gzip
import hashlib
import json
import pathlib
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

import duckdb

CSV_FOLDERS = ("daily_rated_usage", "price_sheet", "partner_directory")
DOCUMENTS = {"role_assignments": "role", "deny_assignments": "deny", "lighthouse": "delegation", "activity_log": "activity"}
OTHER_BYTES = bytes(sorted(set(range(256)) - set(b'"\n')))
REJECTS = {"source_file": "VARCHAR", "line_number": "BIGINT", "column_name": "VARCHAR", "reason": "VARCHAR", "raw_text": "VARCHAR"}
CHUNK = 1 << 18


@dataclass
class Entry:
    """What the manifest says of a CSV file. records: counted over the bytes; archived and rejected: by DuckDB's reader."""

    file_number: int
    kind: str
    path: str
    stored_bytes: int
    sha256: str = ""
    records: int = 0
    lines: int = 0
    archived: int = 0
    rejected: int = 0
    digest_seconds: float = 0
    count_seconds: float = 0

    @property
    def is_whole(self) -> bool:
        return self.records == self.archived + self.rejected


class Records:
    """Counts the records of a CSV file over its bytes, apart from any reader: line ends outside quotes."""

    def __init__(self):
        self.ends = self.lines = 0
        self.is_quoted = False
        self.last = b"\n"

    def add(self, chunk: bytes) -> None:
        """Takes the next bytes. Two quotes side by side, an escaped one or an empty text, leave what follows as it is: they can go first."""
        marks = chunk.translate(None, OTHER_BYTES).replace(b'""', b"")
        pieces = marks.split(b'"')
        self.ends += sum(piece.count(b"\n") for piece in pieces[self.is_quoted :: 2])
        self.lines += marks.count(b"\n")
        self.is_quoted ^= len(pieces) % 2 == 0
        self.last = chunk[-1:]

    @property
    def records(self) -> int:
        """The records after the header; one more than could be told when a quote is open at the end."""
        return max(0, self.ends - 1 + (self.last != b"\n" or self.is_quoted))


def read_bytes(file: pathlib.Path, entry: Entry) -> None:
    """Reads a file once: the digest of its stored bytes, and the count of its records."""
    digest, records = hashlib.sha256(), Records()
    if file.suffix == ".gz":
        digest.update(file.read_bytes())
    with gzip.open(file) if file.suffix == ".gz" else open(file, "rb", buffering=0) as stream:
        while chunk := stream.read(CHUNK):
            began = time.thread_time()
            if file.suffix != ".gz":
                digest.update(chunk)
            between = time.thread_time()
            records.add(chunk)
            entry.digest_seconds += between - began
            entry.count_seconds += time.thread_time() - between
    entry.sha256, entry.records, entry.lines = digest.hexdigest(), records.records, records.lines


def copy_records(connection, file: pathlib.Path, entry: Entry, target: pathlib.Path) -> list[tuple]:
    """Writes all records of a file to Parquet, as text; returns those that could not be read, as rows of rejects.parquet."""
    with gzip.open(file, "rt") if file.suffix == ".gz" else open(file, encoding="utf-8", newline="") as stream:
        columns = next(csv.reader(stream))
    record, line = "row_number() over ()::int", "record_number + 1"
    if entry.lines > entry.records + 1:
        # Texts of several lines: a record begins where those before it ended.
        breaks = " + ".join(f"""coalesce(length("{name}") - length(replace("{name}", chr(10), '')), 0)""" for name in columns)
        line = f"(record_number + 1 + coalesce(sum({breaks}) over (order by record_number rows between unbounded preceding and 1 preceding), 0))::int"
    entry.archived = connection.execute(
        f"""
        copy (
            select * exclude (record_number), {entry.file_number} as file_number, record_number, {line} as line_number
            from (select *, {record} as record_number from read_csv(
                $file, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', columns = $columns, store_rejects = true
            ))
        ) to '{target}' (format parquet, compression zstd)
        """,
        {"file": str(file).replace("[", "[[]"), "columns": dict.fromkeys(columns, "VARCHAR")},
    ).fetchone()[0]
    rejects = connection.execute("select distinct on (line) line, column_name, error_message, csv_line from reject_errors").fetchall()
    connection.execute("truncate reject_errors; truncate reject_scans") if rejects else None
    entry.rejected = len(rejects)
    return [(entry.path, *row) for row in rejects]


def archive(zone, target) -> dict[str, float]:
    """Archives a landing zone into a folder, emptied first; seconds of CPU that digests and counts took.

    Files whose records are not all archived or rejected are left out of the folder and told in the manifest.
    """
    zone, target = pathlib.Path(zone), pathlib.Path(target)
    shutil.rmtree(target, ignore_errors=True)
    files = [file for folder in CSV_FOLDERS for file in sorted((zone / folder).rglob("*.csv*"))]
    entries = [
        Entry(number, file.relative_to(zone).parts[0], file.relative_to(zone).as_posix(), file.stat().st_size) for number, file in enumerate(files)
    ]
    connection = duckdb.connect(config={"threads": 1, "memory_limit": "2GB"})

    def one(file: pathlib.Path, entry: Entry) -> list[tuple]:
        name = file.name.split(".csv")[0] if entry.kind == "partner_directory" else f"{entry.file_number:06}"
        parquet = target / entry.kind / f"{name}.parquet"
        parquet.parent.mkdir(parents=True, exist_ok=True)
        read_bytes(file, entry)
        rejects = copy_records(connection.cursor(), file, entry, parquet)
        if not entry.is_whole:
            parquet.unlink()
        return rejects

    with ThreadPoolExecutor(2) as pool:
        rejects = [row for rows in pool.map(one, files, entries) for row in rows]
    for folder, kind in DOCUMENTS.items():
        connection.execute(
            f"""copy (
                select '{kind}' as kind, filename as path, sha256(content) as sha256, content from read_text($files)
            ) to '{target / folder}.parquet' (format parquet, compression zstd)""",
            {"files": f"{zone / folder}/**/*.json"},
        )
    manifest = [asdict(entry) | {"is_whole": entry.is_whole} for entry in entries]
    write_table(connection, target / "manifest.parquet", manifest, {})
    write_table(connection, target / "rejects.parquet", [dict(zip(REJECTS, row)) for row in rejects], REJECTS)
    connection.close()
    return {"digest": sum(entry.digest_seconds for entry in entries), "count": sum(entry.count_seconds for entry in entries)}


def write_table(connection, target: pathlib.Path, rows: list[dict], types: dict[str, str]) -> None:
    """Writes rows to Parquet by way of JSON lines. types: of the columns, where a table can be empty."""
    lines = target.with_suffix(".jsonl")
    lines.write_text("".join(json.dumps(row) + "\n" for row in rows))
    columns = f", columns = {types}" if types else ""
    connection.execute(f"copy (from read_json('{lines}', format = 'newline_delimited'{columns})) to '{target}' (format parquet)")
    lines.unlink()
