"""The starter dashboard and the metrics name what the marts have. `make test-bi` runs them in a real Superset and in MetricFlow."""

import importlib.util
import re
import zipfile

import duckdb
import pytest
import yaml
from project import warehouse as w

SPEC = importlib.util.spec_from_file_location("superset_dashboard", w.PROJECT / "scripts" / "superset_dashboard.py")
dashboard = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(dashboard)


@pytest.fixture(scope="module")
def bundle(sample, tmp_path_factory):
    """What the file for Superset holds, {path: content}, made from the sample's published folder."""
    made = tmp_path_factory.mktemp("dashboard") / "pec.zip"
    assert dashboard.main([str(made), "--published", str(sample.with_suffix(".published")), "--seen-as", "/srv/pec/published"]) == 0
    with zipfile.ZipFile(made) as archive:
        return {name: yaml.safe_load(archive.read(name)) for name in archive.namelist()}


def test_every_chart_asks_for_what_its_dataset_has(bundle, sample):
    datasets = {one["uuid"]: one for name, one in bundle.items() if name.startswith("pec/datasets/")}
    charts = [one for name, one in bundle.items() if name.startswith("pec/charts/")]
    assert len(datasets) >= 7 and len(charts) >= 16
    with duckdb.connect(str(sample.with_suffix(".published") / "pec.duckdb"), read_only=True) as connection:
        for chart in charts:
            dataset, asked = datasets[chart["dataset_uuid"]], dashboard.json.loads(chart["query_context"])["queries"][0]
            has = {one["column_name"]: one.get("expression") or f'"{one["column_name"]}"' for one in dataset["columns"]}
            sums = {one["metric_name"]: one["expression"] for one in dataset["metrics"]}
            columns = [has[one["sqlExpression"] if isinstance(one, dict) else one] for one in asked["columns"]]
            others = [has[one["col"]] for one in asked["filters"]] + [has.get(name) or sums[name] for name, _ in asked["orderby"]]
            values = [sums[name] for name in asked.get("metrics", [])]
            source = f"({dataset['sql']})" if dataset["sql"] else f"marts.{dataset['table_name']}"
            connection.execute(f"select {', '.join([*columns, *values])} from {source} {'group by all' if values else ''}").fetchall()
            assert all(others), chart["slice_name"]


def test_the_dashboard_opens_the_published_folder_alone_and_describes_every_column(bundle):
    database = bundle["pec/databases/PEC.yaml"]
    assert database["sqlalchemy_uri"] == "duckdb:////srv/pec/published/pec.duckdb"
    assert database["extra"]["engine_params"]["connect_args"] == {"read_only": True, "config": {"enable_external_access": "false"}}
    # The status and the reason in words come from pec_texts.
    blank = [
        (one["table_name"], column["column_name"])
        for name, one in bundle.items() if name.startswith("pec/datasets/")
        for column in one["columns"] if not column["description"] and column["column_name"] not in ("status", "reason")
    ]  # fmt: skip
    assert blank == []


def test_without_a_publication_there_is_no_dashboard(tmp_path, capsys):
    assert dashboard.main([str(tmp_path / "pec.zip"), "--published", str(tmp_path)]) == 1
    assert "run make build" in capsys.readouterr().err and not (tmp_path / "pec.zip").exists()


def test_the_exposure_names_the_marts_that_the_dashboard_reads():
    exposures = yaml.safe_load((w.PROJECT / "models" / "exposures.yml").read_text())["exposures"]
    named = next(set(re.findall(r"ref\('(\w+)'\)", " ".join(one["depends_on"]))) for one in exposures if one["name"] == "dashboard")
    datasets = dashboard.read("datasets.yml")
    read = {name for one in datasets for name in re.findall(r"marts\.(\w+)", one.get("sql", f"marts.{one['name']}"))}
    assert named == read


def test_metrics_and_their_dimensions_are_columns_of_marts():
    """dbt checks the names of models and measures, and not whether a column is there."""
    contracts = {}
    for path in (w.PROJECT / "models" / "marts").rglob("*.yml"):
        for model in yaml.safe_load(path.read_text()).get("models") or []:
            contracts[model["name"]] = {column["name"] for column in model.get("columns") or []}
    found = yaml.safe_load((w.PROJECT / "models" / "marts" / "shared" / "_semantic_models.yml").read_text())["semantic_models"]
    assert len(found) >= 5
    for one in found:
        parts = [*one["entities"], *one.get("dimensions", []), *one.get("measures", [])]
        missing = {part.get("expr", part["name"]) for part in parts} - contracts[re.search(r"'(\w+)'", one["model"])[1]]
        assert missing == set(), one["name"]
