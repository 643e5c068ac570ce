"""Writes the data dictionary as one file: what `dbt docs generate` made, with each data test at the columns that it proves.

dbt's page shows a test at a column only if the test has that column and no other. Here one test looks at all columns of a model, because each test costs
a build some time. So the page gets one entry for each column that a test proves; the build has none of them. What only leads to the marts (models that
are not to be shown, the archive behind them, macros) is left out: the page is for those who read the marts.
"""

import json
import pathlib
import sys


def main(target="target"):
    """Reads index.html, manifest.json and catalog.json of a target folder, and writes static_index.html there."""
    folder = pathlib.Path(target)
    page = (folder / "index.html").read_text(encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    catalog = json.loads((folder / "catalog.json").read_text(encoding="utf-8"))
    leave_out_what_leads_to_the_marts(manifest, catalog)
    manifest["nodes"] |= {node["unique_id"]: node for node in proofs(manifest["nodes"])}
    for mark, content in (("MANIFEST", manifest), ("CATALOG", catalog)):
        place = f'"{mark}.JSON INLINE DATA"'
        if page.count(place) != 1:
            sys.exit(f"dbt's page {folder / 'index.html'} has no place for its {mark.lower()}: see whether dbt writes it otherwise now, and adjust {__file__}")
        page = page.replace(place, json.dumps(content).replace("</", "<\\/"))
    (folder / "static_index.html").write_text(page, encoding="utf-8")
    print(f"Written: {folder / 'static_index.html'}. Open it in a browser: it needs no network.")


def leave_out_what_leads_to_the_marts(manifest, catalog):
    """Takes out what is not to be shown, and what is said of it elsewhere. manifest, catalog: dbt's, changed in place."""
    hidden = {name for name, node in manifest["nodes"].items() if not (node.get("docs") or {}).get("show", True)}
    hidden |= {name for name, node in manifest["nodes"].items() if node.get("attached_node") in hidden}
    hidden |= {name for name, test in manifest["unit_tests"].items() if hidden & set(test["depends_on"]["nodes"])}
    hidden |= set(manifest["sources"]) | set(manifest["macros"])
    for part in (*(manifest[name] for name in ("nodes", "sources", "macros", "unit_tests", "parent_map", "child_map")), catalog["nodes"], catalog["sources"]):
        for name in hidden & set(part):
            del part[name]
    for edges in (manifest["parent_map"], manifest["child_map"]):
        edges |= {name: [other for other in others if other not in hidden] for name, others in edges.items()}
    for node in (*manifest["nodes"].values(), *manifest["exposures"].values()):
        node["depends_on"] = {kind: [name for name in names if name not in hidden] for kind, names in node["depends_on"].items()}


def proofs(nodes):
    """An entry for each column that a data test proves, as nodes of a manifest. nodes: those of the manifest."""
    found = []
    for node in nodes.values():
        if node["resource_type"] == "test":
            for model, column, name, arguments in proven(node):
                place = f"{node['unique_id']}.{model}.{column}.{name}"
                found.append(node | {
                    "unique_id": place, "column_name": column, "depends_on": {"nodes": [model], "macros": []}, "refs": [], "raw_code": "", "compiled_code": "",
                    "test_metadata": {"name": name, "kwargs": arguments | {"column_name": column}, "namespace": None},
                })  # fmt: skip
    return found


def proven(node):
    """What a test proves, as tuples (model's unique_id, column, name of the test, its arguments). node: a test of a manifest that looks at several columns."""
    model = node.get("attached_node")
    test = node.get("test_metadata") or {}
    given = test.get("kwargs", {})
    if test.get("name") == "column_values":
        yield from ((model, column, "not_null", {}) for column in given.get("never_null", []))
        yield from ((model, column, "accepted_values", {"values": values}) for column, values in given.get("one_of", {}).items())
    elif test.get("name") == "unique_grain":
        alone = len(given["columns"]) == 1
        for column in given["columns"]:
            yield model, column, "unique" if alone else "one_row_per", {} if alone else {"columns": given["columns"]}
            if column not in given.get("nullable", []):
                yield model, column, "not_null", {}
    elif test.get("name") == "in_dimensions":
        yield from ((model, column, "in_dimension", {"of": dimension}) for column, dimension in given["keys"].items())
    elif test.get("name") in ("spans_do_not_overlap", "spans_have_no_gap"):
        yield from ((model, column, test["name"], {"of": given["key"]}) for column in ("valid_from", "valid_to"))
    elif not test:
        for place in node["config"]["meta"].get("proves", []):
            name, column = place.split(".")
            yield f"model.{node['package_name']}.{name}", column, node["name"], {"proves": node["description"]}


if __name__ == "__main__":
    main(*sys.argv[1:])
