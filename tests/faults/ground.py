"""What faults happen to: a small warehouse that was built and published once, news in its landing zone, and builds in processes of their own.

Each fault gets a copy. An undisturbed build of the same news says what must come out.
"""

import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

from pec import archive, history, publication
from pec.archive import store
from project import warehouse as w
from project import marts
import duckdb

ZONE = w.PROJECT / "tests" / "cases" / "usage"
DBT = pathlib.Path(sys.executable).with_name("dbt")
# This zone has as many damaged lines as good ones: checks that hold would never let it be published.
BUILD = ("build", "--exclude-resource-type", "unit_test", *w.ONLY_WARN)
# These tell when a build began.
TIMED = {"pec_statement_history": ("as_of", "as_of_until"), "pec_restatements": ("restated_at",)}
EVENTS = {"LogStartLine", "LogModelResult", "LogTestResult", "LogSeedResult", "LogHookStartLine", "LogHookEndLine"}
TOO_LONG = 300  # seconds: a build of this zone takes 20


@dataclass
class Outcome:
    """How a build ended. code: of the process, negative for a signal.  said: its output.  events: how many steps dbt told of."""

    code: int
    said: str
    events: int = 0
    was_reached: bool = True


@dataclass
class Ground:
    """A folder with a warehouse, its archive and its publications, for one landing zone."""

    folder: pathlib.Path
    zone: pathlib.Path
    zone_before: dict = field(default_factory=dict)  # stats_of() the zone, before any build of the news

    @property
    def warehouse(self):
        return self.folder / "warehouse.duckdb"

    @property
    def archive(self):
        return self.folder / "warehouse.archive"

    @property
    def places(self):
        return publication.Places(self.archive, self.folder / "warehouse.published")

    def copy(self, folder):
        """The same in another folder, which does not exist yet."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Ground(folder, self.zone)

    def start(self, limit=None, before=(), **settings):
        """Starts a build; returns the process, which writes JSON lines.

        limit: called in the process before dbt.  before: a command that runs dbt.  settings: environment variables.
        """
        variables = {name: value for name, value in os.environ.items() if not name.startswith(("PEC_", "DBT_"))}
        variables |= {
            "PEC_LANDING_ZONE": str(self.zone), "PEC_WAREHOUSE": str(self.warehouse), "PYTHONPATH": str(w.PROJECT), "PYTHONDONTWRITEBYTECODE": "1",
            **settings,
        }  # fmt: skip
        # In another folder than before dbt would parse the project anew.
        parsed = self.folder / "target" / "partial_parse.msgpack"
        dbt = [sys.executable, pathlib.Path(__file__).with_name("build.py"), parsed] if parsed.exists() else [DBT]
        return subprocess.Popen(
            [*before, *dbt, *BUILD, "--log-format", "json", "--target-path", self.folder / "target", "--log-path", self.folder / "logs"],
            cwd=w.PROJECT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, preexec_fn=limit,
        )  # fmt: skip

    def build(self, **options):
        """A build to its end; its Outcome. options: of start()."""
        return follow(self.start(**options))

    def killed(self, moment):
        """A build that is killed at a moment; its Outcome. moment: Moment."""
        process = self.start()
        return follow(process, moment.watch(self, process))

    def recovered(self):
        """A build that must succeed; its Outcome."""
        outcome = self.build()
        assert outcome.code == 0, outcome.said
        return outcome


def stats_of(folder):
    """When each file and folder below a folder last changed, and how large it is."""
    return {str(path): (path.stat().st_ctime_ns, path.stat().st_size) for path in [folder, *folder.rglob("*")]}


def follow(process, watch=None):
    """Reads what a process writes until it ends; its Outcome. watch: called with the number of each event; true kills the process, or None."""
    lines, count, timer = [], 0, threading.Timer(TOO_LONG, lambda: kill(process))
    timer.start()
    for line in process.stdout:
        name, text = told(line)
        lines.append(text)
        if name in EVENTS:
            count += 1
            if watch and watch(count):
                break
    if watch:
        process.stdout.read()
    code = process.wait()
    assert timer.is_alive(), f"a build took {TOO_LONG} seconds"
    timer.cancel()
    return Outcome(code, "\n".join(lines), count, code == -signal.SIGKILL)


def told(line):
    """(name of an event, its text) of a line of dbt's; a line that is none of these is text."""
    try:
        info = json.loads(line)["info"]
        return info["name"], info["msg"]
    except (ValueError, KeyError, TypeError):
        return None, line.rstrip()


def kill(process):
    """Kills a process and all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


# -- moments -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moment:
    """When to kill: at a share of a build's steps and some milliseconds later, or at the first sight of a stage of the publication."""

    share: float | None = None
    delay: float = 0
    stage: str | None = None
    steps: int = 0  # of an undisturbed build

    def __str__(self):
        return self.stage or f"step {round(self.share * self.steps)} of {self.steps} + {self.delay * 1000:.0f} ms"

    def watch(self, ground, process):
        """Lets a process of a ground be killed at this moment; a function for follow()."""
        if self.stage is None:

            def at_step(count):
                if count == max(1, round(self.share * self.steps)):
                    time.sleep(self.delay)
                    kill(process)
                    return True
                return False

            return at_step
        before = set(ground.places.committed()), ground.places.current()

        def look():
            while process.poll() is None:
                if STAGES[self.stage](ground, *before):
                    kill(process)
                    return
                time.sleep(0.0005)

        threading.Thread(target=look, daemon=True).start()
        return lambda count: False


