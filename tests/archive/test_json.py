"""JSON: items of documents as they stand in the file, and records of tables."""

import json
import time

import pytest
from archive_zone import USAGE_HEADER
from pec.archive import jsontext

NAME = "role_assignments/s/2026-02-01.json"
A, B = '{"id": 1.50, "x": [1, {"y": null}]}', '{ "id":2e5,\n"x":"\\u00e9\\"]}" }'


def items(zone, found):
    return [(number, line, item) for _, number, line, item in zone.rows(found)]


@pytest.mark.parametrize(
    "text, lines, has_next",
    [
        (f"[{A},{B}]", (1, 1), False),
        (f" [\n{A}\n,\n {B}\n] \n", (2, 4), False),
        (f"{A}\n{B}\n", (1, 2), False),
        (f"{A}\r\n\r\n{B}", (1, 3), False),
        (f"{A}\r{B}".replace("\n", " "), (1, 2), False),
        (f'{{"value": [{A},{B}], "nextLink": "https://x"}}', (1, 1), True),
        (f'{{"value": [{A},{B}], "nextLink": null}}', (1, 1), False),
        (f'{{"@odata.nextLink": "x", "value": [{A},{B}]}}', (1, 1), True),
        (f'{{"odata.nextLink": "", "value": [{A},{B}]}}', (1, 1), False),
        (f'{{"$skipToken": "x", "value": [{A},{B}]}}', (1, 1), True),
        (f'{{"count": 2, "data": [{A},{B}], "skip_token": "x", "total_records": 9}}', (1, 1), True),
        (f'{{"count": 2, "data": [{A},\n{B}], "skip_token": null}}', (1, 2), False),
        (f'{{"totalCount": 9, "items": [{A},{B}], "links": {{"self": {{"uri": "/x"}}, "next": {{"uri": "/y"}}}}}}', (1, 1), True),
        (f'{{"totalCount": 2, "items": [{A},{B}], "links": {{"self": {{"uri": "/x"}}}}}}', (1, 1), False),
        (f'{{"data": [{A},{B}], "totalRecords": 9, "count": 2, "resultTruncated": "true", "facets": []}}', (1, 1), True),
        (f'{{"data": [{A},{B}], "totalRecords": 2, "count": 2, "resultTruncated": "false", "facets": []}}', (1, 1), False),
        (f'{{"value": [{A},{B}], "continuationToken": "x"}}', (1, 1), True),
        (f'{{"value": [{A},{B}], "next": "https://x"}}', (1, 1), True),
        (f'{{"value": [{A},{B}], "next": null}}', (1, 1), False),
        (f'{{"records": [{A},{B}]}}', (1, 1), False),
        (f'{{"records":[{A}]}}\n{{"records":[{B}]}}\n', (1, 2), False),
    ],
)
def test_layouts(zone, text, lines, has_next):
    found = zone.see(NAME, text.encode())
    assert found["problem"] is None
    assert items(zone, found) == [(1, lines[0], A), (2, lines[1], B if B in text else B.replace("\n", " "))]
    assert (found["records"], found["archived"], found["rejected"]) == (2, 2, 0)
    assert (found["is_whole_document"], found["has_next_page"], found["header"]) == (True, has_next, [])
    assert found["archive_file"].startswith("documents/role_assignments/0")


def test_one_object_is_one_item(zone):
    for text in (A, f"\n{A}\n", '{"value": "text", "id": 1}', '{"data": ["a"], "id": 1}'):
        found = zone.see(NAME, text.encode())
        assert [item for _, _, item in items(zone, found)] == [text.strip()]


@pytest.mark.parametrize("text", ["[]", " [ ] ", '{"value": []}', '{"count": 0, "data": [], "skip_token": null}'])
def test_an_empty_list_is_valid(zone, text):
    found = zone.see(NAME, text.encode())
    assert (found["problem"], found["records"], found["is_whole_document"]) == (None, 0, True)
    assert zone.rows(found) == []


@pytest.mark.parametrize(
    "item, reason",
    [
        ('{"a": 1, "a": 2}', "the key «a» is there twice"),
        ('{"x": {"a": 1, "a": 2}}', "the key «a» is there twice"),
        ('{"a": NaN}', "NaN is no JSON"),
        ('{"a": -Infinity}', "-Infinity is no JSON"),
        ('{"a": "\\ud800"}', "half of a surrogate pair, which is no character"),
        ('{"a\\uDC00": 1}', "half of a surrogate pair, which is no character"),
        ("1", "a JSON object was expected"),
        ("null", "a JSON object was expected"),
        ("[]", "a JSON object was expected"),
        ('"x"', "a JSON object was expected"),
        ("[" * 5000 + "]" * 5000, "nested too deep to be read"),
        ('{"a":' * 5000 + '"]"' + "}" * 5000, "nested too deep to be read"),
    ],
)
def test_an_unfit_item_is_rejected_and_its_neighbours_stay(zone, item, reason):
    for text, lines in ((f"[{A},\n{item},\n{A}]", (1, 2, 3)), (f'{{"value":[{A},\n{item},\n{A}]}}', (1, 2, 3))):
        found = zone.see(NAME, text.encode())
        assert (found["records"], found["archived"], found["rejected"]) == (3, 2, 1)
        assert items(zone, found) == [(1, lines[0], A), (3, lines[2], A)]
        assert zone.rejected(found) == [(2, lines[1], reason, item[:10_000])]


