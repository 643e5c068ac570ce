"""Prints the answers to questions: as tables for people, JSON or CSV for programs. Nothing is cut off: what is too wide is wrapped."""

import csv
import dataclasses
import datetime
import io
import json
import shutil
import textwrap
from decimal import Decimal

from pec import spreadsheets

FORMATS = ("table", "json", "csv")
NARROWEST = 12
# What is copied into a shell or a ticket: it stands in lines of its own, as it is.
VERBATIM = ("az_command", "powershell_command", "how_to_check", "ticket_text")


@dataclasses.dataclass
class Part:
    """One table of an answer.

    name: for programs.  title: for people.  rows: dictionaries with the same keys; money as Decimal, times as datetime in UTC without a zone.
    is_record: whether people see each row as lines of name and value.  columns: names, when rows may be none.
    hidden: columns that only programs see.  brief: columns that people see as a table before the records.
    """

    name: str
    title: str
    rows: list
    is_record: bool = False
    columns: tuple = ()
    hidden: tuple = ()
    brief: tuple = ()

    def names(self):
        """The columns, in order."""
        return list(self.rows[0]) if self.rows else list(self.columns)


def text_of(parts, form):
    """The whole answer as text. parts: list of Part.  form: of FORMATS."""
    return {"table": as_tables, "json": as_json, "csv": as_csv}[form](parts)


def as_json(parts):
    """JSON: an object with a list of rows for each part. Amounts are strings, so that no reader rounds them; times end in Z."""
    answer = {part.name: [{name: plain(value) for name, value in row.items()} for row in part.rows] for part in parts}
    return json.dumps(answer, indent=2, ensure_ascii=False)


def as_csv(parts):
    """CSV: the rows of the only part; of several parts each with its own header, its name in the first column, and an empty line between."""
    if len(parts) == 1:
        return csv_of(parts[0].names(), parts[0].rows).rstrip("\n")
    blocks = []
    for part in parts:
        blocks.append(csv_of(["part", *part.names()], [{"part": part.name} | row for row in part.rows]))
    return "\n".join(blocks).rstrip("\n")


def csv_of(names, rows):
    """The text of a CSV table that a spreadsheet opens without running anything. names: of the columns.  rows: dictionaries."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([cell(row.get(name)) for name in names])
    return text.getvalue()


def cell(value):
    """A value as a cell of CSV: exact, blank for NULL; text that a spreadsheet would run has a quote before it."""
    if isinstance(value, str):
        return "'" + value if spreadsheets.looks_like_a_formula(value) else value
    return "" if value is None else str(plain(value))


def plain(value):
    """A value as JSON can have it, without loss."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime.datetime):
        return value.isoformat(timespec="microseconds" if value.microsecond else "seconds") + "Z"
    return value.isoformat() if isinstance(value, datetime.date) else value


def as_tables(parts, width=None):
    """Tables for people. width: of the screen in characters (default: its own; 150 where there is none)."""
    width = width or shutil.get_terminal_size((150, 24)).columns
    return "\n\n".join("\n".join([part.title, *overview(part, width), *lines_of(part, width)]) for part in parts)


def overview(part, width):
    """The lines of a part's brief columns, and an empty line; none when it has none of them, or no rows."""
    if not part.brief or not part.rows:
        return []
    rows = [{name: row[name] for name in part.brief} for row in part.rows]
    return [*lines_of(Part(part.name, part.title, rows), width), ""]


def lines_of(part, width):
    """The lines of a part for people; amounts in cents."""
    names = [name for name in part.names() if name not in part.hidden]
    if not part.rows:
        return ["  none"]
    cells = [[shown(name, row[name]) for name in names] for row in part.rows]
    heads = [name.replace("_", " ") for name in names]
    widths = widths_of(heads, cells, width)
    if part.is_record or widths is None:
        return records(names, cells, width)
    is_number = [all(isinstance(row[name], (int, Decimal)) and not isinstance(row[name], bool) or row[name] is None for row in part.rows) for name in names]
    lines = []
    for values in [heads, *cells]:
        wrapped = [wrap(value, size) for value, size in zip(values, widths)]
        for position in range(max(map(len, wrapped))):
            pieces = [lines_[position] if position < len(lines_) else "" for lines_ in wrapped]
            aligned = [piece.rjust(size) if right else piece.ljust(size) for piece, size, right in zip(pieces, widths, is_number)]
            lines.append("  ".join(aligned).rstrip())
    return lines


def widths_of(heads, cells, width):
    """The widths of columns, so that a table fits the screen by wrapping its widest columns; None when it cannot."""
    widths = [max(max((len(line) for line in value.splitlines()), default=0) for value in column) for column in zip(heads, *cells)]
    least = [min(size, max(NARROWEST, len(max(head.split(), key=len)))) for size, head in zip(widths, heads)]
    room = width - 2 * (len(heads) - 1)
    if sum(least) > room:
        return None
    while sum(widths) > room:
        position = max((i for i, size in enumerate(widths) if size > least[i]), key=lambda i: widths[i])
        widths[position] -= 1
    return widths


def wrap(value, size, breaks_words=True):
    """The lines of a value in a column of a width. breaks_words: whether a word that is too long is broken; ids to copy are not."""
    texts = value.splitlines() or [""]
    return [line for text in texts for line in textwrap.wrap(text, size, break_on_hyphens=False, break_long_words=breaks_words) or [""]]


def records(names, cells, width):
    """Rows as lines of name and value, without those that have none; a blank line between rows."""
    indent = max(map(len, names)) + 4
    lines = []
    for values in cells:
        for name, value in [(name, value) for name, value in zip(names, values) if value]:
            head = f"  {name.replace('_', ' ').ljust(indent - 4)}  "
            if name in VERBATIM:
                lines += [head.rstrip(), *value.splitlines()]
                continue
            first, *others = wrap(value, max(width - indent, 20), breaks_words=False)
            lines += [head + first, *(" " * indent + line for line in others)]
        lines.append("")
    return lines[:-1]


def shown(name, value):
    """A value for people. Amounts are rounded for display alone; a time at midnight is a day's begin or end all the same."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:,.2f}" if name.endswith("_usd") else f"{value.normalize():f}" if value else "0"
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", timespec="microseconds" if value.microsecond else "seconds")
    return str(value)
