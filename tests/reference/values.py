"""Small things: text, numbers, dates, files."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import unicodedata
import zlib
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

FOREVER_AGO = datetime.min
FOREVER = datetime.max
DAY = timedelta(days=1)
ZERO = Decimal(0)
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)


class Unreadable(ValueError):
    """A file that is unreadable as a whole: it is put aside, named, and the rest goes on."""


def text(value: Any) -> str | None:
    """The trimmed text of a cell; blank is None. Numbers and booleans of JSON become their text."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    out = str(value)
    while out and is_unseen(out[0]):
        out = out[1:]
    while out and is_unseen(out[-1]):
        out = out[:-1]
    return out or None


def is_unseen(character: str) -> bool:
    """Blanks of any kind, tabs and other control characters, zero-width characters, byte-order marks."""
    return unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cc", "Cf")


def ident(value: Any) -> str | None:
    """An id: in lower case, without blanks around it, without invisible characters anywhere, a GUID without braces; blank is None."""
    out = "".join(c for c in text(value) or "" if unicodedata.category(c) not in ("Cc", "Cf"))
    return re.sub(r"\{(%s)\}" % GUID.pattern, r"\1", out, flags=re.I).strip().lower() or None


def partner_number(value: Any) -> str | None:
    """A partner id; 0, -1 and blank mean none (D5)."""
    out = ident(value)
    return None if out is None or out == "-1" or set(out) == {"0"} else out


NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.I)


def number(value: Any) -> Decimal | None:
    """A decimal number; blank is None; anything else (thousands separators, NaN, words) raises ValueError."""
    out = text(value)
    if out is None:
        return None
    if not NUMBER.fullmatch(out):
        raise ValueError(f"not a number: {out!r}")
    return Decimal(out)


def amount(exact: Decimal) -> Decimal:
    """An amount of money, from its exact value: 18 decimals, half away from zero (M3). Python calls that ROUND_HALF_UP."""
    return exact.quantize(Decimal("1E-18"), rounding=ROUND_HALF_UP)


ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?\s*(Z|[+-]\d\d:?\d\d)?", re.I
)
AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:,?\s+(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d+))?)?\s*([AP]M)?)?", re.I)


def instant(value: Any) -> datetime | None:
    """ISO 8601 or US text as a naive UTC datetime (fractions beyond microseconds are cut off); blank is None.

    **Choices**: a text without a zone is UTC; a year before 2010 is none. Unreadable text raises ValueError.
    """
    out = text(value)
    if out is None:
        return None
    found = ISO.fullmatch(out)
    if found:
        year, month, day, hour, minute, second, fraction, zone = found.groups()
        half = None
    else:
        found = AMERICAN.fullmatch(out)
        if not found:
            raise ValueError(f"not a date: {out!r}")
        month, day, year, hour, minute, second, fraction, half = found.groups()
        zone = None
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:
            raise ValueError(f"not a time: {out!r}")
        hours = hours % 12 + (12 if half.upper() == "PM" else 0)
    micro = int(((fraction or "") + "000000")[:6])
    when = datetime(int(year), int(month), int(day), hours, int(minute or 0), int(second or 0), micro)
    if when.year < 2010:
        raise ValueError(f"not a date since 2010: {out!r}")
    if zone and zone.upper() != "Z":
        sign = -1 if zone[0] == "-" else 1
        try:
            when -= sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        except OverflowError:
            raise ValueError(f"not a date: {out!r}") from None
    return when


def day_of(value: Any, until: int = 2100) -> date | None:
    """The UTC calendar day of a date or instant up to a year; blank is None; unreadable raises ValueError."""
    when = instant(value)
    if when and when.year > until:
        raise ValueError(f"not a date up to {until}: {value!r}")
    return None if when is None else when.date()


