"""All marts of both engines, row for row and type for type: of the sample, and of random worlds united into one landing zone, over two nights.

The marts of the sample's second night are built once more as on a cluster: through a Thrift server, and through HTTPS.

Other numbers of worlds: PEC_SPARK_WORLDS=12 .venv-spark/bin/python -m pytest spark/tests/test_marts.py
"""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

import duckdb
import pyspark
import pytest

from spark import compare, settings

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PYTHON = PROJECT / ".venv" / "bin" / "python"  # the project's own environment
WORLDS = int(os.environ.get("PEC_SPARK_WORLDS", "51"))
# The second night brings this evidence.
LATE = ("role_assignments", "lighthouse")
GATES = ["export_shrank", "rejected_usage", "rejected_evidence", "due_credit_changed", "applied_credit_changed"]
VARIABLES = ["--vars", json.dumps({"checks_that_only_warn": GATES})]
# Must have rows in the worlds, else nothing was compared.
NEEDED = ("pec_restatements", "pec_missed_credit", "pec_access_gaps", "invoice_reconciliation", "rejected_rows", "pec_unresolved_access")


def run(*command, zone, folder, python=PYTHON):
    """Runs Python as a user would. command: a module, or -c and a text, and arguments.  zone, folder: of the build.  AssertionError: it failed."""
    environ = os.environ | {
        "PEC_LANDING_ZONE": str(zone), "PEC_WAREHOUSE": str(folder / "warehouse.duckdb"), "PYTHONPATH": f"{PROJECT}:{PROJECT / 'tests'}",
    }  # fmt: skip
    environ.pop("PEC_ARCHIVE", None)
    start = [] if command[0] == "-c" else ["-m"]
    done = subprocess.run([str(python), *start, *map(str, command)], cwd=PROJECT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    return done.stdout


def build_on_duckdb(zone, folder, *without):
    """Builds, and publishes unless without data tests. zone, folder: as above.  without: more kinds of resources to leave out."""
    options = ("--quiet", "--exclude-resource-type", "unit_test", *without, "--target-path", folder / "target", *VARIABLES)
    run("dbt.cli.main", "build", *options, zone=zone, folder=folder)


def night_on_duckdb(zone, folder):
    """Builds and publishes, then builds once more: Spark reads the history of what is published. Returns the months that the first build computed."""
    build_on_duckdb(zone, folder)
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        changed = [str(month) for (month,) in connection.execute("select billing_month from intermediate.int_changed_months order by 1").fetchall()]
    build_on_duckdb(zone, folder, "test")
    return changed


def build_on_spark(zone, folder, *command):
    """Generates the project and builds it. zone, folder: as above.  command: of dbt; none is all, with all data tests."""
    run("spark.prepare", folder / "spark", *VARIABLES, zone=zone, folder=folder)
    run("spark", "generate", folder / "spark", zone=zone, folder=folder, python=sys.executable)
    return run("spark", "build", folder / "spark", *command, zone=zone, folder=folder, python=sys.executable)


def build_through_server(zone, folder, *command, attempts=3):
    """As build_on_spark(), and again if the server could not close a session. attempts: at most.

    Spark comes without a class (LlapSigner) that Hive in its Thrift server rarely asks for when a session ends: the model of that session fails.
    """
    for attempt in range(1, attempts + 1):
        try:
            return build_on_spark(zone, folder, *command)
        except AssertionError as failure:
            if "NoClassDefFoundError" not in str(failure) or attempt == attempts:
                raise


@contextlib.contextmanager
def thrift_server(folder, target):
    """A Thrift server over the tables and the catalog of a build; gives the variables by which dbt finds it. folder: as above.  target: thrift or http.

    It is set like one that knows nothing of this project: dbt must ask for what is required.  AssertionError: it did not start in two minutes.
    """
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    values = {name: value for name, value in settings.local(folder / "spark").items() if name not in settings.REQUIRED}
    home, log = pathlib.Path(pyspark.__file__).parent, folder / f"{target}.log"
    environ = settings.with_java(os.environ | {"SPARK_HOME": str(home)})
    hive = {"thrift.port": port} if target == "thrift" else {"transport.mode": "http", "thrift.http.port": port} | https(folder, environ)
    options = [f"--conf={name}={value}" for name, value in values.items()]
    command = [home / "bin" / "spark-submit", *options, "--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2", "spark-internal"]
    for name, value in hive.items():
        command += ["--hiveconf", f"hive.server2.{name}={value}"]
    with open(log, "w", encoding="utf-8") as output, subprocess.Popen(
        list(map(str, command)), env=environ, cwd=folder, stdout=output, stderr=output
    ) as server:  # fmt: skip
        try:
            until = time.monotonic() + 120
            while not is_open(port):
                assert server.poll() is None and time.monotonic() < until, log.read_text(encoding="utf-8")[-6000:]
                time.sleep(0.5)
            yield {
                "PEC_SPARK_HOST": "localhost", "PEC_SPARK_PORT": str(port), "PEC_SPARK_USER": "dbt", "PEC_SPARK_TOKEN": "secret",
                "PEC_SPARK_CLUSTER": "pec", "SSL_CERT_FILE": str(folder / "localhost.pem"),
            }  # fmt: skip
        finally:
            server.terminate()


def https(folder, environ):
    """Hive's settings of a server behind HTTPS, as a dictionary. folder: gets its certificate, localhost.pem.  environ: with JAVA_HOME.

    The path is the one by which dbt asks for the cluster `pec` of organization 0.
    """
    keytool, store = pathlib.Path(environ["JAVA_HOME"], "bin", "keytool"), folder / "localhost.jks"
    common = ("-alias", "localhost", "-keystore", store, "-storepass", "changeit")
    for command in (
        ("-genkeypair", "-keyalg", "RSA", "-dname", "CN=localhost", "-ext", "san=dns:localhost", "-validity", "2", *common),
        ("-exportcert", "-rfc", "-file", folder / "localhost.pem", *common),
    ):
        subprocess.run(list(map(str, (keytool, *command))), capture_output=True, check=True)
    return {"thrift.http.path": "sql/protocolv1/o/0/pec", "use.SSL": "true", "keystore.path": store, "keystore.password": "changeit"}


def is_open(port):
    """Whether something on this machine listens to a port. port: a number."""
    with socket.socket() as client:
        return client.connect_ex(("localhost", port)) == 0


def differences(folder, needed=()):
    """What differs between the marts of both engines. folder: as above.  needed: names of marts that must have rows."""
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name in needed:
            assert connection.execute(f"select count(*) from marts.{name}").fetchone()[0] > 0, f"{name} has no rows to compare"
        return compare.compare(connection, "marts", folder / "spark" / "tables")


# Moves September's usage of a landing zone to August.
WITHOUT_SEPTEMBER = """
import gzip, pathlib, sys
from arrivals.files import read_text
from project.test_changes import without_september
for file in pathlib.Path(sys.argv[1], "daily_rated_usage").rglob("*"):
    if file.is_file() and without_september(file) != read_text(file):
        content = without_september(file).encode()
        file.write_bytes(gzip.compress(content, mtime=0) if file.suffix == ".gz" else content)
"""


def months_on_spark(folder, table):
    """{month: names of files} of a table that is partitioned by month. folder: of the build.  table: its schema and name."""
    found = (folder / "spark" / "tables" / table).glob("billing_month=*/*.parquet")
    by_month = {}
    for file in sorted(found):
        by_month.setdefault(file.parent.name.removeprefix("billing_month="), []).append(file.name)
    return by_month


def test_the_sample_is_the_same_on_spark_night_by_night(tmp_path, monkeypatch):
    """The second night empties a month. Then its marts are built by four threads through a Thrift server, and through HTTPS, by appending."""
    zone, lines = tmp_path / "zone", "intermediate.db/int_charge_lines"
    shutil.copytree(PROJECT / "seeds" / "landing_zone", zone)
    night_on_duckdb(zone, tmp_path)
    build_on_spark(zone, tmp_path)
    assert differences(tmp_path, ("pec_missed_credit", "fct_pec_charges_daily", "focus_cost_and_usage")) == {}
    before = months_on_spark(tmp_path, lines)
    assert sorted(before) == ["2026-07-01", "2026-08-01", "2026-09-01"]

    run("-c", WITHOUT_SEPTEMBER, zone, zone=zone, folder=tmp_path)
    changed = night_on_duckdb(zone, tmp_path)
    assert "2026-09-01" in changed and "2026-07-01" not in changed
    build_on_spark(zone, tmp_path, "run")
    assert differences(tmp_path, ("pec_missed_credit", "fct_pec_charges_daily", "pec_restatements")) == {}
    for target, *options in (("thrift",), ("http", "--vars", "incremental_strategy: append")):
        with thrift_server(tmp_path, target) as variables:
            for name, value in variables.items():
                monkeypatch.setenv(name, value)
            build_through_server(zone, tmp_path, "run", "--select", "marts", "--target", target, *options)
        assert differences(tmp_path, ("pec_missed_credit", "fct_pec_charges_daily", "pec_restatements")) == {}
    after = months_on_spark(tmp_path, lines)
    assert sorted(after) == ["2026-07-01", "2026-08-01"]
    assert [month for month in before if after.get(month) != before[month]] == changed


def test_random_worlds_are_the_same_on_spark(tmp_path):
    """Over two nights, so that months are restated."""
    zone = tmp_path / "zone"
    run("-c", "import pathlib, sys, worlds; worlds.write_together(range(1, int(sys.argv[2]) + 1), pathlib.Path(sys.argv[1]))", zone, WORLDS,
        zone=zone, folder=tmp_path)  # fmt: skip
    for folder in LATE:
        if (zone / folder).exists():
            shutil.move(zone / folder, tmp_path / folder)
    build_on_duckdb(zone, tmp_path)
    for folder in LATE:
        if (tmp_path / folder).exists():
            shutil.move(tmp_path / folder, zone / folder)
    night_on_duckdb(zone, tmp_path)
    build_on_spark(zone, tmp_path)
    assert differences(tmp_path, NEEDED) == {}


@pytest.mark.parametrize(
    ("failures", "expected"),
    [
        ([], "built"), (["NoClassDefFoundError"] * 2, "built"), (["NoClassDefFoundError"] * 3, "NoClassDefFoundError"),
        (["Completed with 1 error"], "Completed with 1 error"),
    ],
)  # fmt: skip
def test_only_what_is_no_fault_of_ours_is_built_again(failures, expected, monkeypatch):
    left = list(failures)

    def build(*command):
        if left:
            raise AssertionError(left.pop(0))
        return "built"

    monkeypatch.setattr(sys.modules[__name__], "build_on_spark", build)
    try:
        found = build_through_server("zone", "folder", "run")
    except AssertionError as failure:
        found = str(failure)
    assert (found, left) == (expected, [])


@pytest.fixture
def tables(tmp_path):
    """A warehouse with one mart, and Spark's table of it."""
    folder = tmp_path / "tables" / "marts.db" / "m"
    folder.mkdir(parents=True)
    connection = duckdb.connect()
    connection.execute("create schema marts; create table marts.m as select 1::bigint as a, 1.50::decimal(38, 2) as b, null::timestamp as c")
    return connection, folder


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("select * from marts.m", None), ("select a, b + 1 as b, c from marts.m", "rows only"),
        ("select * from marts.m union all select * from marts.m", "rows only"),
        ("select a, b::decimal(38, 3) as b, c from marts.m", "types"), ("select a, b from marts.m", "columns"),
        ("select * from marts.m where false", "rows only"),
        ("select a, b, date '2026-01-01'::timestamp as c from marts.m", "rows only"),
    ],
)  # fmt: skip
def test_a_difference_is_seen(tables, query, expected):
    connection, folder = tables
    connection.execute(f"copy ({query}) to '{folder}/part.parquet' (format parquet)")
    found = compare.compare(connection, "marts", folder.parents[1])
    assert found == {} if expected is None else expected in found["m"]


def test_a_mart_that_spark_did_not_make_is_seen(tables):
    connection, folder = tables
    assert compare.compare(connection, "marts", folder.parents[1]) == {"m": "Spark made no such table"}
