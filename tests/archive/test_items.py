"""Items that do not stand in the file as JSON objects: rows of CSV, rows of Log Analytics, pages in a list."""

import json

import pytest

NAME = "role_assignments/s_2026-02-01.csv"
QUOTED = b'"RoleAssignmentId","ObjectId","Description"\r\n"/1","a","x, ""y"""\r\n"/2","b",""\r\n'
ITEMS = [{"RoleAssignmentId": "/1", "ObjectId": "a", "Description": 'x, "y"'}, {"RoleAssignmentId": "/2", "ObjectId": "b", "Description": ""}]


def items(zone, found):
    return [(number, line, json.loads(item)) for _, number, line, item in zone.rows(found)]


@pytest.mark.parametrize(
    "content, lines",
    [
        (QUOTED, (2, 3)),
        (b"#TYPE Microsoft.Azure.Commands.Resources.Models.Authorization.PSRoleAssignment\r\n" + QUOTED, (3, 4)),
        (QUOTED.replace(b'","', b'";"'), (2, 3)),
        (QUOTED.rstrip(), (2, 3)),
        (b"\xff\xfe" + QUOTED.decode().encode("utf-16-le"), (2, 3)),
        (QUOTED.replace(b'"\r\n"/2', b'"\r\n\r\n"/2'), (2, 4)),
    ],
)
def test_rows_of_csv_are_items(zone, content, lines):
    found = zone.see(NAME, content)
    assert items(zone, found) == [(1, lines[0], ITEMS[0]), (2, lines[1], ITEMS[1])]
    assert (found["problem"], found["records"], found["archived"], found["rejected"], found["header"]) == (None, 2, 2, 0, [])
    assert (found["is_whole_document"], found["has_next_page"], found["reader"]) == (True, False, "csv")
    assert found["archive_file"].startswith("documents/role_assignments/0")


def test_json_in_a_cell_is_json(zone):
    cells = ['{"a": [1.50, null]}', "[]", "{cut", '{"a": 1, "a": 2}', "{} x", "1", " {}"]
    row = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    found = zone.see("activity_log/log.csv", f"a,b,c,d,e,f,\n{row}\n".encode())
    (text,) = [row[-1] for row in zone.rows(found)]
    assert text == (
        '{"a": {"a": [1.50, null]}, "b": [], "c": "{cut", "d": "{\\"a\\": 1, \\"a\\": 2}", "e": "{} x", "f": "1", "column6": {}}'
    )


def test_a_csv_list_is_complete_only_if_proven(zone):
    """A7: no record, and a last line without an end, prove nothing; a line that cannot be read is one that is missing; pages have round sizes."""
    for content, whole in ((QUOTED[:45], False), (b"id\n1\n", True), (b"id\n1", False), (b"id\n", False)):
        found = zone.see(NAME, content)
        assert (found["problem"], found["is_whole_document"]) == (None, whole), content
    found = zone.see(NAME, b"id,x\n1,2\n3\n4,5\n")
    assert (found["records"], found["archived"], found["rejected"]) == (3, 2, 1)
    assert zone.rejected(found) == [(2, 3, "2 columns expected, 1 found", "3")]
    for count, has_next in ((99, False), (100, True), (101, False), (1000, True), (5000, True)):
        text = "id\n" + "".join(f"{number}\n" for number in range(count))
        assert zone.see(NAME, text.encode())["has_next_page"] is has_next
        assert zone.see("activity_log/log.csv", text.encode())["has_next_page"] is False, "logs end nothing"


def test_a_bare_list_as_long_as_a_page_of_resource_graph_goes_on(zone):
    """A7: `az graph query --query data` and `Search-AzGraph` write rows alone, without what points to the next page. Other lists are not cut."""
    name = NAME.replace(".csv", ".json")
    for count, has_next in ((99, False), (100, True), (101, False), (1000, True)):
        rows = [{"id": str(number), "tenantId": "t", "properties": {}} for number in range(count)]
        for text in (json.dumps(rows), json.dumps({"value": rows, "Count": count}), "".join(f"{json.dumps(row)}\n" for row in rows)):
            assert zone.see(name, text.encode())["has_next_page"] is has_next, "PowerShell's wrapper and lines of jq say nothing of pages"
        assert zone.see(name, json.dumps({"data": rows, "skip_token": None}).encode())["has_next_page"] is False, "the wrapper says that it ends"
        assert zone.see("activity_log/log.json", json.dumps(rows).encode())["has_next_page"] is False, "logs end nothing"
        for row in rows:
            row.pop("tenantId")
        assert zone.see(name, json.dumps(rows).encode())["has_next_page"] is False, "az role assignment list gives all of them"


