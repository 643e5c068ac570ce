"""A warehouse that grew night by night says, row for row, what one says that is built at once: from the archive alone, and from the zone.

Random sequences of arrivals (the package): also with warehouse and files deleted, code changed, and corrections taken back between the nights.

More sequences: PEC_ARRIVALS=20 PEC_ARRIVALS_FROM=100 .venv/bin/python -m pytest tests/arrivals
"""

import os
import shutil

import arrivals as a
import duckdb
from project import marts
from project import warehouse as w
import pytest
from reference import comparison
import worlds

FIRST = int(os.environ.get("PEC_ARRIVALS_FROM", "1"))
# Two short sequences are always there: one in which all is lost that can be lost, and one that keeps all, with most kinds of news.
SEEDS = sorted({83, 158} | set(range(FIRST, FIRST + int(os.environ.get("PEC_ARRIVALS", "0")))))
BUILD = ("build", "--exclude-resource-type", "unit_test")  # with data tests: a build without settles no month
# These tell when something was built, and what the landing zone held before: a warehouse of the zone alone cannot know it, one of the archive does.
GATES = {"data_quality", "data_quality_findings"}  # they compare with what was published before
HISTORY = {"pec_restatements", "pec_statement_history", "landed_files", *GATES}
def rebuilt_from_archive(zone, warehouse, folder, project, but):
    """A warehouse that was built at once from a copy of another one's archive, and nothing else."""
    folder.mkdir()
    shutil.copytree(w.archive_of(warehouse), w.archive_of(folder / warehouse.name))
    with w.unreadable(zone, folder / warehouse.name, but):
        return w.build(zone, folder, *BUILD, project=project)


@pytest.mark.parametrize("seed", SEEDS)
def test_grown_warehouse_is_what_a_rebuilt_one_is(seed, tmp_path):
    """Night by night: what the archive says, whatever became of warehouse, files and code; what the zone says, as long as it says all; the reference."""
    worlds.write_world(seed, tmp_path / "source")
    zone, grown = tmp_path / "zone", tmp_path / "grown"
    project = w.copy_of_project(tmp_path / "project")
    arrivals, nights = a.Arrivals(seed, tmp_path / "source", zone), a.Nights(seed, project, grown / "warehouse.duckdb")
    arrivals.begin()
    warehouse = w.build(zone, grown, *BUILD, project=project)
    while len(arrivals.arrived) < arrivals.count:
        arrivals.arrive()
        nights.fall()
        w.build(zone, grown, *BUILD, project=project)
        if not arrivals.is_compared():
            continue
        number = len(arrivals.arrived)
        # What could not be read stays as it is: blanked, it would have another problem.
        put_aside = {row["source_file"] for row in w.query(warehouse, "from marts.landed_files where problem is not null and is_present")}
        rebuilt = rebuilt_from_archive(zone, warehouse, tmp_path / f"from_archive{number}", project, put_aside)
        found = [f"from the archive: {text}" for text in marts.differences(warehouse, rebuilt, but=GATES)]
        if not arrivals.forgot:
            rebuilt = w.build(zone, tmp_path / f"from_zone{number}", *BUILD, project=project)
            found += [f"from the zone: {text}" for text in marts.differences(warehouse, rebuilt, but=HISTORY)]
        if not nights.is_bent:
            told = comparison.against_reference(arrivals.kept, warehouse, {path for path in arrivals.broken if path.startswith("daily_rated_usage/")})
            found += [f"against the reference: {text}" for text in told[:10]]
        happened = [[*news, *events] for news, events in zip(arrivals.arrived[1:], nights.happened, strict=True)]
        assert not found, "\n".join([f"seed {seed}, after arrival {number}:", *found, "what arrived and happened:", *map(str, happened)])


# What is done to one of two equal warehouses, and what the comparison says then.
BENT = {
    "update marts.pec_monthly_statement set net_cost_usd = net_cost_usd + 1e-10 where rowid = 0":
        "pec_monthly_statement: 1 rows only in the grown warehouse, 1 only in the rebuilt one",
    "insert into marts.fct_pec_charges_daily select * from marts.fct_pec_charges_daily limit 1":
        "fct_pec_charges_daily: 1 rows only in the grown warehouse, 0 only in the rebuilt one",
    "delete from marts.fct_pec_eligibility_daily where rowid = 0":
        "fct_pec_eligibility_daily: 0 rows only in the grown warehouse, 1 only in the rebuilt one",
    "alter table marts.invoice_reconciliation rename invoice_number to number": "invoice_reconciliation: columns",
    "drop table marts.pec_price_differences": "pec_price_differences: only on one side",
}  # fmt: skip


def test_comparison_bites(sample, tmp_path):
    bent = tmp_path / "warehouse.duckdb"
    shutil.copy(sample, bent)
    assert marts.differences(bent, sample) == []
    with duckdb.connect(str(bent)) as connection:
        for statement in BENT:
            w.freeze_views(connection, statement)
            connection.execute(statement)
    found = marts.differences(bent, sample)
    assert [said for said in BENT.values() if not any(text.startswith(said) for text in found)] == []
    # A view of the charges with names shows what was done to them.
    assert {text.split(",")[0].split(":")[0] for text in found} == {said.split(":")[0] for said in BENT.values()} | {"pec_charges"}, "and nothing else"
    assert any("net_cost_usd" in text and ", there " in text for text in found), "the column is named, with both values"


def test_two_empty_warehouses_are_not_taken_for_equal(sample, tmp_path):
    empty = tmp_path / "warehouse.duckdb"
    shutil.copy(sample, empty)
    with duckdb.connect(str(empty)) as connection:
        connection.execute("delete from marts.pec_monthly_statement")
    assert marts.differences(empty, empty) == ["pec_monthly_statement: 0 rows prove nothing"]
