"""What a scheduler runs: looks for news first, which takes no dbt, and builds only when there is a reason.

Exit codes:

    0  published, or nothing new
    1  the build failed: a model or a test is red, or the warehouse or the published folder cannot be written
    2  wrong arguments
    3  held: built and tested, not published, because a check of marts.data_quality holds (pec acknowledge lets it pass)
    4  busy: another build is running, or a process has the working file open
    5  the landing zone or the archive cannot be used
"""

import os
import pathlib
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone

from pec import archive, build_lock, damage, last_build, places, project, run_log
from pec.archive import health, names, run, store

DONE, FAILED, WRONG_ARGUMENTS, HELD, BUSY, UNUSABLE = range(6)
BUILD = ("build", "--quiet", "--exclude-resource-type", "unit_test")
# Where the outcome itself does not say how to go on.
WHAT_TO_DO = {
    FAILED: "Read the end of the output above, or logs/dbt.log. Readers keep the last publication.",
    HELD: "Repair the input, or let the finding pass: pec acknowledge CHECK ITEM (docs/operations.md, Gates). Readers keep the last publication.",
}
# Days without a new export after which a night warns.
STALE_DAYS = 3


class Night:
    """One run: why it builds, what came of it, and the line of the run log.

    settings: text of --vars, YAML, or None.
    """

    def __init__(self, settings=None):
        self.zone, self.archive, self.warehouse = places.landing_zone(), places.archive(), places.warehouse()
        self.settings, self.variables = settings, project.variables(settings)
        self.line = {
            "started_at": datetime.now(timezone.utc).isoformat(timespec="seconds"), "duration_seconds": None, "exit_code": None, "outcome": None,
            "why": None, "is_built": False, "files_read": 0, "lines": 0, "months_changed": [], "publication_id": None,
            "newest_export_date": None, "warning": None, "variables": self.variables, "acknowledgements": 0,
        }  # fmt: skip

    def run(self, always, stale_days):
        """Looks, builds if there is a reason, logs and notifies; returns the exit code. always, stale_days: see night()."""
        clock = time.monotonic()
        try:
            with build_lock.take(self.warehouse) as lock:
                end = self.look_and_build(lock, always)
        except build_lock.Busy as error:
            end = BUSY, "busy", str(error)
        except build_lock.WarehouseError as error:
            end = FAILED, "failed", str(error)
        except archive.ArchiveError as error:
            end = UNUSABLE, "failed", str(error)
        code, outcome, why = end
        print(f"{'Nothing was built' if not self.line['is_built'] else outcome.capitalize()}: {why}.".replace("..", "."), flush=True)
        if self.line["is_built"] and code in WHAT_TO_DO or code == HELD:
            print(WHAT_TO_DO[code], flush=True)
        self.warn_of_silence(stale_days)
        self.line |= {"duration_seconds": round(time.monotonic() - clock, 1), "exit_code": code, "outcome": outcome, "why": why}
        run_log.notify(run_log.append(run_log.path(), self.line))
        return code

    def look_and_build(self, lock, always):
        """Builds if there is a reason: (exit code, outcome, why). lock: of build_lock.take(), which dbt shares.  always: see night()."""
        known = observations(self.archive)
        shown, reason = ("asked to",) * 2 if always else self.reason()
        held = last_build.held_by(self.warehouse, self.archive)
        self.line["acknowledgements"] = len(last_build.acknowledgements(self.archive))
        if reason is None and held:
            return HELD, "held", f"the last build is held by {', '.join(held)}, and nothing has changed since"
        if reason is None:
            return DONE, "nothing_new", "nothing new in the landing zone"
        if os.path.exists(self.warehouse):
            damage.tell("WARNING", damage.set_aside(self.warehouse, self.archive))
        if os.path.exists(self.warehouse):
            build_lock.open_warehouse(self.warehouse).close()
        print(f"Building: {shown}.", flush=True)
        self.line |= {"is_built": True, "why": reason}
        published = last_build.publication_id()
        started = time.time()
        code = self.dbt(lock)
        results = last_build.results(started)
        read = [row for row in observations(self.archive) if row["observation_number"] > max((r["observation_number"] for r in known), default=0)]
        self.line |= {"files_read": len(read), "lines": sum(row["records"] or 0 for row in read)}
        if results.get("int_changed_months", {}).get("status") == "success":
            self.line["months_changed"] = last_build.changed_months(self.warehouse)
        return self.judge(code, results, published, reason)

    def reason(self):
        """Why to build, or (None, None): a text for the screen, which names files, and one for the log, which does not."""
        run.check_owner(store.Store(self.archive), self.zone)
        news = changed_files(self.zone, self.archive)
        if news:
            said = f"{count(news)} new or changed"
            return f"{said}, {news[0]} first", said
        gone = vanished_files(self.zone, self.warehouse)
        if gone:
            said = f"{count(gone)} gone"
            return f"{said}, {gone[0]} first", said
        return (last_build.unsettled(self.warehouse, self.variables) or last_build.unpublished(self.warehouse, self.archive, self.variables),) * 2

    def dbt(self, lock):
        """Runs dbt in a process of its own, which shares the lock; returns its exit code."""
        arguments = [*command(), *BUILD, *(["--vars", self.settings] if self.settings else [])]
        descriptor = lock.file.fileno()
        environment = os.environ | {build_lock.SHARED: str(descriptor)}
        code = subprocess.run(arguments, check=False, env=environment, pass_fds=[descriptor]).returncode
        lock.say_who()
        return code

    def judge(self, code, results, published, reason):
        """What a build came to: (exit code, outcome, why).

        code: of dbt.  results: of last_build.results().  published: id of the publication before.  reason: for which it was built.
        """
        now = last_build.publication_id()
        if now != published:
            self.line["publication_id"] = now
        red = {name: row for name, row in results.items() if row["status"] in ("error", "fail", "runtime error", "partial success")}
        nodes = [name for name, row in red.items() if not row["is_end"]]
        refused = [row["message"] for row in red.values() if "ArchiveError: " in row["message"]]
        if refused:
            return UNUSABLE, "failed", refused[0].split("ArchiveError: ")[-1].strip().splitlines()[0]
        if nodes:
            return FAILED, "failed", f"{len(nodes)} of {len(results)} models and tests are red, {nodes[0]} first"
        # dbt has no result of what ends a build (macro end_build): a held one ends with 2 and nothing red.
        held = last_build.held_by(self.warehouse, self.archive) if results else []
        if held:
            return HELD, "held", f"built and tested, and not published: held by {', '.join(held)}; see marts.data_quality"
        if code == 0 and now != published:
            return DONE, "published", reason
        if not results:
            return FAILED, "failed", f"dbt was stopped by signal {-code}" if code < 0 else f"dbt ended with {code} before it built anything"
        return FAILED, "failed", f"all models and tests passed, and nothing was published; dbt ended with {code}"

    def warn_of_silence(self, days):
        """Says so when the newest export is older than a number of days. Models never look at the clock; a night does.  days: 0 for never."""
        today = datetime.now(timezone.utc).date()
        dates = [
            row["exported_at"].date() for row in observations(self.archive)
            if row["exported_at"] and not row["problem"] and row["folder"] != "partner_directory"
        ]  # fmt: skip
        newest = max((date for date in dates if date <= today + timedelta(days=1)), default=None)
        self.line["newest_export_date"] = newest
        if newest and days and (today - newest).days > days:
            self.line["warning"] = f"nothing new has come for {(today - newest).days} days: the newest export is of {newest}"
            print(f"WARNING: {self.line['warning']}. See that the exports are downloaded.", flush=True)


