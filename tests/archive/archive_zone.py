"""What tests of the archive share: a landing zone in a temporary folder, and what an update makes of it."""

import atexit
import functools
import os
import shutil
import sys
import tempfile

import duckdb

sys.path.insert(0, os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..")))

from pec import archive, kinds  # noqa: E402
from pec.archive import store  # noqa: E402

USAGE_HEADER = [names[0] for names in kinds.KINDS["daily_rated_usage"].needed]
PRICE_HEADER = [names[0] for names in kinds.KINDS["price_sheet"].needed]


def csv_bytes(header, *rows):
    """A CSV file. rows: lists of texts, or bytes as they are to stand there."""
    lines = [row if isinstance(row, bytes) else ",".join(row).encode() for row in (header, *rows)]
    return b"".join(line + b"\n" for line in lines)


def usage(*rows):
    """A usage file with the needed columns. rows: of bytes; or how many plain ones."""
    if rows and isinstance(rows[0], int):
        rows = [plain_row(number) for number in range(1, rows[0] + 1)]
    return csv_bytes(USAGE_HEADER, *rows)


def plain_row(number):
    """A row for the usage header, bytes, that says its number in each field."""
    return ",".join(f"{name}-{number}" for name in USAGE_HEADER).encode()


@functools.cache
def prepared():
    """The folder of an archive that has its schemas and no more: writing these is most of a first update's time."""
    folder = tempfile.mkdtemp(prefix="pec-prepared-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    house = store.Store(folder)
    with house.writing():
        house.write_schemas()
    return folder


class Zone:
    """A landing zone with the two files that any needs, and its archive."""

    def __init__(self, folder):
        self.path = str(folder / "zone")
        self.archive = str(folder / "archive")
        shutil.copytree(prepared(), self.archive)
        self.put("daily_rated_usage/base_2026-01-01.csv", usage(1))
        self.put("price_sheet/base_2026-01-01.csv", csv_bytes(PRICE_HEADER))
        self.last = None

    def at(self, name):
        return os.path.join(self.path, name)

    def put(self, name, content, mtime=None):
        """Writes a file; mtime: seconds."""
        path = os.path.join(os.fsencode(self.path), name if isinstance(name, bytes) else os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        if mtime is not None:
            os.utime(path, (mtime, mtime))
        return path

    def update(self, **options):
        self.last = archive.update(self.path, self.archive, **options)
        for row in self.last.observations:
            if row["archive_file"]:
                assert row["records"] == row["archived"] + row["rejected"], row
                assert row["problem"] is None and row["archive_digest"], row
            else:
                assert row["problem"] or row["kind"] == kinds.MANIFEST, row
        assert not [name for _, _, names in os.walk(self.archive) for name in names if name.endswith(".part")]
        assert not os.path.exists(os.path.join(self.archive, ".work"))
        return self.last

    def newest(self, source_file):
        """The newest observation of a path."""
        return [row for row in self.last.observations if row["source_file"] == source_file][-1]

    def see(self, name, content, **options):
        """Writes a file, updates, and returns its observation."""
        self.put(name, content)
        self.update(**options)
        return self.newest(name)

    def rows(self, row):
        """What is archived of an observation's content."""
        path = os.path.join(self.archive, row["archive_file"])
        order = "item_number" if row["archive_file"].startswith("documents") else "record_number"
        return duckdb.execute(f"from read_parquet('{path}') where content_id = ? order by {order}", [row["content_id"]]).fetchall()

    def values(self, row):
        """The fields of a table, without its numbers."""
        return [list(fields[3:]) for fields in self.rows(row)]

    def rejected(self, row):
        """(record_number, line_number, reason, raw_text) of what was rejected of an observation's content."""
        return duckdb.execute(
            f"select record_number, line_number, reason, raw_text from read_parquet('{self.archive}/rejected/*.parquet', union_by_name = true) "
            "where content_id = ? order by 1",
            [row["content_id"]],
        ).fetchall()
