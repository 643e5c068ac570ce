"""Builds warehouses for tests: in this process, with the project parsed once, or as a user would, in a process of its own."""

import contextlib
import gc
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from pec import archive, publication

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = PROJECT / "seeds" / "landing_zone"
ROLES = PROJECT / "seeds" / "reference" / "azure_role_pec_eligibility.csv"

_manifests = {}  # project folder -> (what its files were, dbt's manifest of them)


def invoke(project, zone, warehouse, *arguments, manifest=None):
    """Runs dbt in this process on a project folder, a landing zone and a warehouse file; dbt's result. The warehouse is closed afterwards."""
    os.environ["PEC_LANDING_ZONE"], os.environ["PEC_WAREHOUSE"] = str(zone), str(warehouse)
    os.environ.pop("PEC_ARCHIVE", None)  # the archive is beside the warehouse file
    here = os.getcwd()
    try:
        return dbtRunner(manifest=manifest).invoke(
            [*arguments, "--quiet", "--log-level-file", "none", "--project-dir", str(project), "--profiles-dir", str(project)]
        )  # fmt: skip
    finally:
        DuckDBConnectionManager.close_all_connections()  # one writer or many readers: the test reads next
        os.chdir(here)


def code_of(project):
    """What the files of a project are by path, size and time: another now when one of them was changed."""
    folders = [project / name for name in ("models", "macros", "seeds/reference", "snapshots", "tests", "analyses", "pec")]
    files = [*project.glob("*.*"), *(file for folder in folders for file in folder.rglob("*") if "__pycache__" not in file.parts)]
    return {file: (file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file()}


def archive_of(warehouse):
    """The folder of a warehouse's archive, beside its file."""
    return pathlib.Path(warehouse).with_suffix(".archive")


def publications_of(warehouse):
    """The places of a warehouse's publications, beside its file."""
    return publication.Places(archive_of(warehouse), pathlib.Path(warehouse).with_suffix(".published"))


# A build without data tests, for tests that compare marts. It publishes nothing, and no month is settled.
MODELS = ("build", "--exclude-resource-type", "test", "unit_test")
# Checks that hold a publication. Builds of tests change a zone as no partner would, and must not be held, unless a test is about that.
GATES = ("export_shrank", "rejected_usage", "rejected_evidence", "due_credit_changed", "applied_credit_changed")
ONLY_WARN = ("--vars", json.dumps({"checks_that_only_warn": GATES}))


def build(zone, folder, *command, project=PROJECT, held=False):
    """Runs a dbt command (default: build without unit tests) on a landing zone, in this process; returns the warehouse's path.

    folder: an empty or earlier used folder; the warehouse in it is called warehouse.duckdb, the archive warehouse.archive.
    project: its folder, or that of a copy; it is parsed again when a file of it has changed.
    held: whether checks may hold the publication; a command with --vars decides that itself.  Raises AssertionError when dbt fails.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    warehouse = folder / "warehouse.duckdb"
    places = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    code = code_of(project)
    if _manifests.get(project, [None])[0] != code:
        parsed = invoke(project, zone, warehouse, "parse", "--no-partial-parse", *places)
        assert parsed.success, parsed.exception
        _manifests[project] = code, parsed.result
    command = command or ("build", "--exclude-resource-type", "unit_test")
    if not held and "--vars" not in command:
        command = (*command, *ONLY_WARN)
    done = invoke(project, zone, warehouse, *command, *places, manifest=_manifests[project][1])
    failed = [f"{r.node.name}: {r.message}" for r in getattr(done.result, "results", []) if r.status not in ("success", "pass")]
    is_green, said = done.success, f"dbt {' '.join(command)} failed: {done.exception or failed}"
    if not is_green:
        del done
        gc.collect()  # the frames of dbt's exception hold the warehouse open
    assert is_green, said
    return warehouse


def moved_copy(warehouse, zone, folder):
    """Copies a warehouse with its archive to a folder that does not exist yet, and tells the archive that its landing zone is another folder now.

    Returns the copy's path.
    """
    shutil.copytree(pathlib.Path(warehouse).parent, folder, symlinks=True, ignore=shutil.ignore_patterns("target", "logs"))
    copy = pathlib.Path(folder) / "warehouse.duckdb"
    archive.move(archive_of(copy), zone)
    return copy


def freeze_views(connection, statement):
    """Puts tables with the same rows in the place of the views in schema marts that a statement names, so that it can change them."""
    for (name,) in connection.execute("select view_name from duckdb_views() where schema_name = 'marts'").fetchall():
        if re.search(rf"marts\.{name}\b", statement):
            connection.execute(f"create table marts.frozen as from marts.{name}; drop view marts.{name}; alter table marts.frozen rename to {name}")


@contextlib.contextmanager
def unreadable(zone, warehouse, but=()):
    """For a time, the files of a zone are as long and as old as they are, but say nothing. but: paths of files that stay as they are.

    The archive of a warehouse is told that they are the same: it need not open what it has read; files that could not be read then are looked at again.
    """
    aside = zone.rename(zone.with_name(f"{zone.name}_aside"))
    for file in aside.rglob("*"):
        copy = zone / file.relative_to(aside)
        if file.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, copy)
            if copy.relative_to(zone).as_posix() not in but:
                copy.write_bytes(bytes(file.stat().st_size))
                os.utime(copy, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    try:
        archive.move(archive_of(warehouse), zone)
        yield
    finally:
        shutil.rmtree(zone)
        aside.rename(zone)


def query(warehouse, sql):
    """The rows of a query on a warehouse as dictionaries."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        result = connection.execute(sql)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row)) for row in result.fetchall()]


def contents(warehouse):
    """All rows of all marts, in a fixed order, as text by mart."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        # The history of statements tells when builds ran, and the checks compare with what was published: another each time.
        marts = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'marts' and table_name not in ('pec_statement_history', "
            "'data_quality', 'data_quality_findings') order by 1"
        ).fetchall()
        assert len(marts) >= 14
        return {mart: str(connection.execute(f"select * from marts.{mart} order by all").fetchall()) for (mart,) in marts}


def run_as_user(project, *command, **environment):
    """Runs a command of a virtual environment's bin/ in a project folder, in a process of its own; returns it with its output as text."""
    variables = {k: v for k, v in os.environ.items() if not k.startswith("PEC_")}
    tool = pathlib.Path(sys.executable).parent / command[0]
    return subprocess.run(
        [str(tool), *command[1:]], cwd=project, env=variables | environment, capture_output=True, text=True, check=False
    )  # fmt: skip


def copy_of_project(folder, with_tests=False):
    """A copy of the project, without environment and build output, in a folder that does not exist yet; its path.

    with_tests: with dbt's invariants and unit tests, which otherwise stay away.
    """
    tests = () if with_tests else ("*_unit_tests.yml", "invariants")
    ignored = shutil.ignore_patterns(
        ".venv*", "node_modules", ".git", "target", "logs", "*.duckdb", "*.wal", "*.archive", "*.published", "*.publications", "__pycache__", ".hypothesis",
        "landing_zone", "analyses", *tests,
    )  # fmt: skip
    copy = pathlib.Path(shutil.copytree(PROJECT, folder, ignore=ignored))
    (copy / "analyses").mkdir()
    return copy