def count(files):
    """How many files there are, as the beginning of a sentence."""
    return "1 file is" if len(files) == 1 else f"{len(files)} files are"


def command():
    """How dbt is called: that of this environment."""
    return [str(pathlib.Path(sys.executable).with_name("dbt"))]


def observations(folder):
    """All that an archive has recorded (dicts), or nothing when there is no archive yet, or it is damaged. folder: of the archive."""
    if not os.path.exists(os.path.join(folder, "archive.json")):
        return []
    try:
        return archive.listing(folder)
    except archive.ArchiveError:
        return []  # the build says so


def changed_files(landing_zone, folder):
    """Files of the landing zone that the archive does not know as they are now: by name, size and times.

    landing_zone, folder (of the archive): paths.  ArchiveError: the zone cannot be built from, or the archive cannot be read.
    """
    latest = {row["source_file"]: row for row in archive.listing(folder)} if os.path.exists(os.path.join(folder, "archive.json")) else {}
    known = {(name.split("!", 1)[0], row["size_bytes"], row["modified_at"]) for name, row in latest.items()}
    found, seen = run.look(landing_zone), health.zone_times(folder)
    run.check_needed(landing_zone, found, store.Store(folder))
    return [
        file.source_file for file in found
        if file.stat and ((file.source_file, file.stat.st_size, names.modified_at(file.stat)) not in known or seen.get(file.source_file) != file.stat.st_ctime_ns)
    ]  # fmt: skip


def vanished_files(landing_zone, warehouse):
    """Files that the last build found in the landing zone and that are gone. A list that vanished was perhaps deleted by mistake: the build says so.

    landing_zone, warehouse: paths. The warehouse knows what was there; one that cannot be read is built in any case (last_build.unsettled()).
    """
    found = {file.source_file for file in run.look(landing_zone)}
    return [name for name in last_build.present_files(warehouse) if name.split("!", 1)[0] not in found]


def night(always=False, settings=None, stale_days=STALE_DAYS):
    """Builds if there is a reason; returns the exit code (see the top of this file).

    always: build in any case.  settings: variables for dbt, YAML.  stale_days: after how many days without a new export to warn, 0 for never.
    """
    return Night(settings).run(always, stale_days)
