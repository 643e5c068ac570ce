"""The starter dashboard in a real Superset: imported through its API, and each chart's figures against SQL on the marts."""

import os
import shutil
import subprocess
import sys
from datetime import date, datetime, timezone
from decimal import Decimal

import duckdb
import pytest
from bi import superset
from project import warehouse as w

# What each chart shows, from the build's own marts. Charts in tables also in the order of their rows.
MONTHS = "select billing_month, sum(pec_credit_usd), sum(applied_credit_usd), sum(missed_credit_usd) from marts.pec_monthly_statement group by all"
SUM = "select sum({}) from marts.pec_monthly_statement"
TEXT = "(select text from marts.pec_texts where kind = '{}' and code = {})"
NAME = "(select subscription_name from marts.dim_subscription as d where d.subscription_id = {}.subscription_id)"
LAST = "regexp_extract(resource_id, '[^/]*$')"
EXPECTED = {
    "Credit due": SUM.format("pec_credit_usd"),
    "Credit applied": SUM.format("applied_credit_usd"),
    "Missed": SUM.format("missed_credit_usd"),
    "Recoverable": SUM.format("recoverable_credit_usd"),
    "Discount": "select sum(list_cost_usd * applied_pec_rate) / sum(list_cost_usd) from marts.fct_pec_charges_daily",
    "Checks": "select count(*) from marts.data_quality where status != 'pass'",
    "Credit due, applied and missed by month": MONTHS,
    "Claims by status and deadline": f"""
        select {TEXT.format("claim_status", "claim_status")} as status, claim_by, count(*), sum(missed_credit_usd), sum(settled_credit_usd), sum(open_credit_usd)
        from marts.pec_claims group by all order by claim_by, status""",
    "Missed and recoverable by customer":
        "select customer_name, sum(missed_credit_usd), sum(recoverable_credit_usd) from marts.pec_monthly_statement group by all",
    "Claims to submit": f"""
        select claim_by, {TEXT.format("claim_status", "claim_status")}, customer_name, {LAST}, first_date, last_date, open_credit_usd, claim_id
        from marts.pec_claims where claim_status in ('open', 'late') order by open_credit_usd desc, claim_id""",
    "Leaks that cost money now": f"""
        select customer_name, {NAME.format("g")}, {LAST}, {TEXT.format("access_reason", "access_reason")}, gap_start, lost_credit_per_day_usd, lost_credit_usd
        from marts.pec_access_gaps as g where is_losing_now order by lost_credit_per_day_usd desc, resource_id, gap_start""",
    "Repairs by what they win": """
        select what_to_do, done_by, customer_name, win_per_month_usd, az_command
        from marts.pec_repairs where is_losing_now order by repair_rank, repair_id""",
    "Share of days covered by access": """
        select usage_date, count(*) filter (where is_access_eligible) / count(*) from marts.fct_pec_eligibility_daily group by all""",
    "Resource days by reason": f"""
        select usage_date, {TEXT.format("access_reason", "access_reason")} as reason, count(*) from marts.fct_pec_eligibility_daily group by all""",
    "Checks of this publication": """
        select status, check_name, found, what_to_do from marts.data_quality order by hold_count desc, finding_count desc, check_name""",
    "Evidence to supply": """
        select customer_name, subscription_id, credit_in_doubt_usd, to_supply
        from marts.evidence_coverage where to_supply is not null order by credit_in_doubt_usd desc, subscription_id""",
}  # fmt: skip
CUSTOMER = "Kliniken Aldersbrunn gGmbH"


def plain(value):
    """A value as Superset's JSON has it: money as a number of 15 digits, times as milliseconds since 1970."""
    if isinstance(value, (Decimal, float)):
        return float(f"{value:.12g}")
    if isinstance(value, date):
        instant = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        return float(instant.replace(tzinfo=timezone.utc).timestamp() * 1000)
    return value


def rows(sample, sql):
    """The rows of a query on the build's warehouse, as tuples of plain values."""
    return [tuple(plain(value) for value in row.values()) for row in w.query(sample, sql)]


@pytest.fixture(scope="module")
def link(published, tmp_path_factory):
    """A link like PEC_PUBLISHED that this module may swap."""
    made = tmp_path_factory.mktemp("bi") / "warehouse.published"
    made.symlink_to(published.resolve())
    return made


@pytest.fixture(scope="module")
def bundle(link, tmp_path_factory):
    """The file to import, made as `make dashboard` makes it."""
    made = tmp_path_factory.mktemp("bundle") / "pec.zip"
    command = [sys.executable, str(w.PROJECT / "scripts" / "superset_dashboard.py"), str(made)]
    subprocess.run(command, env=os.environ | {"PEC_PUBLISHED": str(link), "PYTHONPATH": str(w.PROJECT)}, check=True, capture_output=True)
    return made


