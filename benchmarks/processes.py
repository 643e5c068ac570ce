"""Runs the steps of the benchmark, each in a process of its own, and says what each took."""

import os
import pathlib
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass

import month

PROJECT = pathlib.Path(__file__).resolve().parents[1]
BIN = pathlib.Path(sys.executable).parent
# Nights of the benchmark change what was published before, and must not be held (docs/operations.md, Gates). The same variables everywhere: dbt parses
# the whole project anew when they differ from those of its last command.
VARIABLES = ("--vars", "{checks_that_only_warn: [export_shrank, due_credit_changed, applied_credit_changed]}")
MODELS_ONLY = ("--exclude-resource-type", "test", "unit_test")
WITH_TESTS = ("--exclude-resource-type", "unit_test")
MEMORY_LIMIT = "4GB"


@dataclass(frozen=True)
class Measured:
    """What a process took, its children included: seconds of wall and of CPU, and the peak of resident memory in GB."""

    wall: float
    cpu: float
    peak_gb: float


@dataclass(frozen=True)
class Bench:
    """Where things are. work: the folder that is filled."""

    work: pathlib.Path
    month: month.Month

    @property
    def zone(self) -> pathlib.Path:
        return self.work / "full_zone"

    @property
    def earlier_zone(self) -> pathlib.Path:
        return self.work / "earlier_zone"

    @property
    def night_zone(self) -> pathlib.Path:
        return self.work / "night_zone"

    @property
    def nearly_empty_zone(self) -> pathlib.Path:
        return self.work / "nearly_empty_zone"

    def database(self, name: str) -> pathlib.Path:
        return self.work / f"{name}.duckdb"

    def archive(self, name: str) -> pathlib.Path:
        return self.work / f"{name}.archive"

    def run_results(self, name: str) -> pathlib.Path:
        return self.work / f"{name}.run_results.json"

    def manifest(self) -> pathlib.Path:
        return self.work / "dbt" / "manifest.json"

    # What a build reads and writes has the same paths in all builds: an archive belongs to one zone, and dbt parses the project anew when a path
    # in its profile changes. What a build has left is a state, kept under a name: the warehouse and its archive.

    def forget(self, name: str = "warehouse") -> None:
        """Removes a state."""
        for path in (self.database(name), self.database(name).with_suffix(".duckdb.wal")):
            path.unlink(missing_ok=True)
        shutil.rmtree(self.archive(name), ignore_errors=True)

    def keep(self, name: str) -> None:
        """Keeps the state that the last build left, under a name."""
        self.forget(name)
        self.database("warehouse").rename(self.database(name))
        self.archive("warehouse").rename(self.archive(name))

    def restore(self, name: str, is_warehouse_kept: bool = True) -> None:
        """Puts a copy of a state where the next build finds it. is_warehouse_kept: False leaves the archive alone.

        The archive's files are never written again, so that the copy needs no room of its own.
        """
        self.forget()
        shutil.copytree(self.archive(name), self.archive("warehouse"), copy_function=os.link)
        if is_warehouse_kept:
            shutil.copy(self.database(name), self.database("warehouse"))


def measure(name: str, command: list, log: pathlib.Path, **variables) -> Measured:
    """Runs a command in the project's folder; what it took. Ends the benchmark with the end of its output when it fails."""
    environment = os.environ | {"PEC_MEMORY_LIMIT": MEMORY_LIMIT} | {key: str(value) for key, value in variables.items()}
    began = time.monotonic()
    with open(log, "w", encoding="utf-8") as output:
        process = subprocess.Popen([str(part) for part in command], cwd=PROJECT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{name} failed ({process.returncode}), see {log}:\n" + log.read_text()[-3000:])
    measured = Measured(time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024**2)
    print(f"{name:28} {measured.wall:8.1f} s {measured.cpu:8.1f} s CPU {measured.peak_gb:6.2f} GB", flush=True)
    return measured


def places(bench: Bench, zone: pathlib.Path) -> dict:
    """The environment of a build on a zone."""
    link = bench.work / "zone"
    link.unlink(missing_ok=True)
    link.symlink_to(zone)
    return {"PEC_LANDING_ZONE": link, "PEC_WAREHOUSE": bench.database("warehouse"), "PEC_ARCHIVE": bench.archive("warehouse")}


def dbt(bench: Bench, name: str, zone: pathlib.Path, *command) -> Measured:
    """Runs a dbt command on a zone and the state as it stands, and keeps its run results as those of `name`."""
    folders = ("--target-path", bench.work / "dbt", "--log-path", bench.work / "logs")
    measured = measure(name, [BIN / "dbt", *command, *VARIABLES, *folders], bench.work / f"{name}.log", **places(bench, zone))
    if command[0] == "build":
        shutil.copy(bench.work / "dbt" / "run_results.json", bench.run_results(name))
    return measured


def python(bench: Bench, name: str, *arguments, interpreter: pathlib.Path = BIN / "python", **variables) -> Measured:
    """Runs Python with some arguments, a script of this folder first."""
    script, *others = arguments
    return measure(name, [interpreter, pathlib.Path(__file__).with_name(script), *others], bench.work / f"{name}.log", **variables)
