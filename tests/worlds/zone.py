"""Writing files of a landing zone."""

import csv
import gzip
import io
import json
import os
import pathlib
import random
from dataclasses import dataclass
from datetime import UTC, datetime

from .knobs import FIXED_TIME, chance, iso
from .truth import World


@dataclass(frozen=True)
class Zone:
    """A landing zone on disk."""

    root: pathlib.Path

    def write(self, path: str, content: bytes, modified: datetime | None = None) -> None:
        """Write a file. Its modification time is fixed, and its date where the name has none."""
        self.write_raw(path, gzip.compress(content, mtime=0) if path.endswith(".gz") else content, modified)

    def write_raw(self, path: str, content: bytes, modified: datetime | None = None) -> None:
        """Write a file of these very bytes, whatever its name says."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        seconds = (modified or FIXED_TIME).replace(tzinfo=UTC).timestamp()
        os.utime(file, (seconds, seconds))

    def write_json(self, rng: random.Random, path: str, content: object, modified: datetime | None = None) -> None:
        indent = rng.choice((None, 1))
        text = json.dumps(content, indent=indent, ensure_ascii=False, separators=None if indent else (",", ":"))
        self.write(path, text.encode(), modified)


def packed(world: World, path: str, share: float = 0.3) -> str:
    """Pack a file now and then, where the world has packed files."""
    return f"{path}.gz" if chance(world.rngs["gz"], share) and world.has("gz") else path


def write_table(zone: Zone, path: str, header: str, rows: list[tuple], modified: datetime | None = None) -> None:
    """Write a small CSV file. An instant that is not there means unbounded."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header.split(","))
    for row in rows:
        writer.writerow(["" if v is None else iso(v) if isinstance(v, datetime) else v for v in row])
    zone.write(path, buffer.getvalue().encode(), modified)
