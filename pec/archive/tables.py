"""From a file of records to Parquet: every column, as text as delivered.

The direct way: DuckDB reads the file, and the tally says that no record is missing. Where the two disagree, the file is sifted: each
record is looked at, what cannot be read is rejected by name, and DuckDB reads a copy that has the rest.
"""

import os
import re
from dataclasses import dataclass, field

import duckdb

from pec.archive import lines, names
from pec.archive.headers import check_header, read_header
from pec.archive.problems import Quarantine, reason_of
from pec.archive.store import PARQUET, quoted

MOST_RAW = 10_000  # characters of a rejected record that are kept


@dataclass
class Made:
    """What became of a content. header: normalised names.  counts: records = archived + rejected."""

    header: list = field(default_factory=list)
    records: int = 0
    archived: int = 0
    rejected: int = 0
    is_whole_document: bool | None = None
    has_next_page: bool | None = None


def reading(path, columns, delimiter, types=None, more="", has_nulls=False):
    """SQL that reads a CSV file, all columns as text.

    path: without wildcards.  columns: names.  types: of columns before them.  more: options.  has_nulls: an empty field without quotes is NULL; else it is the
    empty text.
    """
    typed = (types or {}) | {name: "VARCHAR" for name in columns}
    struct = ", ".join(f"{quoted(name)}: '{kind}'" for name, kind in typed.items())
    texts = ", ".join(quoted(name) for name in columns)
    nulls = "nullstr = '', allow_quoted_nulls = false" if has_nulls else f"force_not_null = [{texts}]"
    return (
        f"read_csv({quoted(path)}, columns = {{{struct}}}, auto_detect = false, strict_mode = true, delim = {quoted(delimiter.decode())}, "
        f"""quote = '"', escape = '"', compression = 'none', max_line_size = {lines.MOST_BYTES + 1000}, {nulls}{more})"""
    )


def list_of(columns):
    """Columns for a select list."""
    return ", ".join(f'"{name}"' for name in columns)


def archive_csv(cursor, plain, link, kind, content_id, part, rejects):
    """Writes the Parquet file of a CSV file's content; what became of it (Made).

    cursor: DuckDB's.  plain: wrapping.Plain.  link: path without wildcards, for a link to the plain file; beside it a copy may be written.
    kind: of kinds.KINDS.  content_id: of the content.  part: path to write to.  rejects: Rejects.  Quarantine: the file cannot be archived.
    """
    header = read_header(plain.path, kind)
    expected = plain.tally.simple_records if header.line == 1 and len(header.names) > 1 else None
    if expected is not None:
        os.symlink(os.path.abspath(plain.path), link)
        source = reading(link, header.columns, header.delimiter, more=", header = true")
        query = (
            f"select {quoted(content_id)} as content_id, row_number() over () as record_number, record_number + 1 as line_number, "
            f"{list_of(header.columns)} from {source}"
        )
        try:
            rows = cursor.execute(f"copy ({query}) to {quoted(part)} ({PARQUET})").fetchone()[0]
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            rows = None
        if rows == expected and lines.has_closed_end(plain.path, header.delimiter):
            return Made(header.names, rows, rows, 0)
    return sift(cursor, plain, header, link + ".sifted", content_id, part, rejects)


def archive_parquet(cursor, plain, link, kind, content_id, part):
    """As archive_csv(), of a Parquet file: every column as text. Its own footer says how many records it has."""
    os.symlink(os.path.abspath(plain.path), link)
    try:
        columns = [row[0] for row in cursor.execute("describe select * from read_parquet(?)", [link]).fetchall()]
        header = names.header_names(columns)
        check_header(kind, header)
        texts = ", ".join(f'"{column.replace(chr(34), chr(34) * 2)}"::varchar as "{name}"' for column, name in zip(columns, names.column_names(header)))
        query = (
            f"select {quoted(content_id)} as content_id, file_row_number + 1 as record_number, file_row_number + 1 as line_number, {texts} "
            f"from read_parquet({quoted(link)}, file_row_number = true)"
        )
        expected = cursor.execute("select num_rows from parquet_file_metadata(?)", [link]).fetchone()[0]
        rows = cursor.execute(f"copy ({query}) to {quoted(part)} ({PARQUET})").fetchone()[0]
    except duckdb.Error as error:
        raise Quarantine(f"cannot be read as Parquet: {reason_of(error)}; download it again") from error
    if rows != expected:
        raise Quarantine(f"of {expected} records only {rows} could be read; please report this file")
    return Made(header, rows, rows, 0)


def sift(cursor, plain, header, copy, content_id, part, rejects):
    """As archive_csv(), record by record. header: Header.  copy: where the records that can be read are written, with their numbers."""
    number = kept = 0
    with open(plain.path, "rb") as file, open(copy, "wb") as out:
        records = lines.walk(file, header.delimiter)
        while next(records).line < header.line:
            pass
        for number, record in enumerate(records, 1):
            if record.is_open:
                raise Quarantine(f"the quote opened on line {record.line} is never closed; download it again")
            reason, column = flaw_of(record, header)
            if reason and record.lines > 1 and column is None:
                # A stray quote swallows lines until the next one: how many records these are, nobody can say.
                raise Quarantine(
                    f"the quote opened on line {record.line} does not close before line {record.line + record.lines - 1}, and what it encloses "
                    f"is no record ({reason}); close the quote, or download the file again"
                )
            if reason:
                rejects.add(number, record.line, column, reason, record.raw)
            else:
                kept += 1
                out.write(b"%d%b%d%b%b\n" % (number, header.delimiter, record.line, header.delimiter, record.raw))
    archived = read_sifted(cursor, copy, kept, header.columns, header.delimiter, content_id, part, rejects)
    if archived + rejects.count != number:
        raise Quarantine(f"of {number} records only {archived} could be read and {rejects.count} rejected; please report this file")
    return Made(header.names, number, archived, rejects.count)


