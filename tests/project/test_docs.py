"""The documentation names what there is: links, marts, columns, commands and queries; and the data dictionary shows each test at its columns."""

import importlib.util
import json
import re

import pytest
import yaml
from pec import cli
from project import warehouse as w

PAGES = {path.relative_to(w.PROJECT).as_posix(): path.read_text() for path in [*w.PROJECT.glob("*.md"), *w.PROJECT.glob("docs/*.md")]}
FOR_PEOPLE = ("docs/first-hour.md", "docs/closing-a-month.md", "docs/access-alert.md")


@pytest.fixture(scope="module")
def docs():
    """scripts/docs.py as a module."""
    spec = importlib.util.spec_from_file_location("docs_script", w.PROJECT / "scripts" / "docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def manifest(sample):
    """dbt's manifest of the sample's build."""
    return json.loads((sample.parent / "target" / "manifest.json").read_text())


def marts(manifest):
    """{name: names of columns} of the marts."""
    return {node["name"]: set(node["columns"]) for node in manifest["nodes"].values() if node["resource_type"] == "model" and node["schema"] == "marts"}


def anchors(text):
    """The anchors of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_and_headings_that_exist(page):
    text = re.sub(r"```.*?```", "", PAGES[page], flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:|#!", link):
            continue
        path, _, anchor = link.partition("#")
        target = ((w.PROJECT / page).parent / path).resolve() if path else w.PROJECT / page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text()), link


def test_readme_leads_to_each_page():
    """Directly, or from a page that it links."""
    linked = {"README.md"}
    for page in ("README.md", *(f"docs/{name}" for name in ("architecture.md", "operations.md", "first-hour.md"))):
        linked |= {((w.PROJECT / page).parent / link).resolve().relative_to(w.PROJECT).as_posix() for link in re.findall(r"\]\(([^)#:\s]+\.md)", PAGES[page])}
    made_for_dbt = {"docs/columns.md", "docs/overview.md"}
    assert {page for page in PAGES if page.startswith("docs/")} - linked == made_for_dbt


def test_queries_of_the_pages_run_on_what_is_published(sample):
    queries = [query for page in FOR_PEOPLE for query in re.findall(r"```sql\n(.*?)```", PAGES[page], re.DOTALL)]
    assert len(queries) >= 6
    published = sample.with_name("warehouse.published") / "pec.duckdb"
    assert sum(bool(w.query(published, query)) for query in queries) >= len(queries) - 1, "restatements alone may have no row"


def test_commands_and_marts_that_the_pages_name_exist(manifest):
    commands = {add.__name__.removeprefix("add_") for add in cli.COMMANDS}
    targets = set(re.findall(r"^([\w-]+):", (w.PROJECT / "Makefile").read_text(), re.MULTILINE))
    known = marts(manifest)
    words = {"settled_usd", *known, *(column for columns in known.values() for column in columns)}  # settled_usd: of claims.csv
    for page in FOR_PEOPLE:
        code = "\n".join(re.findall(r"```\w*\n.*?```|`[^`\n]+`", PAGES[page], re.DOTALL))
        named = set(re.findall(r"\bpec ([a-z]+)", code))
        assert named and named <= commands, (page, named - commands)
        assert set(re.findall(r"\bmake (\w+)", code)) <= targets, page
        assert set(re.findall(r"\bmarts\.(\w+)", code)) <= set(known), page
        assert set(re.findall(r"`(pec_\w+|fct_\w+|\w+_usd|is_\w+|\w+_status|\w+_date)`", code)) <= words, page


def test_closing_a_month_tells_the_limits_that_are_set():
    text = " ".join(PAGES["docs/closing-a-month.md"].split())
    limits = yaml.safe_load((w.PROJECT / "dbt_project.yml").read_text())["vars"]
    assert f"within {limits['claim_days']} days" in text and f"within {limits['possible_settlement_days']} days" in text
    assert f"more than {limits['credit_change_percent']} % and {limits['credit_change_usd']} USD" in text


def test_the_overview_has_a_place_for_each_mart_and_the_glossary_is_in_order(manifest):
    overview = manifest["docs"]["doc.pec_warehouse.__overview__"]["block_contents"]
    named = set(re.findall(r"`(\w+)`", overview))
    assert {name for name in named if name.startswith(("pec_", "fct_"))} - {"pec_status", "pec_reason", "pec_warehouse"} <= set(marts(manifest))
    assert {"pec_monthly_statement", "pec_missed_credit", "pec_repairs", "invoice_reconciliation", "data_quality"} <= named
    glossary = manifest["docs"]["doc.pec_warehouse.__pec_warehouse__"]["block_contents"]
    words = re.findall(r"^\| ([^|]+) \|", glossary, re.MULTILINE)[1:]
    assert len(words) > 40 and words == sorted(words, key=str.lower)
    for word in ("PEC", "AOBO", "PAL", "BillTo", "Lighthouse", "CSP", "price sheet", "month to date"):
        assert word in words


def test_each_invariant_says_what_it_proves_and_of_which_columns(manifest):
    singular = [node for node in manifest["nodes"].values() if node["resource_type"] == "test" and not node.get("test_metadata")]
    assert len(singular) >= 20
    known = marts(manifest)
    for node in singular:
        proves = [place.split(".") for place in node["config"]["meta"].get("proves", [])]
        assert len(node["description"]) > 30 and proves, node["name"]
        assert [place for place in proves if place[1] not in known.get(place[0], ())] == [], node["name"]


def test_the_data_dictionary_shows_each_test_of_a_mart_at_its_columns_and_nothing_of_what_leads_there(manifest, docs, tmp_path):
    (tmp_path / "index.html").write_text('<script>m = "MANIFEST.JSON INLINE DATA"; c = "CATALOG.JSON INLINE DATA"</script>')
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "catalog.json").write_text(json.dumps({"nodes": {}, "sources": {}}))
    docs.main(tmp_path)
    written = json.loads(re.search(r"m = (.*); c = ", (tmp_path / "static_index.html").read_text())[1])
    shown = {}
    for node in written["nodes"].values():
        if node["resource_type"] == "test" and node.get("column_name"):
            shown.setdefault(node["depends_on"]["nodes"][0], []).append((node["column_name"], node["test_metadata"]["name"]))
    claims = shown["model.pec_warehouse.pec_claims"]
    assert {("claim_id", "unique"), ("claim_id", "not_null"), ("claim_status", "accepted_values"), ("open_credit_usd", "m7_settlements_are_the_register")} <= set(claims)
    for name, columns in marts(manifest).items():
        assert {column for column, _ in shown.get(f"model.pec_warehouse.{name}", [])} <= columns, name
    about_columns = [
        node for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and not node.get("column_name") and (node.get("test_metadata") or {}).get("name") != "has_rows"
    ]  # fmt: skip
    unseen = [node["name"] for node in about_columns if not list(docs.proven(node))]
    assert len(about_columns) > 50 and unseen == [], "scripts/docs.py must say which columns such a test proves"
    models = {node["schema"] for node in written["nodes"].values() if node["resource_type"] == "model"}
    assert models == {"marts"} and written["sources"] == {} and written["macros"] == {}
    left = json.dumps([written["parent_map"], written["child_map"], [node["depends_on"] for node in written["nodes"].values()]])
    assert "model.pec_warehouse.int_" not in left and "model.pec_warehouse.stg_" not in left and "source." not in left


def test_a_page_of_another_dbt_is_refused_with_the_remedy(manifest, docs, tmp_path):
    (tmp_path / "index.html").write_text("<html>")
    for name, content in (("manifest", manifest), ("catalog", {"nodes": {}, "sources": {}})):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    with pytest.raises(SystemExit, match="no place for its manifest: see whether dbt"):
        docs.main(tmp_path)
