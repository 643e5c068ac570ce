"""The header of a table: read, compared with what its kind needs, and, where it does not fit, what the file is instead."""

import re
from dataclasses import dataclass

from pec import kinds
from pec.archive import foreign, lines, names
from pec.archive.problems import Quarantine

SEPARATOR_LINE = re.compile(rb"\s*sep=(.)\s*", re.IGNORECASE)
# More columns than any export has: each column of each file is one of the archive's, whatever file has it.
MOST_COLUMNS = 2000
FIRST_RECORDS = 30  # in which a header is looked for behind a title
NAMED = 5  # columns that a message names


@dataclass
class Header:
    """The header of a CSV file. names: normalised.  delimiter: one byte.  line: where it stands."""

    names: list
    delimiter: bytes
    line: int

    @property
    def columns(self):
        """The names of the table's columns."""
        return names.column_names(self.names)


def read_header(path, kind):
    """The Header of a plain CSV file. kind: of kinds.KINDS.  Quarantine: it has none, or is no CSV, or lacks columns that the kind needs."""
    with open(path, "rb") as file:
        begin = file.read(foreign.MOST_LOOKED_AT).decode("utf-8", "replace")
        file.seek(0)
        records = lines.walk(file, lines.DELIMITERS, size=1 << 14)
        record = next(records, None)
        if record and record.raw.startswith(b"#TYPE "):  # Windows PowerShell's Export-Csv says first what it wrote
            record = next(records, None)
    if record is None:
        raise Quarantine("no header: the file is empty; download it again")
    page = foreign.by_text(begin)
    if page:
        raise Quarantine(f"no CSV, but {page}; {foreign.DOWNLOAD_AGAIN}")
    if record.is_open:
        raise Quarantine(f"no header: the quote opened on line {record.line} is never closed; download it again")
    if record.flaw:
        raise Quarantine(f"no header: line {record.line} is {record.flaw}; download it again")
    if b"\0" in record.raw:
        raise Quarantine(f"no text: line {record.line} has NUL bytes; save it as CSV, UTF-8")
    if record.raw.lstrip()[:1] in (b"{", b"["):
        raise Quarantine("JSON under the name of a CSV file; give it the ending .json")
    if SEPARATOR_LINE.fullmatch(record.raw):
        raise Quarantine("Excel's line «sep=» stands before the header; delete it")
    header = header_of(record)
    if kinds.lacking(kind, header.names):
        raise Quarantine(why_unfit(path, kind, record, header))
    check_width(header.names)
    return header


def header_of(record):
    """The Header that a record (lines.Record) is, separated by its most frequent delimiter."""
    delimiter = delimiter_of(record.raw)
    return Header(names.header_names(split(record.raw, delimiter)), delimiter, record.line)


def delimiter_of(raw):
    """The delimiter of a header line: the one of comma, semicolon, tab and bar that stands most often outside quotes."""
    outside = re.sub(rb'"(?:[^"]|"")*"', b"", raw)
    counts = [outside.count(bytes([byte])) for byte in lines.DELIMITERS]
    return lines.DELIMITERS[counts.index(max(counts)) :][:1]


def split(raw, delimiter):
    """The fields of one record, as text, quotes removed. raw: its bytes, well-formed."""
    mark = re.escape(delimiter)
    pattern = re.compile(rb'(?:^|%s)(?: *"((?:[^"]|"")*)" *(?=%s|$)|([^%s]*))' % (mark, mark, mark), re.DOTALL)
    return [
        (quoted_part.replace(b'""', b'"') if quoted_part else plain).decode("utf-8", "replace") for quoted_part, plain in pattern.findall(raw)
    ]


def check_width(header):
    """Quarantine: a table has more columns than any export has. header: names."""
    if len(header) > MOST_COLUMNS:
        raise Quarantine(f"{len(header):,} columns, and at most {MOST_COLUMNS:,} are read; export it as the vendor delivers it")


