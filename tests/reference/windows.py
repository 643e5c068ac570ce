"""Windows: lists of half-open intervals."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Iterable

from .values import DAY, FOREVER, FOREVER_AGO

Window = tuple[datetime, datetime]
Windows = list[Window]
ALWAYS: Windows = [(FOREVER_AGO, FOREVER)]


def union(windows: Iterable[Window]) -> Windows:
    """The windows, sorted and merged; empty ones fall out."""
    out: Windows = []
    for start, end in sorted(w for w in windows if w[0] < w[1]):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def both(left: Iterable[Window], right: Iterable[Window]) -> Windows:
    """What lies in both."""
    right = list(right)
    return union((max(a, c), min(b, d)) for a, b in left for c, d in right)


def without(left: Iterable[Window], right: Iterable[Window]) -> Windows:
    """What lies in the first and not in the second."""
    out = union(left)
    for start, end in union(right):
        kept = [(a, min(b, start)) for a, b in out] + [(max(a, end), b) for a, b in out]
        out = union(kept)
    return out


def whole_day(day: date) -> Window:
    """[D 00:00, D+1 00:00) UTC."""
    begin = datetime.combine(day, time())
    return begin, begin + DAY


def seconds(windows: Windows) -> Decimal:
    """The length of the windows in seconds, exactly."""
    length = sum((end - start for start, end in windows), timedelta())
    return Decimal(length.days * 86400 + length.seconds) + Decimal(length.microseconds) / Decimal(1_000_000)
