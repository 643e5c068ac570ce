"""One look at the landing zone: each new version of each file is archived, once.

What is unchanged is not opened. Two files are archived side by side, each with a DuckDB of one thread: two threads on one file cost more.
A file that cannot be archived is an observation with a problem; only an archive that cannot be written ends the update.
"""

import os
import re
import shutil
import stat as stats
import tempfile
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb

from pec import kinds
from pec.archive import health, names, store, wrapping, zone
from pec.archive.contents import OF_CONTENT, Contents
from pec.archive.problems import ArchiveError, Changed, Quarantine, reason_of

# The unit a thousand times smaller, so that a part of a limit needs no decimals.
UNITS = {"KB": "B", "MB": "KB", "GB": "MB", "TB": "GB", "KIB": "B", "MIB": "KiB", "GIB": "MiB", "TIB": "GiB"}
STILL_WRITTEN = "still being written; the next build reads it"

@dataclass
class Update:
    """What an update found and did.

    observations: all that the archive knows, oldest first, each with is_present: the path is in the zone and this is its newest observation.
    new_observations: how many this update added.  new_contents: how many contents it archived.  records, rejected: of these.
    plain_bytes: of these, unwrapped.  quarantined: how many files in the zone have a problem.  batch: of the manifest, or None.
    """

    observations: list = field(default_factory=list)
    new_observations: int = 0
    new_contents: int = 0
    records: int = 0
    rejected: int = 0
    plain_bytes: int = 0
    quarantined: int = 0
    batch: str | None = None


def update(landing_zone, archive, *, memory_limit=None, threads=2, temp_directory=None, progress=None, reading=None):
    """Archives what is new in a landing zone; returns an Update.

    landing_zone, archive: paths of folders; the archive is made when it does not exist.  threads: how many files are read side by side.
    memory_limit: of DuckDB, for all of them; default: half a gigabyte each, which holds a row group of long lines.
    temp_directory: where unwrapped copies are held while they are read; default: inside the archive.  progress: called with a line of text
    for each file that is read, or None.  reading: called as more of the zone is read, with files, of how many, bytes as delivered, of how many; or None.
    ArchiveError: nothing can be archived; all else is an observation with a problem.
    """
    landing_zone = os.path.abspath(landing_zone)
    candidates = look(landing_zone)
    house = store.Store(archive)
    check_owner(house, landing_zone)
    check_needed(landing_zone, candidates, house)
    with house.writing():
        if check_owner(house, landing_zone) is None:
            house.write_identity(landing_zone)
        ledger = health.Ledger(house)
        for path in ledger.set_aside():
            (progress or (lambda text: None))(f"{path} is damaged; it is made again")
        house.write_schemas()
        workers = max(1, threads)
        memory_limit = memory_limit or f"{500 * workers}MB"
        with work_folder(house, temp_directory) as work, collecting(work, share(memory_limit, 0.2), threads) as connection:
            return Run(house, connection, work, progress, ledger, reading).of(landing_zone, candidates, workers, memory_limit)


def look(landing_zone):
    """The candidates of a zone. ArchiveError: there is no zone."""
    remedy = "set PEC_LANDING_ZONE to the folder that holds the exports"
    if not os.path.isdir(landing_zone):
        raise ArchiveError(f"there is no landing zone at {landing_zone}; {remedy}")
    try:
        candidates = zone.look(landing_zone)
    except OSError as error:
        raise ArchiveError(f"the landing zone {landing_zone} cannot be listed: {reason_of(error)}; {remedy}") from error
    return candidates


def check_needed(landing_zone, candidates, house):
    """ArchiveError: a zone has no usage or no price sheets, and the archive holds none of earlier days. candidates: of look()."""
    for folders in kinds.NEEDED_FOLDERS:
        if any(found.folder in folders and found.stat and stats.S_ISREG(found.stat.st_mode) for found in candidates):
            continue
        if not any(row["kind"] in folders and row["archive_file"] for row in house.observations()):
            places = " or ".join(os.path.join(landing_zone, folder) for folder in folders)
            raise ArchiveError(f"there is no file in {places}; put exports there, or set PEC_LANDING_ZONE to the folder that holds the exports")


def check_owner(house, landing_zone):
    """The archive's identity, or None when it is new. ArchiveError: it belongs to another zone."""
    identity = house.identity()
    if identity and identity["landing_zone"] != landing_zone:
        raise ArchiveError(
            f"the archive {house.path} belongs to the landing zone {identity['landing_zone']}, not to {landing_zone}; set PEC_LANDING_ZONE back, or "
            f"PEC_ARCHIVE (or PEC_WAREHOUSE) to another path for this zone, or, if the zone was moved, run: pec archive move --zone {landing_zone}"
        )
    return identity


