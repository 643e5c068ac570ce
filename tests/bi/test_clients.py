"""What people read the published folder with sees the figures of the build's own marts, to the last digit, and nothing else of the machine."""

import json
import os
import pathlib
import shutil
import subprocess
from decimal import Decimal

import duckdb
import pytest
from project import warehouse as w

CLIENTS = pathlib.Path(__file__).with_name("clients")


def run(environment, script, *arguments):
    """What a script of clients/ prints, run in an environment without a way to other machines; as a dictionary. environment: .venv-<environment>."""
    python = w.PROJECT / f".venv-{environment}" / "bin" / "python"
    variables = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "TZ": "Pacific/Auckland"}  # dates and times are UTC wherever a client is
    done = subprocess.run([str(python), str(CLIENTS / script), *map(str, arguments)], capture_output=True, text=True, check=False, env=variables)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def exact(figures):
    """Figures of marts with sums as decimals."""
    return {mart: (count, {name: None if found is None else Decimal(found) for name, found in sums.items()}) for mart, (count, sums) in figures.items()}


@pytest.fixture(scope="session")
def expected(sample):
    """{mart: (rows, {decimal column: sum})} of the build's warehouse, not of what it published."""
    found = {}
    with duckdb.connect(str(sample), read_only=True) as connection:
        for (mart,) in connection.execute("select table_name from information_schema.tables where table_schema = 'marts'").fetchall():
            columns = [(name, kind) for name, kind, *_ in connection.execute(f"describe marts.{mart}").fetchall()]
            money = [name for name, kind in columns if kind.startswith("DECIMAL")]
            count, *sums = connection.execute(f"select count(*), {', '.join(f'sum({name})' for name in money) or 'null'} from marts.{mart}").fetchone()
            found[mart] = count, dict(zip(money, sums))
    assert len(found) > 20 and found["pec_monthly_statement"][1]["missed_credit_usd"] > 0
    return found


@pytest.fixture(scope="session")
def described(published):
    """{(mart, column): description} of the published file."""
    with duckdb.connect(str(published / "pec.duckdb"), read_only=True) as connection:
        rows = connection.execute("select table_name, column_name, comment from duckdb_columns() where schema_name = 'marts'").fetchall()
    assert len(rows) > 300 and all(comment for *_, comment in rows)
    return {(mart, column): comment for mart, column, comment in rows}


@pytest.mark.parametrize("version", ["1.3", "1.4", "1.5", "2.0"])
def test_duckdb_reads_the_file_and_the_parquet_folder(version, published, expected, described):
    seen = run("bi" if version == "2.0" else f"duckdb-{version}", "read_duckdb.py", published)
    assert seen["version"].startswith(version)
    assert exact(seen["file"]) == expected
    assert exact(seen["parquet"]) == expected
    assert {(mart, column): comment for mart, column, comment in seen["comments"]} == described
    assert seen["refused"] == [True] * 5 + [False]


def test_sqlalchemy_reads_and_describes_and_sees_the_next_publication(published, expected, described, tmp_path):
    link, newer = tmp_path / "warehouse.published", shutil.copytree(published.resolve(), tmp_path / "newer")
    link.symlink_to(published.resolve())
    with duckdb.connect(str(newer / "pec.duckdb")) as connection:
        connection.execute("update marts.data_quality set status = 'hold'")
    seen = run("bi", "read_sqlalchemy.py", link, newer)
    assert exact(seen["file"]) == expected
    assert {(mart, column): comment for mart, column, comment in seen["comments"]} == described
    assert set(seen["tables"]) == set(expected) and all(text.startswith("One row per ") for text in seen["tables"].values())
    assert seen["refused"] == [True]
    assert seen["swapped"] == [0, 0, expected["data_quality"][0]]


@pytest.fixture(scope="session")
def frames(published):
    """What pandas, Polars and Arrow see."""
    return run("bi", "read_frames.py", published)


@pytest.mark.parametrize("client", ["arrow", "arrow_of_duckdb", "polars", "polars_of_duckdb", "pandas", "pandas_of_duckdb"])
def test_frames_are_exact(client, frames, expected):
    assert exact(frames[client]) == expected


def test_what_docs_say_of_floating_point_is_so(frames):
    assert frames["df_is_float"] == "float64"
