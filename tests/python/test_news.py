"""What a nightly build does: only what is new is read, and only the days that it touches are made again."""

import json
import os
import pathlib
import re
import shutil

import duckdb
import pytest
import warehouse as w

MODELS = ("build", "--exclude-resource-type", "test", "unit_test")
GROUP = "/subscriptions/42bb99b3-346e-5179-ba6e-f15abc9d6163/resourceGroups/rg-analytics"
ASSIGNMENT = f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/4039bcd9-7f18-5095-8ef8-8a648fc1ca60"
SEPTEMBER = [f"2026-09-{day:02}" for day in range(1, 13)]


class Night:
    """A landing zone that grows, and its warehouse: the sample's, built once."""

    def __init__(self, sample, folder):
        self.zone, self.folder = folder / "zone", folder / "night"
        shutil.copytree(w.SAMPLE, self.zone)  # modification times stay
        self.folder.mkdir()
        shutil.copy(sample, self.folder / "warehouse.duckdb")
        self.build()

    def build(self, *options):
        """One nightly build without tests."""
        return w.build(self.zone, self.folder, *MODELS, *options)

    def made(self):
        """The models, seeds and snapshots that the last build made again, whole or in part; the list of files always is."""
        results = json.loads((self.folder / "target" / "run_results.json").read_text())["results"]
        made = {r["unique_id"].split(".")[-1] for r in results if r["message"] != "AS IT WAS" and not r["unique_id"].startswith("operation.")}
        assert "landing_files" in made and len(results) > 120
        return made - {"landing_files"}

    def made_again(self, model):
        """The days (or months) that the last build made again of an incremental model, as its SQL names them."""
        (sql,) = self.folder.glob(f"target/compiled/**/{model}.sql")
        periods = re.findall(r"(?:usage_date|billing_month|usage_date\)::date) in \((date [^)]*)\)", sql.read_text())
        return re.findall(r"\d{4}-\d\d-\d\d", periods[-1]) if periods else []


@pytest.fixture(scope="module")
def night(sample, tmp_path_factory):
    return Night(sample, tmp_path_factory.mktemp("news"))


def test_no_news_reads_no_file_and_makes_nothing_again(night):
    kept = night.folder / "kept"
    shutil.copytree(night.zone, kept)
    for path in night.zone.rglob("*.*"):
        if path.is_file():
            stat = path.stat()
            path.write_bytes(b"\0" * stat.st_size)  # as long and as old as before, and unreadable
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    try:
        warehouse = night.build()
    finally:
        shutil.copytree(kept, night.zone, dirs_exist_ok=True)
    assert night.made() == set()
    assert w.query(warehouse, "select count(*) as n from marts.fct_pec_charges_daily")[0]["n"] == 644


def record(operation, status, instant):
    """A record of the Activity Log (CLI shape) of one operation on the assignment."""
    return {
        "eventTimestamp": instant, "operationId": instant[:13], "correlationId": instant[:13], "resourceId": ASSIGNMENT,
        "operationName": {"value": f"Microsoft.Authorization/roleAssignments/{operation}"}, "status": {"value": status},
    }  # fmt: skip


def test_late_evidence_reaches_back_to_the_days_that_it_touches(night):
    """Removed at 10:00 and given back at 11:00 three weeks ago, in a log that arrives today: that day is another, and no other day is touched."""
    log = [record("delete", "Succeeded", "2026-08-27T10:00:00Z"), record("write", "Succeeded", "2026-08-27T11:00:00Z")]
    (night.zone / "activity_log" / "late.json").write_text(json.dumps(log))
    warehouse = night.build()
    assert not night.made() & {"base_price_sheet", "int_usage_resources", "int_resource_days", "int_price_list_tiers", "int_tier_quantities", "pec_rates"}
    assert night.made_again("int_eligibility_days") == ["2026-08-27"]
    assert night.made_again("int_charge_lines") == ["2026-08-27"]
    assert night.made_again("int_meter_months_to_date") == [f"2026-08-{day}" for day in range(27, 32)], "what the month had come to, from that day on"
    days = w.query(warehouse, "select usage_date, access_reason from marts.fct_pec_eligibility_daily where resource_group_name = 'rg-analytics' order by 1")
    assert [str(day["usage_date"]) for day in days if day["access_reason"] == "partial_day"] == ["2026-08-20", "2026-08-27"]