def flaw_of(record, header):
    """(why a record cannot be read, the column where that is) or (None, None); the column is None where it concerns the whole record.

    header: headers.Header of the file.
    """
    if record.flaw:
        return record.flaw, None
    nul = record.raw.find(b"\0")
    if nul >= 0 and record.raw.count(b"\0") * 3 > len(record.raw):
        return "of mixed encodings: this line is UTF-16, and the file begins as UTF-8; save the whole file as UTF-8", None
    width = len(header.names)
    if record.fields != width:
        return f"{width} columns expected, {record.fields} found{other_separator(record, header)}", None
    if nul >= 0:
        return "a NUL byte", column_at(record.raw, nul, header)
    try:
        record.raw.decode()
    except UnicodeDecodeError as error:
        reason = f"not UTF-8 at byte {error.start + 1} of the record; save the file as UTF-8"
        return reason, column_at(record.raw, error.start, header)
    return None, None


def column_at(raw, place, header):
    """The name of the column of a record's byte. raw: its bytes, with as many fields as the header.  header: headers.Header."""
    return header.names[lines.Splitter(header.delimiter).scan(raw[:place], False)[0]]


def other_separator(record, header):
    """What a message adds when a record has as many fields as the header once another character separates them."""
    for byte in lines.DELIMITERS:
        delimiter = bytes([byte])
        if delimiter != header.delimiter and lines.Splitter(delimiter).scan(record.raw, False)[0] + 1 == len(header.names) > 1:
            return f": they are separated by {named(delimiter)}, the header's by {named(header.delimiter)}"
    return ""


def named(delimiter):
    """A delimiter, for a message."""
    return "tabs" if delimiter == b"\t" else f"«{delimiter.decode()}»"


def read_sifted(cursor, copy, kept, columns, delimiter, content_id, part, rejects, has_nulls=False):
    """Writes the Parquet file from a copy whose first two fields are record and line number; how many rows it has.

    kept: how many records the copy has.  has_nulls: see reading(). What DuckDB refuses is rejected with its reason.
    """

    def write(options):
        numbers = {"record_number": "BIGINT", "line_number": "BIGINT"}
        source = reading(copy, columns, delimiter, numbers, ", header = false, new_line = '\\n'" + options, has_nulls)
        query = f"select {quoted(content_id)} as content_id, record_number, line_number, {list_of(columns)} from {source}"
        return cursor.execute(f"copy ({query}) to {quoted(part)} ({PARQUET})").fetchone()[0]

    try:
        if write("") == kept:
            return kept
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        pass
    # The slow and careful way: no guess where a record begins, and each one that is refused is named.
    drop = "drop table if exists reject_errors; drop table if exists reject_scans"
    cursor.execute(drop)
    try:
        rows = write(", parallel = false, store_rejects = true")
        refused = cursor.execute("select csv_line, any_value(column_name), any_value(error_message) from reject_errors group by csv_line").fetchall()
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        raise Quarantine(f"cannot be read as CSV: {reason_of(error)}; download it again") from error
    finally:
        cursor.execute(drop)
    for text, column, reason in refused:
        found = re.match(r"(\d+)\D(\d+)\D", text)
        if not found:
            raise Quarantine(f"cannot be split into records: {reason}; download it again")
        rejects.add(int(found[1]), int(found[2]), column, reason, text[found.end() :].encode("utf-8", "replace"))
    return rows


class Rejects:
    """Rejected records of one content, kept in a table of the connection until it is known that the content is archived."""

    MOST_HELD = 500

    def __init__(self, cursor, content_id, is_kept=True):
        """cursor: DuckDB's, inside a transaction that is rolled back when the content is quarantined.  is_kept: False only counts them."""
        self.cursor, self.content_id, self.is_kept, self.count, self.held = cursor, content_id, is_kept, 0, []

    def add(self, number, line, column, reason, raw):
        """Rejects a record. number: of the record.  line: where it begins.  column: name or None.  reason: text.  raw: its bytes or text."""
        self.count += 1
        if not self.is_kept:
            return
        begin = raw[: 4 * MOST_RAW]
        begin = begin if isinstance(raw, bytes) else begin.encode("utf-8", "surrogateescape")
        text = begin.decode("utf-8", "backslashreplace")[:MOST_RAW]
        self.held.append((self.content_id, number, line, column, reason, text))
        if len(self.held) >= self.MOST_HELD:
            self.flush()

    def flush(self):
        """Hands what is held to the table."""
        if self.held:
            self.cursor.execute("insert into rejected select " + ", ".join(["unnest(?)"] * 6), [list(column) for column in zip(*self.held)])
            self.held = []
