"""Writes the starter dashboard as the file that Superset imports: examples/superset/ with the columns and descriptions of a published folder.

    python scripts/superset_dashboard.py OUT.zip [--published FOLDER] [--seen-as FOLDER]

Without --published it is the folder that PEC_PUBLISHED names. --seen-as: the path of that folder where Superset runs, if it is another there.
"""

import argparse
import json
import pathlib
import re
import sys
import uuid
import zipfile

import duckdb
import yaml

from pec import places

PARTS = pathlib.Path(__file__).resolve().parents[1] / "examples" / "superset"
# Things keep their ids, so that a second import renews what the first one made.
IDS = uuid.UUID("6f1a2c5e-8a0b-4d0e-9b57-0c1f5b1a7d42")
DATABASE = "PEC"
MONEY = {"d3format": ",.2f", "currency": json.dumps({"symbol": "USD", "symbolPosition": "prefix"})}
# As Superset sorts columns into filters by time and measures.
TIMES = ("DATE", "TIMESTAMP")


def id_of(kind, name):
    """The id of a database, dataset, chart or dashboard by its kind and name, as text."""
    return str(uuid.uuid5(IDS, f"{kind}/{name}"))


def read(name):
    """The content of a file of examples/superset/."""
    return yaml.safe_load((PARTS / name).read_text(encoding="utf-8"))


def database(folder):
    """The database. folder: the published folder's path where Superset runs; absolute."""
    # Read-only alone would let a query read and write other files of Superset's machine.
    arguments = {"read_only": True, "config": {"enable_external_access": "false"}}
    return {
        "database_name": DATABASE, "sqlalchemy_uri": f"duckdb:///{folder}/pec.duckdb", "expose_in_sqllab": True, "allow_run_async": False,
        "allow_ctas": False, "allow_cvas": False, "allow_dml": False, "uuid": id_of("database", DATABASE), "version": "1.0.0",
        "extra": {"engine_params": {"connect_args": arguments}, "schemas_allowed_for_file_upload": []},
    }  # fmt: skip


def label(column):
    """The name of a column as people read it: lost_credit_usd is "Lost credit USD"."""
    words = column.replace("_", " ").capitalize()
    return re.sub(r"\b(usd|id|pec)\b", lambda word: word[0].upper(), words, flags=re.IGNORECASE)


def described(connection, dataset):
    """(description, columns of Superset) of a dataset. connection: of the publication. Columns of a join have the descriptions of the marts'."""
    source = f"({dataset['sql']})" if "sql" in dataset else f"marts.{dataset['name']}"
    # Of marts that a join names, the first that has the column describes it.
    texts = dict(
        connection.execute(
            "select column_name, comment from duckdb_columns() where schema_name = 'marts' and contains($1, 'marts.' || table_name) "
            "order by strpos($1, 'marts.' || table_name) desc, length(table_name)",
            [source],
        ).fetchall()
    )  # fmt: skip
    said = connection.execute("select comment from duckdb_tables() where schema_name = 'marts' and table_name = ?", [dataset["name"]]).fetchone()
    columns = [
        {"column_name": name, "type": kind, "is_dttm": kind in TIMES, "verbose_name": label(name), "description": texts.get(name)}
        for name, kind, *_ in connection.execute(f"describe from {source}").fetchall()
    ]
    for name, facts in dataset.get("columns", {}).items():
        columns.append({"column_name": name, "type": "VARCHAR", "expression": facts["sql"], "verbose_name": facts["label"], "description": facts["text"]})
    return dataset.get("description") or said[0], columns


def metric(name, facts):
    """A metric of a dataset as Superset takes it. facts: of datasets.yml."""
    shown = MONEY if facts.get("is_money") else {"d3format": facts.get("format", ",d")}
    return {"metric_name": name, "verbose_name": facts["label"], "expression": facts["sql"], **shown}


