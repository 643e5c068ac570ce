"""The archive under fuzz: whatever a file holds, it is archived, rejected record by record, or quarantined, and nothing is raised."""

import atexit
import csv
import gzip
import io
import json
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

import pytest
from archive_zone import PRICE_HEADER, USAGE_HEADER, Zone
from pec.archive import wrapping

hypothesis = pytest.importorskip("hypothesis")
from hypothesis import HealthCheck, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

# PEC_FUZZ: how many examples of each test; more find more.
FUZZ = settings(max_examples=int(os.environ.get("PEC_FUZZ", "15")), database=None, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
WIDTH = len(PRICE_HEADER)
SHARED = []
# Short texts of what is hard: quotes, delimiters, line ends, blanks, what is not ASCII.
HARD = st.text(st.sampled_from('ab ",;\n\r\té€\U0001f600\ufeff'), max_size=6)
FIELD = st.one_of(st.just(""), st.text(max_size=8).map(lambda text: text.encode("utf-8", "replace").decode().replace("\0", "")), HARD)
ROWS = st.lists(st.lists(FIELD, min_size=WIDTH, max_size=WIDTH), max_size=6)
NAMES = st.sampled_from(
    ["price_sheet/f.csv", "price_sheet/f.csv.gz", "daily_rated_usage/f.csv", "daily_rated_usage/f.jsonl", "role_assignments/f.json",
     "activity_log/f.json.gz", "fx_rates/f.zip", "cost_management/f.parquet", "cost_management/f.csv.gz", "partner_id_links/f.json", "lighthouse/manifest.json"]
)  # fmt: skip


def look_at(*files):
    """Archives files, (name, bytes); returns the zone, and values by name. Its own checks hold: records = archived + rejected, or a problem.

    All examples share a zone and its archive, which saves most of the time; the files of one are gone before the next.
    """
    if not SHARED:
        SHARED.append(Zone(Path(tempfile.mkdtemp(prefix="pec-fuzz-"))))
        atexit.register(shutil.rmtree, os.path.dirname(SHARED[0].path), ignore_errors=True)
    (zone,) = SHARED
    paths = [zone.put(name, content) for name, content in files]
    try:
        zone.update()
    finally:
        for path in paths:
            os.remove(path)
    held = {}
    for row in zone.last.observations:
        if row["is_present"] and row["archive_file"]:
            assert len(zone.rows(row)) == row["archived"]
            assert len(zone.rejected(row)) == row["rejected"]
            held[row["source_file"]] = zone.values(row)
    return zone, held


def csv_text(rows, delimiter=",", end="\r\n", quoting=csv.QUOTE_MINIMAL, header=PRICE_HEADER):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


@FUZZ
@given(ROWS, st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), st.booleans())
def test_well_formed_csv_reads_as_in_python(rows, delimiter, end, quoting, is_zipped):
    if end == "\n" and quoting == csv.QUOTE_MINIMAL:  # Python's writer leaves a carriage return without quotes then: a line end to any reader
        rows = [[field.replace("\r", "") for field in row] for row in rows]
    text = csv_text(rows, delimiter, end, quoting)
    content = text.encode()
    zone, held = look_at(("price_sheet/f.csv", gzip.compress(content) if is_zipped else content))
    found = zone.newest("price_sheet/f.csv")
    assert (found["problem"], found["records"], found["rejected"]) == (None, len(rows), 0)
    assert held["price_sheet/f.csv"] == rows


@FUZZ
@given(ROWS, st.data())
def test_a_cut_or_changed_csv(rows, data):
    content = csv_text(rows, quoting=data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))).encode()
    begin = len(",".join(PRICE_HEADER)) + 2
    place = data.draw(st.integers(begin, max(begin, len(content))))
    kind = data.draw(st.sampled_from(["cut", "insert", "delete"]))
    extra = data.draw(st.one_of(st.binary(max_size=3), st.sampled_from([b'"', b",", b"\n", b"\r", b"\0", b"\xff", b'\n"', b'","'])))
    changed = content[:place] + (b"" if kind == "cut" else extra + content[place + (kind == "delete") :])
    zone, held = look_at(("price_sheet/f.csv", changed))
    found = zone.newest("price_sheet/f.csv")
    if found["archive_file"]:
        # What was read is what Python reads of the same bytes, but for what was rejected.
        read = [row for row in csv.reader(io.StringIO(changed.decode("utf-8", "replace"), newline="")) if row][1:]
        assert all(row in read for row in held["price_sheet/f.csv"] if not any('"' in field or " " in field for field in row))


