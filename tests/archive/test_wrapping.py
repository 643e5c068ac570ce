"""gzip, zip, encodings: told by the bytes, never by the name."""

import gzip
import io
import zipfile

import pytest
from archive_zone import usage

FOLDER = "daily_rated_usage/"
BODY = usage(3)


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
        ("a.csv", BODY.decode().encode("utf-16-le"), "NUL"),
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


def test_a_zip_inside_a_zip_is_quarantined(zone):
    zone.put(FOLDER + "a.zip", zipped(b__csv=zipped(a__csv=BODY), c__csv=BODY))
    zone.update()
    assert "a zip inside" in zone.newest(FOLDER + "a.zip!b.csv")["problem"]
    assert zone.newest(FOLDER + "a.zip!c.csv")["archived"] == 3


def test_latin_1_is_rejected_by_record(zone):
    row = BODY.splitlines()[1]
    found = zone.see(FOLDER + "a.csv", usage(row, row.replace(b"customerid-1", "Zürich".encode("latin-1"))))
    assert (found["archived"], found["rejected"]) == (1, 1)