def work_folder(house, temp_directory):
    """A folder for copies, removed at the end. ArchiveError: it cannot be made."""
    try:
        return tempfile.TemporaryDirectory(prefix="pec-", dir=temp_directory or house.at(store.WORK), ignore_cleanup_errors=True)
    except OSError as error:
        raise ArchiveError(f"no temporary files can be written to {temp_directory}: {reason_of(error)}; set another folder") from error


def share(memory_limit, part):
    """A part of a memory limit such as "1GB", as DuckDB takes it. A limit that is none of these is left as it is."""
    found = re.fullmatch(r"\s*([\d.]+)\s*([KMGT]i?B)\s*", memory_limit, re.IGNORECASE)
    return f"{float(found[1]) * part * 1000:.0f}{UNITS[found[2].upper()]}" if found else memory_limit


def connect(work, memory_limit, threads):
    """A connection to a database in memory of its own."""
    folder = os.path.join(work, "duckdb")
    return duckdb.connect(config={"memory_limit": memory_limit, "threads": threads, "temp_directory": folder, "preserve_insertion_order": True})


def collecting(work, memory_limit, threads):
    """A connection with the tables that collect items of documents and rejected records."""
    connection = connect(work, memory_limit, threads)
    shared = {f"documents_{kind.name}": store.ITEM_COLUMNS for kind in kinds.KINDS.values() if not kind.is_table}
    for name, columns in ({"rejected": store.REJECT_COLUMNS} | shared).items():
        connection.execute(f"create table {name} ({', '.join(f'{column} {kind}' for column, kind in columns.items())})")
    return connection


