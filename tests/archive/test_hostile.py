"""What ends neither an update nor the other files of a night; and what a message says where the columns are not at fault (tests/hostile has the breadth)."""

import gzip
import io
import os
import zipfile

import duckdb
import pytest
from archive_zone import PRICE_HEADER, USAGE_HEADER, csv_bytes, plain_row, usage
from pec.archive import foreign, headers, lines, names, run, wrapping
from pec.archive.problems import Quarantine

FOLDER = "daily_rated_usage/"
NAME = FOLDER + "x_2026-02-01.csv"
TEXT = usage(3).decode()


def row(number, **changed):
    """A row for the usage header with some other fields."""
    return ",".join(changed.get(name, f"{name}-{number}") for name in USAGE_HEADER).encode()


@pytest.mark.parametrize(
    "content, problem",
    [
        (TEXT.replace(",", "^").encode(), "its columns are separated by «^» (line 1)"),
        (TEXT.replace(",", "\x01").encode(), "its columns are separated by «\\x01» (line 1)"),
        (b"Usage of July\n\n" + usage(2), "its header stands on line 3, behind other lines"),
        (csv_bytes(PRICE_HEADER, ["1"] * len(PRICE_HEADER)), "its columns are those of price_sheet, not of daily_rated_usage; move it to price_sheet/"),
        (csv_bytes(["partner_global_id", "valid_from", "valid_to"]), "move it to partner_directory/agreements.csv"),
        (usage(2).split(b"\n", 1)[1].replace(b"customerid-1", b"7"), "no header: line 1 has values"),
        ("".join(f'"{line}"\n' for line in TEXT.splitlines()).encode(), "each line stands in quotes as one field"),
        (TEXT.encode("cp037"), "not UTF-8 at byte 1 of its first line"),
        (b"a,b\n1,2\n", "it has «a», «b»)"),
        (b'<!-- x -->\n<html lang="de"><body>"</body></html>', "no CSV, but an HTML page, perhaps a sign-in or error page; download it again"),
        (b"<?xml version='1.0'?>\n<Error/>", "no CSV, but XML («Error»)"),
    ],
)
def test_a_header_that_does_not_fit_is_told_by_what_is_wrong(zone, content, problem):
    assert problem in zone.see(NAME, content)["problem"]


@pytest.mark.parametrize("separated", ["#", ":", "~"])
def test_a_date_or_an_id_is_no_separator(separated):
    """A mark that parts no more columns than the delimiter does is not blamed."""
    raw = f"customer{separated}id,{','.join(USAGE_HEADER[2:])}".encode()
    assert headers.better_separator(run.kinds.USAGE, raw, 2) is None


@pytest.mark.parametrize(
    "bad, column, reason",
    [
        (row(1, mpnid="Zürich").decode().encode("latin-1"), "mpnid", "not UTF-8 at byte"),
        (row(1, mpnid='"a,\nb"', quantity="\0"), "quantity", "a NUL byte"),
        (row(1).replace(b",", b";"), None, f"{len(USAGE_HEADER)} columns expected, 1 found: they are separated by «;», the header's by «,»"),
        (row(1).decode().encode("utf-16-le"), None, "of mixed encodings: this line is UTF-16"),
    ],
)
def test_a_rejected_record_names_its_column(zone, bad, column, reason):
    found = zone.see(NAME, usage(plain_row(1), bad, plain_row(3)))
    ((told, said),) = duckdb.execute(
        f"select column_name, reason from read_parquet('{zone.archive}/rejected/*.parquet', union_by_name = true) where content_id = ? limit 1", [found["content_id"]]
    ).fetchall()
    assert (told, said[: len(reason)]) == (column, reason) or (column is None and reason in said)


@pytest.mark.parametrize("encoding, mark", [("utf-16-le", b"\xfe\xff"), ("utf-16-be", b"\xff\xfe"), ("utf-32-le", b""), ("utf-32-be", b""), ("utf-32-be", b"\xff\xfe\0\0")])
def test_the_text_tells_its_encoding_and_not_a_wrong_mark(zone, encoding, mark):
    assert zone.see(NAME, mark + TEXT.encode(encoding))["archived"] == 3


@pytest.mark.parametrize("kind, remedy", [(what, remedy) for _, what, remedy in foreign.SIGNATURES])
def test_each_signature_is_told_with_its_remedy(kind, remedy):
    signature = next(signature for signature, what, _ in foreign.SIGNATURES if what == kind)
    assert foreign.by_bytes(signature + b"\0\1\2" * 20, "csv") == f"{kind}, not an export; {remedy}"


