"""What `pec night` looks at before it builds: files, the last build, and the project itself."""

import os
import shutil

import duckdb
import pytest
from pec import archive, cli, last_build, night, project
from project import warehouse as w


@pytest.fixture
def house(sample, tmp_path):
    """(zone, warehouse): a copy of the sample and of the warehouse that was built from it."""
    zone = tmp_path / "zone"
    shutil.copytree(w.SAMPLE, zone)
    w.moved_copy(sample, zone, tmp_path / "built")
    return zone, tmp_path / "built" / "warehouse.duckdb"


def test_the_project_is_known_by_the_same_fingerprint_with_and_without_dbt(sample):
    (version,) = w.query(sample, "from staging.project_version")
    assert version == {
        "rules_version": project.rules_version(w.PROJECT), "reference_data_version": project.reference_data_version(w.PROJECT),
        "settings_version": project.settings_version({}, w.PROJECT),
    }  # fmt: skip


def test_a_folder_without_a_project_has_no_fingerprint(tmp_path):
    with pytest.raises(project.ProjectError, match=f"{tmp_path} is not the folder of this project.*cd"):
        project.rules_version(tmp_path)


def test_settings_are_known_by_the_same_fingerprint_with_and_without_dbt(sample, monkeypatch):
    monkeypatch.chdir(w.PROJECT)
    (months,) = w.query(sample, "select distinct rules_version from build_state.settled_months")
    assert months == {"rules_version": f"{project.rules_version()} {project.settings_version({})} v{duckdb.__version__}"}
    for name, other in (("access_gap_tolerance_seconds", 60), ("invoice_tolerance_cents", 2), ("marketplace_offers_are_linked_automatically", True)):
        assert project.settings_version({name: other}) != project.settings_version({})
        assert last_build.unsettled(str(sample), {name: other}) == "the settings changed"
    assert project.settings_version({"marketplace_offers_are_linked_automatically": "False", "claim_days": 1}) == project.settings_version({})
    assert last_build.unsettled(str(sample), {"claim_days": 1}) is None


def test_a_changed_file_is_news_and_one_that_is_as_before_is_none(house):
    zone, warehouse = house
    folder = w.archive_of(warehouse)
    assert night.changed_files(str(zone), str(folder)) == []
    (zone / "fx_rates" / "later_2026-10-01.csv").write_text("CurrencyCode,USDPerUnit,Month\nEUR,1.1,202610\n")
    assert night.changed_files(str(zone), str(folder)) == ["fx_rates/later_2026-10-01.csv"]
    archive.update(str(zone), str(folder))
    assert night.changed_files(str(zone), str(folder)) == []


def test_a_file_that_is_gone_is_news_until_a_build_has_seen_it(house):
    zone, warehouse = house
    assert night.vanished_files(str(zone), str(warehouse)) == []
    gone = sorted(path for path in (zone / "role_assignments").rglob("*") if path.is_file())[0]
    gone.unlink()
    assert night.vanished_files(str(zone), str(warehouse)) == [gone.relative_to(zone).as_posix()]
    assert night.changed_files(str(zone), str(w.archive_of(warehouse))) == []
    with duckdb.connect(str(warehouse)) as connection:  # as the next build does
        connection.execute("update staging.stg_archive__files set is_present = false where source_file like ?", [f"%{gone.name}"])
    assert night.vanished_files(str(zone), str(warehouse)) == []
    assert night.vanished_files(str(zone), "/nowhere/warehouse.duckdb") == []


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (None, None),
        ("delete from build_state.settled_months where billing_month = '2026-08-01'", "not green"),
        ("update build_state.settled_months set rules_version = 'other'", "project changed"),
        ("drop schema build_state cascade", "cannot be read"),
    ],
)
def test_a_warehouse_that_is_not_settled_is_built(statement, reason, house, monkeypatch):
    monkeypatch.chdir(w.PROJECT)
    warehouse = house[1]
    if statement:
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(statement)
    found = last_build.unsettled(str(warehouse), {})
    assert found is None if reason is None else reason in found


def test_a_night_without_news_builds_nothing(house, monkeypatch, capsys):
    zone, warehouse = house
    monkeypatch.chdir(w.PROJECT)
    monkeypatch.setenv("PEC_LANDING_ZONE", str(zone))
    monkeypatch.setenv("PEC_WAREHOUSE", str(warehouse))
    monkeypatch.delenv("PEC_ARCHIVE", raising=False)
    before = os.stat(warehouse).st_mtime_ns
    assert cli.main(["night"]) == 0
    assert "nothing new" in capsys.readouterr().out
    assert os.stat(warehouse).st_mtime_ns == before


def test_a_missing_warehouse_is_built():
    assert "no warehouse" in last_build.unsettled("/nowhere/warehouse.duckdb", {})
