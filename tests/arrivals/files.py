"""Files, whatever they are: read, change, write."""

import csv
import gzip
import io
import json
import pathlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

import worlds

GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DATE_IN_NAME = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?!\d)")


def read_text(file: pathlib.Path) -> str:
    """The text of a file, unpacked. A byte order mark stays."""
    content = file.read_bytes()
    return (gzip.decompress(content) if file.name.endswith(".gz") else content).decode()


def day_of(text: str | None) -> date | None:
    """A usage date in any of the forms of worlds.py; None where there is none."""
    text = (text or "").removesuffix("T00:00:00Z")
    for form in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def number(text: object) -> Decimal | None:
    try:
        return Decimal(str(text))
    except InvalidOperation:
        return None


@dataclass
class Table:
    """A CSV or JSON-lines file as lines whose fields can be read and changed, by name without regard to case. What cannot be split stays as it is."""

    header: list[str]  # lower case; empty: JSON lines
    lines: list[str]

    @classmethod
    def read(cls, file: pathlib.Path) -> "Table":
        lines = read_text(file).split("\n")
        return cls([], lines) if ".json" in file.name else cls(next(csv.reader([lines[0].strip("\r\ufeff").lower()])), lines)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def fields(self, line: str) -> dict[str, object] | None:
        """Name to value of a line; None for the header, blank lines and lines that do not parse."""
        if not self.header:
            try:
                return {name.lower(): value for name, value in json.loads(line, parse_float=Decimal).items()}
            except ValueError:
                return None
        values = next(csv.reader([line.rstrip("\r")]), [])
        is_row = len(values) == len(self.header) and line is not self.lines[0]
        return dict(zip(self.header, values, strict=True)) if is_row else None

    def changed(self, line: str, changes: dict[str, object]) -> str:
        """A line with other values in some fields, which it has."""
        if not self.header:
            return worlds.json_line({name: changes.get(name.lower(), v) for name, v in json.loads(line, parse_float=Decimal).items()})
        return self.row(self.fields(line) | changes) + ("\r" if line.endswith("\r") else "")

    def row(self, values: dict[str, object]) -> str:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="").writerow([values.get(name, "") for name in self.header])
        return buffer.getvalue()

    def rows(self) -> list[tuple[int, dict[str, object]]]:
        """Position and fields of all lines that parse."""
        found = ((position, self.fields(line)) for position, line in enumerate(self.lines))
        return [(position, fields) for position, fields in found if fields]

    def usage(self) -> list[tuple[int, dict[str, object]]]:
        """Position and fields of the usage lines that a warehouse accepts: these have a day and a quantity."""
        return [(p, row) for p, row in self.rows() if day_of(row.get("usagedate")) and number(row.get("quantity")) is not None]

    def until(self, day: date) -> "Table":
        """The same file without what was used after that day."""
        later = {position for position, row in self.usage() if day_of(row["usagedate"]) > day}
        return Table(self.header, [line for position, line in enumerate(self.lines) if position not in later])


@dataclass
class Delivery:
    """A file as it arrives: where, with what in it (text, or bytes as they are), and when it says it was modified."""

    path: str
    content: str | bytes
    modified: float


def contents(root: pathlib.Path) -> dict[str, bytes]:
    """The bytes of all files below a folder, by path."""
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def read_log(file: pathlib.Path) -> list[tuple[str, dict]]:
    """The records of a log file, a list or JSON lines: each as text and as what it says."""
    text = read_text(file)
    if "PT1H" in file.name:
        return [(line, json.loads(line)) for line in text.split("\n") if line]
    return [(json.dumps(record), record) for record in json.loads(text)]


def is_start(record: dict) -> bool:
    """Is it the record of an operation's start, in either shape of the log?"""
    return (record.get("resultType") or record["status"]["value"]) in ("Start", "Started")


def export_day(file: pathlib.Path) -> date:
    """The date of an export: in its name, else of its modification."""
    found = DATE_IN_NAME.search(file.name)
    return date(*map(int, found.groups())) if found else datetime.fromtimestamp(file.stat().st_mtime, UTC).date()
