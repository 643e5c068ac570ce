"""The generated project, of a manifest with one model and one test; and what stops a generation or a build."""

import copy
import json
import subprocess
import sys

import duckdb
import pytest
import yaml

from spark import events, settings
from spark.dialect import Unsupported
from spark.project import generate, spark_type, text_literal

CONFIG = {
    "contract": {"enforced": False}, "materialized": "table", "severity": "ERROR", "error_if": "!= 0", "warn_if": "!= 0", "fail_calc": "count(*)",
}  # fmt: skip
MODEL = {
    "unique_id": "model.p.money", "name": "money", "alias": "money", "schema": "marts", "resource_type": "model", "language": "sql",
    "original_file_path": "models/marts/money.sql", "description": "One row per amount.", "config": CONFIG,
    "columns": {"amount_usd": {"description": "The amount in USD.", "data_type": "decimal(38, 2)"}},
    "compiled_code": 'select trunc(amount, 2) as amount_usd\nfrom "w"."marts"."amounts"',
}  # fmt: skip
AMOUNTS = MODEL | {
    "unique_id": "model.p.amounts", "name": "amounts", "alias": "amounts", "original_file_path": "models/marts/amounts.sql", "columns": {},
    "compiled_code": "select 1.239 as amount",
}  # fmt: skip
TEST = {
    "unique_id": "test.p.t", "name": "t", "alias": "t", "schema": "x", "resource_type": "test", "config": CONFIG | {"severity": "warn"},
    "compiled_code": 'select * from "w"."marts"."money" where amount_usd is null',
}  # fmt: skip
INPUTS = {
    "archive": "/archive", "manifest": "/manifest", "columns": {"contents/usage": {"content_id": "string"}, "manifest": {"source_file": "string"}},
    "versions": {"rules_version": "r", "reference_data_version": "d", "settings_version": "s"},
}  # fmt: skip
# What somebody may write into a model of DuckDB's, each in place of trunc(amount, 2).
MUTATIONS = {
    "trunc(amount, 3)": "money, line 1: trunc to 3 decimals",
    "hash(amount)": "money, line 1: hash\\(\\) differs",
    "frobnicate(amount)": "money, line 1: the function frobnicate",
    "amount / 3": "money, line 1: the syntax Div",
    "avg(amount)": "money, line 1: the function avg",
}


@pytest.fixture
def folder(tmp_path):
    """A folder as spark/prepare.py leaves it."""
    (tmp_path / "compiled").mkdir()
    write(tmp_path, [MODEL, AMOUNTS, TEST])
    (tmp_path / "inputs.json").write_text(json.dumps(INPUTS))
    return tmp_path


def write(folder, nodes):
    """Writes the manifest. nodes: of it."""
    (folder / "compiled" / "manifest.json").write_text(
        json.dumps({"metadata": {"run_started_at": "2026-11-29T12:37:53.649763+00:00"}, "nodes": {node["unique_id"]: node for node in nodes}})
    )


def test_models_and_tests_refer_to_models(folder):
    assert generate(folder) == {"models": 2, "seeds": 0, "data tests": 1}
    text = (folder / "project" / "models" / "marts" / "money.sql").read_text()
    assert "FROM {{ ref('amounts') }} AS amounts" in text and "FLOOR(amount, 2)" in text
    assert (folder / "project" / "tests" / "t.sql").read_text().startswith("{{ config(severity='warn') }}")


def test_a_mart_gets_the_types_of_its_contract(folder):
    node = copy.deepcopy(MODEL)
    node["config"]["contract"]["enforced"] = True
    write(folder, [node, AMOUNTS])
    generate(folder)
    assert "cast(amount_usd as decimal(38,2)) as amount_usd" in (folder / "project" / "models" / "marts" / "money.sql").read_text()
    (described,) = [m for m in yaml.safe_load((folder / "project/models/descriptions.yml").read_text())["models"] if m["name"] == "money"]
    assert described["config"]["contract"]["enforced"] and described["columns"][0]["data_type"] == "decimal(38,2)"


@pytest.mark.parametrize(("schema", "kind", "is_view"), [("intermediate", "view", True), ("intermediate", "table", False), ("marts", "view", False)])
def test_views_between_staging_and_marts_stay_views(folder, schema, kind, is_view):
    write(folder, [MODEL | {"schema": schema, "config": CONFIG | {"materialized": kind}, "compiled_code": "select 1 as a"}])
    generate(folder)
    assert ("materialized='view'" in (folder / "project" / "models" / "marts" / "money.sql").read_text()) == is_view