@pytest.fixture(scope="module")
def client(bundle, tmp_path_factory):
    """A Superset into which the dashboard was imported."""
    with superset.running(tmp_path_factory.mktemp("superset")) as started:
        started.import_dashboard(bundle)
        yield started


def test_each_chart_shows_the_figures_of_the_marts(client, sample):
    charts = {chart["slice_name"]: chart for chart in client.all("chart")}
    assert set(charts) == set(EXPECTED)
    for name, sql in EXPECTED.items():
        found = [tuple(plain(value) for value in row.values()) for row in client.rows(charts[name]["id"])]
        expected = rows(sample, sql)
        assert expected, name
        if charts[name]["viz_type"] != "table":
            found, expected = sorted(found, key=str), sorted(expected, key=str)
        assert found == expected, name


def test_the_dashboard_has_all_charts_and_filters_that_reach_them(client, sample):
    (board,) = client.all("dashboard")
    assert len(client.ask(f"dashboard/{board['id']}/charts")["result"]) == len(EXPECTED)
    # As the dashboard's filters do it: a condition more, or a time.
    asked = {"col": "customer_name", "op": "IN", "val": [CUSTOMER]}, {"col": "billing_month", "op": "TEMPORAL_RANGE", "val": "2026-08-01 : 2026-09-01"}
    source = next(one["id"] for one in client.all("dataset") if one["table_name"] == "pec_statement_by_subscription")
    query = {"datasource": {"id": source, "type": "table"}, "queries": [{"filters": list(asked), "metrics": ["credit_due"], "columns": []}]}
    answer = client.ask("chart/data", query | {"result_format": "json", "result_type": "full"})["result"][0]["data"]
    where = f"where customer_name = '{CUSTOMER}' and billing_month = '2026-08-01'"
    assert [(plain(row["credit_due"]),) for row in answer] == rows(sample, f"select sum(pec_credit_usd) from marts.pec_monthly_statement {where}")


def test_columns_have_the_descriptions_of_the_marts(client, published):
    with duckdb.connect(str(published / "pec.duckdb"), read_only=True) as connection:
        said = dict(connection.execute("select column_name, comment from duckdb_columns() where table_name = 'pec_monthly_statement'").fetchall())
    source = next(one["id"] for one in client.all("dataset") if one["table_name"] == "pec_statement_by_subscription")
    columns = {one["column_name"]: one for one in client.ask(f"dataset/{source}")["result"]["columns"]}
    assert {name: columns[name]["description"].strip() for name in said} == {name: text.strip() for name, text in said.items()}
    assert columns["billing_month"]["is_dttm"] and columns["missed_credit_usd"]["verbose_name"] == "Missed credit USD"


def sql_lab(client, sql):
    """The rows of a statement that somebody types into SQL Lab.  AssertionError: it is refused."""
    (database,) = client.all("database")
    return client.ask("sqllab/execute/", {"database_id": database["id"], "sql": sql, "runAsync": False, "schema": "marts"})["data"]


def test_nobody_reads_other_files_or_writes_through_superset(client):
    assert sql_lab(client, "select count(*) as n from marts.pec_monthly_statement")[0]["n"] > 0
    for sql in ("select * from read_csv('/etc/passwd')", "create table marts.x as select 1", "copy (select 1) to '/tmp/pec_x.csv'"):
        with pytest.raises(AssertionError, match="execute"):
            sql_lab(client, sql)


def test_a_new_publication_is_seen_at_the_next_query(client, link, published, tmp_path):
    """Superset opens the file for each query and closes it; what it has cached stays until it is refreshed."""
    chart = next(chart["id"] for chart in client.all("chart") if chart["slice_name"] == "Checks")
    newer = shutil.copytree(published.resolve(), tmp_path / "newer")
    with duckdb.connect(str(newer / "pec.duckdb")) as connection:
        connection.execute("update marts.data_quality set status = 'hold'")
        every = connection.execute("select count(*) from marts.data_quality").fetchone()[0]
    before = client.rows(chart)[0]["not_passed"]
    (tmp_path / "next").symlink_to(newer)
    os.rename(tmp_path / "next", link)
    assert client.rows(chart)[0]["not_passed"] == every > before


def test_a_second_import_renews_what_is_there(client, bundle):
    client.import_dashboard(bundle, renew=True)
    assert len(client.all("chart")) == len(EXPECTED) and len(client.all("dashboard")) == 1