class Run:
    """One update at work."""

    def __init__(self, house, connection, work, progress, ledger=None, reading=None):
        """house: store.Store.  connection: of collecting().  work: folder for copies.  progress, reading: see update().  ledger: health.Ledger."""
        self.house, self.work, self.progress = house, work, progress or (lambda text: None)
        self.reading = reading or (lambda *counts: None)
        self.ledger = ledger or health.Ledger(house)
        self.before = house.observations()
        house.set_orphans_aside()
        self.pruned = house.pruned()
        self.batch = house.next_batch()
        self.latest = {row["source_file"]: row for row in self.before}
        self.members = {}  # path of a zip -> paths of what it held
        for source_file in self.latest:
            for place in (place for place, mark in enumerate(source_file) if mark == "!"):
                self.members.setdefault(source_file[:place], []).append(source_file)
        self.contents = Contents(house, connection, self.before, self.pruned, self.batch)
        self.lock, self.counter, self.is_stopped = threading.Lock(), 0, False
        self.result = Update()

    def of(self, landing_zone, candidates, workers, memory_limit):
        """The Update. candidates: of look().  workers: how many files are read side by side.  memory_limit: for all of DuckDB."""
        cursors = threading.local()
        known = [self.unchanged(candidate) if candidate.problem is None else [] for candidate in candidates]
        news = [found.stat.st_size for found, rows in zip(candidates, known) if not rows and found.problem is None]
        files, size = 0, 0
        self.reading(files, len(news), size, sum(news))

        def work(candidate, rows):
            nonlocal files, size
            if rows or self.is_stopped:
                return rows
            if not hasattr(cursors, "own") or is_broken(cursors.own):  # by a file before: an error inside DuckDB ends its whole database
                cursors.own = connect(self.work, share(memory_limit, 0.8 / workers), 1)
            try:
                found = self.observe(cursors.own, landing_zone, candidate)
            except BaseException:
                self.is_stopped = True
                raise
            with self.lock:
                files, size = files + (candidate.problem is None), size + (candidate.stat.st_size if candidate.problem is None else 0)
            self.reading(files, len(news), size, sum(news))
            return found

        with ThreadPoolExecutor(workers) as pool:
            drafts = with_names_of_their_own([draft for found in pool.map(work, candidates, known) for draft in found])
        self.finish(drafts)
        made = {row["archive_file"]: row["archive_digest"] for row in self.contents.made}
        self.ledger.note(candidates, made)
        return self.result

    # -- one path ------------------------------------------------------------------------------------------------------------

    def observe(self, cursor, landing_zone, candidate):
        """The observations (dicts without number) of a candidate that is new or changed."""
        stat = candidate.stat
        if candidate.problem is None:
            try:
                stat = os.stat(candidate.path)
            except OSError:
                return [self.draft(candidate, None, problem="gone while the zone was looked at; the next build reads it if it comes back")]
        draft = self.draft(candidate, stat)
        if draft["kind"] == kinds.MANIFEST:
            return [draft]
        if candidate.problem or draft["problem"] or draft["folder"] not in kinds.FOLDERS:
            return [draft | {"problem": candidate.problem or draft["problem"]}]
        self.progress(f"reads {candidate.source_file}")
        with self.guarded(draft):
            magic = wrapping.magic_of(candidate.path)
            if magic.startswith((wrapping.ZIP, wrapping.ZIP_EMPTY)):
                return self.of_zip(cursor, candidate, stat)
            return [self.of_file(cursor, candidate, stat, draft)]
        return [draft]

    def unchanged(self, candidate):
        """The known observations of a path whose size and times are as they were, none with a problem; empty when it is to be opened."""
        path = candidate.source_file
        if self.ledger.zone.get(path) != candidate.stat.st_ctime_ns:
            return []  # its content may be another, whatever its size and date say
        known = [self.latest[name] for name in (path, *self.members.get(path, ())) if name in self.latest]
        known = [
            row for row in known
            if (row["size_bytes"], row["modified_at"]) == (candidate.stat.st_size, names.modified_at(candidate.stat))
        ]  # fmt: skip
        is_good = all(
            row["problem"] is None and (row["archive_file"] in self.pruned or self.house.holds(row, self.contents.forgotten)) for row in known
        )
        return known if is_good else []

    def draft(self, candidate, stat, member=None, problem=None):
        """An observation by names and times alone. member: (file name, name for the manifest) of what a zip holds."""
        name = member[0] if member else os.path.basename(candidate.path)
        source_file = f"{candidate.source_file}!{member[1]}" if member else candidate.source_file
        is_claimed = candidate.folder in kinds.FOLDERS
        is_manifest = is_claimed and zone.is_manifest(name)
        kind, reader, unread = zone.kind_and_reader(candidate.folder, name) if is_claimed and not is_manifest else (None, None, None)
        if not member and name.lower().endswith(".zip"):
            unread = None  # what counts is what it holds
        modified = names.modified_at(stat) if stat else None
        # The date of what a zip holds stands in its own name, else in that of the zip around it.
        nearest = reversed(source_file.split("!")) if member else [name]
        named = next(filter(None, (names.date_in_name(part.rsplit("/", 1)[-1]) for part in nearest)), None)
        return dict.fromkeys(store.COLUMNS) | {
            "source_file": source_file, "folder": candidate.folder,
            "kind": kind.name if kind else kinds.MANIFEST if is_manifest else names.unwrapped_name(name).rsplit(".", 1)[0],
            "reader": reader, "size_bytes": stat.st_size if stat else None, "modified_at": modified, "exported_at": named or modified,
            "is_date_from_name": named is not None, "ids_in_path": names.ids_in(source_file), "header": [],
            "problem": problem or unread, "parser_version": store.PARSER_VERSION,
        }  # fmt: skip

    def of_file(self, cursor, candidate, stat, draft):
        """The observation of a landed file that is no zip. draft: of draft()."""
        if draft["reader"] is None:
            raise Quarantine("no zip, whatever its name says; download it again")
        with self.copies() as copy, self.guarded(draft) as found:
            found["stored_digest"], plain = wrapping.take_file(candidate.path, copy, draft["reader"])
            found |= self.content(cursor, found, plain, copy, candidate, stat)
        return found

    def of_zip(self, cursor, candidate, stat):
        """The observations of a zip's members."""
        stored_digest = wrapping.digest_of(candidate.path)
        with wrapping.open_regular(candidate.path) as file:
            return self.of_members(cursor, candidate, stat, stored_digest, file)

    def of_members(self, cursor, candidate, stat, stored_digest, file, outer=""):
        """The observations of the members of an open zip. outer: what is before their names, for a zip inside a zip; that is opened once."""
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise Quarantine(f"a damaged zip: {reason_of(error)}; download it again") from error
        found = []
        for name, unique, info in wrapping.members_of(archive):
            draft = self.draft(candidate, stat, (name, outer + unique)) | {"stored_digest": stored_digest}
            may_be_zip = not outer and name.lower().endswith(".zip")
            if draft["kind"] != kinds.MANIFEST and (draft["problem"] is None or may_be_zip):
                with self.copies() as copy, self.guarded(draft) as draft:
                    if not outer and is_zip(archive, info):
                        with opened(archive, info) as member:
                            wrapping.copy_as_it_is(member, copy)
                        with open(copy, "rb") as inner:
                            found += self.of_members(cursor, candidate, stat, stored_digest, inner, unique + "!")
                        continue
                    if draft["problem"] is None:
                        with opened(archive, info) as member:
                            chunks = wrapping.bounded(wrapping.chunks_of(member), info.compress_size)
                            plain = wrapping.take(chunks, copy, draft["reader"])
                        draft |= self.content(cursor, draft, plain, copy, candidate, stat)
            found.append(draft)
        return found

    # -- helpers -------------------------------------------------------------------------------------------------------------

    def content(self, cursor, draft, plain, copy, candidate, stat):
        """What a draft's content adds to it. See Contents.take()."""
        seen_before = self.latest.get(draft["source_file"])
        return self.contents.take(cursor, draft, plain, copy, lambda: check_unchanged(candidate.path, stat), seen_before)

    @contextmanager
    def copies(self):
        """A path in the work folder, without wildcards; whatever was written there or beside it goes at the end."""
        with self.lock:
            self.counter += 1
            folder = os.path.join(self.work, str(self.counter))
        os.mkdir(folder)
        try:
            yield os.path.join(folder, "plain")
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def guarded(self, draft):
        """Yields the draft; whatever goes wrong inside becomes its problem. ArchiveError passes: the archive cannot be written."""
        try:
            yield draft
        except Quarantine as problem:
            draft["problem"] = str(problem)
        except ArchiveError:
            raise
        except (OSError, duckdb.Error, MemoryError) as error:
            self.house.check_writable()
            draft["problem"] = f"could not be archived: {reason_of(error)}; free disk space and memory, and build again"
        except Exception as error:  # a file must never stop the night, whatever it is
            draft["problem"] = f"could not be archived: {type(error).__name__}: {reason_of(error)}; please report this file"

    def finish(self, drafts):
        """Writes what is new, the manifest last: an update that is killed before has changed nothing. ArchiveError: contents are lost."""
        health.check_nothing_is_lost(self.house, self.before, {(row["archive_file"], row["content_id"]) for row in self.contents.made})
        files = self.contents.write_shared()
        new = []
        for draft in sorted(drafts, key=lambda draft: draft["source_file"]):
            if draft["problem"]:  # the place of a copy says nothing to a reader, and is another each night
                draft["problem"] = re.sub(re.escape(self.work) + r"/[\w./-]*", "the file", draft["problem"])
            if draft["archive_file"] in files:
                draft["archive_digest"] = files[draft["archive_file"]]
            known = self.latest.get(draft["source_file"])
            if known is None or any(draft[name] != known[name] for name in store.COLUMNS if name != "observation_number"):
                new.append(draft)
        first = max((row["observation_number"] for row in self.before), default=0) + 1
        for number, draft in enumerate(new, first):
            draft["observation_number"] = number
        if new:
            self.house.write_rows(f"manifest/{self.batch}.parquet", new, store.COLUMNS)
        newest = self.latest | {draft["source_file"]: draft for draft in new}
        present = {draft["source_file"] for draft in drafts}
        made = self.contents.made
        self.result = Update(
            observations=[row | {"is_present": row["source_file"] in present and newest[row["source_file"]] is row} for row in self.before + new],
            new_observations=len(new), new_contents=len(made), records=sum(row["records"] for row in made),
            rejected=sum(row["rejected"] for row in made), plain_bytes=sum(row["plain_bytes"] for row in made),
            quarantined=sum(newest[source_file]["problem"] is not None for source_file in present), batch=self.batch if new else None,
        )  # fmt: skip