@FUZZ
@given(NAMES, st.binary(max_size=200), st.sampled_from([b"", b"\x1f\x8b", b"PK\x03\x04", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"[", b'{"value":[', b"PAR1", b"a\0b\0", b"\0a\0b", b"\n\xef\xbb\xbf"]))
def test_random_bytes(name, content, head):
    look_at((name, head + content))


TOKENS = st.lists(
    st.sampled_from(['"', ",", "\n", "\r\n", "\r", "a", " ", ";", '""', "\0", "\xff", "{", "}", "[", "]", ":", '"a"', '{"a":1}', "\\", "NaN"]), max_size=30
).map("".join)


@FUZZ
@given(NAMES, TOKENS, st.sampled_from(["utf-8", "latin-1", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"]), st.booleans())
def test_random_tokens(name, text, encoding, has_header):
    header = ",".join(PRICE_HEADER if name.startswith("price") else USAGE_HEADER) + "\n" if has_header and "csv" in name else ""
    look_at((name, (header + text).encode(encoding)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@FUZZ
@given(st.lists(st.dictionaries(st.text(max_size=4), JSON, max_size=4), min_size=2, max_size=5), st.sampled_from("alvd"), st.booleans())
def test_items_of_a_document_stay_as_they_are(items, layout, is_ascii):
    texts = []
    for item in items:
        try:
            texts.append(json.dumps(item, ensure_ascii=is_ascii).encode().decode())
            json.loads(texts[-1])
            json.dumps(item, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            return  # half a surrogate pair: test_json.py
    if layout in "l" and any(isinstance(item.get(key), list) for item in items for key in ("value", "records", "data", "items")):
        return
    listed = f"[{','.join(texts)}]"
    whole = {"a": listed, "l": "\n".join(texts), "v": f'{{"value":{listed}}}', "d": f'{{"count":1,"data":{listed}}}'}[layout]
    zone, _ = look_at(("role_assignments/f.json", whole.encode()))
    found = zone.newest("role_assignments/f.json")
    assert (found["problem"], found["archived"]) == (None, len(texts))
    assert [row[3] for row in zone.rows(found)] == texts
    look_at(("role_assignments/f.json", whole.encode()[:-2]))
    cut = zone.newest("role_assignments/f.json")
    assert cut["problem"] or cut["rejected"] == 1 or layout == "l" and cut["archived"] < len(texts)


@FUZZ
@given(st.lists(st.dictionaries(st.sampled_from(USAGE_HEADER + ["Extra", "Other"]), st.none() | HARD | st.integers() | st.booleans(), max_size=8), max_size=5))
def test_json_records_keep_their_values(records):
    whole = [dict.fromkeys(USAGE_HEADER, "x"), *records]
    text = "\n".join(json.dumps(record) for record in whole)
    zone, held = look_at(("daily_rated_usage/f.jsonl", text.encode()))
    found = zone.newest("daily_rated_usage/f.jsonl")
    assert (found["problem"], found["archived"]) == (None, len(whole))
    columns = list(dict.fromkeys(name.lower() for record in whole for name in record))
    lower = [{name.lower(): value for name, value in record.items()} for record in whole]
    texts = [[record.get(column) for column in columns] for record in lower]
    expected = [[value if value is None or isinstance(value, str) else json.dumps(value) for value in row] for row in texts]
    assert held["daily_rated_usage/f.jsonl"] == expected


@FUZZ
@given(ROWS, st.sampled_from(["gz", "zip"]), st.data())
def test_damaged_wrappings(rows, wrapping, data):
    content = csv_text(rows).encode()
    if wrapping == "gz":
        packed = gzip.compress(content)
    else:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("f.csv", content)
        packed = out.getvalue()
    place = data.draw(st.integers(0, len(packed)))
    damage = data.draw(st.sampled_from([b"", b"\0", b"x", b"\xff\xff"]))
    packed = packed[:place] + damage + (packed[place + len(damage) :] if data.draw(st.booleans()) else b"")
    zone, _ = look_at((f"price_sheet/f.csv.{wrapping}", packed))
    for row in zone.last.observations:
        if row["is_present"] and row["source_file"].startswith("price_sheet/f") and row["problem"] is None:
            assert row["archived"] <= len(rows)


ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
PACKINGS = st.sampled_from(["plain", "gz", "members", "zip"])


def packed(content, packing, place):
    """Bytes in a packing. place: where the first of several members ends."""
    if packing == "gz":
        return gzip.compress(content)
    if packing == "members":
        return gzip.compress(content[:place]) + gzip.compress(content[place:])
    if packing == "zip":
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("export/f.csv", content)
            archive.writestr("__MACOSX/._f.csv", b"x")
        return out.getvalue()
    return content


@FUZZ
@given(ROWS, ENCODINGS, PACKINGS, st.lists(st.integers(0, 3), min_size=8, max_size=8), st.integers(0, 500))
def test_any_encoding_and_packing_of_csv_is_the_plain_one(rows, encoding, packing, marks, place):
    """Byte-order marks before any line, several in a row, change nothing; inside a line they are content. A field has no line end here."""
    rows = [[field.replace("\n", "").replace("\r", "") for field in row] for row in rows]
    plain = csv_text(rows)
    lines = plain.replace("\ufeff", "").split("\r\n")
    plain = "\r\n".join(lines)
    marked = "\r\n".join("\ufeff" * count + line for count, line in zip([*marks, *[0] * len(lines)], lines))
    if encoding in ("utf-16-le", "utf-16-be"):
        marked = marked.lstrip("\ufeff")  # else the mark is there
    _, held = look_at(("price_sheet/f.csv", packed(marked.encode(encoding), packing, place)), ("price_sheet/g.csv", plain.encode()))
    (name,) = [name for name in held if name.startswith("price_sheet/f")]
    assert held[name] == held["price_sheet/g.csv"] == [row for row in csv.reader(io.StringIO(plain, newline="")) if row][1:]


@FUZZ
@given(st.lists(st.sampled_from([b"\n", b"\r", b"\xef\xbb\xbf", b"\xef\xbb", b"\xef", b"a"]), max_size=12), st.integers(1, 5))
def test_marks_in_any_chunks(parts, size):
    whole = b"".join(parts)
    chunks = [whole[place : place + size] for place in range(0, len(whole), size)]
    expected, is_begin = bytearray(), True
    while whole:
        if is_begin and whole.startswith(b"\xef\xbb\xbf"):
            whole = whole[3:]
            continue
        expected.append(whole[0])
        is_begin, whole = whole[:1] in b"\r\n", whole[1:]
    assert b"".join(wrapping.without_marks(chunks)) == bytes(expected)


@FUZZ
@given(st.lists(st.dictionaries(st.sampled_from("abc"), FIELD, min_size=1), min_size=1, max_size=5), ENCODINGS, PACKINGS, st.sampled_from("alvdpj"), st.integers(0, 500))
def test_any_encoding_packing_and_layout_of_a_list_is_the_plain_one(items, encoding, packing, layout, place):
    texts = [json.dumps(item, ensure_ascii=False) for item in items]
    half = len(texts) // 2
    first, second = ",".join(texts[:half]), ",".join(texts[half:])
    whole = {
        "a": f"[{first}{',' * (half > 0)}{second}]", "l": "\n\ufeff".join(texts), "v": '{"Value":[' + ",".join(texts) + '],"nextLink":null}',
        "d": '{"count":1,"data":[' + ",".join(texts) + '],"skip_token":null}', "p": f'{{"value":[{first}]}}\n\ufeff{{"value":[{second}]}}',
        "j": f"[{first}]\ufeff[{second}]",
    }[layout]  # fmt: skip
    zone, _ = look_at(("role_assignments/f.json", packed(whole.encode(encoding), packing if packing != "zip" else "gz", place)))
    found = zone.newest("role_assignments/f.json")
    assert (found["problem"], found["archived"], found["has_next_page"]) == (None, len(texts), False)
    assert [row[3] for row in zone.rows(found)] == texts