def date_orders(texts: list[Any]) -> set[str]:
    """How dates with slashes are written, by those that can be read in one way only: 'month' (8/31/2026), 'day' (31/8/2026)."""
    out = set()
    for found in (re.match(r"(\d{1,2})/(\d{1,2})/\d{4}", text(value) or "") for value in texts):
        if found:
            first, second = int(found[1]), int(found[2])
            out |= {"month"} if 1 <= first <= 12 < second <= 31 else {"day"} if 1 <= second <= 12 < first <= 31 else set()
    return out


def decimal_marks(texts: list[Any]) -> set[str]:
    """The marks that stand before decimals, of numbers in which they cannot part thousands: 0,868 and 1.5, not 1,234."""
    out = set()
    for value in texts:
        found = re.fullmatch(r"[+-]?(\d*)([.,])(\d+)", text(value) or "")
        if found and (len(found[3]) != 3 or not found[1].strip("0")):
            out.add(found[2])
    return out


IN_NAME = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z)?(?!\d)|(?<!\d)(\d{4})(\d\d)(\d\d)(?!\d)")


def date_in_name(path: Path) -> datetime | None:
    """The first date in a file's name; None if it has none.

    **Choice**: a GUID in the name is an id, never a date, even when it begins with eight digits that look like one;
    digits that are no calendar date of the years 2010 to 2100 are passed over.
    """
    for found in IN_NAME.finditer(GUID.sub("#", path.name)):
        parts = found.groups()
        try:
            date = datetime(*(int(part or 0) for part in (parts[:6] if parts[0] else parts[6:])))
        except ValueError:
            continue
        if 2010 <= date.year <= 2100:
            return date
    return None


def file_instant(path: Path) -> datetime:
    """The date of an export or snapshot: the first date in its file name, else its modification time (UTC)."""
    return date_in_name(path) or datetime.fromtimestamp(path.stat().st_mtime, timezone.utc).replace(tzinfo=None)


def files_in(folder: Path, *endings: str) -> list[Path]:
    """All files under the folder whose name ends in one of the endings, sorted; none when the folder is missing."""
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.name.lower().endswith(endings))


def plain_bytes(path: Path) -> bytes:
    """A file's content: unpacked when its first bytes say that it is gzipped, and without a byte-order mark.

    Raises Unreadable when what is packed is cut or damaged. **Choice**: the name does not decide, some clients unpack.
    """
    raw = path.read_bytes()
    try:
        return (gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw).removeprefix(codecs.BOM_UTF8)
    except (EOFError, OSError, zlib.error) as error:
        raise Unreadable(f"cannot be unpacked: {error}") from None


def decoded(content: bytes) -> str:
    """A file's text without a byte-order mark, with its line ends as they are."""
    return content.decode("utf-8-sig", errors="replace")


def content_of(path: Path) -> str:
    """A file's text. Raises Unreadable when it cannot be unpacked."""
    return decoded(plain_bytes(path))


def csv_records(content: str) -> list[tuple[int, list[str]]]:
    """The records of a CSV text with their numbers; the header is 1. Raises Unreadable when a quote is never closed.

    **Choice**: an empty line is no record: it is neither counted nor rejected.
    """
    csv.field_size_limit(2**31 - 1)
    last = "the end of the file or of a quote that nobody closed"
    *records, end = csv.reader(io.StringIO(f"{content}\n{last}", newline=""))
    if end != [last]:
        raise Unreadable("a quote is not closed")
    return list(enumerate(filter(None, records), start=1))


def table(path: Path) -> list[dict[str, str]]:
    """A small CSV (directory, price sheet) as rows by lower-case column name; rows of a wrong length are left out.

    A file that is unreadable as a whole has no rows.
    """
    if not path.is_file():
        return []
    try:
        records = csv_records(content_of(path))
    except Unreadable:
        return []
    rows, header = [], []
    for record, fields in records:
        if record == 1:
            header = [re.sub(r"\W", "", name).lower() for name in fields]
        elif len(fields) == len(header):
            rows.append(dict(zip(header, fields)))
    return rows