def test_a_revoked_link_touches_no_day_before_its_end(night):
    links = night.zone / "partner_directory" / "partner_id_links.csv"
    linked = "99ade4d9-9c48-55a4-afc1-c3e14fc4866f,6022222,2026-08-20T13:05:00Z,"
    assert linked in links.read_text()
    links.write_text(links.read_text().replace(linked, f"{linked}2026-09-05T12:00:00Z"))
    night.build()
    assert "int_resource_days" not in night.made()
    assert night.made_again("int_eligibility_days") == SEPTEMBER[4:]
    assert night.made_again("int_charge_lines") == SEPTEMBER[4:]


def test_a_new_price_touches_the_days_on_which_it_holds(night):
    sheet = night.zone / "price_sheet" / "GB" / "azure_consumption_GB_202609.csv"
    row = next(line for line in sheet.read_text().splitlines() if '"00G2"' in line)
    sheet.write_text(sheet.read_text().rstrip("\n") + "\n" + row.replace('"0.111"', '"0.222"').replace("3/1/2024", "9/10/2026") + "\n")
    # A part of the night alone loses nothing: what was not made then is made by the next build.
    night.build("--select", "+int_price_list_tiers")
    night.build()
    assert not night.made() & {"int_price_list_tiers", "int_access_lives", "int_eligibility_days", "fct_pec_charges_daily"}
    assert night.made_again("int_charge_lines") == SEPTEMBER[9:]
    assert night.made_again("pec_monthly_statement") == ["2026-09-01"]


def test_a_corrected_file_touches_its_days(night):
    export = night.zone / "daily_rated_usage" / "fjellblick" / "unbilled_gbp_2026-09-13.jsonl"
    lines = [json.loads(line) for line in export.read_text().splitlines()]
    days = sorted({str(line[next(k for k in line if k.lower() == "usagedate")])[:10] for line in lines})
    export.write_text("".join(json.dumps(line) + "\n" for line in lines[:-1]))
    night.build()
    assert not night.made() & {"base_price_sheet", "int_access_lives", "int_qualifying_access_intervals"}
    assert night.made_again("int_resource_days") == days
    assert night.made_again("int_charge_lines") == days


def test_of_later_days_only_lines_of_tiered_months_are_charged_again(night):
    """M2: what was used before decides about their tiers, and about no other line. The export comes in two parts, of which the first is corrected."""
    export = night.zone / "daily_rated_usage" / "fjellblick" / "unbilled_gbp_2026-09-13.jsonl"
    parts = {export: [], export.with_name("unbilled_gbp_2026-09-13_b.jsonl"): []}
    for line in map(json.loads, export.read_text().splitlines()):
        parts[list(parts)[line["usageDate"] >= "2026-09-04"]].append(line)
    for path, lines in parts.items():
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    night.build()
    corrected = [line | {"quantity": 30000} for line in parts[export]]
    export.write_text("".join(json.dumps(line) + "\n" for line in corrected))
    warehouse = night.build()
    (sql,) = night.folder.glob("target/compiled/**/int_charge_lines.sql")
    tiered, others = (re.findall(r"\d{4}-\d\d-\d\d", days) for days in re.findall(r"usage_date in \(([^)]*)\)", sql.read_text())[:2])
    assert others == SEPTEMBER[:3]
    assert tiered[:3] == others and len(tiered) > 3
    versions = "select count(distinct input_version) as n from intermediate.int_charge_lines where usage_date = '2026-09-04' and {} is_tiered"
    assert [w.query(warehouse, versions.format(which))[0]["n"] for which in ("", "not")] == [1, 1]


def test_a_full_refresh_makes_everything_again(night):
    night.build("--full-refresh")
    assert {"int_access_lives", "int_charge_lines", "fct_pec_charges_daily", "pec_monthly_statement", "pec_rates"} <= night.made()
    night.build()
    assert night.made() == set()
    # Of one model: whatever a changed macro made of it, what is made of it is made again.
    w.build(night.zone, night.folder, "run", "--full-refresh", "--select", "int_tier_quantities")
    night.build()
    assert "int_charge_day_versions" in night.made()


def test_a_warehouse_from_before_relations_were_told_is_made_again(night):
    with duckdb.connect(str(night.folder / "warehouse.duckdb")) as connection:
        connection.execute("drop table landing.relations_made")
    night.build()
    assert {"int_access_lives", "fct_pec_charges_daily", "pec_rates"} <= night.made()
    night.build()
    assert night.made() == set()


