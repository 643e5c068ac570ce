"""The zone, and what is still to come."""

import gzip
import itertools
import os
import pathlib
import random
from datetime import UTC

import worlds

from .files import GUID, Delivery, Table, contents, day_of, export_day, is_start, read_log, read_text

EVIDENCE = ("role_assignments", "deny_assignments", "lighthouse", "role_schedules")
BATCHES = 6  # in which the activity log arrives


class Landing:
    """A landing zone that fills, and what is still to come.

    kept: a folder beside the zone that holds all that the zone ever held and could be read: a zone in which nothing was lost. A warehouse that
    was there all along knows this.
    broken: paths of files in the zone that are unreadable as a whole now, and come or came otherwise at other times.
    fresh: paths of files that no build has seen yet as they are.
    """

    def __init__(self, seed: int, source: pathlib.Path, zone: pathlib.Path) -> None:
        self.rng = random.Random(f"arrivals/{seed}")
        self.rng_of_starts = random.Random(f"arrivals/{seed}/starts")
        self.rng_of_minds = random.Random(f"arrivals/{seed}/minds")
        self.source, self.zone, self.kept = source, zone, zone.with_name(f"{zone.name}_kept")
        self.loses = self.rng_of_minds.random() < 0.5
        self.broken: set[str] = set()
        self.fresh: set[str] = set()
        self.written: dict[str, bytes | None] = {}  # what was there before, of the files that the news at hand have written
        self.count = self.rng.randint(5, 8)  # of arrivals, with the first
        self.arrived: list[list[str]] = []
        self.deck: list[str] = []
        usage = [Table.read(file) for file in self.usage(self.source)]
        self.days = sorted({day_of(row["usagedate"]) for table in usage for _, row in table.usage()})
        evidence = [*self.files("activity_log/", source), *(file for kind in EVIDENCE for file in self.files(f"{kind}/", source))]
        self.mentioned = {found for file in evidence for found in GUID.findall(read_text(file).lower())}
        self.waiting = {
            "usage": self.plan_usage(), "snapshots": self.plan_files(*(f"{kind}/" for kind in EVIDENCE)), "events": self.plan_events(),
            "price sheets": self.plan_prices(), "rates": self.plan_files("fx_rates/"),
        }  # fmt: skip

    def files(self, start: str, root: pathlib.Path | None = None) -> list[pathlib.Path]:
        """The files below a folder of the zone (or of another root) whose path begins like this, in order."""
        root = root or self.zone
        return sorted(file for file in root.rglob("*") if file.is_file() and file.relative_to(root).as_posix().startswith(start))

    def usage(self, root: pathlib.Path | None = None) -> list[pathlib.Path]:
        """The usage files of the zone (or of another root) that can be read, in order."""
        found = self.files("daily_rated_usage/", root)
        return [file for file in found if worlds.SPOILED_MARK not in file.name and file.relative_to(root or self.zone).as_posix() not in self.broken]

    def put(self, path: str, content: str | bytes, modified: float | None = None, is_broken: bool = False) -> None:
        """Write a file. One that is written again gets a later time of the same day: a file of the same size would pass for unchanged.

        content: text, packed where the path says so, or bytes as they are.  is_broken: nothing in it can be read.
        """
        file = self.zone / path
        self.written.setdefault(path, file.read_bytes() if file.exists() and path not in self.broken else None)
        modified = max([modified or 0, *((root / path).stat().st_mtime + 1 for root in (self.zone, self.kept) if (root / path).exists())])
        modified = modified or worlds.FIXED_TIME.replace(tzinfo=UTC).timestamp()
        if isinstance(content, str):
            content = gzip.compress(content.encode(), mtime=0) if path.endswith(".gz") else content.encode()
        self.fresh.add(path)
        self.broken.discard(path)
        if is_broken:
            self.broken.add(path)
        for root in [self.zone] if is_broken else [self.zone, self.kept]:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
            os.utime(root / path, (modified, modified))

    @property
    def forgot(self) -> bool:
        """Does the zone no longer say all that it has said?"""
        zone, kept = contents(self.zone), contents(self.kept)
        return any(zone.get(path) != content for path, content in kept.items())

    def seen(self, *folders: str) -> list[pathlib.Path]:
        """The files below folders of the zone that the last build has seen as they are, and could read."""
        found = [file for folder in folders for file in (self.usage() if folder == "daily_rated_usage" else self.files(f"{folder}/"))]
        return [file for file in found if self.path(file) not in self.fresh]

    def path(self, file: pathlib.Path) -> str:
        return file.relative_to(self.zone).as_posix()

    def delivery(self, file: pathlib.Path, content: str | None = None) -> Delivery:
        """A file of the source as it is, or with other content."""
        content = read_text(file) if content is None else content
        return Delivery(file.relative_to(self.source).as_posix(), content, file.stat().st_mtime)

    def plan_files(self, *folders: str) -> list[list[Delivery]]:
        """Whole files, in any order."""
        found = [[self.delivery(file)] for folder in folders for file in self.files(folder, self.source)]
        return self.rng.sample(found, len(found))

    def plan_usage(self) -> list[list[Delivery]]:
        """Exports by date, now and then one out of order, and files that first come with fewer days and only later whole."""
        queue: list[tuple[float, Delivery]] = []
        for file in self.files("daily_rated_usage/", self.source):
            begin = export_day(file).toordinal() + (self.rng.uniform(1, 20) if worlds.chance(self.rng, 0.1) else self.rng.random())
            if worlds.SPOILED_MARK in file.name:
                queue.append((begin, Delivery(file.relative_to(self.source).as_posix(), file.read_bytes(), file.stat().st_mtime)))
                continue
            if worlds.chance(self.rng, 0.4):
                first = Table.read(file).until(self.rng.choice(self.days))
                if first.header or first.usage():  # a JSON file of nothing is no export
                    queue.append((begin, self.delivery(file, first.text)))
                    begin += self.rng.uniform(0, 8)
            queue.append((begin, self.delivery(file)))
        return [[delivery] for _, delivery in sorted(queue, key=lambda entry: entry[0])]

    def plan_events(self) -> list[list[Delivery]]:
        """The log in batches, by time or not, that grow its files or stand beside them. Of some operations the start comes apart."""
        logs = {file: read_log(file) for file in self.files("activity_log/", self.source)}
        began: dict[str, str] = {}
        for _, record in (entry for entries in logs.values() for entry in entries):
            operation, at = record["correlationId"], record.get("eventTimestamp") or record["time"]
            began[operation] = min(began.get(operation, at), at)
        in_order = sorted(began, key=lambda operation: (began[operation], operation))
        batch = {
            operation: place * BATCHES // len(in_order) if worlds.chance(self.rng, 0.5) else self.rng.randrange(BATCHES)
            for place, operation in enumerate(in_order)
        }
        chosen = [operation for operation in in_order if worlds.chance(self.rng_of_starts, 0.15)]
        batch_of_start = batch | {operation: self.rng_of_starts.randrange(BATCHES) for operation in chosen}
        batches: list[list[Delivery]] = [[] for _ in range(BATCHES)]
        for file, entries in logs.items():
            grows = worlds.chance(self.rng, 0.5)
            for number_of_batch in range(BATCHES):
                numbers = [(batch_of_start if is_start(record) else batch)[record["correlationId"]] for _, record in entries]
                texts = [text for (text, _), n in zip(entries, numbers, strict=True) if n == number_of_batch or grows and n < number_of_batch]
                if number_of_batch in numbers:
                    delivery = self.delivery(file, "\n".join(texts) if "PT1H" in file.name else f"[{','.join(texts)}]")
                    if not grows:
                        delivery.path = delivery.path.replace(".json", f"-{number_of_batch}.json")
                    batches[number_of_batch].append(delivery)
        return list(filter(None, batches))

    def plan_prices(self) -> list[list[Delivery]]:
        """The first sheet comes first; some come without a few of their rows, and later with them."""
        queue, late = [], []
        for (delivery,) in self.plan_files("price_sheet/"):
            if worlds.chance(self.rng, 0.3):
                head, *rows = delivery.content.rstrip("\r\n").split("\r\n")
                some = [row for row in rows if worlds.chance(self.rng, 0.85)]
                queue.append([Delivery(delivery.path, "\r\n".join([head, *some]) + "\r\n", delivery.modified)])
                late.append([delivery])
            else:
                queue.append([delivery])
        return queue + late

    def deliver(self, kind: str, count: int) -> str:
        """Put the next files of a kind into the zone; their names."""
        now, self.waiting[kind] = self.waiting[kind][:count], self.waiting[kind][count:]
        for delivery in itertools.chain.from_iterable(now):
            if kind == "usage" and self.loses and self.comes_broken(delivery):
                self.waiting[kind].insert(0, [delivery])
            else:
                self.put(delivery.path, delivery.content, delivery.modified)
        return ", ".join(delivery.path.split("/", 1)[1][-60:] for delivery in itertools.chain.from_iterable(now))

    def comes_broken(self, delivery: Delivery) -> bool:
        """Now and then put a usage file that never came before into the zone so that nothing in it can be read, and say so."""
        is_first = isinstance(delivery.content, str) and not (self.zone / delivery.path).exists() and not (self.kept / delivery.path).exists()
        if not is_first or not worlds.chance(self.rng_of_minds, 0.1):
            return False
        wrong = worlds.spoiled(self.rng_of_minds, delivery.path, delivery.content.encode())
        if wrong:
            self.put(delivery.path, wrong, delivery.modified, is_broken=True)
        return bool(wrong)

    def some_midnight(self) -> str:
        return f"{self.rng.choice(self.days)}T00:00:00Z"