@pytest.mark.parametrize("expression", MUTATIONS)
def test_what_may_differ_stops_the_generation(folder, expression):
    node = MODEL | {"compiled_code": MODEL["compiled_code"].replace("trunc(amount, 2)", expression)}
    write(folder, [node, AMOUNTS])
    with pytest.raises(Unsupported, match=MUTATIONS[expression]):
        generate(folder)


def test_the_begin_of_a_build_is_that_of_the_build_on_spark(folder):
    write(folder, [model_of("clock", "select timestamp '2026-11-29 12:37:53.649763' as as_of")])
    generate(folder)
    text = (folder / "project/models/intermediate/clock.sql").read_text()
    assert "12:37" not in text and "'{{ run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f') }}'" in text


def test_all_problems_are_named_at_once(folder):
    write(folder, [MODEL | {"compiled_code": "select foo(1) as a"}, AMOUNTS | {"compiled_code": "select bar(1) as a"}])
    with pytest.raises(Unsupported, match="(?s)amounts, line 1: the function bar.*money, line 1: the function foo"):
        generate(folder)


def test_an_unknown_relation_stops_the_generation(folder):
    write(folder, [MODEL])
    with pytest.raises(Unsupported, match="marts.amounts is none of the project's"):
        generate(folder)


def test_texts_of_seeds_keep_quotes_and_backslashes():
    assert text_literal("it's \\d") == r"'it\'s \\d'" and text_literal("") == "null"


@pytest.mark.parametrize("name", ["float", "real", "struct(a integer)", "timestamp with time zone", "uuid"])
def test_types_that_are_not_known_stop_the_generation(name):
    with pytest.raises(Unsupported):
        spark_type(name)