def test_what_was_made_empty_is_made_again(night):
    lines = "select count(*) as n from intermediate.int_charge_lines"
    before = w.query(night.folder / "warehouse.duckdb", lines)
    w.build(night.zone, night.folder, "run", "--empty", "--full-refresh", "--select", "int_charge_lines")
    assert w.query(night.folder / "warehouse.duckdb", lines) == [{"n": 0}]
    assert w.query(night.build(), lines) == before


def test_what_says_something_else_is_made_again_and_what_is_made_of_it(sample, tmp_path):
    """A model whose SQL was changed, a seed whose file was, a view over columns that were."""
    project, warehouse = w.copy_of_project(tmp_path / "project"), tmp_path / "warehouse.duckdb"
    shutil.copy(sample, warehouse)
    model = project / "models" / "intermediate" / "billing" / "int_exchange_rates.sql"
    model.write_text(model.read_text().rstrip("\n") + "\nwhere currency != 'EUR'\n")
    rates = project / "seeds" / "reference" / "pec_rates.csv"
    rates.write_text(rates.read_text().replace("0.15", "0.10"))
    base = project / "models" / "staging" / "base_azure_role_assignments.sql"
    base.write_text(f"select *, 1 as added from (\n{base.read_text()})\n")
    done = w.run_as_user(project, "dbt", *MODELS, PEC_WAREHOUSE=str(warehouse), PEC_LANDING_ZONE=str(w.SAMPLE))
    assert done.returncode == 0, done.stdout
    assert w.query(warehouse, "select count(*) as n from intermediate.int_exchange_rates where currency = 'EUR'")[0]["n"] == 0
    assert w.query(warehouse, "select max(pec_rate) as rate from marts.fct_pec_charges_daily")[0]["rate"] * 100 == 10
    assert w.query(warehouse, "select max(added) as added from staging.stg_azure__role_assignments")[0]["added"] == 1
    assert re.search(r"int_access_lives [^\n]*AS IT WAS", done.stdout)


def test_what_landed_and_is_not_charged_yet_is_in_no_mart(night):
    """A build that breaks off once a corrected file has landed leaves charges and FOCUS as they were: cost, tags and bill come with the charge."""
    export = night.zone / "daily_rated_usage" / "fjellblick" / "unbilled_gbp_2026-09-13.jsonl"
    corrected = [json.loads(line) | {"tags": '{"corrected": "yes"}', "billingPreTaxTotal": 99, "partnerId": "another"} for line in export.read_text().splitlines()]

    def rows(mart):
        return w.query(night.folder / "warehouse.duckdb", f"select * from marts.{mart} order by all")

    marts = ("fct_pec_charges_daily", "focus_cost_and_usage", "focus_cost_and_usage_1_0")
    before = {mart: rows(mart) for mart in marts}
    export.write_text("".join(json.dumps(line) + "\n" for line in corrected[1:]))
    w.build(night.zone, night.folder, "run", "--select", "landing_files", "landing_daily_rated_usage")
    assert [mart for mart in marts if rows(mart) != before[mart]] == []
    night.build()
    said = [row for row in rows("focus_cost_and_usage") if row["Tags"] == '{"corrected": "yes"}']
    assert len(said) == len(corrected) - 1
    assert {(row["BilledCost"], row["BillingAccountId"]) for row in said} == {(99, "another")}


@pytest.fixture(scope="module")
def looked_at(night, tmp_path_factory):
    """A warehouse of which a night has looked at all days, and the zone that it was built from as it stood."""
    folder = tmp_path_factory.mktemp("looked_at")
    shutil.copy(night.folder / "warehouse.duckdb", folder / "warehouse.duckdb")
    marts = ("fct_pec_charges_daily", "fct_pec_eligibility_daily", "fct_meter_month_to_date", "pec_missed_credit", "pec_monthly_statement", "pec_access_gaps")
    selected = ("--select", *(f"+{mart}" for mart in marts))
    warehouse = w.build(night.zone, folder, "build", "--exclude-resource-type", "unit_test", *selected)
    days = w.query(warehouse, "select count(distinct usage_date) as n from intermediate.int_charge_day_versions")
    assert w.query(warehouse, "select count(*) as n from landing.days_checked where test = 'm3_credit_and_net_are_list'") == days
    return warehouse