def test_bytes_that_are_not_utf_8_reject_their_item(zone):
    found = zone.see(NAME, f'[{A},{{"a":"'.encode() + b"\xff" + f'"}},{A}]'.encode())
    assert (found["archived"], found["rejected"]) == (2, 1)
    assert zone.rejected(found)[0][2:] == ("not UTF-8 at character 7 of the item; save the file as UTF-8", '{"a":"\\xff"}')


def test_a_pair_of_surrogates_is_a_character(zone):
    assert zone.see(NAME, b'[{"a": "\\ud83d\\ude00"}]')["archived"] == 1


@pytest.mark.parametrize(
    "text, problem",
    [
        ("", "empty: nothing was exported"),
        (" \n ", "empty: nothing was exported"),
        (f"[{A}, {B}", "cut off"),
        (f"[{A}, {B[:-3]}", "cut off"),
        (f"[{A},]", "no JSON"),
        (f"[{A}] x", "no JSON"),
        (A[:-1], "cut off"),
        (f'{{"value": [{A}]', "cut off"),
        ("Please run 'az login'", "no JSON"),
        ("<html>\n</html>", "no JSON"),
        ("1", "one JSON value"),
        ("null", "one JSON value"),
        ('{"error": {"code": "AuthorizationFailed", "message": "no"}}', "an error message in place of a list"),
        ('{"Code": "AuthorizationFailed", "Message": "no"}', "an error message in place of a list"),
        ("[" * 100_000, "cut off"),
        ("[\0\1", "NUL bytes in line 1"),
    ],
)
def test_what_is_no_document_is_quarantined(zone, text, problem):
    found = zone.see(NAME, text.encode())
    assert problem in found["problem"] and "export it again" in found["problem"]
    assert (found["archive_file"], found["is_whole_document"]) == (None, None)


@pytest.mark.parametrize(
    "beside",
    [
        '"error": {"code": "Throttled"}', '"Error": "no"', '"odata.error": {"code": "1"}', '"errors": [{"code": "1"}]', '"error": {"a": 1, "a": 2}',
        '"statusCode": 403', '"StatusCode": "429"', '"status": 500', '"code": "Forbidden", "message": "no"', '"code": 403',
    ],
)  # fmt: skip
@pytest.mark.parametrize("items", ["", A])
def test_a_list_beside_an_error_is_none(zone, beside, items):
    for text in (f'{{"value": [{items}], {beside}}}', f'{{{beside}, "value": [{items}]}}', f'{{"value": [{A}]}}\n{{"value": [{items}], {beside}}}'):
        found = zone.see(NAME, text.encode())
        assert "an error message beside a list" in found["problem"] and "export it again" in found["problem"]
        assert (found["archive_file"], found["is_whole_document"]) == (None, None)


@pytest.mark.parametrize("beside", ['"error": null', '"errors": []', '"error": {}', '"statusCode": 200', '"status": "Succeeded"', '"code": "OK"', '"count": 403'])
def test_a_list_beside_no_error_is_one(zone, beside):
    found = zone.see(NAME, f'{{"value": [], {beside}}}'.encode())
    assert (found["problem"], found["records"], found["is_whole_document"]) == (None, 0, True)


def test_a_document_nested_too_deep_is_quarantined_or_rejected(zone):
    found = zone.see(NAME, ("[" * 5000 + "]" * 5000).encode())
    assert found["problem"] or found["rejected"] == 1


def test_json_lines_that_are_cut_off_lose_their_last_line_only(zone):
    found = zone.see(NAME, f"{A}\n{A}\n{A[:-4]}".encode())
    assert (found["records"], found["archived"], found["rejected"]) == (3, 2, 1)
    assert zone.rejected(found)[0][:2] == (3, 3)
    assert zone.rejected(found)[0][3] == A[:-4]


def test_a_bad_line_among_json_lines(zone):
    found = zone.see(NAME, f"{A}\nno json\n{A} {A}\n{A}\n".encode())
    assert (found["records"], found["archived"], found["rejected"]) == (4, 2, 2)
    assert [line for _, line, _, _ in zone.rejected(found)] == [2, 3]


def test_documents_of_one_update_share_a_file(zone):
    zone.put("role_assignments/a/2026-02-01.json", f"[{A}]".encode())
    zone.put("role_assignments/b/2026-02-01.json", f"[{B}]".encode())
    zone.put("role_assignments/c/2026-02-01.json", f"[{A}]".encode())
    zone.update()
    found = [zone.newest(f"role_assignments/{name}/2026-02-01.json") for name in "abc"]
    assert len({row["archive_file"] for row in found}) == 1
    assert found[0]["content_id"] == found[2]["content_id"]
    assert [len(zone.rows(row)) for row in found] == [1, 1, 1]


