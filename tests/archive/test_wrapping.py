"""gzip, zip, encodings: told by the bytes, never by the name."""

import gzip
import io
import zipfile

import duckdb
import pytest
from archive_zone import usage
from pec import kinds
from pec.archive import wrapping

FOLDER = "daily_rated_usage/"
BODY = usage(3)
MARK = b"\xef\xbb\xbf"


def zipped(**members):
    """A zip. members: name, with __ for a dot, -> bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


@pytest.mark.parametrize(
    "name, content",
    [
        ("a.csv", BODY),
        ("a.csv.gz", gzip.compress(BODY)),
        ("a.CSV.GZ", gzip.compress(BODY)),
        ("a.csv.gz", gzip.compress(BODY[:50]) + gzip.compress(BODY[50:]) + gzip.compress(b"")),
        ("a.csv.gz", gzip.compress(BODY) + b"\0" * 512),
        ("a.csv.gz", BODY),
        ("a.csv", gzip.compress(BODY)),
        ("a.csv.gz", gzip.compress(gzip.compress(BODY))),
        ("a.csv", b"\xef\xbb\xbf" + BODY),
        ("a.csv", b"\xef\xbb\xbf" * 2 + BODY),
        ("a.csv", b"\xff\xfe" + BODY.decode().encode("utf-16-le")),
        ("a.csv", b"\xfe\xff" + BODY.decode().encode("utf-16-be")),
        ("a.csv.gz", gzip.compress(b"\xff\xfe" + BODY.decode().encode("utf-16-le"))),
        ("a.csv", BODY.decode().encode("utf-16-le")),
        ("a.csv", BODY.decode().encode("utf-16-be")),
        ("a.csv", ("\ufeff" * 2 + BODY.decode()).encode("utf-16-le")),
        ("a.csv.gz", gzip.compress(BODY.decode().encode("utf-16-be"))),
        ("a.csv", BODY.replace(b"\n", b"\n" + MARK, 1)),
        ("a.csv", MARK + BODY.replace(b"\n", b"\n" + MARK)),
        ("a.csv", MARK + BODY.replace(b"\n", b"\n" + MARK * 3)),
        ("a.csv", BODY.decode().replace("\n", "\n\ufeff").encode("utf-16")),
        ("a.csv.gz", b"".join(gzip.compress(MARK + line + b"\n") for line in BODY.splitlines())),
    ],
)
def test_one_content_in_any_wrapping(zone, name, content):
    found = zone.see(FOLDER + name, content)
    assert (found["problem"], found["archived"]) == (None, 3)
    assert found["plain_bytes"] == len(BODY)
    plain = zone.see(FOLDER + "plain.csv", BODY)
    assert plain["content_digest"] == found["content_digest"]
    assert plain["archive_file"] == found["archive_file"]
    assert plain["stored_digest"] == plain["content_digest"]
    assert (found["stored_digest"] == found["content_digest"]) == (content == BODY)


def test_members_of_a_zip_are_files(zone):
    zone.put(FOLDER + "p_2026-03-01.zip", zipped(a__csv=BODY, sub_b__csv=usage(2), c_2026_03__txt=b"x", __MACOSX=b"", _hidden=b""))
    zone.update()
    found = {row["source_file"].split("!")[1]: row for row in zone.last.observations if "!" in row["source_file"]}
    assert found["a.csv"]["archived"] == 3
    assert str(found["a.csv"]["exported_at"]) == "2026-03-01 00:00:00"
    assert found["sub_b.csv"]["archived"] == 2
    assert "not a kind of file" in found["c_2026_03.txt"]["problem"]
    assert found["a.csv"]["stored_digest"] == found["sub_b.csv"]["stored_digest"] != found["a.csv"]["content_digest"]
    assert all(row["is_present"] for row in found.values())


def test_a_new_version_of_a_zip(zone):
    zone.put(FOLDER + "p.zip", zipped(a__csv=BODY, b__csv=usage(2)), mtime=1_000_000_000)
    first = zone.update()
    assert zone.update().new_observations == 0
    zone.put(FOLDER + "p.zip", zipped(a__csv=BODY), mtime=1_000_000_100)
    second = zone.update()
    assert second.new_observations == 1
    assert zone.newest(FOLDER + "p.zip!a.csv")["is_present"]
    assert not zone.newest(FOLDER + "p.zip!b.csv")["is_present"]
    assert first.new_contents == 4 and second.new_contents == 0


def test_a_zip_by_any_name(zone):
    zone.put(FOLDER + "sheets.csv", zipped(inner__csv=BODY))
    zone.update()
    assert zone.newest(FOLDER + "sheets.csv!inner.csv")["archived"] == 3


def test_a_gzip_inside_a_zip(zone):
    zone.put(FOLDER + "p.zip", zipped(a__csv__gz=gzip.compress(BODY)))
    zone.update()
    assert zone.newest(FOLDER + "p.zip!a.csv.gz")["archived"] == 3


def test_members_of_the_same_name(zone):
    out = io.BytesIO()
    with pytest.warns(UserWarning), zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", BODY)
        archive.writestr("a.csv", usage(2))
    zone.put(FOLDER + "p.zip", out.getvalue())
    zone.update()
    assert zone.newest(FOLDER + "p.zip!a.csv")["archived"] == 3
    assert zone.newest(FOLDER + "p.zip!a.csv#2")["archived"] == 2


def encrypted():
    """A zip whose member claims to be encrypted."""
    content = bytearray(zipped(a__csv=BODY))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def damaged_member():
    """A zip whose member has a wrong byte."""
    content = bytearray(zipped(a__csv=BODY))
    content[60] ^= 255
    return bytes(content)


@pytest.mark.parametrize(
    "name, content, problem",
    [
        ("a.csv.gz", gzip.compress(BODY)[:-3], "cut off"),
        ("a.csv.gz", gzip.compress(BODY)[:40], "cut off"),
        ("a.csv.gz", gzip.compress(BODY)[:5], "cut off"),
        ("a.csv.gz", gzip.compress(BODY) + b"garbage", "damaged"),
        ("a.csv.gz", b"\x1f\x8b" + b"x" * 50, "damaged"),
        ("a.csv.gz", b"", "no header"),
        ("a.zip", b"", "no zip"),
        ("a.zip", b"x", "no zip"),
        ("a.zip", zipped(), "empty zip"),
        ("a.zip", zipped(__hidden=b"x"), "empty zip"),
        ("a.zip", zipped(a__csv=BODY)[:-30], "damaged zip"),
        ("a.csv", zipped(**{"[Content_Types].xml": b"<x/>"}), "Excel"),
        ("a.csv.gz", gzip.compress(zipped(a__csv=BODY)), "a zip inside"),
        ("a.csv", b"\xff\xfe" + BODY.decode().encode("utf-16-le")[:-1], "UTF-16"),
        ("a.csv", b"\xff\xfe\x00\xd8" + b"a\x00" * 10, "UTF-16"),
        ("a.csv", BODY.replace(b"-1,", b"\0,", 1)[:1] + b"\0\0" + BODY, "NUL"),
    ],
)
def test_what_cannot_be_unwrapped_is_quarantined(zone, name, content, problem):
    found = zone.see(FOLDER + name, content)
    assert problem in found["problem"]
    assert found["archive_file"] is None
    assert zone.newest(FOLDER + "base_2026-01-01.csv")["archived"] == 1


@pytest.mark.parametrize("content", [encrypted(), damaged_member()])
def test_a_member_that_cannot_be_unpacked_is_quarantined(zone, content):
    zone.put(FOLDER + "a.zip", content)
    zone.update()
    found = zone.newest(FOLDER + "a.zip!a.csv")
    assert found["problem"] and found["archive_file"] is None


def test_a_zip_inside_a_zip_is_opened_once(zone):
    """By its bytes, whatever its name; dates stand in the name of the zip that is nearest."""
    inner = zipped(a__csv=BODY, e__zip=zipped(a__csv=BODY), **{"folder/d__csv": usage(2)})
    zone.put(FOLDER + "a_2026-01-02.zip", zipped(b__csv=inner, c__csv=BODY, **{"f_2026-03-04__zip": inner, "g__zip": b"no zip", "h__zip": inner[:-30]}))
    for _ in range(2):
        zone.update()
        path = FOLDER + "a_2026-01-02.zip!"
        assert zone.newest(path + "b.csv!a.csv")["archived"] == 3
        assert zone.newest(path + "f_2026-03-04.zip!folder/d.csv")["archived"] == 2
        assert str(zone.newest(path + "f_2026-03-04.zip!a.csv")["exported_at"]) == "2026-03-04 00:00:00"
        assert str(zone.newest(path + "b.csv!a.csv")["exported_at"]) == "2026-01-02 00:00:00"
        assert zone.newest(path + "c.csv")["archived"] == 3
        assert "not a kind of file" in zone.newest(path + "b.csv!e.zip")["problem"], "no deeper"
        assert "not a kind of file" in zone.newest(path + "g.zip")["problem"]
        assert "damaged zip" in zone.newest(path + "h.zip")["problem"]


def test_latin_1_is_rejected_by_record(zone):
    row = BODY.splitlines()[1]
    found = zone.see(FOLDER + "a.csv", usage(row, row.replace(b"customerid-1", "Zürich".encode("latin-1"))))
    assert (found["archived"], found["rejected"]) == (1, 1)


LIST = b'[{"id": "1", "x": "\\ufeff"},\n{"id": "2"}]\n'
TEXT = LIST.decode()


@pytest.mark.parametrize("folder", ["role_assignments", "deny_assignments", "lighthouse", "role_schedules", "activity_log", "partner_id_links"])
@pytest.mark.parametrize(
    "name, content",
    [
        ("2026-08-01.json", LIST),
        ("2026-08-01.json.gz", gzip.compress(LIST)),
        ("2026-08-01.JSON.GZ", LIST),
        ("2026-08-01.json.gz", gzip.compress(LIST[:20]) + gzip.compress(LIST[20:])),
        ("2026-08-01.json", TEXT.encode("utf-16")),
        ("2026-08-01.json", TEXT.encode("utf-16-le")),
        ("2026-08-01.json", TEXT.encode("utf-16-be")),
        ("2026-08-01.json", MARK + LIST),
        ("2026-08-01.json", MARK + LIST.replace(b"\n", b"\n" + MARK)),
        ("2026-08-01.json", b'{"id": "1", "x": "\\ufeff"}\n' + MARK + b'{"id": "2"}'),
        ("2026-08-01.json", b'[{"id": "1", "x": "\\ufeff"}]' + MARK + b'[{"id": "2"}]'),
        ("2026-08-01.json", b'[{"id": "1", "x": "\\ufeff"}][{"id": "2"}]'),
        ("2026-08-01.json", b'{"Value": [{"id": "1", "x": "\\ufeff"}, {"id": "2"}], "Count": 2}'),
        ("2026-08-01.json", b'{"SkipToken": null, "Data": [{"id": "1", "x": "\\ufeff"}, {"id": "2"}]}'),
        ("2026-08-01.json", b'{"value":[{"id": "1", "x": "\\ufeff"}]}\n{"value":[{"id": "2"}]}\n'),
        ("2026-08-01.zip", zipped(sub_a__json=LIST)),
    ],
)
def test_a_list_in_any_wrapping(zone, folder, name, content):
    zone.put(f"{folder}/{name}", content)
    zone.update()
    (found,) = [row for row in zone.last.observations if row["folder"] == folder]
    assert (found["problem"], found["archived"], found["rejected"], found["has_next_page"]) == (None, 2, 0, False)
    assert [row[-1] for row in zone.rows(found)] == ['{"id": "1", "x": "\\ufeff"}', '{"id": "2"}']
    assert str(found["exported_at"]) == "2026-08-01 00:00:00"


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 1000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_marks_at_the_begin_of_lines_go_wherever_chunks_end(size, end):
    marked = MARK * 2 + b"a" + MARK + end + MARK + b"b" + end + MARK * 2 + end + b"c" + end + MARK
    chunks = [marked[place : place + size] for place in range(0, len(marked), size)]
    assert b"".join(wrapping.without_marks(chunks)) == b"a" + MARK + end + b"b" + end + end + b"c" + end
    assert b"".join(wrapping.without_marks([])) == b""


def parquet(tmp_path, query):
    """The bytes of a Parquet file with the rows of a query."""
    path = tmp_path / "made.parquet"
    duckdb.execute(f"copy ({query}) to '{path}' (format parquet)")
    return path.read_bytes()


def test_parquet_holds_the_texts_of_a_csv_file(zone, tmp_path):
    header = [names[0] for names in kinds.KINDS["cost_management"].needed]
    made = parquet(tmp_path, "select " + ", ".join(f"{number}::double / 8 as \"{name.upper()}\"" for number, name in enumerate(header)) + " from range(2)")
    for name, content in (("a.parquet", made), ("A.PARQUET", made), ("a.parquet.gz", gzip.compress(made)), ("b.zip", zipped(a__parquet=made))):
        zone.put(f"cost_management/{name}", content)
        zone.update()
        found = [row for row in zone.last.observations if row["kind"] == "cost_management"][-1]
        assert (found["problem"], found["records"], found["archived"], found["reader"]) == (None, 2, 2, "parquet")
        assert [row[1:4] for row in zone.rows(found)] == [(1, 1, "0.0"), (2, 2, "0.0")]
        assert found["header"] == header
    assert "cannot be read as Parquet" in zone.see("cost_management/cut.parquet", made[:-20])["problem"]
    assert "lacks the column" in zone.see("cost_management/other.parquet", parquet(tmp_path, "select 1 as a"))["problem"]