def check_header(kind, header):
    """Quarantine: the header lacks columns that the kind needs, or is too wide. header: normalised names."""
    lacking = kinds.lacking(kind, header)
    if lacking:
        raise Quarantine(of_another_kind(kind, header) or says_nothing(kind, lacking, header))
    check_width(header)


def says_nothing(kind, lacking, header):
    """The problem of a header that lacks columns, as text. lacking: of kinds.lacking()."""
    text = f"lacks the column {', '.join(lacking)}, without which {kind.name} says nothing; export it with all columns"
    if len(lacking) < len(kind.needed):
        return text
    return f"{text} (none of its columns is one of {kind.name}; it has {shown(header)})"


def shown(fields):
    """The first of some names, for a message."""
    listed = ", ".join(f"«{field[:60]}»" for field in fields[:NAMED])
    return f"{listed} and {len(fields) - NAMED} more" if len(fields) > NAMED else listed


def of_another_kind(kind, header):
    """The problem of a header that is whole, but of another kind of table; or None."""
    fitting = [other for other in kinds.KINDS.values() if other.is_table and len(other.needed) > 1 and not kinds.lacking(other, header)]
    if not fitting:
        return None
    other = max(fitting, key=lambda other: len(other.needed))
    place = f"partner_directory/{other.name}.csv" if other.folder == "partner_directory" else f"{other.folder}/"
    return f"its columns are those of {other.name}, not of {kind.name}; move it to {place}"


def why_unfit(path, kind, record, header):
    """The problem of a CSV file whose first record is no header of its kind: the likeliest reason, as text.

    path: of the plain file.  record: lines.Record of its first line.  header: what it is as a header.
    """
    lacking = kinds.lacking(kind, header.names)
    separator = better_separator(kind, record.raw, len(lacking))
    if separator:
        return f"its columns are separated by «{separator}» (line {record.line}); export it with commas, semicolons, tabs or bars between them"
    if len(header.names) == 1 and not kinds.lacking(kind, header_of(lines.Record(1, split(record.raw, b",")[0].encode(), 1)).names):
        return f"each line stands in quotes as one field (line {record.line}); save it without the quotes around whole lines"
    other = of_another_kind(kind, header.names)
    if other:
        return other
    try:
        record.raw.decode()
    except UnicodeDecodeError as error:
        return f"not UTF-8 at byte {error.start + 1} of its first line, and no column of {kind.name} is found there; save it as CSV, UTF-8"
    line = line_of_header(path, kind)
    if line:
        return f"its header stands on line {line}, behind other lines; delete the lines before it"
    if len(lacking) == len(kind.needed) and any(re.fullmatch(r"[-+]?\d[\d.,:/TZ -]*|[0-9a-f]{8}-[0-9a-f-]{27}", name) for name in split(record.raw, header.delimiter)):
        return f"no header: line {record.line} has values, {shown(split(record.raw, header.delimiter))}; export it with the names of the columns"
    return says_nothing(kind, lacking, split(record.raw, header.delimiter))


def better_separator(kind, raw, lacking):
    """The character that separates the columns, if more of a kind's names are found with it, else None. lacking: how many are, as it is read."""
    marks = {mark for mark in raw.decode("utf-8", "replace") if not mark.isalnum() and mark not in "\"'_.()-/"}
    found = {mark: len(kinds.lacking(kind, names.header_names(raw.decode("utf-8", "replace").split(mark)))) for mark in sorted(marks)[:50]}
    best = min(found, key=found.get, default=None)
    if best is None or best.encode() in (b",", b";", b"\t", b"|") or found[best] * 2 > lacking:
        return None
    return best if best.isprintable() else f"\\x{ord(best):02x}"


def line_of_header(path, kind):
    """The line of the first record that is a whole header of a kind, or None. path: of a plain CSV file."""
    with open(path, "rb") as file:
        for _, record in zip(range(FIRST_RECORDS), lines.walk(file, lines.DELIMITERS, size=1 << 14)):
            if not record.flaw and not record.is_open and not kinds.lacking(kind, header_of(record).names):
                return record.line
    return None