def build(folder, *arguments, **wrong):
    """Builds the project with some settings of the session changed; (exit code, words of dbt).

    folder: generated.  arguments: of dbt.  wrong: settings, with _ for a point.
    """
    profiles = folder / "project" / "profiles.yml"
    found = yaml.safe_load(profiles.read_text())
    found["pec_spark"]["outputs"]["session"]["server_side_parameters"] |= {name.replace("_", "."): value for name, value in wrong.items()}
    profiles.write_text(yaml.safe_dump(found))
    done = subprocess.run([sys.executable, "-m", "spark", "build", str(folder), *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_a_build_with_the_other_decimal_setting_refuses_to_run(folder):
    """And one with the right settings runs."""
    node = copy.deepcopy(MODEL)
    node["config"]["contract"]["enforced"] = True
    write(folder, [node, AMOUNTS, TEST, model_of("int_month_fingerprints", FINGERPRINT.format("2026-01-01", 1))])
    generate(folder)
    code, said = build(folder, spark_sql_decimalOperations_allowPrecisionLoss="true")
    assert code != 0 and "allowPrecisionLoss is true and must be false" in said and not (folder / "tables" / "marts.db" / "money").exists()
    generate(folder)
    code, said = build(folder)
    assert code == 0, said[-3000:]
    assert list((folder / "tables" / "marts.db" / "money").glob("*.parquet"))


def test_the_archive_may_have_another_path_on_the_cluster(folder):
    read = "select content_id from read_parquet(getvariable('pec_archive') || '/contents/usage/*.parquet', union_by_name = true)"
    write(folder, [model_of("lines", f"{read} union all select source_file from read_parquet(getvariable('pec_archive') || '/manifest/*.parquet')")])
    generate(folder)
    paths = {"archive": folder / "mounted", "manifest": folder / "prepared"}
    for path, column in ((paths["archive"] / "contents" / "usage", "content_id"), (paths["manifest"], "source_file")):
        path.mkdir(parents=True)
        duckdb.execute(f"copy (select 'a {column}' as {column}) to '{path}/1.parquet' (format parquet)")
    code, said = build(folder, "run", "--vars", json.dumps({name: str(path) for name, path in paths.items()}))
    assert code == 0, said[-3000:]
    found = duckdb.execute("select * from read_parquet(?) order by 1", [f"{folder}/tables/intermediate.db/lines/*.parquet"]).fetchall()
    assert found == [("a content_id",), ("a source_file",)]


FINGERPRINT = "select date '{}' as billing_month, 'v{}' as usage_version, 'a' as access_version, 'p' as price_version, "
FINGERPRINT += "'d' as directory_version, 'r' as reference_data_version, 'r' as rules_version"
CHANGED = """select coalesce(n.billing_month, s.billing_month) as billing_month
from "w"."intermediate"."int_month_fingerprints" as n full join "w"."build_state"."settled_months" as s on n.billing_month = s.billing_month
where n.usage_version is distinct from s.usage_version"""
LINES = """select 'line of ' || usage_version as line, billing_month from "w"."intermediate"."int_month_fingerprints"
where billing_month in (select billing_month from "w"."intermediate"."int_changed_months")"""


def model_of(name, text, hooks=None):
    """A node of the manifest. name: of the model.  text: its query.  hooks: settings of dbt."""
    return MODEL | {
        "unique_id": f"model.p.{name}", "name": name, "alias": name, "schema": "intermediate", "columns": {}, "compiled_code": text,
        "original_file_path": f"models/intermediate/{name}.sql", "config": CONFIG | (hooks or {}),
    }  # fmt: skip


def build_months(folder, months, problem="false"):
    """Builds a model with a row per month on what earlier builds left: (exit code, months that it computed, {month: its rows}).

    months: {month: version of its usage}.  problem: condition of the one data test, which finds rows that hold it.
    """
    forget = "delete from build_state.settled_months where billing_month in (select billing_month from {{ this }})"
    write(folder, [
        model_of("int_month_fingerprints", " union all ".join(FINGERPRINT.format(*month) for month in months.items())),
        model_of("int_changed_months", CHANGED, {"post-hook": [{"sql": forget}]}),
        model_of("lines", LINES, {"pre-hook": [{"sql": "{{ delete_changed_months() }}"}]}),
        TEST | {"config": CONFIG, "compiled_code": f'select * from "w"."intermediate"."lines" where {problem}'},
    ])  # fmt: skip
    generate(folder)
    code, said = build(folder)
    tables = folder / "tables" / "intermediate.db"
    changed = duckdb.execute("select billing_month::varchar from read_parquet(?) order by 1", [f"{tables}/int_changed_months/*.parquet"]).fetchall()
    files = (tables / "lines").glob("billing_month=*/*.parquet")
    found = {
        file.parent.name.removeprefix("billing_month="): [line for (line,) in duckdb.execute("select line from read_parquet(?)", [str(file)]).fetchall()]
        for file in sorted(files)
    }
    return code, [month for (month,) in changed], found


def test_changed_months_are_replaced_and_empty_ones_are_gone(folder):
    """A month is settled by a green build only, and stays changed until then, even if its inputs change back."""
    january, february, march = "2026-01-01", "2026-02-01", "2026-03-01"
    before = {january: 1, february: 1, march: 1}
    assert build_months(folder, before) == (0, [*before], dict.fromkeys(before, ["line of v1"]))
    rows = {january: ["line of v1"], february: ["line of v2"]}
    for changed in ([february, march], [february]):
        code, computed, found = build_months(folder, {january: 1, february: 2}, problem="line = 'line of v2'")
        assert code != 0 and computed == changed and found == rows
    for changed in ([february], []):
        assert build_months(folder, {january: 1, february: 1}) == (0, changed, dict.fromkeys(rows, ["line of v1"]))


def test_a_large_build_says_what_each_table_took(folder, monkeypatch, capsys):
    monkeypatch.setenv("PEC_SPARK_LARGE", "1")
    for version in (1, 2):  # a table is created, then added to
        assert build_months(folder, {"2026-01-01": version, "2026-02-01": 1})[0] == 0
        events.main(folder)
        rows = [line.split("|")[1:-1] for line in capsys.readouterr().out.splitlines()[2:]]
        tables = {name.strip(): float(cpu) for name, _, cpu, *_ in rows}
        assert {"intermediate.lines", "intermediate.int_changed_months", "tests and other queries", "all"} <= set(tables) and min(tables.values()) > 0


def test_a_hook_that_is_not_known_stops_the_generation(folder):
    write(folder, [model_of("lines", LINES, {"post-hook": [{"sql": "vacuum"}]}), AMOUNTS])
    with pytest.raises(Unsupported, match="lines: the hook vacuum"):
        generate(folder)


def test_each_required_setting_is_in_each_profile(folder):
    generate(folder)
    outputs = yaml.safe_load((folder / "project" / "profiles.yml").read_text())["pec_spark"]["outputs"]
    assert set(outputs) == {"session", "thrift", "http"}
    for output in outputs.values():
        assert settings.REQUIRED.items() <= output["server_side_parameters"].items()
    for target in ("thrift", "http"):
        assert {f"set:hiveconf:{name}" for name in settings.REQUIRED} <= outputs[target]["server_side_parameters"].keys()