def beside(ground, pattern="."):
    """Files of a publication that is being written."""
    folders = ground.places.folders
    return [path for folder in folders.glob(".2*") for path in folder.glob(pattern)]


# Of a publication: what of it can be seen, in the order of its coming. Each: of a ground, the ids committed before, the current id before.
STAGES = {
    "folder begun": lambda ground, committed, current: beside(ground, "parquet"),
    "database begun": lambda ground, committed, current: beside(ground, "pec.duckdb"),
    "first mart": lambda ground, committed, current: beside(ground, "parquet/*.parquet"),
    "half of the marts": lambda ground, committed, current: len(beside(ground, "parquet/*.parquet")) >= 10,
    "history written": lambda ground, committed, current: list(ground.places.history.glob(".2*.parquet")),
    "publication.json": lambda ground, committed, current: beside(ground, "publication.json"),
    "folder named": lambda ground, committed, current: set(ground.places.existing()) - committed,
    "record": lambda ground, committed, current: {path.stem for path in ground.places.records.glob("2*.json")} - committed,
    "committed": lambda ground, committed, current: set(ground.places.committed()) - committed,
    "link swapped": lambda ground, committed, current: ground.places.current() != current,
    "last table": lambda ground, committed, current: ground.places.current() != current and not time.sleep(0.03),
}


# -- what must hold ------------------------------------------------------------------------------------------------------


def published(ground):
    """What the published folder says: {file: digest} of all marts but those that tell the time. AssertionError: it is not whole."""
    link = ground.places.link
    content = json.loads((link / "publication.json").read_text())
    found = {path.relative_to(link).as_posix() for path in link.rglob("*") if path.is_file()} - {"publication.json"}
    assert found == set(content["files"]), found ^ set(content["files"])
    for name, facts in content["files"].items():
        digest = hashlib.sha256((link / name).read_bytes()).hexdigest()
        assert digest == facts["sha256"], f"{name} is not as publication.json says"
    with duckdb.connect(str(link / "pec.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.fct_pec_charges_daily").fetchone()[0] > 0
    assert content["publication_id"] == ground.places.current()
    timed = {f"parquet/{name}.parquet" for name in TIMED}
    return {name: facts["sha256"] for name, facts in content["files"].items() if name.startswith("parquet/") and name not in timed}


def timeless(connection, ground, name):
    """Rows of a mart that tells the time, without it."""
    path = ground.places.link / "parquet" / f"{name}.parquet"
    return connection.execute(f"select * exclude ({', '.join(TIMED[name])}) from read_parquet(?) order by all", [str(path)]).fetchall()


def timeless_rows(ground):
    """Rows of all marts that tell the time, without it."""
    with duckdb.connect() as connection:
        return {name: timeless(connection, ground, name) for name in TIMED}


def differences(ground, expected):
    """All differences between what two grounds have published and have in their warehouses, as texts."""
    one, other = published(ground), published(expected)
    found = [f"{name} is another file" for name in sorted(set(one) | set(other)) if one.get(name) != other.get(name)]
    one, other = timeless_rows(ground), timeless_rows(expected)
    found += [f"{name} has other rows" for name in TIMED if one[name] != other[name]]
    return found + marts.differences(ground.warehouse, expected.warehouse, but=TIMED)


def left_overs(ground):
    """What a killed build left behind and a whole one has to remove, as paths."""
    archive = ground.archive
    found = [*ground.places.folders.glob(".*"), *ground.folder.glob(".*"), *ground.places.history.glob(".*"), archive / ".work"]
    found += [path for path in archive.rglob(".*.part")]
    found += [path for path in ground.places.folders.glob("*") if path.name not in ground.places.committed()]
    return [str(path) for path in found if path.exists()]


def damaged(ground):
    """What is wrong with the archive, as texts."""
    return archive.verify(str(ground.archive))


def in_future(ground, year=2036):
    """Lets the newest publication be of a later year, as if the clock had been wrong then; its id."""
    places = ground.places
    old = places.current()
    new = f"{year}{old[4:]}"
    os.rename(places.folders / old, places.folders / new)
    columns = ", ".join(history.COLUMNS)
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select {columns} from (select * replace (as_of + interval {year - int(old[:4])} year as as_of) from read_parquet(?))) "
            f"to {store.quoted(places.history / f'{new}.parquet')}", [str(places.history / f"{old}.parquet")],
        )  # fmt: skip
    os.remove(places.history / f"{old}.parquet")
    (places.records / f"{old}.json").unlink()
    content = json.loads((places.folders / new / "publication.json").read_text()) | {"publication_id": new}
    (places.folders / new / "publication.json").write_text(json.dumps(content))
    publication.swap(places, new)
    return new