def dataset_of(connection, dataset):
    """A dataset as Superset takes it. dataset: of datasets.yml."""
    text, columns = described(connection, dataset)
    return {
        "table_name": dataset["name"], "schema": "marts", "catalog": None, "sql": dataset.get("sql"), "description": text.strip(),
        "main_dttm_col": dataset.get("month"), "columns": columns, "metrics": [metric(*one) for one in dataset["metrics"].items()],
        "uuid": id_of("dataset", dataset["name"]), "database_uuid": id_of("database", DATABASE), "version": "1.0.0",
    }  # fmt: skip


def conditions(chart, dataset):
    """The filters of a chart: its own, and one by time, which the dashboard's filter sets."""
    found = [
        {"expressionType": "SIMPLE", "clause": "WHERE", "subject": column, "operator": operator, "comparator": value}
        for column, operator, value in chart.get("filters", [])
    ]
    if "month" in dataset:
        found.append({"expressionType": "SIMPLE", "clause": "WHERE", "subject": dataset["month"], "operator": "TEMPORAL_RANGE", "comparator": "No filter"})
    return found


def parameters(chart, dataset):
    """A chart's parameters as Superset's pages take them. chart: of charts.yml; dataset: of datasets.yml."""
    own = {k: v for k, v in chart.items() if k not in ("name", "dataset", "width", "columns", "filters", "order_by", "note")}
    shared = {"adhoc_filters": conditions(chart, dataset), "row_limit": 1000}
    if chart["viz_type"] == "table":
        shared |= {"query_mode": "raw" if "columns" in chart else "aggregate", "all_columns": chart.get("columns", []), "server_pagination": False}
        shared |= {"order_by_cols": [json.dumps(pair) for pair in chart["order_by"]], "table_timestamp_format": "%Y-%m-%d", "show_cell_bars": False}
        amounts = [name for name in chart.get("columns", []) if name.endswith("_usd")]
        shared |= {"column_config": {name: {"d3NumberFormat": ",.2f"} for name in amounts}}
    elif chart["viz_type"] == "big_number_total":
        shared |= {"subtitle": chart["note"], "header_font_size": 0.3, "subheader_font_size": 0.125}
    else:
        shared |= {"show_legend": True, "rich_tooltip": True, "x_axis_time_format": "%Y-%m-%d" if chart.get("time_grain_sqla") == "P1D" else "%Y-%m"}
        shared |= {"sort_series_type": "sum", "sort_series_ascending": False, "truncate_metric": True, "color_scheme": "supersetColors"}
    return {**shared, **own}


def query(chart, dataset):
    """What Superset's API asks for a chart, as text: the same as its page asks with parameters()."""
    filters = [{"col": one["subject"], "op": one["operator"], "val": one["comparator"]} for one in conditions(chart, dataset)]
    columns = [*chart.get("groupby", []), *chart.get("columns", [])]
    if "x_axis" in chart:
        axis = {"columnType": "BASE_AXIS", "expressionType": "SQL", "label": chart["x_axis"], "sqlExpression": chart["x_axis"]}
        columns.insert(0, axis | ({"timeGrain": chart["time_grain_sqla"]} if "time_grain_sqla" in chart else {}))
    asked = {"columns": columns, "filters": filters, "orderby": chart.get("order_by", []), "row_limit": 10000 if "x_axis" in chart else 1000}
    if "columns" not in chart:
        asked["metrics"] = chart.get("metrics") or [chart["metric"]]
    source = {"id": 0, "type": "table"}  # Superset puts the id of the imported dataset here
    return json.dumps({"datasource": source, "queries": [asked], "form_data": {}, "force": False, "result_format": "json", "result_type": "full"})


def chart_of(chart, dataset):
    """A chart as Superset takes it."""
    return {
        "slice_name": chart["name"], "viz_type": chart["viz_type"], "params": parameters(chart, dataset), "query_context": query(chart, dataset),
        "uuid": id_of("chart", chart["name"]), "dataset_uuid": id_of("dataset", chart["dataset"]), "version": "1.0.0",
    }  # fmt: skip