def is_broken(connection):
    """Whether a connection to DuckDB can no longer be used."""
    try:
        connection.execute("select 1")
        return False
    except duckdb.Error:
        return True


def with_names_of_their_own(drafts):
    """Observations of one update, each with a source_file of its own. Of two that read the same, the second has a problem and counts for nothing.

    A member of a zip is written as zip!member, and a byte that is no UTF-8 as \\xNN: another file may have that very name.
    """
    counts, found = {}, []
    for draft in drafts:
        name = draft["source_file"]
        counts[name] = counts.get(name, 0) + 1
        if counts[name] > 1:
            nothing = {column: [] if column == "header" else None for column in OF_CONTENT}
            problem = f"its name reads like that of another file, {name}; rename it"
            draft = draft | nothing | {"source_file": f"{name}#{counts[name]}", "problem": problem, "parser_version": store.PARSER_VERSION}
        found.append(draft)
    return found


def check_unchanged(path, stat):
    """Quarantine: a file is no longer what os.stat() said before it was read."""
    try:
        now = os.stat(path)
    except OSError as error:
        raise Changed(STILL_WRITTEN) from error
    if (now.st_size, now.st_mtime_ns, now.st_ino) != (stat.st_size, stat.st_mtime_ns, stat.st_ino):
        raise Changed(STILL_WRITTEN)


def is_zip(archive, info):
    """Whether a member of a zip is a zip itself. Quarantine: it cannot be opened."""
    with opened(archive, info) as member:
        return wrapping.read(member, 4) in (wrapping.ZIP, wrapping.ZIP_EMPTY)


@contextmanager
def opened(archive, info):
    """A member of a zip, to read its bytes. Quarantine: it cannot be opened."""
    try:
        member = archive.open(info)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError) as error:
        raise Quarantine(f"cannot be unpacked: {reason_of(error)}; unpack the zip and put the files there") from error
    with member:
        yield member
