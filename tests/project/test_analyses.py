"""The analyses run on a built warehouse, take variables, and answer something."""

import datetime
import json
import shutil

import duckdb
from project import warehouse as w
import pytest

# None is the default of an analysis: an analyst asks without changing a file.
VARIABLES = {
    "usage_date": "2026-08-06", "resource_id_ends_with": "/databases/catalogue", "transacting_partner_id": "6011111", "billing_month": "2026-07-01",
    "before_database": "yesterday",
}  # fmt: skip
# What the answer of an analysis holds when it took its variables.
HOLDS = {"explain_resource_day": "denied", "evidence_for_a_claim": datetime.date(2026, 7, 1)}
ANALYSES = sorted(path.stem for path in (w.PROJECT / "analyses").glob("*.sql"))


@pytest.fixture(scope="module")
def compiled(sample, tmp_path_factory):
    """SQL of the analyses by name, as dbt compiles it for the sample's warehouse."""
    folder = tmp_path_factory.mktemp("analyses")
    done = w.invoke(
        w.PROJECT, w.SAMPLE, sample, "compile", "--select", *ANALYSES, "--target-path", str(folder), "--log-path", str(folder),
        "--vars", json.dumps(VARIABLES),
    )  # fmt: skip
    assert done.success, done.exception
    return {path.stem: path.read_text() for path in folder.glob("compiled/**/analyses/*.sql")}


@pytest.mark.parametrize("name", ANALYSES)
def test_analysis_answers(name, compiled, sample, tmp_path):
    earlier = shutil.copy(sample, tmp_path / "earlier.duckdb")
    with duckdb.connect(str(sample), read_only=True) as connection:
        connection.execute(f"attach '{earlier}' as yesterday (read_only)")  # what compare_two_builds asks for
        rows = connection.execute(compiled[name]).fetchall()
    assert bool(rows) == (name != "compare_two_builds"), "two equal builds have no difference, all else has an answer"
    assert name not in HOLDS or all(HOLDS[name] in row for row in rows)
