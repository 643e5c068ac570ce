"""Metrics asked of MetricFlow give the figures of SQL on the build's marts: by month, by customer and by subscription."""

import csv
import os
import re
import subprocess
from decimal import Decimal

import duckdb
import pytest
from project import warehouse as w

BIN = w.PROJECT / ".venv-metricflow" / "bin"
MONEY = {
    "list_cost": "list_cost_usd", "credit_due": "pec_credit_usd", "credit_applied": "applied_credit_usd", "credit_missed": "missed_credit_usd",
    "credit_unexpected": "unexpected_credit_usd", "credit_recoverable": "recoverable_credit_usd",
}  # fmt: skip
DAYS = ["resource_days", "covered_resource_days", "coverage_of_days"]
METRICS = [*MONEY, "effective_discount", "pec_rate", *DAYS]
# How MetricFlow is asked to group: the same in SQL, of money and of days.
CUSTOMER_OF = "(select customer_name from marts.dim_customer as c where c.customer_id = s.customer_id)"
OWNER_OF = "(select customer_name from marts.dim_subscription as d where d.subscription_id = s.subscription_id)"
GROUPS = {
    "metric_time__month": ("billing_month", "date_trunc('month', usage_date)::date"),
    "metric_time__month,subscription": ("billing_month, subscription_id", "date_trunc('month', usage_date)::date, subscription_id"),
    "metric_time__month,subscription__customer_name": (f"billing_month, {OWNER_OF}", f"date_trunc('month', usage_date)::date, {OWNER_OF}"),
    "customer__customer_name": (CUSTOMER_OF, None),  # days name the subscription alone
}  # fmt: skip


@pytest.fixture(scope="module")
def ask(published, tmp_path_factory):
    """A function that asks mf in a copy of the project; mf reads the project's target/. Gives what mf prints."""
    project = w.copy_of_project(tmp_path_factory.mktemp("metrics") / "project")
    own = {"PEC_PUBLISHED": str(published), "DBT_PROFILES_DIR": str(project / "examples" / "metricflow")}
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PEC_", "DBT_", "PYTHON"))} | own

    def run(tool, *arguments):
        done = subprocess.run([str(BIN / tool), *arguments], cwd=project, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
        return done.stdout

    run("dbt", "parse", "--quiet")
    return run


def asked(ask, published, metrics, groups):
    """What MetricFlow's own SQL gives on the published file: {group: {metric: value}}, decimals exact."""
    said = ask("mf", "query", "--metrics", ",".join(metrics), "--group-by", groups, "--explain")
    # A space leads the lines of spinners, and SQL begins at the start of a line.
    sql = re.search(r"^(WITH|SELECT)\b.*", said, re.MULTILINE | re.DOTALL)[0]
    found = {}
    with duckdb.connect(str(published / "pec.duckdb"), read_only=True) as connection:
        result = connection.execute(sql)
        names = [column[0] for column in result.description]
        for row in (dict(zip(names, row)) for row in result.fetchall()):
            key = tuple(str(row[name])[:10] if name.startswith("metric_time") else row[name] for name in groups.split(","))
            # Where a group is NULL, MetricFlow joins no two metrics: a row for each.
            found.setdefault(key, {}).update({name: row[name] for name in metrics if row[name] is not None})
    return found


def expected(sample, metrics, groups):
    """The same from SQL on the build's marts."""
    money, days = GROUPS[groups]
    found = {}

    def add(sql):
        for row in w.query(sample, sql):
            *key, values = row.values()
            found.setdefault(tuple(str(part)[:10] if hasattr(part, "year") else part for part in key), {}).update(values)

    sums = ", ".join(f"{name} := sum({column})" for name, column in MONEY.items())
    add(f"select {money}, struct_pack({sums}) from marts.pec_monthly_statement as s group by all")
    for values in found.values():
        cost = values["list_cost"]
        values["effective_discount"] = float(values["credit_applied"] / cost) if cost else None
        values["pec_rate"] = float(values["credit_due"] / cost) if cost else None
    if days:
        covered = "count(*) filter (where is_access_eligible)"
        sums = f"resource_days := count(*), covered_resource_days := {covered}, coverage_of_days := {covered} / count(*)"
        add(f"select {days}, struct_pack({sums}) from marts.fct_pec_eligibility_daily as s group by all")
    return {key: {name: values[name] for name in metrics if values.get(name) is not None} for key, values in found.items()}


@pytest.mark.parametrize("groups", GROUPS)
def test_metrics_are_those_of_sql(groups, ask, published, sample):
    metrics = [name for name in METRICS if GROUPS[groups][1] or name not in DAYS]
    found, wanted = asked(ask, published, metrics, groups), expected(sample, metrics, groups)
    assert len(wanted) >= 3 and set(found) == set(wanted)
    for key, values in wanted.items():
        assert set(found[key]) == set(values), key
        for name, value in values.items():
            if name in MONEY:
                assert isinstance(found[key][name], Decimal) and found[key][name] == value, (key, name)
            else:
                assert found[key][name] == pytest.approx(value, rel=1e-12), (key, name)


def test_what_mf_writes_is_right_to_the_cent(ask, sample, tmp_path):
    """mf writes decimals as floating point: for reading."""
    ask("mf", "query", "--metrics", "credit_missed", "--group-by", "metric_time__month", "--csv", str(tmp_path / "x.csv"))
    with open(tmp_path / "x.csv", encoding="utf-8") as file:
        found = {row["metric_time__month"][:10]: round(float(row["credit_missed"]), 2) for row in csv.DictReader(file)}
    wanted = w.query(sample, "select billing_month, sum(missed_credit_usd) as usd from marts.pec_monthly_statement group by all")
    assert found == {str(row["billing_month"]): round(float(row["usd"]), 2) for row in wanted}


def test_all_metrics_and_semantic_models_are_valid(ask):
    listed = ask("mf", "list", "metrics")
    assert [name for name in METRICS if name not in listed] == []
    ask("mf", "validate-configs", "--skip-dw")
