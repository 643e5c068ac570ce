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
     "activity_log/f.json.gz", "fx_rates/f.zip"]
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
@given(NAMES, st.binary(max_size=200), st.sampled_from([b"", b"\x1f\x8b", b"PK\x03\x04", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"[", b'{"value":[']))
def test_random_bytes(name, content, head):
    look_at((name, head + content))


TOKENS = st.lists(
    st.sampled_from(['"', ",", "\n", "\r\n", "\r", "a", " ", ";", '""', "\0", "\xff", "{", "}", "[", "]", ":", '"a"', '{"a":1}', "\\", "NaN"]), max_size=30
).map("".join)


@FUZZ
@given(NAMES, TOKENS, st.sampled_from(["utf-8", "latin-1", "utf-16", "utf-16-le"]), st.booleans())
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
