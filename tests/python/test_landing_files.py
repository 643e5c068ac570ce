"""What a file's name and header say: the helpers of the manifest model, one by one."""

import datetime as dt
import importlib.util

import pytest
import warehouse as w

spec = importlib.util.spec_from_file_location("landing_files", w.PROJECT / "models" / "landing" / "landing_files.py")
landing_files = importlib.util.module_from_spec(spec)
spec.loader.exec_module(landing_files)


@pytest.mark.parametrize(
    "name, expected",
    [
        ("unbilled_2026-02-03.csv", dt.datetime(2026, 2, 3)),
        ("unbilled_20260203.csv.gz", dt.datetime(2026, 2, 3)),
        ("ra_2026-02-03T140509Z.json", dt.datetime(2026, 2, 3, 14, 5, 9)),
        ("ra_2026-02-03T140509Z_20260101.json", dt.datetime(2026, 2, 3, 14, 5, 9)),
        ("20261345_2026-02-03.csv", dt.datetime(2026, 2, 3)),  # no date of the calendar: the next counts
        ("12345678-1234-1234-1234-123456789012_2026-02-03.json", dt.datetime(2026, 2, 3)),  # a GUID is an id
        ("20260101-aaaa-bbbb-cccc-123456789012.json", None),
        ("G900000101.csv", None),
        ("export_1738540800.csv", None),
        ("202602.csv", None),
        ("plain.csv", None),
    ],
)
def test_date_in_name(name, expected):
    assert landing_files.date_in_name(name) == expected


@pytest.mark.parametrize("name, expected", [("MpnId", "mpnid"), ("\ufeffMPNID ", "mpnid"), ("Tags\u201d", "tags"), ("ERP Price", "erpprice")])
def test_normalise(name, expected):
    assert landing_files.normalise(name) == expected


@pytest.mark.parametrize("content, mixed", [(b"a\r\nb\r\n", False), (b"a\nb\n", False), (b"a\r\nb\n", True), (b"a", False), (b"", False)])
def test_mixed_line_ends_are_noticed(content, mixed, tmp_path):
    (tmp_path / "x.csv").write_bytes(content)
    assert landing_files.examine(str(tmp_path / "x.csv"))[2] is mixed


def test_line_end_on_the_border_of_two_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr(landing_files, "CHUNK", 4)
    (tmp_path / "x.csv").write_bytes(b"abc\r\nabc\r\n")
    assert landing_files.examine(str(tmp_path / "x.csv"))[2] is False


def test_header_keeps_order_and_tells_columns_without_a_name_apart(tmp_path):
    (tmp_path / "x.csv").write_bytes("\ufeffMpnId,\"Unit, Price\",,MPNID\r\n1,2,3,4\r\n".encode())
    assert landing_files.header_of(str(tmp_path / "x.csv"), "csv") == ["mpnid", "unitprice", "column2", "column3"]
