"""Checks hold what would change published numbers in silence, name it, and let it pass when somebody says so (docs/operations.md, Gates)."""

import re
import shutil

from cases import files_zone as z
from pec import acknowledgements, cli
from project import warehouse as w
import pytest
import yaml

EXPORT = "daily_rated_usage/unbilled_2026-08-10.csv"
ONLY_CHECKS = ("build", "--exclude-resource-type", "unit_test", "test", "--select", "+data_quality")
WHOLE = ("build", "--exclude-resource-type", "unit_test")


def write(zone, days, name=EXPORT):
    """A zone with one export: 10 USD a day on each of the first days of August, 15 % credit applied. Returns the zone."""
    if not (zone / "price_sheet").exists():
        price = {
            "ProductId": "QZT000000001", "SkuId": "0001", "TermDuration": "payG-1", "Market": "DE", "Currency": "USD", "UnitPrice": "1",
            "PricingTierRangeMin": "", "PricingTierRangeMax": "", "EffectiveStartDate": "8/1/2026 12:00:00 AM",
            "EffectiveEndDate": "11/30/9999 11:59:59 PM", "MeterIds": z.METER, "Tags": "Azure",
        }  # fmt: skip
        z.put(zone, "price_sheet/DE/azure_consumption_2026-08-01.csv", z.csv_text([price]))
    z.put(zone, name, z.csv_text([z.daily("gates", day, Quantity="100", PricingPreTaxTotal="85", BillingPreTaxTotal="85") for day in range(1, days + 1)]))
    return zone


def checks(warehouse):
    """The status of each check that does not pass."""
    return {row["check_name"]: row["status"] for row in w.query(warehouse, "from marts.data_quality") if row["status"] != "pass"}


def acknowledge(warehouse, monkeypatch, *arguments):
    """Runs `pec acknowledge` on a warehouse; its exit code."""
    monkeypatch.setenv("PEC_WAREHOUSE", str(warehouse))
    monkeypatch.delenv("PEC_ARCHIVE", raising=False)
    return cli.main(["acknowledge", *arguments])


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    """(zone, warehouse): nine days were published, then the same export came with eight."""
    folder = tmp_path_factory.mktemp("gates")
    zone = write(folder / "zone", 9)
    warehouse = w.build(zone, folder / "build", *WHOLE, held=True)
    assert checks(warehouse) == {"evidence_missing": "warn"}
    write(zone, 8)
    with pytest.raises(AssertionError, match="not published"):
        w.build(zone, folder / "build", *WHOLE, held=True)
    return zone, warehouse


def test_a_short_download_is_held_and_hides_no_number(night):
    _, warehouse = night
    assert checks(warehouse) == {"evidence_missing": "warn", "export_shrank": "hold", "applied_credit_changed": "hold"}
    published = warehouse.with_name("warehouse.published") / "pec.duckdb"
    assert w.query(warehouse, "select count(*) as n from marts.fct_pec_charges_daily") == [{"n": 8}]
    assert w.query(published, "select count(*) as n from marts.fct_pec_charges_daily") == [{"n": 9}]
    held = {row["check_name"]: row for row in w.query(warehouse, "from marts.data_quality where status = 'hold'")}
    assert held["export_shrank"]["found"] == f"{EXPORT}: 8 lines and 680.00 USD, where an earlier version of the file has 9 lines and 765.00 USD"
    assert f"pec acknowledge export_shrank '{EXPORT}'" in held["export_shrank"]["what_to_do"]
    assert held["applied_credit_changed"]["found"] == "2026-08: applied credit of 120.00 USD, where 135.00 was published; a change of -15.00, new usage left out"


def test_a_real_night_that_is_held_ends_with_3_and_the_next_does_not_build(night, tmp_path):
    zone, warehouse = night
    places = {
        "PEC_LANDING_ZONE": str(zone), "PEC_WAREHOUSE": str(warehouse), "DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path / "logs"),
    }  # fmt: skip
    done = w.run_as_user(w.PROJECT, "pec", "night", "--always", "--stale-days", "0", **places)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "Next: " not in done.stdout, "the next step is to look at what holds"
    assert "HELD by export_shrank" in done.stdout and "held by applied_credit_changed, export_shrank" in done.stdout
    done = w.run_as_user(w.PROJECT, "pec", "night", "--stale-days", "0", **places)
    assert (done.returncode, "Nothing was built" in done.stdout) == (3, True), done.stdout + done.stderr


def test_the_docs_list_each_check_with_its_default_and_its_limits(night):
    """The table of docs/operations.md is what the model does; its numbers are those of dbt_project.yml."""
    text = (w.PROJECT / "docs" / "operations.md").read_text()
    told = dict(re.findall(r"^\| `(\w+)` \|.*\| \**(hold|warn)\** \|$", text, re.MULTILINE))
    checks = {row["check_name"]: row["worst_status"] for row in w.query(night[1], "from marts.data_quality")}
    assert told == checks and len(told) == 14
    assert {name for name, status in checks.items() if status == "hold"} == set(w.GATES)
    limits = dict(re.findall(r"`(\w+)`: ([0-9.]+)", text))
    variables = yaml.safe_load((w.PROJECT / "dbt_project.yml").read_text())["vars"]
    assert len(limits) == 9 and {name: float(value) for name, value in limits.items()} == {name: variables[name] for name in limits}


def acknowledged_copy(night, folder, monkeypatch):
    """(zone, warehouse): copies of the held night, in a folder, with both findings acknowledged."""
    zone, warehouse = folder / "zone", folder / "build" / "warehouse.duckdb"
    shutil.copytree(night[0], zone)
    w.moved_copy(night[1], zone, folder / "build")
    assert acknowledge(warehouse, monkeypatch, "export_shrank", EXPORT, "--note", "a refund") == 0
    assert acknowledge(warehouse, monkeypatch, "applied_credit_changed", "2026-08") == 0
    return zone, warehouse


