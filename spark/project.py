"""The whole project for dbt-spark, generated: models with ref() and source(), seeds, data tests, descriptions, contracts, profiles.

What a build on DuckDB gets by other means has its equivalent here:

    archived_files, a Python model    spark/prepare.py runs the same code before; the model reads the manifest that it wrote
    project_version, SQL variables    dbt's variables rules_version, reference_data_version, settings_version
    pec_archive, a SQL variable       tables of schema archive, made anew by each run over the folders of the archive (macro create_archive_tables)
    seeds                             models of VALUES: dbt-spark binds texts without escaping quotes, and NULL as a text
    views between staging and marts   views: each is one step of a line's way, and few models read it
    other views                       tables: Spark would read JSON documents anew for each model, and marts are read as Parquet
    models with a row per month       partitioned by month; changed months are dropped, then written (variable incremental_strategy)
    other incremental models          tables, made anew in each build
    types of marts                    a cast of each column to the contract's type, which the contract then checks
"""

import csv
import datetime
import hashlib
import json
import pathlib
import shutil

import yaml

from spark import settings
from spark.dialect import Unsupported
from spark.rules.regular import java_pattern
from spark.transpile import transpile

NAME = "pec_spark"
INSTANT = "%Y-%m-%d %H:%M:%S.%f"  # as models write the time at which a build began
# Models that only make sense on DuckDB, each with its query on Spark.
OWN_MODELS = {
    # Python, which archives: see above.
    "archived_files": "select * from {{ source('archive', 'manifest') }}",
    # DuckDB's SQL variables: see above.
    "project_version": "select\n    "
    + ",\n    ".join(f"'{{{{ var('{name}') }}}}' as {name}" for name in ("rules_version", "reference_data_version", "settings_version")),
}
# Hooks of models on DuckDB, each with dbt's settings of the model on Spark. A hook that is not here stops the generation.
HOOKS = {
    "{{ delete_changed_months() }}": (
        "materialized='incremental', incremental_strategy=var('incremental_strategy'), partition_by=['billing_month'], "
        'on_schema_change="append_new_columns", pre_hook="{{ drop_changed_months() }}"'
    ),
    "delete from build_state.settled_months where billing_month in (select billing_month from {{ this }})": (
        'post_hook="{{ forget_changed_months() }}"'
    ),
    # What is typed once per content on DuckDB is typed anew.
    "{{ delete_outdated() }}": None,
    "{{ delete_outdated('daily_rated_usage') }}": None,
    "{{ delete_outdated('price_sheet') }}": None,
}  # fmt: skip
# Types of contracts and seeds as Spark names them, where the name differs.
TYPE_NAMES = {
    "varchar": "string", "text": "string", "integer": "int", "timestamp": "timestamp_ntz", "varchar[]": "array<string>", "hugeint": "decimal(38,0)",
    "date[]": "array<date>", "json": "string",
}  # fmt: skip


def spark_type(name):
    """A type of a contract or seed, as Spark names it. name: DuckDB's.  Unsupported: it is not known to be the same."""
    plain = name.lower().replace(", ", ",")
    known = TYPE_NAMES.get(plain, plain)
    if known not in TYPE_NAMES.values() and known not in ("bigint", "int", "date", "boolean", "double") and not known.startswith("decimal("):
        raise Unsupported(f"the type {name} of a contract or seed is not known on Spark (spark/project.py)")
    return known