@pytest.mark.parametrize(
    "name, content, problem",
    [
        (NAME, b"", "empty"),
        (NAME, b"Principal,Role\na,b\n", "lacks the column id or roleassignmentid"),
        ("lighthouse/a.csv", b"RoleAssignmentId\n1\n", "lacks the column id"),
        (NAME, QUOTED[:-3], "never closed"),
        (NAME, b"id,ID\n1,2\n", "a column name stands twice"),
        (NAME, b'[{"id": 1}]', "give it the ending .json"),
        ("partner_id_links/a.csv", b"id\n1\n", "not a kind of file"),
    ],
)
def test_what_is_no_list_is_quarantined(zone, name, content, problem):
    found = zone.see(name, content)
    assert problem in found["problem"] and found["archive_file"] is None


def test_an_answer_of_log_analytics_is_rows(zone):
    columns = [{"name": name, "type": "string"} for name in ("TimeGenerated", "Properties", "Level")]
    first = {"name": "PrimaryResult", "columns": columns, "rows": [["2026-08-01T00:00:00Z", '{"entity": "/a"}', None], ["x", {"b": 1}, 1.50]]}
    text = json.dumps({"tables": [first, {"name": "other", "columns": columns[:1], "rows": [["y"]]}]})
    found = zone.see("activity_log/answer.json", text.encode())
    assert [item for *_, item in items(zone, found)] == [
        {"TimeGenerated": "2026-08-01T00:00:00Z", "Properties": {"entity": "/a"}, "Level": None},
        {"TimeGenerated": "x", "Properties": {"b": 1}, "Level": 1.5},
        {"TimeGenerated": "y"},
    ]
    assert (found["records"], found["archived"], found["is_whole_document"]) == (3, 3, True)
    assert zone.see("activity_log/answer.json", b'{"tables": []}')["records"] == 0
    for other in ({"tables": [first], "id": 1}, {"tables": [first], "error": {"code": "PartialError"}}, {"tables": [{"a": 1}]}, {"tables": 1}):
        assert zone.see("activity_log/answer.json", json.dumps(other).encode())["records"] == 1, "an item as it stands"
    ragged = json.dumps({"tables": [{"columns": columns, "rows": [["one"]]}]})
    assert zone.see("activity_log/answer.json", ragged.encode())["records"] == 1


A, B = '{"id": 1.50}', '{"id":\n"b"}'


@pytest.mark.parametrize(
    "text, has_next",
    [
        (f'[{{"value": [{A}], "nextLink": "https://x"}}, {{"value": [{B}]}}]', False),
        (f'[{{"value": [{A}], "nextLink": "x"}}, {{"value": [{B}], "nextLink": "y"}}]', True),
        (f'[{{"data": [{A}], "count": 1, "skip_token": "x"}}, {{"count": 1, "data": [{B}], "skip_token": null}}]', False),
        (f'[{{"value": []}}, {{"Value": [{A}, {B}]}}]', False),
    ],
)
def test_a_list_of_pages_is_their_items(zone, text, has_next):
    found = zone.see("role_assignments/s/2026-02-01.json", text.encode())
    assert [row[-1] for row in zone.rows(found)] == [A, B]
    assert (found["records"], found["has_next_page"], found["is_whole_document"]) == (2, has_next, True)


def test_an_unfit_item_of_a_page_is_rejected_alone(zone):
    found = zone.see("role_assignments/s/2026-02-01.json", f'[{{"value": [{A}, {{"id": 1, "id": 2}}]}}, {{"value": [{A}]}}]'.encode())
    assert (found["records"], found["archived"], found["rejected"]) == (3, 2, 1)


@pytest.mark.parametrize("text", [f'[{{"value": [{A}], "id": 1}}]', f'[{A}, {{"value": [{A}]}}]', '[{"value": ["x"]}]'])
def test_items_that_are_no_pages_stay_as_they_are(zone, text):
    found = zone.see("role_assignments/s/2026-02-01.json", text.encode())
    assert [json.loads(row[-1]) for row in zone.rows(found)] == json.loads(text)
