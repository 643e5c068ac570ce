"""The project's conventions, read off the manifest and the files: what a reviewer would otherwise have to look for."""

import json
import re
import subprocess

from project import test_gates, test_mutations, warehouse as w
import pytest
import yaml


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    """dbt's manifest of the project as a dictionary."""
    folder = tmp_path_factory.mktemp("parse")
    done = w.run_as_user(w.PROJECT, "dbt", "parse", "--target-path", str(folder), "--log-path", str(folder), PEC_WAREHOUSE=str(folder / "x.duckdb"))
    assert done.returncode == 0, done.stdout
    return json.loads((folder / "manifest.json").read_text())


def models(manifest, folder=""):
    """The model nodes below models/<folder>; at least one, so that no convention holds for want of models."""
    found = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["original_file_path"].startswith(f"models/{folder}")
    ]
    assert found
    return found


def sources_of_sql():
    """Text of every model and macro by path, without comments."""
    files = sorted([*w.PROJECT.glob("models/**/*.sql"), *w.PROJECT.glob("macros/**/*.sql")])
    assert len(files) > 50
    return {path: re.sub(r"\{#.*?#\}|--[^\n]*", "", path.read_text(), flags=re.DOTALL) for path in files}


def test_every_model_states_its_grain_first(manifest):
    assert [m["name"] for m in models(manifest) if not m["description"].startswith("One row per ")] == []


def test_marts_have_contracts_and_describe_every_column(manifest):
    for model in models(manifest, "marts"):
        assert model["config"]["contract"]["enforced"], model["name"]
        blank = [name for name, column in model["columns"].items() if len(column["description"]) < 15]
        assert blank == [], (model["name"], blank)


def test_money_columns_say_their_currency(manifest):
    for model in models(manifest, "marts"):
        for name, column in model["columns"].items():
            if name.endswith("_usd"):
                assert "USD" in column["description"], (model["name"], name)
                assert column["data_type"].startswith("decimal"), (model["name"], name)


def test_every_mart_but_lists_of_exceptions_has_a_floor_of_rows(manifest):
    floors = {node["attached_node"] for node in manifest["nodes"].values() if (node.get("test_metadata") or {}).get("name") == "has_rows"}
    may_be_empty = {
        "pec_missed_credit", "pec_access_gaps", "rejected_rows", "pec_unresolved_access", "pec_price_differences", "pec_restatements",
        "invoice_reconciliation", "pec_claims", "data_quality_findings", "pec_repairs", "access_grants",
    }  # fmt: skip
    assert {m["name"] for m in models(manifest, "marts") if m["unique_id"] not in floors} <= may_be_empty


def test_every_test_is_an_error_and_on(manifest):
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    assert len(tests) > 100
    weak = [t["name"] for t in tests if t["config"]["severity"].lower() != "error" or not t["config"]["enabled"] or t["config"]["where"]]
    assert weak == []


def test_only_staging_and_what_reports_rejects_reads_the_archive(manifest):
    """Sources of the archive are read by staging, and by what compares with history."""
    allowed = {"int_resource_month_changes", "int_resource_month_history", "int_changed_months", "int_published_months"}
    # The lines that a version of a file replaced, which staging has no more.
    allowed |= {"int_replaced_contents"}
    readers = {m["name"] for m in models(manifest) if any(name.startswith("source.") for name in m["depends_on"]["nodes"])}
    staging = {m["name"] for m in models(manifest, "staging/")}
    assert len(readers & staging) >= 10
    assert readers - staging == allowed


FOLDERS = [
    "staging",
    *(f"intermediate/{stage}" for stage in ("partners", "usage", "access", "prices", "periods", "eligibility", "rating", "billing", "quality")),
    "marts",
]  # fmt: skip


def test_no_model_reads_one_of_a_later_folder(manifest):
    """The folders are an order: what a model reads stands in its own or in one before it."""
    place = {}
    for position, folder in enumerate(FOLDERS):
        place |= {model["unique_id"]: position for model in models(manifest, f"{folder}/")}
    assert [m["name"] for m in models(manifest) if m["unique_id"] not in place] == [], "models of no folder"
    found = [
        (model["name"], read)
        for model in models(manifest)
        for read in model["depends_on"]["nodes"]
        if place.get(read, 0) > place[model["unique_id"]]
    ]
    assert found == []


def test_there_are_not_more_models_and_macros_than_a_reader_can_keep(manifest):
    # 95 of issue 13, all in use, and 17 for issue 14: Cost Management (2), partner ID links in JSON, int_invoice_lines, base_claims, int_missed_runs,
    # pec_claims, int_unsettled_grants, int_subscription_evidence, stg_azure__activity_log_spans, evidence_coverage, int_products, int_listed_lines,
    # int_benefit_paid_lines, int_record_places, stg_archive__rejected_records, stg_azure__items_aside. For issue 15: data_quality and
    # data_quality_findings with int_usage_findings, int_evidence_findings, int_export_losses, int_replaced_versions, int_replaced_contents,
    # int_published_months, int_as_of_date and stg_archive__acknowledgements. For issue 16: pec_repairs with int_gap_repairs, int_resource_usage and
    # int_principal_names, the four dimensions, pec_texts, pec_charges and access_grants
    # with int_role_names; int_repairs.
    assert len(models(manifest)) <= 136
    assert sum(len(path.read_text().splitlines()) for path in w.PROJECT.glob("macros/**/*.sql")) <= 600


