"""What a scheduler relies on: exit codes, reasons to build, the run log, the command that is told, and who may read what was written."""

import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone

import duckdb
import pytest
from pec import archive, cli, modes, night, project, run_log
from project import warehouse as w
from project.test_build_lock import HOLD_FILE, HOLD_LOCK, holding

# Stands for dbt: does what FAKE_DBT says, and tells with which arguments it was called, and whether it has the lock.
FAKE_DBT = """
import duckdb, json, os, pathlib, sys
from pec import build_lock, places
plan = json.loads(os.environ["FAKE_DBT"])
with build_lock.take(places.warehouse()):
    told = {"arguments": sys.argv[1:], "lock": json.loads(pathlib.Path(places.warehouse() + ".lock").read_text()), "pid": os.getpid()}
target = pathlib.Path(os.environ["DBT_TARGET_PATH"])
target.mkdir(exist_ok=True)
(target / "told.json").write_text(json.dumps(told))
if plan.get("results") is not None:
    rows = [{"unique_id": name, "status": status, "message": message} for name, status, message in plan["results"]]
    (target / "run_results.json").write_text(json.dumps({"results": rows}))
if plan.get("builds"):
    with duckdb.connect(places.warehouse()) as connection:
        connection.execute("update build_state.last_green_build set publication_id = ?", [plan["builds"]])
        connection.execute("delete from marts.data_quality")
        for name in plan.get("held", []):
            connection.execute("insert into marts.data_quality values (?, 'hold')", [name])
if plan.get("builds") and plan.get("publishes", True) and not plan.get("held"):
    link = pathlib.Path(places.published())
    link.unlink(missing_ok=True)
    folder = link.with_suffix(".publications") / plan["builds"]
    folder.mkdir(parents=True)
    os.symlink(folder, link)
    pathlib.Path(places.archive(), "history", plan["builds"] + ".parquet").touch()
if plan.get("dies"):
    os.kill(os.getpid(), plan["dies"])
sys.exit(plan.get("code", 0))
"""
GREEN = [["model.pec_warehouse.int_changed_months", "success", "OK"], ["operation.pec_warehouse.pec_warehouse-on-run-end-2", "success", ""]]
HOOK_RED = [GREEN[0], ["operation.pec_warehouse.pec_warehouse-on-run-end-2", "error", "Built and tested, but not published"]]


@pytest.fixture
def house(tmp_path, monkeypatch):
    """(zone, warehouse): a landing zone and its archive, a warehouse that is settled and published, and a dbt that does what it is told."""
    zone, warehouse = tmp_path / "zone", tmp_path / "w.duckdb"
    for name, text in {
        "daily_rated_usage/Kliniken Aldersbrunn 2026-09-12.csv": "UsageDate,Quantity\n2026-09-01,1\n",
        "price_sheet/DE/2026-09-01.csv": "Market,UnitPrice\nDE,1\n",
        "fx_rates/2026-09-12.csv": "CurrencyCode,USDPerUnit,Month\nEUR,1.1,202609\n",
    }.items():
        (zone / name).parent.mkdir(parents=True, exist_ok=True)
        (zone / name).write_text(text)
    archive.update(str(zone), str(tmp_path / "w.archive"))
    monkeypatch.chdir(w.PROJECT)
    for name in [name for name in os.environ if name.startswith("PEC_")]:
        monkeypatch.delenv(name)
    places = {"PEC_LANDING_ZONE": zone, "PEC_WAREHOUSE": warehouse, "DBT_TARGET_PATH": tmp_path / "target", "PYTHONPATH": w.PROJECT}
    for name, value in places.items():
        monkeypatch.setenv(name, str(value))
    settle(warehouse)
    (tmp_path / "w.archive" / "history").mkdir()
    (tmp_path / "w.archive" / "history" / "1.parquet").touch()
    (tmp_path / "w.publications" / "1").mkdir(parents=True)
    os.symlink("w.publications/1", tmp_path / "w.published")
    (tmp_path / "fake_dbt.py").write_text(FAKE_DBT)
    monkeypatch.setattr(night, "command", lambda: [sys.executable, str(tmp_path / "fake_dbt.py")])
    return zone, warehouse