def layout(rows, text):
    """Where things stand on the dashboard. rows: of charts.yml; text: the head, Markdown."""
    grid = ["ROOT_ID", "GRID_ID"]
    head = {"type": "MARKDOWN", "id": "MARKDOWN-head", "parents": [*grid, "ROW-head"], "children": [], "meta": {"code": text, "width": 12, "height": 14}}
    placed = {"ROW-head": {"type": "ROW", "id": "ROW-head", "parents": grid, "children": [head["id"]], "meta": {"background": "BACKGROUND_TRANSPARENT"}}}
    placed[head["id"]] = head
    number = 0
    for position, row in enumerate(rows):
        name, children = f"ROW-{position}", []
        for chart in row["row"]:
            number += 1
            meta = {"chartId": number, "uuid": id_of("chart", chart["name"]), "sliceName": chart["name"], "width": chart["width"], "height": row["height"]}
            placed[f"CHART-{number}"] = {"type": "CHART", "id": f"CHART-{number}", "parents": [*grid, name], "children": [], "meta": meta}
            children.append(f"CHART-{number}")
        placed[name] = {"type": "ROW", "id": name, "parents": grid, "children": children, "meta": {"background": "BACKGROUND_TRANSPARENT"}}
    names = [name for name in placed if name.startswith("ROW-")]
    return {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "parents": ["ROOT_ID"], "children": names},
        **placed,
    }


def filter_of(one):
    """A filter beside the dashboard as Superset takes it. one: of dashboard.yml."""
    target = {"datasetUuid": id_of("dataset", one["dataset"]), "column": {"name": one["column"]}} if "column" in one else {}
    return {
        "id": f"NATIVE_FILTER-{one['name'].lower()}", "name": one["name"], "type": "NATIVE_FILTER", "filterType": one["kind"], "targets": [target],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": []}, "controlValues": {"multiSelect": True, "enableEmptyFilter": False},
        "defaultDataMask": {"extraFormData": {}, "filterState": {}}, "cascadeParentIds": [], "description": "",
    }  # fmt: skip


def files(published, seen_as):
    """The files of the import, {path: content}. published: the published folder; seen_as: its absolute path where Superset runs."""
    datasets, rows, board = read("datasets.yml"), read("charts.yml"), read("dashboard.yml")
    by_name = {dataset["name"]: dataset for dataset in datasets}
    with duckdb.connect(str(published / "pec.duckdb"), read_only=True) as connection:
        found = {f"datasets/{DATABASE}/{one['name']}.yaml": dataset_of(connection, one) for one in datasets}
    for chart in (chart for row in rows for chart in row["row"]):
        found[f"charts/{chart['name'].replace(' ', '_')}.yaml"] = chart_of(chart, by_name[chart["dataset"]])
    return found | {
        "metadata.yaml": {"version": "1.0.0"},  # without a type it is taken by both ways of importing
        f"databases/{DATABASE}.yaml": database(seen_as),
        "dashboards/pec.yaml": {
            "dashboard_title": board["title"], "slug": board["slug"], "position": layout(rows, board["text"]), "published": True,
            "metadata": {"native_filter_configuration": [filter_of(one) for one in board["filters"]], "cross_filters_enabled": True, "label_colors": board["colours"]},
            "uuid": id_of("dashboard", board["slug"]), "version": "1.0.0",
        },
    }  # fmt: skip


def main(arguments):
    """Writes the file and says where it is; returns 0, or 1 if nothing is published. arguments: of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--published", type=pathlib.Path, default=pathlib.Path(places.published()))
    parser.add_argument("--seen-as")
    options = parser.parse_args(arguments)
    if not (options.published / "pec.duckdb").exists():
        print(f"nothing is published at {options.published}: run make build, or name the folder in PEC_PUBLISHED", file=sys.stderr)
        return 1
    written = files(options.published, options.seen_as or options.published.absolute())
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(options.out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in written.items():
            archive.writestr(f"pec/{name}", yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
    print(f"{options.out}: import it in Superset under Dashboards, Import dashboards (docs/bi.md)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