class Generator:
    """Writes the project.

    manifest: of the project compiled for DuckDB, as dbt writes it.  inputs: of spark/prepare.py.  source: folder of the project, for its seeds.
    target: folder to write, which is emptied.
    """

    def __init__(self, manifest, inputs, source, target):
        self.manifest, self.inputs, self.source, self.target = manifest, inputs, pathlib.Path(source), pathlib.Path(target)
        nodes = [node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed")]
        self.relations = {(node["schema"], node["alias"]): f"{{{{ ref('{node['name']}') }}}}" for node in nodes}
        self.relations[("build_state", "settled_months")] = "{{ source('build_state', 'settled_months') }}"
        self.compiled_at = datetime.datetime.fromisoformat(manifest["metadata"]["run_started_at"]).strftime(INSTANT)
        self.problems = []
        self.digest = hashlib.sha256()

    def generate(self):
        """Writes all of it; returns how many files of each kind. Unsupported: what cannot be transpiled, all of it, by model and line."""
        shutil.rmtree(self.target, ignore_errors=True)
        counts = {"models": 0, "seeds": 0, "data tests": 0}
        for node in sorted(self.manifest["nodes"].values(), key=lambda node: node["unique_id"]):
            kind = node["resource_type"]
            if kind not in ("model", "seed", "test"):
                continue  # analyses and operations
            try:
                if kind == "model":
                    self.write(node["original_file_path"].replace(".py", ".sql"), self.model(node))
                elif kind == "seed":
                    self.write(f"models/reference/{node['name']}.sql", self.seed(node))
                else:
                    self.write(f"tests/{node['alias']}.sql", self.test(node))
            except Unsupported as problem:
                self.problems.append(str(problem))
                continue
            counts["data tests" if kind == "test" else f"{kind}s"] += 1
        if self.problems:
            raise Unsupported("\n".join(self.problems))
        self.write("models/descriptions.yml", as_yaml(self.descriptions()))
        self.write("models/sources.yml", as_yaml(self.sources()))
        self.write("macros/start_and_end.sql", (pathlib.Path(__file__).parent / "start_and_end.sql").read_text(encoding="utf-8"))
        self.write("dbt_project.yml", as_yaml(self.configuration()))
        self.write("profiles.yml", as_yaml(self.profiles()))
        return counts

    def write(self, path, text):
        """Writes a file of the project. path: below its folder.  text: its content."""
        (self.target / path).parent.mkdir(parents=True, exist_ok=True)
        (self.target / path).write_text(text.rstrip() + "\n", encoding="utf-8")
        self.digest.update(f"{path}\n{text}\n".encode())

    def transpiled(self, node):
        """The query of a model or test in Spark's dialect, with ref() and source(). node: of the manifest.

        The time at which a build began is that of the build on Spark, and not that of the compilation.
        """
        began_at = f"{{{{ run_started_at.strftime('{INSTANT}') }}}}"
        return transpile(node["compiled_code"], node["name"], self.relation).replace(self.compiled_at, began_at)

    def relation(self, schema, name):
        """What stands for a relation: as of transpile()."""
        if schema is None:
            return f"{{{{ source('archive', '{name.split('/')[-1]}') }}}}"
        if (schema, name) not in self.relations:
            raise Unsupported(f"the relation {schema}.{name} is none of the project's")
        return self.relations[schema, name]

    def model(self, node):
        """The text of a model. node: of the manifest."""
        if node["name"] in OWN_MODELS:
            return OWN_MODELS[node["name"]]
        if node["language"] != "sql":
            raise Unsupported(f"{node['name']}: a Python model (spark/project.py, OWN_MODELS)")
        query = settings_of(node) + self.transpiled(node)
        if not node["config"]["contract"]["enforced"]:
            return query
        columns = ",\n    ".join(f"cast({name} as {spark_type(column['data_type'])}) as {name}" for name, column in node["columns"].items())
        return f"select\n    {columns}\nfrom (\n{query}\n) as mart"

    def seed(self, node):
        """A seed as a model of VALUES with its types. node: of the manifest."""
        kinds = {name: spark_type(kind) for name, kind in node["config"]["column_types"].items()}
        with open(self.source / node["original_file_path"], encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            for name, value in row.items():
                if name.endswith("pattern") and value and java_pattern(value).removeprefix("(?d)") != value:
                    raise Unsupported(f"seed {node['name']}: the pattern {value} means something else on Spark")
        missing = set(rows[0]) - set(kinds)
        if missing:
            raise Unsupported(f"seed {node['name']}: no column_types of {', '.join(sorted(missing))}")
        values = ",\n    ".join("(" + ", ".join(text_literal(row[name]) for name in kinds) + ")" for row in rows)
        columns = ",\n    ".join(f"cast({name} as {kind}) as {name}" for name, kind in kinds.items())
        return f"select\n    {columns}\nfrom values\n    {values}\nas seed ({', '.join(kinds)})"

    def test(self, node):
        """A data test as a query of what is wrong, with its severity. node: of the manifest."""
        config = node["config"]
        severity = config["severity"].lower()
        limits = "".join(f", {name}='{config[name]}'" for name in ("error_if", "warn_if", "fail_calc") if config[name] not in ("!= 0", "count(*)"))
        return f"{{{{ config(severity='{severity}'{limits}) }}}}\n{self.transpiled(node)}"

    def descriptions(self):
        """Descriptions of models, seeds and columns, and the contracts of marts, as dbt reads them."""
        models = []
        for node in self.manifest["nodes"].values():
            if node["resource_type"] not in ("model", "seed"):
                continue
            enforced = node["resource_type"] == "model" and node["config"]["contract"]["enforced"]
            columns = [
                {"name": name, "description": raw(column["description"])} | ({"data_type": spark_type(column["data_type"])} if enforced else {})
                for name, column in node["columns"].items()
            ]
            config = {"config": {"contract": {"enforced": True}}} if enforced else {}
            models.append({"name": node["name"], "description": raw(node["description"]), **config, "columns": columns})
        return {"version": 2, "models": models}

    def sources(self):
        """The archive's tables, and the settled months."""
        names = [path.split("/")[-1] for path in self.inputs["columns"]]
        return {"version": 2, "sources": [
            {"name": "archive", "schema": "archive", "tables": [{"name": name} for name in names]},
            {"name": "build_state", "schema": "build_state", "tables": [{"name": "settled_months"}]},
        ]}  # fmt: skip

    def configuration(self):
        """dbt_project.yml."""
        return {
            "name": NAME, "version": "1.0.0", "config-version": 2, "profile": NAME, "flags": {"send_anonymous_usage_stats": False},
            "vars": self.inputs["versions"] | {
                # What the generator made is part of the rules: another version of it computes all months anew.
                "rules_version": f"{self.inputs['versions']['rules_version']} {self.digest.hexdigest()[:16]}",
                # How changed months are written once they are dropped. Fabric's adapter allows append alone with Parquet, which then does the same.
                "incremental_strategy": "insert_overwrite",
                "archive": self.inputs["archive"], "manifest": self.inputs["manifest"], "archive_tables": self.inputs["columns"],
                "required_settings": settings.REQUIRED, "probes": [list(probe) for probe in settings.PROBES],
            },
            "on-run-start": ["{{ check_settings() }}", "{{ create_archive_tables() }}", "{{ create_build_state() }}"],
            "on-run-end": ["{{ settle_months(results) }}"],
            "models": {NAME: {
                "+materialized": "table", "+file_format": "parquet", "+persist_docs": {"relation": True},
                **{folder: {"+schema": folder} for folder in ("reference", "staging", "intermediate", "marts")},
            }},
            # Generated tests stand in one folder, as queries.
            "data_tests": {NAME: {"+store_failures": False}},
        }  # fmt: skip

    def profiles(self):
        """profiles.yml: a session on this machine, and clusters that are reached by Thrift or HTTP."""
        cluster = {
            "type": "spark", "schema": "main", "host": "{{ env_var('PEC_SPARK_HOST', '') }}", "user": "{{ env_var('PEC_SPARK_USER', '') }}",
            "port": "{{ env_var('PEC_SPARK_PORT', '443') | as_number }}", "threads": "{{ env_var('PEC_SPARK_THREADS', '4') | as_number }}",
            "server_side_parameters": settings.of_a_cluster(),
        }  # fmt: skip
        session = {"type": "spark", "method": "session", "host": "none", "schema": "main", "threads": 1}
        parameters = settings.local(
            self.target.parent, "{{ env_var('PEC_SPARK_MEMORY', '2g') }}", "{{ env_var('PEC_SPARK_CORES', '1') }}",
            lambda pair: f"{{{{ '{pair[1]}' if env_var('PEC_SPARK_LARGE', '') else '{pair[0]}' }}}}",
        )  # fmt: skip
        return {NAME: {"target": "session", "outputs": {
            "session": session | {"server_side_parameters": parameters},
            "thrift": cluster | {"method": "thrift"},
            "http": cluster | {
                "method": "http", "token": "{{ env_var('PEC_SPARK_TOKEN', '') }}", "cluster": "{{ env_var('PEC_SPARK_CLUSTER', '') }}",
                "organization": "{{ env_var('PEC_SPARK_ORGANIZATION', '0') }}", "connect_timeout": 60, "connect_retries": 5,
            },
        }}}  # fmt: skip


def settings_of(node):
    """dbt's settings of a model that is no plain table on Spark, as Jinja; often ''. node: of the manifest.  Unsupported: a hook that is not known."""
    hooks = [hook["sql"] for hook in node["config"].get("pre-hook", []) + node["config"].get("post-hook", [])]
    unknown = [hook for hook in hooks if hook not in HOOKS]
    if unknown:
        raise Unsupported(f"{node['name']}: the hook {unknown[0]} (spark/project.py, HOOKS)")
    found = [HOOKS[hook] for hook in hooks if HOOKS[hook]]
    if (node["schema"], node["config"]["materialized"]) == ("intermediate", "view"):
        found.append("materialized='view'")
    return f"{{{{ config({', '.join(found)}) }}}}\n" if found else ""


def text_literal(value):
    """A text of a seed as a literal of Spark's; NULL for a blank. value: text."""
    return "null" if value == "" else "'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("{{", "{{ '{{' }}") + "'"


def raw(text):
    """A description that Jinja does not read. text: as of the manifest."""
    return "{% raw %}" + text.strip() + "{% endraw %}" if "{{" in text or "{%" in text else text.strip()


def as_yaml(value):
    """YAML of plain values, in the order in which they were put."""
    return yaml.safe_dump(value, sort_keys=False, width=150, allow_unicode=True)


def generate(folder, source="."):
    """Generates the project of a folder that spark/prepare.py prepared, into its subfolder `project`; returns counts. Unsupported: see Generator."""
    folder = pathlib.Path(folder).absolute()
    manifest = json.loads((folder / "compiled" / "manifest.json").read_text(encoding="utf-8"))
    inputs = json.loads((folder / "inputs.json").read_text(encoding="utf-8"))
    return Generator(manifest, inputs, source, folder / "project").generate()