@pytest.mark.parametrize("text", [b"BZhang,Customer\n", b"ORCA,b\n", b"MSCF,b\n", b"GIF,b\n", b"[{}]", b"PARTNER,b\n", b"12345678DUCK,b\n"])
def test_text_that_begins_like_a_signature_is_text(text):
    assert foreign.by_bytes(text, "csv") is None


def test_chinese_text_is_not_taken_for_mixed_encodings(zone):
    change = "通用计算实例服务费用说明文本用于测试编码检测是否会误判" * 40
    assert zone.see(NAME, (TEXT + row(4, mpnid=change).decode() + "\n").encode("utf-16"))["archived"] == 4


def test_a_bomb_is_set_aside_before_it_fills_the_disk(zone, monkeypatch):
    monkeypatch.setattr(wrapping, "MOST_UNPACKED", 1 << 22)
    bomb = usage(1) + b"0" * (1 << 24)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", bomb)
    zone.put(FOLDER + "b.zip", out.getvalue())
    assert "unpacks to more than 250 times its size" in zone.see(FOLDER + "a.csv.gz", gzip.compress(bomb))["problem"]
    assert "unpacks to more than 250 times its size" in zone.newest(FOLDER + "b.zip!a.csv")["problem"]


def test_a_file_without_line_ends_does_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "MOST_OF_A_LINE", 1000)
    (tmp_path / "x").write_bytes(b"a" * 5000)
    with open(tmp_path / "x", "rb") as file, pytest.raises(Quarantine, match="no CSV: 1,000 bytes without a line end"):
        list(lines.walk(file, b",", size=100))
    (tmp_path / "x").write_bytes((b"a" * 900 + b"\n") * 5)
    with open(tmp_path / "x", "rb") as file:
        assert len(list(lines.walk(file, b",", size=100))) == 5


def test_a_time_beyond_the_calendar(zone):
    for nanoseconds, year in ((1 << 62, 2116), (-(1 << 62), 1823)):
        path = zone.put(NAME, usage(2))
        os.utime(path, ns=(0, nanoseconds))
        zone.update()
        assert zone.newest(NAME)["modified_at"].year in (year, 1901, 1970, 2106, 2038, 2446)  # what the file system can keep
    stat = os.stat_result((0,) * 10, {"st_mtime_ns": 1 << 70})
    assert names.modified_at(stat).year == 9999


def test_two_files_of_one_name_are_both_named(zone):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("b.csv", usage(2))
    zone.put(FOLDER + "a.zip", out.getvalue())
    zone.put(FOLDER + "a.zip!b.csv", usage(3))
    zone.put(b"daily_rated_usage/caf\xe9.csv", usage(4))
    zone.put(FOLDER + "caf\\xe9.csv", usage(5))
    zone.update()
    for name in (FOLDER + "a.zip!b.csv", FOLDER + "caf\\xe9.csv"):
        assert zone.newest(name)["archived"] in (2, 3, 4, 5)
        second = zone.newest(name + "#2")
        assert "its name reads like that of another file" in second["problem"] and second["archive_file"] is None
    assert zone.update().new_observations == 0


def test_an_error_inside_duckdb_costs_one_file_only(zone, monkeypatch):
    """An internal error ends DuckDB's database in memory: the files behind it get another one."""
    real = run.Run.of_file

    def break_it(self, cursor, candidate, *more):
        if "broken" in candidate.source_file:
            cursor.close()
            raise duckdb.InternalException("INTERNAL Error: database has been invalidated")
        return real(self, cursor, candidate, *more)

    monkeypatch.setattr(run.Run, "of_file", break_it)
    for number in range(3):
        zone.put(f"{FOLDER}broken{number}.csv", usage(1))
        zone.put(f"{FOLDER}good{number}.csv", usage(number + 5))
    zone.update()
    assert [zone.newest(f"{FOLDER}good{number}.csv")["archived"] for number in range(3)] == [5, 6, 7]
    assert "database has been invalidated" in zone.newest(FOLDER + "broken1.csv")["problem"]


def test_whatever_a_zip_raises_is_its_problem(zone, monkeypatch):
    def raise_it(archive):
        raise IndexError("of a damaged directory")

    monkeypatch.setattr(wrapping, "members_of", raise_it)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("b.csv", usage(2))
    assert "IndexError" in zone.see(FOLDER + "a.zip", out.getvalue())["problem"]


def test_a_problem_does_not_name_the_place_of_a_copy(zone):
    found = zone.see("cost_management/cut.parquet", b"PAR1 and no more")
    assert "of file 'the file'" in found["problem"] and ".work" not in found["problem"]
    assert zone.update().new_observations == 0