def test_models_and_macros_stay_small():
    lengths = sorted(len(path.read_text().splitlines()) for path in w.PROJECT.glob("models/**/*.sql"))
    assert lengths[-1] <= 150
    # 45, and for issue 14: shapes of evidence, claims, coverage, Cost Management and the place of each record are longer than most.
    assert lengths[len(lengths) // 2] <= 55


@pytest.mark.parametrize(
    "pattern, why",
    [
        (r"\b0\.(15|85)\b", "the rate is dated reference data (P3)"),
        (r"::(double|float|real)\b|\bas (double|float|real)\)", "money is never floating point"),
        (r"\bavg\(", "avg gives a double"),
        (r"\b(now\(\)|current_date|current_timestamp|today\(\))", "same input, same output: no clock in a model"),
        (r"\brandom\(\)|\buuid\(\)", "same input, same output: no chance in a model"),
        (r"(?<!env_)var\('\w+',", "variables are declared in dbt_project.yml and have no second default"),
    ],
)
def test_sql_is_free_of(pattern, why):
    found = [str(path.relative_to(w.PROJECT)) for path, text in sources_of_sql().items() if re.search(pattern, text, re.IGNORECASE)]
    assert found == [], why


def test_variables_are_declared_and_used():
    declared = set(yaml.safe_load((w.PROJECT / "dbt_project.yml").read_text())["vars"])
    used = {name for text in sources_of_sql().values() for name in re.findall(r"var\('(\w+)'\)", text)}
    assert used == declared


def test_no_export_is_tracked_but_the_sample():
    if not (w.PROJECT / ".git").exists():
        pytest.skip("no git checkout")
    tracked = subprocess.run(["git", "ls-files"], cwd=w.PROJECT, capture_output=True, text=True, check=True).stdout.splitlines()
    data = [f for f in tracked if re.search(r"\.(csv|json|jsonl|gz|duckdb|parquet|wal)$", f)]
    assert [f for f in data if not f.startswith(("seeds/reference/", "seeds/landing_zone/", "tests/cases/", "tests/report/browser/", "pec/report/page/"))] == []
    assert any(f.startswith("seeds/landing_zone/") for f in data)


def test_rules_are_cited_where_they_are_built():
    rules = {f"{family}{number}" for family, count in (("D", 5), ("A", 7), ("P", 3), ("M", 7)) for number in range(1, count + 1)}
    text = "\n".join(path.read_text() for path in [*w.PROJECT.glob("models/**/*.sql"), *w.PROJECT.glob("macros/**/*.sql")])
    assert {rule for rule in rules if not re.search(rf"\b{rule}\b", text)} == set()


def test_rules_that_mutations_break_stand_where_they_look():
    """Mutations themselves run in `make test-all` alone; whoever moves a rule hears it in `make test`."""
    found = test_mutations.MUTATIONS | test_mutations.OF_WORLDS | test_mutations.FIELD | test_mutations.OF_EVIDENCE | test_gates.MUTATIONS
    assert len(found) >= 60
    assert {name: file for name, (file, text, *_) in found.items() if text not in (w.PROJECT / file).read_text()} == {}


def test_every_model_has_an_owner_and_marts_alone_are_public(manifest):
    groups = {node["name"]: node["owner"] for node in manifest["groups"].values()}
    assert {model["config"]["group"] for model in models(manifest)} == set(groups)
    assert all(owner["email"] for owner in groups.values())
    public = {model["name"] for model in models(manifest) if model["access"] == "public"}
    assert public == {model["name"] for model in models(manifest, "marts/")}
    assert sum(model["access"] == "private" for model in models(manifest)) >= 25


def test_what_people_use_is_an_exposure_of_marts(manifest):
    marts = {model["unique_id"] for model in models(manifest, "marts/")}
    exposures = {node["name"]: set(node["depends_on"]["nodes"]) for node in manifest["exposures"].values()}
    assert {"report", "workbook", "dashboard", "night"} <= set(exposures)
    assert {name: read - marts for name, read in exposures.items() if read - marts} == {}


def test_facts_lead_to_their_dimensions(manifest):
    """Each mart that carries a key of a dimension is tested to lead there, but for the history of what was published."""
    keys = {"customer_id", "subscription_id", "transacting_partner_id", "reseller_partner_id", "usage_date", "billing_month"}
    tested = {}
    for node in manifest["nodes"].values():
        if (node.get("test_metadata") or {}).get("name") == "in_dimensions":
            tested.setdefault(node["attached_node"], set()).update(node["test_metadata"]["kwargs"]["keys"])
    history, without_usage = {"pec_statement_history", "pec_restatements"}, {"pec_unresolved_access", "invoice_reconciliation", "access_grants"}
    dimensions_and_widened = {"dim_date", "dim_customer", "dim_subscription", "dim_partner", "pec_charges"}
    missing = {
        model["name"]: (keys & set(model["columns"])) - tested.get(model["unique_id"], set())
        for model in models(manifest, "marts/")
        if model["name"] not in history | without_usage | dimensions_and_widened
    }
    assert {name: columns for name, columns in missing.items() if columns} == {}
