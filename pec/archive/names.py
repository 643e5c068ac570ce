"""What the names of files and columns say."""

import datetime as dt
import os
import re

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
NAME_DATES = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}Z|\d{4}-\d{2}-\d{2}|\d+", re.ASCII)
DATE_FORMS = {18: "%Y-%m-%dT%H%M%SZ", 10: "%Y-%m-%d", 8: "%Y%m%d"}
WRAPPINGS = (".gz", ".zip")


def normalise(name):
    """A column name as staging compares it: letters and digits only, lower case (vendors vary case, blanks and quotes)."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def header_names(names):
    """Normalised names of a header, in order, repetitions kept; a blank one is column<N>, N counted from 0."""
    return [normalise(name) or f"column{position}" for position, name in enumerate(names)]


def column_names(header):
    """A header's names as columns of a table: the second of a name is name_2, the third name_3. header: of header_names()."""
    counts = {}
    columns = []
    for name in header:
        counts[name] = counts.get(name, 0) + 1
        columns.append(name if counts[name] == 1 else f"{name}_{counts[name]}")
    return columns


def date_in_name(file_name):
    """The instant (UTC, without zone) that a file name carries, or None.

    It is the first of YYYY-MM-DDTHHMMSSZ, YYYY-MM-DD and YYYYMMDD that is a date of the years 2010 to 2100; a bare date is 00:00 UTC (A7).
    Ids are no dates: GUIDs are cut out first, and a longer run of digits is not searched.
    """
    for found in NAME_DATES.findall(GUID.sub(" ", file_name)):
        form = DATE_FORMS.get(len(found))
        if form is None or len(found) == 10 and "-" not in found:
            continue
        try:
            date = dt.datetime.strptime(found, form)
        except ValueError:
            continue
        if 2010 <= date.year <= 2100:
            return date
    return None


def ids_in(source_file):
    """The GUIDs in a path, lower case, in order."""
    return [guid.lower() for guid in GUID.findall(source_file)]


def source_name(zone, path):
    """A file's path relative to the zone, with slashes. Bytes that are not UTF-8 are written as \\xNN, so that any name can be stored."""
    relative = os.path.relpath(path, zone).replace(os.sep, "/")
    return os.fsencode(relative).decode("utf-8", "backslashreplace")


def unwrapped_name(name):
    """A file name in lower case without the endings .gz and .zip."""
    name = name.lower()
    while name.endswith(WRAPPINGS):
        name = name.rsplit(".", 1)[0]
    return name


def modified_at(stat):
    """The modification time that os.stat() gives, as a UTC timestamp of microseconds."""
    try:
        return dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=stat.st_mtime_ns // 1000)
    except OverflowError:  # some file systems keep times beyond the year 9999
        return dt.datetime(9999, 12, 31) if stat.st_mtime_ns > 0 else dt.datetime(1, 1, 1)