USAGE = "daily_rated_usage/x_2026-02-01.jsonl"


def record(**more):
    """A usage record with all needed keys."""
    return json.dumps({name: "" for name in USAGE_HEADER} | more)


def test_records_as_delivered(zone):
    text = record(quantity=1)[:-1] + ', "UnitPrice": 1.2799888920023000, "big": 1E+400, "no": null, "yes": true, "t": {"a": 1.0, "b": ["x"]}, "q": "a\\"\\nb"}'
    text = text.replace('"unitprice": "", ', "")
    other = record(no="", late="x")
    for body in (f"{text}\n{other}\n", f"[{text},{other}]", f'{{"value":[{text},{other}]}}', f'{{"items":[{text},{other}]}}', f'{{"data":[{text},{other}]}}'):
        found = zone.see(USAGE, body.encode())
        assert (found["records"], found["archived"], found["reader"]) == (2, 2, "json")
        assert found["is_whole_document"] is True
        import duckdb

        path = f"{zone.archive}/{found['archive_file']}"
        first, second = duckdb.execute(f'select unitprice, big, no, yes, t, q, late, customerid from "{path}" order by record_number').fetchall()
        assert first == ("1.2799888920023000", "1E+400", None, "true", '{"a": 1.0, "b": ["x"]}', 'a"\nb', None, "")
        assert second == ("", None, "", None, None, None, "x", "")


def test_keys_that_differ_in_case_only(zone):
    """Nobody can say which of the two holds, unless both say the same, or nobody reads them."""
    twice = record(Quantity="7")
    found = zone.see(USAGE, f"{record(Quantity='')}\n{twice}\n{record(Note=1, note=2)}".encode())
    assert found["header"] == [*USAGE_HEADER, "quantity", "note", "note"]
    assert (found["records"], found["archived"], found["rejected"]) == (3, 2, 1)
    assert zone.rejected(found) == [(2, 2, "the key «Quantity» is there twice, also as «quantity»", twice)]


@pytest.mark.parametrize(
    "item, reason",
    [
        ('{"id": 1, "Id": 2}', "the key «Id» is there twice, also as «id»"),
        ('{"id": 1, "properties": {"scope": "a", "Scope": "b"}}', "the key «Scope» is there twice, also as «scope»"),
        ('{"id": 1, "ID": 1}', None),
        ('{"id": 1, "tags": {"a": 1, "A": 2}}', None),
    ],
)
def test_keys_of_an_item_that_differ_in_case_only(zone, item, reason):
    found = zone.see(NAME, f"[{A},{item}]".encode())
    assert found["rejected"] == (reason is not None)
    assert not reason or zone.rejected(found) == [(2, 1, reason, item)]


def test_bad_records_are_rejected(zone):
    body = f'{record()}\n1\n{record()}\n{{"a": "\\ud800"}}\n{record()[:-2]}'
    found = zone.see(USAGE, body.encode())
    assert (found["records"], found["archived"], found["rejected"]) == (5, 2, 3)
    assert [row[1:3] for row in zone.rows(found)] == [(1, 1), (3, 3)]


@pytest.mark.parametrize("text, problem", [("", "empty"), ('{"a": 1}', "lacks the column"), ("[1]", "no records"), (f"[{record()}", "cut off")])
def test_what_are_no_records(zone, text, problem):
    assert problem in zone.see(USAGE, text.encode())["problem"]


def test_an_empty_list_of_records(zone):
    found = zone.see(USAGE, b"[]")
    assert (found["records"], found["problem"]) == (0, None)
    assert zone.rows(found) == []


def test_reconciliation_as_json_lines(zone):
    from pec import kinds

    header = [names[0] for names in kinds.KINDS["invoice_reconciliation"].needed]
    found = zone.see("invoice_reconciliation/g.jsonl", json.dumps(dict.fromkeys(header, "1")).encode())
    assert (found["archived"], found["kind"]) == (1, "invoice_reconciliation")


@pytest.mark.parametrize("near", [1, 7, 20, 100])
def test_objects_longer_than_the_part_that_is_looked_at_first(zone, monkeypatch, near):
    monkeypatch.setattr(jsontext, "NEAR", near)
    long = '{"id": "' + "x" * 300 + '",\n"y": [1,\n{"z": 12345}]}'
    found = zone.see(NAME, f"{long}\n{A}\n[{A},\n{long}]\n{long}\n".encode())
    assert items(zone, found) == [(1, 1, long), (2, 4, A), (3, 5, A), (4, 6, long), (5, 9, long)]
    assert found["rejected"] == 0


def test_many_damaged_lines_take_no_longer_than_good_ones():
    """Python's decoder counts the lines before each damage: the time grew with the square of the lines."""
    begin = time.process_time()
    document = jsontext.parse('{"a":1}\n{"a"\n' * 30_000)
    assert sum(item.reason is not None for item in document.items) == 30_000
    jsontext.parse(("[" * 2000 + "\n" + '{"id":"1"}\n' * 5) * 100)
    assert time.process_time() - begin < 20