def test_what_was_acknowledged_is_published_and_not_asked_again(night, tmp_path, monkeypatch, capsys):
    zone, warehouse = acknowledged_copy(night, tmp_path, monkeypatch)
    w.build(zone, warehouse.parent, *WHOLE, held=True)
    assert checks(warehouse) == {"evidence_missing": "warn", "export_shrank": "warn", "applied_credit_changed": "warn"}
    row = w.query(warehouse, "select * from marts.data_quality_findings where check_name = 'export_shrank'")[0]
    assert (row["status"], row["is_acknowledged"], row["note"]) == ("warn", True, "a refund")
    published = warehouse.with_name("warehouse.published") / "pec.duckdb"
    assert w.query(published, "select count(*) as n from marts.fct_pec_charges_daily") == [{"n": 8}]
    assert w.query(published, "select status from marts.data_quality where check_name = 'export_shrank'") == [{"status": "warn"}]
    capsys.readouterr()
    assert acknowledge(warehouse, monkeypatch, "export_shrank", EXPORT) == 0
    assert "acknowledged already" in capsys.readouterr().out
    assert len(list((w.archive_of(warehouse) / "acknowledgements").glob("2*.parquet"))) == 2, "which writes nothing"


def test_what_was_published_with_a_warning_is_not_held_later(night, tmp_path):
    """As on the first night, when nothing can hold: what was published is the measure from then on."""
    zone, warehouse = tmp_path / "zone", tmp_path / "build" / "warehouse.duckdb"
    shutil.copytree(night[0], zone)
    w.moved_copy(night[1], zone, warehouse.parent)
    w.build(zone, warehouse.parent)  # in which checks only warn
    assert checks(warehouse) == {"evidence_missing": "warn", "export_shrank": "warn", "applied_credit_changed": "warn"}
    w.build(zone, warehouse.parent, *ONLY_CHECKS, held=True)
    assert checks(warehouse) == {"evidence_missing": "warn", "export_shrank": "warn"}, "and the month is compared with what was published last"
    row = w.query(warehouse, "select * from marts.data_quality_findings where check_name = 'export_shrank'")[0]
    assert (row["is_acknowledged"], row["note"]) == (True, "published while the check only warned")


def test_what_was_not_found_cannot_be_acknowledged(night, monkeypatch, capsys):
    assert acknowledge(night[1], monkeypatch, "export_shrank", "another.csv") == 1
    said = capsys.readouterr().err
    assert EXPORT in said and "evidence_missing" not in said, "it lists what this check has found"
    assert acknowledge(night[1], monkeypatch, "unknown_check", EXPORT) == 1
    assert "evidence_missing" in capsys.readouterr().err, "it lists all that was found"
    assert acknowledge(night[1].with_name("nothing.duckdb"), monkeypatch, "export_shrank", EXPORT) == 1
    assert "build first" in capsys.readouterr().err
    assert list((w.archive_of(night[1]) / "acknowledgements").glob("2*.parquet")) == []


def test_an_acknowledgement_that_was_cut_off_leaves_nothing(tmp_path):
    """What a killed command left beside is removed; the file without rows is made once."""
    acknowledgements.prepare(tmp_path)
    schema = tmp_path / "acknowledgements" / "_schema.parquet"
    made = schema.stat().st_mtime_ns
    (schema.parent / ".20260901.parquet").write_bytes(b"PAR")
    acknowledgements.prepare(tmp_path)
    assert [path.name for path in schema.parent.iterdir()] == ["_schema.parquet"] and schema.stat().st_mtime_ns == made


# ---------------------------------------------------------------------------------------------------------------------
# A changed finding is asked again; and rules broken on purpose
# ---------------------------------------------------------------------------------------------------------------------

LOSSES, VERSIONS = "models/intermediate/usage/int_export_losses.sql", "models/intermediate/usage/int_replaced_versions.sql"
MUTATIONS = {
    "nothing": ("dbt_project.yml", "checks_that_only_warn", "checks_that_only_warn"),
    "money_and_lines_are_not_compared": (LOSSES, "> {{ percent }} *", "> 99 *"),
    "versions_are_not_compared": (VERSIONS, "newer.observation_number > older.observation_number", "false"),
    "an_acknowledgement_is_for_ever": (
        "models/marts/operations/data_quality_findings.sql",
        "findings.fingerprint = acknowledged.fingerprint", "findings.check_name = acknowledged.check_name and findings.item = acknowledged.item",
    ),
    "a_month_may_lose_half": ("dbt_project.yml", "credit_change_percent: 5", "credit_change_percent: 50"),
}  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project that mutations may break."""
    return w.copy_of_project(tmp_path_factory.mktemp("mutations") / "project")


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_changed_finding_is_asked_again(name, night, project, tmp_path, monkeypatch):
    """Eight days were acknowledged; the export comes with seven: it is held again. With a rule broken it would not be."""
    file, text, replacement = MUTATIONS[name]
    original = (project / file).read_text()
    assert original.count(text) >= 1, f"{file} has changed: mend the mutation"
    (project / file).write_text(original.replace(text, replacement))
    try:
        zone, warehouse = acknowledged_copy(night, tmp_path, monkeypatch)
        write(zone, 7)
        w.build(zone, warehouse.parent, *ONLY_CHECKS, project=project, held=True)
        expected = {"evidence_missing": "warn", "export_shrank": "hold", "applied_credit_changed": "hold"}
        assert (checks(warehouse) == expected) == (name == "nothing")
    finally:
        (project / file).write_text(original)