def test_tests_look_at_the_days_that_changed_and_at_all_on_a_full_refresh(night, looked_at, tmp_path):
    """A day (or month) that nothing touched is not looked at again, one that is another is, and --full-refresh looks at all: invariants, generic tests, sums."""
    tests = ("m3_credit_and_net_are_list", "m4_month_to_date_ends_at_the_month", "column_values_fct_pec_charges", "unique_grain_int_charge_lines")
    select = ("--select", *tests[:2], "fct_pec_charges_daily,test_name:column_values", "int_charge_lines,test_name:unique_grain")
    bend = """
        update intermediate.int_charge_lines
        set line_number = 2, quantity = quantity + 1, pec_reason = 'another', pec_status = case when pec_status = 'earned' then 'missed' else pec_status end
        where usage_date = '{}'
    """
    warehouse = pathlib.Path(shutil.copy(looked_at, tmp_path / "warehouse.duckdb"))
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(bend.format("2026-08-05"))
    w.build(night.zone, tmp_path, "test", *select)
    with pytest.raises(AssertionError) as failed:
        w.build(night.zone, tmp_path, "build", "--full-refresh", *select)
    assert [name for name in tests if name not in str(failed.value)] == []
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(bend.format("2026-09-05"))
        connection.execute("update intermediate.int_charge_day_versions set input_version = 0 where usage_date = '2026-09-05'")
    with pytest.raises(AssertionError) as failed:
        w.build(night.zone, tmp_path, "test", *select)
    assert [name for name in tests if name not in str(failed.value)] == []


def test_a_row_without_its_day_is_looked_at(night, looked_at, tmp_path):
    warehouse = pathlib.Path(shutil.copy(looked_at, tmp_path / "warehouse.duckdb"))
    select = ("test", "--select", "fct_pec_charges_daily,test_name:column_values")
    w.build(night.zone, tmp_path, *select)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update intermediate.int_charge_lines set usage_date = null where usage_date = '2026-08-05'")
    with pytest.raises(AssertionError, match="column_values_fct_pec_charges"):
        w.build(night.zone, tmp_path, *select)


def test_a_day_that_is_gone_is_looked_at(night, looked_at, tmp_path):
    """Nothing may be left of it."""
    warehouse = pathlib.Path(shutil.copy(looked_at, tmp_path / "warehouse.duckdb"))
    invariant = ("test", "--select", "d1_resource_days_are_the_lines_days")
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("delete from landing.landing_daily_rated_usage where usage_date = '2026-08-20'")
    w.build(night.zone, tmp_path, *invariant)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("delete from intermediate.int_charge_day_versions where usage_date = '2026-08-20'")
    with pytest.raises(AssertionError, match=invariant[-1]):
        w.build(night.zone, tmp_path, *invariant)


@pytest.mark.parametrize(
    ("invariant", "bend", "relation"),
    [
        ("m5_billing_amounts_are_converted_usd", "update marts.fct_pec_charges_daily set net_cost_billing = net_cost_billing + 1", "intermediate.int_exchange_rates"),
        ("statement_sums_are_the_lines", "delete from marts.pec_missed_credit", "marts.pec_missed_credit"),
        ("gaps_explain_every_lost_day", "delete from marts.pec_access_gaps", "marts.pec_access_gaps"),
    ],
)
def test_what_no_day_decides_is_part_of_what_a_test_has_held_for(night, looked_at, tmp_path, invariant, bend, relation):
    """Another exchange rate, other claims or gaps: of no day the charges are others, and all are looked at."""
    warehouse = pathlib.Path(shutil.copy(looked_at, tmp_path / "warehouse.duckdb"))
    with duckdb.connect(str(warehouse)) as connection:
        w.freeze_views(connection, bend)
        connection.execute(bend)
    w.build(night.zone, tmp_path, "test", "--select", invariant)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"update landing.relations_made set content = 'another' where relation = '{relation}'")
    with pytest.raises(AssertionError, match=invariant):
        w.build(night.zone, tmp_path, "test", "--select", invariant)


def test_a_part_of_a_night_remembers_no_day(night, looked_at, tmp_path):
    """What it looked at may have been made of other days than those that stand now."""
    warehouse = pathlib.Path(shutil.copy(looked_at, tmp_path / "warehouse.duckdb"))
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("delete from landing.days_checked")
    w.build(night.zone, tmp_path, "build", "--exclude-resource-type", "unit_test", "--select", "fct_pec_charges_daily")
    assert w.query(warehouse, "select count(*) as n from landing.days_checked")[0]["n"] == 0