def settle(warehouse):
    """Writes a warehouse as a whole green build leaves it, which is published."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema build_state; create schema intermediate; create schema staging; create schema marts")
        connection.execute("create table intermediate.int_month_fingerprints as select date '2026-09-01' as billing_month")
        connection.execute("create table intermediate.int_changed_months as select date '2026-09-01' as billing_month")
        connection.execute("create table staging.stg_archive__files (source_file varchar, is_present boolean)")
        connection.execute(
            "create table build_state.settled_months as select ? as rules_version, ? as reference_data_version",
            [f"{project.rules_version()} {project.settings_version({})} v{duckdb.__version__}", project.reference_data_version()],
        )  # fmt: skip
        connection.execute("create table build_state.last_green_build as select '1' as publication_id")
        connection.execute("create table marts.data_quality (check_name varchar, status varchar)")


def run(monkeypatch, *arguments, **plan):
    """Runs `pec night` with a dbt that follows a plan; returns the exit code, the last line of the log, and what dbt was called with."""
    monkeypatch.setenv("FAKE_DBT", json.dumps(plan))
    told = pathlib.Path(os.environ["DBT_TARGET_PATH"], "told.json")
    told.unlink(missing_ok=True)
    code = cli.main(["night", *arguments])
    line = run_log.runs(run_log.path())[-1]
    assert line["exit_code"] == code
    return code, line, json.loads(told.read_text()) if told.exists() else None


def add_a_file(zone):
    """News: a file whose name tells a customer."""
    (zone / "fx_rates" / "Kliniken Aldersbrunn_2026-10-01.csv").write_text("CurrencyCode,USDPerUnit,Month\nEUR,1.1,202610\n")


# ---------------------------------------------------------------------------------------------------------------------
# Exit codes, why a night builds, and the run log
# ---------------------------------------------------------------------------------------------------------------------


def test_a_night_without_news_ends_with_0_and_says_so(house, monkeypatch):
    code, line, dbt = run(monkeypatch)
    assert (code, line["outcome"], dbt) == (night.DONE, "nothing_new", None)
    assert not line["is_built"] and line["publication_id"] is None


def test_a_night_with_news_publishes(house, monkeypatch, capfd):
    zone, warehouse = house
    add_a_file(zone)
    before = datetime.now(timezone.utc).replace(microsecond=0)
    code, line, dbt = run(monkeypatch, results=GREEN, builds="2")
    assert (code, line["outcome"], line["why"], line["publication_id"]) == (0, "published", "1 file is new or changed", "2")
    assert before <= datetime.fromisoformat(line["started_at"]) and line["duration_seconds"] >= 0
    assert line["months_changed"] == ["2026-09"] and line["newest_export_date"] == "2026-09-12"
    assert dbt["arguments"] == list(night.BUILD)
    assert dbt["lock"]["pid"] == dbt["pid"] != os.getpid(), "dbt shares the lock, and is who is named"
    assert "Aldersbrunn" in capfd.readouterr().out, "the screen names the file"
    assert "Aldersbrunn" not in run_log.path() and "Aldersbrunn" not in pathlib.Path(run_log.path()).read_text(), "the log names none"


def test_a_red_build_ends_with_1_and_names_what_is_red(house, monkeypatch):
    red = [*GREEN, ["test.pec_warehouse.unique_grain_x.abc", "fail", "Got 1 result"], ["model.pec_warehouse.late", "skipped", None]]
    code, line, _ = run(monkeypatch, "--always", results=red, code=1)
    assert (code, line["outcome"], line["why"]) == (1, "failed", "1 of 4 models and tests are red, unique_grain_x.abc first")


def test_a_build_that_could_not_be_published_ends_with_1_and_is_built_again(house, monkeypatch):
    code, line, _ = run(monkeypatch, "--always", results=HOOK_RED, builds="2", publishes=False, code=1)
    assert (code, line["outcome"], line["why"]) == (1, "failed", "all models and tests passed, and nothing was published; dbt ended with 1")
    code, line, _ = run(monkeypatch, results=GREEN, builds="3")
    assert (code, line["why"]) == (0, "the last build was not published")
    assert run(monkeypatch)[1]["outcome"] == "nothing_new"


def test_a_dbt_that_ends_before_it_builds_or_is_killed_is_a_failure(house, monkeypatch):
    run(monkeypatch, "--always", results=GREEN, builds="2")
    stale = os.stat(os.path.join(os.environ["DBT_TARGET_PATH"], "run_results.json"))
    os.utime(os.path.join(os.environ["DBT_TARGET_PATH"], "run_results.json"), (stale.st_atime, stale.st_mtime - 60))
    assert run(monkeypatch, "--always", code=2)[:2][1]["why"] == "dbt ended with 2 before it built anything"
    assert run(monkeypatch, "--always", dies=9)[1]["why"] == "dbt was stopped by signal 9"


def test_wrong_arguments_end_with_2(house, monkeypatch, capsys):
    def fails(*arguments):
        with pytest.raises(SystemExit) as end:
            cli.main(["night", *arguments])
        assert end.value.code == night.WRONG_ARGUMENTS
        return capsys.readouterr().err

    for arguments in (["--vars", "[1"], ["--vars", "1"], ["--stale-days", "soon"], ["--nothing"]):
        assert "pec night: error: " in fails(*arguments) or "unrecognized" in fails(*arguments)
    for name, value in (("PEC_UMASK", "7777"), ("PEC_PRIVACY", "all"), ("PEC_STALE_DAYS", "soon")):
        monkeypatch.setenv(name, value)
        assert value in fails()
        monkeypatch.delenv(name)


def test_a_held_build_ends_with_3_until_something_is_acknowledged(house, monkeypatch):
    zone, warehouse = house
    held = {"results": GREEN[:1], "held": ["fewer_lines"], "code": 2}
    add_a_file(zone)
    code, line, dbt = run(monkeypatch, builds="2", **held)
    assert (code, line["outcome"], line["publication_id"]) == (night.HELD, "held", None)
    assert line["why"] == "built and tested, and not published: held by fewer_lines; see marts.data_quality"
    archive.update(str(zone), str(warehouse.with_suffix(".archive")))  # as dbt would have
    code, line, dbt = run(monkeypatch)
    assert (code, line["outcome"], dbt) == (night.HELD, "held", None), "what is held is not built again each night"
    folder = warehouse.with_suffix(".archive") / "acknowledgements"
    folder.mkdir()
    (folder / "1.json").write_text("{}")
    os.utime(folder / "1.json", (1, 1))  # of a clock that was set back: the number of files tells
    code, line, dbt = run(monkeypatch, builds="3", **held)
    assert code == night.HELD and dbt, "still held by something else"
    assert run(monkeypatch)[2] is None
    os.utime(folder / "1.json", (2e9, 2e9))  # newer than the warehouse
    code, line, dbt = run(monkeypatch, results=GREEN, builds="4")
    assert (code, line["why"]) == (0, "something was acknowledged since the last build, which was held")
    assert run(monkeypatch)[1]["outcome"] == "nothing_new"


def test_a_busy_night_ends_with_4(house, monkeypatch):
    _, warehouse = house
    other = holding(HOLD_LOCK, warehouse)
    code, line, dbt = run(monkeypatch, "--always")
    assert (code, line["outcome"], dbt) == (night.BUSY, "busy", None)
    assert line["why"].startswith(f"another build is running: process {other.pid} (")
    other.communicate()
    reader = holding(HOLD_FILE, warehouse)
    code, line, dbt = run(monkeypatch)
    assert (code, line["outcome"]) == (night.DONE, "nothing_new"), "a look disturbs no reader, and none disturbs it"
    code, line, dbt = run(monkeypatch, "--always")
    assert (code, line["outcome"], dbt) == (night.BUSY, "busy", None)
    assert f"is open in process {reader.pid} (" in line["why"]
    reader.communicate()


@pytest.mark.parametrize("case", ["no zone", "no price sheets", "another zone's archive", "damaged archive", "inside dbt"])
def test_a_zone_or_an_archive_that_cannot_be_used_ends_with_5(case, house, monkeypatch, tmp_path):
    zone, warehouse = house
    folder = warehouse.with_suffix(".archive")
    plan = {}
    if case == "no zone":
        monkeypatch.setenv("PEC_LANDING_ZONE", str(tmp_path / "nowhere"))
    elif case == "no price sheets":
        shutil.rmtree(zone / "price_sheet")
        shutil.rmtree(folder)
    elif case == "another zone's archive":
        (tmp_path / "elsewhere").mkdir()
        archive.move(str(folder), str(tmp_path / "elsewhere"))
        add_a_file(zone)
    elif case == "damaged archive":
        next((folder / "manifest").glob("*.parquet")).write_bytes(b"no parquet")
    else:
        message = "Python model failed:\nTraceback\npec.archive.problems.ArchiveError: the archive /a cannot be written: no space; free disk space\n"
        plan = {"results": [["model.pec_warehouse.archived_files", "error", message]], "code": 1}
        add_a_file(zone)
    code, line, dbt = run(monkeypatch, **plan)
    assert (code, line["outcome"], dbt is None) == (night.UNUSABLE, "failed", case != "inside dbt")
    if plan:
        assert line["why"] == "the archive /a cannot be written: no space; free disk space"


def test_settings_of_the_command_line_reach_dbt_and_another_value_is_a_reason(house, monkeypatch):
    _, warehouse = house
    given = "{claim_days: 90}"
    assert run(monkeypatch, "--vars", given)[1]["outcome"] == "nothing_new", "no number depends on it, and no build is known"
    assert run(monkeypatch, "--always", results=GREEN, builds="2")[0] == 0
    code, line, dbt = run(monkeypatch, "--vars", given, results=GREEN, builds="3")
    assert (code, line["why"], dbt["arguments"][-2:], line["variables"]) == (0, "the settings changed", ["--vars", given], {"claim_days": 90})
    assert run(monkeypatch, "--vars", given)[1]["outcome"] == "nothing_new"
    assert run(monkeypatch, results=GREEN, builds="4")[1]["why"] == "the settings changed"
    assert run(monkeypatch, "--vars", "{invoice_tolerance_cents: 3}", results=GREEN, builds="5")[1]["why"] == "the settings changed"


def test_a_published_folder_that_is_gone_is_published_again(house, monkeypatch, tmp_path):
    (tmp_path / "w.published").unlink()
    assert run(monkeypatch, results=GREEN, builds="2")[1]["why"] == "nothing is published"


def test_another_way_to_publish_names_is_a_reason(house, monkeypatch):
    (house[1].with_suffix(".archive") / "publications").mkdir()
    (house[1].with_suffix(".archive") / "publications" / "1.json").write_text('{"names": "full"}')
    assert run(monkeypatch)[1]["outcome"] == "nothing_new"
    monkeypatch.setenv("PEC_PRIVACY", "pseudonyms")
    assert run(monkeypatch, results=GREEN, builds="2")[1]["why"] == "PEC_PRIVACY is another"


def test_a_night_warns_when_nothing_new_has_come(house, monkeypatch, capsys):
    days = (datetime.now(timezone.utc).date() - datetime(2026, 9, 12).date()).days
    code, line, _ = run(monkeypatch, "--stale-days", str(days - 1))
    assert code == 0 and line["warning"] == f"nothing new has come for {days} days: the newest export is of 2026-09-12"
    assert "WARNING: nothing new has come" in capsys.readouterr().out
    for enough in (days, 0):
        assert run(monkeypatch, "--stale-days", str(enough))[1]["warning"] is None
    zone = house[0]
    tomorrow = datetime.now(timezone.utc).date() + timedelta(days=400)
    (zone / "fx_rates" / f"{tomorrow}.csv").write_text("CurrencyCode,USDPerUnit,Month\nEUR,1.1,202610\n")
    archive.update(str(zone), os.environ["PEC_WAREHOUSE"].replace(".duckdb", ".archive"))
    assert run(monkeypatch, "--stale-days", "1")[1]["warning"], "a date of next year is a slip, and hides nothing"
    monkeypatch.setenv("PEC_STALE_DAYS", str(days))
    assert run(monkeypatch)[1]["warning"] is None


def test_lines_of_the_log_stay_whole(tmp_path):
    log = tmp_path / "runs.jsonl"
    log.write_text('{"outcome": "publ')  # a machine that stopped
    threads = [threading.Thread(target=run_log.append, args=(log, {"n": n, "why": "x" * 20_000})) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(run["n"] for run in run_log.runs(log)) == list(range(8))
    assert len(log.read_text().splitlines()) == 9
    assert run_log.runs(tmp_path / "none.jsonl") == []


def test_a_log_that_cannot_be_written_changes_nothing(house, monkeypatch, capsys):
    monkeypatch.setenv("PEC_RUN_LOG", "/nowhere/runs.jsonl")
    assert cli.main(["night"]) == 0
    assert "/nowhere/runs.jsonl cannot be written" in capsys.readouterr().err


def test_a_command_is_told_and_its_failure_changes_nothing(house, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PEC_NOTIFY", f"sh -c 'cat > \"{tmp_path}/told\"'")
    code, line, _ = run(monkeypatch)
    assert code == 0 and json.loads((tmp_path / "told").read_text()) == line
    for command, said in (("sh -c 'exit 3'", "it ended with 3"), ("/nowhere/tell", "No such file"), ("sh -c 'unfinished", "No closing quotation")):
        monkeypatch.setenv("PEC_NOTIFY", command)
        assert run(monkeypatch)[0] == 0
        assert f"PEC_NOTIFY failed: {said}" in capsys.readouterr().err.replace("[Errno 2] ", "")
    monkeypatch.setattr(run_log, "NOTIFY_SECONDS", 0.1)
    monkeypatch.setenv("PEC_NOTIFY", "sleep 5")
    assert run(monkeypatch)[0] == 0
    assert "did not end within" in capsys.readouterr().err


# ---------------------------------------------------------------------------------------------------------------------
# Who may read what was written
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text, mask", [("", 0o077), ("027", 0o027), ("0", 0)])
def test_the_mask_is_077_or_what_is_set(text, mask):
    assert modes.umask({"PEC_UMASK": text}) == mask


@pytest.mark.parametrize("text", ["rw", "100", "-1", "8"])
def test_a_mask_that_is_none_is_an_error(text):
    with pytest.raises(ValueError, match="PEC_UMASK"):
        modes.umask({"PEC_UMASK": text})


def test_a_real_night_publishes_logs_and_gives_nobody_else_a_right(sample, tmp_path):
    """The one test here with the real dbt on real files: what came, what it says, and who may read it."""
    holding(HOLD_LOCK, sample).communicate()  # dbt in this process has ended, and so has its lock
    zone = tmp_path / "zone"
    shutil.copytree(w.SAMPLE, zone)
    w.moved_copy(sample, zone, tmp_path / "built")
    add_a_file(zone)
    places = {
        "PEC_LANDING_ZONE": str(zone), "PEC_WAREHOUSE": str(tmp_path / "built" / "warehouse.duckdb"), "DBT_LOG_PATH": str(tmp_path / "logs"),
        "DBT_TARGET_PATH": str(tmp_path / "target"), "PEC_NOTIFY": f"tee {tmp_path}/told",
    }  # fmt: skip
    began = datetime.now().timestamp() - 1
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PEC_")} | places
    command = f"umask 022; exec '{sys.executable}' -m pec.cli night"
    done = subprocess.run(["sh", "-c", command], cwd=w.PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    line = json.loads((tmp_path / "built" / "warehouse.duckdb.runs.jsonl").read_text())
    assert (line["outcome"], line["files_read"], line["lines"], line["is_built"]) == ("published", 1, 1, True)
    assert line["publication_id"] == os.path.basename(os.readlink(tmp_path / "built" / "warehouse.published"))
    assert json.loads((tmp_path / "told").read_text()) == line
    open_to_others = [
        str(path) for root in ("built", "logs") for path in (tmp_path / root).rglob("*")
        if not path.is_symlink() and path.stat().st_mtime > began and stat.S_IMODE(path.stat().st_mode) & 0o077 and path.is_file()
    ]  # fmt: skip
    assert open_to_others == []
    assert stat.S_IMODE((tmp_path / "built" / "warehouse.publications" / line["publication_id"]).stat().st_mode) == 0o700
    names = [row["customer_name"] for row in w.query(sample, "select distinct customer_name from marts.pec_monthly_statement")]
    logs = (tmp_path / "logs" / "dbt.log").read_text() + json.dumps(line)
    assert len(names) >= 5 and [name for name in names if name in logs] == []
