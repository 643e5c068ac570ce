"""Builds warehouses for tests: in this process, with the project parsed once, or as a user would, in a process of its own."""

import os
import pathlib
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


def _arguments(folder, command):
    folder = pathlib.Path(folder)
    return [
        *command, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT),
        "--target-path", str(folder / "target"), "--log-path", str(folder / "logs"),
    ]  # fmt: skip


def build(zone, folder, *command):
    """Runs a dbt command (default: build without unit tests) on a landing zone, in this process; returns the warehouse's path.

    folder: an empty or earlier used folder; the warehouse in it is called warehouse.duckdb.  Raises AssertionError when dbt fails.
    """
    global _manifest
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["PEC_LANDING_ZONE"], os.environ["PEC_WAREHOUSE"] = str(zone), str(folder / "warehouse.duckdb")
    here = os.getcwd()
    try:
        if _manifest is None:
            parsed = dbtRunner().invoke(_arguments(folder, ["parse", "--quiet"]))
            assert parsed.success, parsed.exception
            _manifest = parsed.result
        command = command or ("build", "--exclude-resource-type", "unit_test")
        done = dbtRunner(manifest=_manifest).invoke(_arguments(folder, [*command, "--quiet"]))
        failed = [f"{r.node.name}: {r.message}" for r in getattr(done.result, "results", []) if r.status not in ("success", "pass")]
        assert done.success, f"dbt {' '.join(command)} failed: {done.exception or failed}"
    finally:
        DuckDBConnectionManager.close_all_connections()  # one writer or many readers: the test reads next
        os.chdir(here)
    return folder / "warehouse.duckdb"


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
