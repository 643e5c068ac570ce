"""Records of a CSV file, counted and split without DuckDB.

Tally counts bytes while they pass. walk() splits a file into records, quote-aware; it is needed only where the
tally and DuckDB's reader disagree.
"""

import os
import re
from dataclasses import dataclass

from pec.archive.problems import Quarantine

CHUNK = 1 << 22  # in smaller ones a cold disk is read a third slower
MOST_OF_A_LINE = 1 << 26  # bytes: a file without line ends is no CSV, and must not fill the memory
MOST_BYTES = 2_000_000  # of a record: what DuckDB's reader takes
DELIMITERS = b",;\t|"
LINE_END = b"\r\n"


@dataclass
class Tally:
    """Counts over the bytes of a file. is_text: False when nothing but length need be counted (JSON)."""

    is_text: bool = True
    length: int = 0
    newlines: int = 0
    trailing: int = 0
    has_nul: bool = False
    first: bytes = b""

    def add(self, chunk):
        """Counts one more chunk of bytes."""
        self.length += len(chunk)
        if not self.is_text or not chunk:
            return
        self.first = self.first or chunk[:1]
        self.newlines += chunk.count(b"\n")
        self.has_nul = self.has_nul or b"\0" in chunk
        end = len(chunk)
        while end and chunk[end - 1] in LINE_END:
            end -= 1
        self.trailing = chunk.count(b"\n", end) + (0 if end else self.trailing)

    @property
    def simple_records(self):
        """How many records the file has if each is one line and the header is the first; None when that can't be.

        DuckDB's reader takes at least a line for each row, and leaves out blank lines alone. Where it gives this many rows, each row is one
        line: none is lost, and none has a line end inside. Quotes need not be counted for that: an unclosed one takes the lines behind it,
        and has_closed_end() looks at the last line.
        """
        return None if self.has_nul or self.first in (b"\n", b"\r", b"") else self.newlines - self.trailing


def has_closed_end(path, delimiter):
    """Whether no quote is open at the end of the last line of a file. The line must begin a record.  delimiter: one byte."""
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        for most in (1 << 16, MOST_BYTES + 1000, size):
            file.seek(max(0, size - most))
            line = file.read().rstrip(LINE_END)
            begin = max(line.rfind(b"\n"), line.rfind(b"\r")) + 1
            if begin or most >= size:
                return not Splitter(delimiter).scan(line[begin:], False)[1]


@dataclass(slots=True)
class Record:
    """A record of a CSV file.

    line: physical line where it begins, the first line of the file being 1.  raw: its bytes without the line end; cut when too long.
    fields: how many it has.  lines: how many lines it takes.  flaw: what is wrong with it, or None.  is_open: a quote is never closed.
    """

    line: int
    raw: bytes
    fields: int
    lines: int = 1
    flaw: str | None = None
    is_open: bool = False


def physical_lines(file, size=CHUNK):
    """The lines of a binary file, each with its end: LF, CRLF or CR. size: how many bytes are read at once."""
    rest, held = [], 0
    while chunk := file.read(size):
        if rest and (rest[-1].endswith(b"\r") or b"\n" in chunk or b"\r" in chunk):
            chunk = b"".join(rest) + chunk
            rest = []
        lines = chunk.splitlines(keepends=True)
        # The last line may go on in the next chunk; so may a CRLF.
        rest.append(lines.pop())
        held = held + len(rest[-1]) if len(rest) > 1 else len(rest[-1])
        if held > MOST_OF_A_LINE:
            raise Quarantine(f"no CSV: {MOST_OF_A_LINE:,} bytes without a line end; download it again")
        yield from lines
    yield from b"".join(rest).splitlines(keepends=True)


class Splitter:
    """Tells where quoted fields begin and end, as DuckDB's reader does: blanks between a delimiter and a quote do not matter."""

    def __init__(self, delimiter):
        """delimiter: one byte, or several of which each counts."""
        self.one = delimiter if len(delimiter) == 1 else None
        self.any = b"[" + re.escape(delimiter) + b"]"
        self.opening = re.compile(self.any + b' *"')
        self.blanks = re.compile(b" *")
        self.delimiters = delimiter

    def next_opening(self, line, place):
        """(place of the delimiter, place behind the quote) of the next quoted field from a place on, or None."""
        if self.one and b' "' not in line:
            found = line.find(self.one + b'"', place)
            return None if found < 0 else (found, found + 2)
        found = self.opening.search(line, place)
        return found and (found.start(), found.end())

    def count(self, line, start, end):
        """How many delimiters stand between two places."""
        if self.one:
            return line.count(self.one, start, end)
        return sum(line.count(self.delimiters[i : i + 1], start, end) for i in range(len(self.delimiters)))

    def scan(self, line, is_open):
        """(delimiters outside quotes, whether a quote is open at its end, flaw or None) of one line. is_open: as the line before left it."""
        found, flaw, place = 0, None, 0
        if not is_open and line.lstrip(b" ").startswith(b'"'):
            is_open, place = True, line.index(b'"') + 1
        while True:
            while is_open:
                place = line.find(b'"', place) + 1
                if not place:
                    return found, True, flaw
                if line[place : place + 1] == b'"':
                    place += 1
                else:
                    is_open = False
                    end = self.blanks.match(line, place).end()
                    behind = line[end : end + 1]
                    if behind not in (b"", b"\r", b"\n") and behind not in self.delimiters:
                        flaw = "text behind a closing quote"
            opening = self.next_opening(line, place)
            if opening is None:
                return found + self.count(line, place, len(line)), False, flaw
            found += self.count(line, place, opening[0] + 1)
            place, is_open = opening[1], True


def walk(file, delimiter, size=CHUNK):
    """The records of a binary file from where it stands, blank lines left out.

    A line ends in LF, CRLF or CR; it is numbered as an editor does.  delimiter: of the fields, one byte, or DELIMITERS while it is not known.
    size: how many bytes are read at once.
    """
    splitter = Splitter(delimiter)
    open_record, parts, length, is_open = None, [], 0, False
    number, ends_in_return = 1, None
    for line in physical_lines(file, size):
        is_return = not line.endswith(b"\n")
        if ends_in_return is None:
            ends_in_return = is_return
        if open_record is None:
            body = line.rstrip(LINE_END)
            if b'"' not in body:
                if body:
                    yield Record(number, body, splitter.count(body, 0, len(body)) + 1, flaw=flaw_of_length(len(body)))
                number += 1
                continue
            open_record, parts, length = Record(number, b"", 1), [], 0
        found, is_open, flaw = splitter.scan(line, is_open)
        open_record.fields += found
        open_record.flaw = open_record.flaw or flaw
        # An unclosed quote may take the rest of a large file: that much is not held in memory.
        if length <= MOST_BYTES:
            parts.append(line)
        length += len(line)
        open_record.lines = number - open_record.line + 1
        # A carriage return inside quotes ends a line only where all lines end so.
        number += not is_return or not is_open or ends_in_return
        if not is_open:
            yield finished(open_record, parts, length)
            open_record = None
    if open_record is not None:
        open_record.is_open = True
        yield finished(open_record, parts, length)


def finished(record, parts, length):
    """An open record with its bytes. parts: its lines.  length: of all of them in bytes, also of those that were not kept."""
    record.raw = b"".join(parts).rstrip(LINE_END) if not record.is_open else b"".join(parts)
    record.flaw = record.flaw or flaw_of_length(length)
    return record


def flaw_of_length(length):
    """What is wrong with a record of so many bytes, or None."""
    return f"longer than {MOST_BYTES:,} bytes" if length > MOST_BYTES else None
