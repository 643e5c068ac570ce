"""Builds warehouses for tests: in this process, with the project parsed once, or as a user would, in a process of its own."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = PROJECT / "seeds" / "landing_zone"
ROLES = PROJECT / "seeds" / "reference" / "azure_role_pec_eligibility.csv"

_manifest = None


def invoke(project, zone, warehouse, *arguments, manifest=None):
    """Runs dbt in this process on a project folder, a landing zone and a warehouse file; dbt's result. The warehouse is closed afterwards."""
    os.environ["PEC_LANDING_ZONE"], os.environ["PEC_WAREHOUSE"] = str(zone), str(warehouse)
    here = os.getcwd()
    try:
        return dbtRunner(manifest=manifest).invoke(
            [*arguments, "--quiet", "--project-dir", str(project), "--profiles-dir", str(project)]
        )  # fmt: skip
    finally:
        DuckDBConnectionManager.close_all_connections()  # one writer or many readers: the test reads next
        os.chdir(here)


def build(zone, folder, *command):
    """Runs a dbt command (default: build without unit tests) on a landing zone, in this process; returns the warehouse's path.

    folder: an empty or earlier used folder; the warehouse in it is called warehouse.duckdb.  Raises AssertionError when dbt fails.
    """
    global _manifest
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    warehouse = folder / "warehouse.duckdb"
    places = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    if _manifest is None:
        parsed = invoke(PROJECT, zone, warehouse, "parse", *places)
        assert parsed.success, parsed.exception
        _manifest = parsed.result
    command = command or ("build", "--exclude-resource-type", "unit_test")
    done = invoke(PROJECT, zone, warehouse, *command, *places, manifest=_manifest)
    failed = [f"{r.node.name}: {r.message}" for r in getattr(done.result, "results", []) if r.status not in ("success", "pass")]
    assert done.success, f"dbt {' '.join(command)} failed: {done.exception or failed}"
    return warehouse


def freeze_views(connection, statement):
    """Puts tables with the same rows in the place of the views in schema marts that a statement names, so that it can change them."""
    for (name,) in connection.execute("select view_name from duckdb_views() where schema_name = 'marts'").fetchall():
        if re.search(rf"marts\.{name}\b", statement):
            connection.execute(f"create table marts.frozen as from marts.{name}; drop view marts.{name}; alter table marts.frozen rename to {name}")


def query(warehouse, sql):
    """The rows of a query on a warehouse as dictionaries."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        result = connection.execute(sql)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row)) for row in result.fetchall()]


def run_as_user(project, *command, **environment):
    """Runs a command of a virtual environment's bin/ in a project folder, in a process of its own; returns it with its output as text."""
    variables = {k: v for k, v in os.environ.items() if not k.startswith("PEC_")}
    tool = pathlib.Path(sys.executable).parent / command[0]
    return subprocess.run(
        [str(tool), *command[1:]], cwd=project, env=variables | environment, capture_output=True, text=True, check=False
    )  # fmt: skip


def copy_of_project(folder):
    """A copy of the project's models, without environment, build output and dbt tests, in a folder that does not exist yet; its path."""
    ignored = shutil.ignore_patterns(
        ".venv", ".venv-focus", ".git", "target", "logs", "*.duckdb", "*.wal", "__pycache__", ".hypothesis", "_unit_tests.yml", "invariants",
        "landing_zone", "analyses",
    )  # fmt: skip
    copy = pathlib.Path(shutil.copytree(PROJECT, folder, ignore=ignored))
    (copy / "analyses").mkdir()
    return copy
