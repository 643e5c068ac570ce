"""CSV: every record is archived or rejected, or the file is quarantined."""

import csv
import io

import pytest
from archive_zone import USAGE_HEADER, csv_bytes, plain_row, usage

NAME = "daily_rated_usage/x_2026-02-01.csv"
WIDTH = len(USAGE_HEADER)


def row(*first):
    """A usage row whose first fields are given as bytes; the others are empty."""
    return b",".join([*first, *[b""] * (WIDTH - len(first))])


def test_all_columns_as_text_as_delivered(zone):
    found = zone.see(NAME, csv_bytes([*USAGE_HEADER, "Extra Column", "", "Quantity"], row(b" a ", b'""', b"NULL") + b", x ,,7"))
    assert (found["records"], found["archived"], found["rejected"]) == (1, 1, 0)
    assert found["header"] == [*USAGE_HEADER, "extracolumn", "column15", "quantity"]
    values = zone.values(found)[0]
    assert values[:3] == [" a ", "", "NULL"]
    assert values[-3:] == [" x ", "", "7"]
    import duckdb

    columns = [name for name, *_ in duckdb.execute(f"describe from '{zone.archive}/{found['archive_file']}'").fetchall()]
    assert columns == ["content_id", "record_number", "line_number", *USAGE_HEADER, "extracolumn", "column15", "quantity_2"]


def test_numbers_of_records_and_lines(zone):
    found = zone.see(NAME, usage(row(b"1"), row(b'"2\n2"'), b"", row(b"3"), row(b"4")))
    assert [fields[1:4] for fields in zone.rows(found)] == [(1, 2, "1"), (2, 3, "2\n2"), (3, 6, "3"), (4, 7, "4")]
    found = zone.see(NAME, usage(3))
    assert [fields[1:3] for fields in zone.rows(found)] == [(1, 2), (2, 3), (3, 4)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("has_last", [True, False])
def test_line_ends(zone, end, has_last):
    text = end.join([",".join(USAGE_HEADER), row(b"1").decode(), row(b'"a' + end.encode() + b'b"').decode(), row(b"3").decode()])
    found = zone.see(NAME, (text + end * has_last).encode())
    assert [fields[1:4] for fields in zone.rows(found)] == [(1, 2, "1"), (2, 3, f"a{end}b"), (3, 5, "3")]


def test_mixed_line_ends(zone):
    header = ",".join(USAGE_HEADER).encode()
    found = zone.see(NAME, header + b"\r\n" + row(b"1") + b"\n" + row(b"2") + b"\r" + row(b"3") + b"\r\n")
    assert [fields[1:4] for fields in zone.rows(found)] == [(1, 2, "1"), (2, 3, "2"), (3, 4, "3")]


def test_blank_lines_are_no_records(zone):
    found = zone.see(NAME, b"\n\r\n" + usage(row(b"1"), b"", b"", row(b"2")) + b"\n\n")
    assert [fields[1:4] for fields in zone.rows(found)] == [(1, 4, "1"), (2, 7, "2")]


def test_a_short_and_a_long_record_are_rejected(zone):
    found = zone.see(NAME, usage(row(b"1"), b"short,x", row(b"2") + b",long", row(b"3")))
    assert (found["records"], found["archived"], found["rejected"]) == (4, 2, 2)
    assert zone.rejected(found) == [
        (2, 3, f"{WIDTH} columns expected, 2 found", "short,x"),
        (3, 4, f"{WIDTH} columns expected, {WIDTH + 1} found", (row(b"2") + b",long").decode()),
    ]
    assert [fields[1:4] for fields in zone.rows(found)] == [(1, 2, "1"), (4, 5, "3")]


@pytest.mark.parametrize(
    "bad, reason",
    [
        (row(b"a\0b"), "a NUL byte"),
        (row(b"a\xffb"), "not UTF-8 at byte 2 of the record; save the file as UTF-8"),
        (row(b'"a"b'), "text behind a closing quote"),
        (row(b"x" * 2_100_000), "longer than 2,000,000 bytes"),
    ],
)
def test_a_bad_record_is_rejected_and_its_neighbours_stay(zone, bad, reason):
    found = zone.see(NAME, usage(row(b"1"), bad, row(b"3")))
    assert (found["records"], found["archived"], found["rejected"]) == (3, 2, 1)
    ((number, line, why, raw),) = zone.rejected(found)
    assert (number, line, why) == (2, 3, reason)
    assert len(raw) <= 10_000
    assert [fields[1:4] for fields in zone.rows(found)] == [(1, 2, "1"), (3, 4, "3")]


def test_a_record_as_long_as_allowed(zone):
    found = zone.see(NAME, usage(row(b"1"), row(b"x" * 1_999_000), row(b"3")))
    assert (found["records"], found["archived"]) == (3, 3)


@pytest.mark.parametrize("line", [2, 3, 401])
def test_an_unclosed_quote_quarantines_the_file(zone, line):
    rows = [plain_row(number) for number in range(1, 401)]
    rows[line - 2] = b'"' + rows[line - 2]
    found = zone.see(NAME, usage(*rows))
    assert f"quote opened on line {line} is never closed" in found["problem"]
    assert (found["archive_file"], found["records"]) == (None, None)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_file_cut_inside_a_quoted_field_is_quarantined(zone, end):
    found = zone.see(NAME, usage(row(b"1"), row(b"2"))[:-1] + b"\n" + b",".join([b"3"] * (WIDTH - 1)) + b',"cut' + end)
    assert "quote opened on line 4 is never closed" in found["problem"]


def test_a_file_cut_outside_quotes_rejects_its_last_record(zone):
    found = zone.see(NAME, usage(row(b"1"), row(b"2"))[:-5])
    assert (found["records"], found["archived"], found["rejected"]) == (2, 1, 1)


def test_a_stray_quote_that_swallows_lines_quarantines_the_file(zone):
    found = zone.see(NAME, usage(row(b"1"), row(b'"2'), row(b'"3"'), row(b"4")))
    assert "quote opened on line 3" in found["problem"]


def test_a_quote_inside_an_unquoted_field_is_text(zone):
    found = zone.see(NAME, usage(row(b'1"x'), row(b'5" disk'), row(b"3")))
    assert [values[0] for values in zone.values(found)] == ['1"x', '5" disk', "3"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(zone, delimiter):
    body = usage(2).decode().replace(",", delimiter).encode()
    found = zone.see(NAME, body + b'"a' + delimiter.encode() + b'b"' + delimiter.encode() * (WIDTH - 1) + b"\n")
    assert zone.values(found)[2][0] == f"a{delimiter}b"
    assert found["archived"] == 3


@pytest.mark.parametrize(
    "content, problem",
    [
        (b"", "no header"),
        (b"\n\n\r\n", "no header"),
        (b'"a,b\nc,d\n', "no header: the quote opened on line 1 is never closed"),
        (b'"' + usage(3), "no header: the quote opened on line 1 is never closed"),
        (b"\0\0\0\1\n", "NUL"),
        (b"{}\n", "JSON under the name of a CSV file"),
        (b"sep=;\n" + usage(1), "sep="),
        (b"a,b\n1,2\n", "lacks the column customerid"),
        (bytes(range(256)) * 40, ""),
    ],
)
def test_what_is_no_usage_is_quarantined(zone, content, problem):
    found = zone.see(NAME, content)
    assert problem in found["problem"]
    assert found["archive_file"] is None
    assert zone.newest("daily_rated_usage/base_2026-01-01.csv")["archived"] == 1


def test_a_header_alone_has_no_records(zone):
    for content in (usage(), usage()[:-1]):
        found = zone.see(NAME, content)
        assert (found["records"], found["archived"], found["problem"]) == (0, 0, None)
        assert zone.rows(found) == []


def test_a_quoted_header_with_a_line_end_inside(zone):
    header = b'"Customer\nId",' + ",".join(USAGE_HEADER[1:]).encode()
    found = zone.see(NAME, header + b"\n" + row(b"1") + b"\n")
    assert found["header"] == USAGE_HEADER
    assert [fields[1:4] for fields in zone.rows(found)] == [(1, 3, "1")]


def test_a_table_of_one_column(zone, monkeypatch):
    import dataclasses

    from pec import kinds

    monkeypatch.setitem(kinds.KINDS, "fx_rates", dataclasses.replace(kinds.FX_RATES, needed=()))
    found = zone.see("fx_rates/x.csv", b'Month\n1\n\n""\n3\n')
    assert [fields[1:] for fields in zone.rows(found)] == [(1, 2, "1"), (2, 4, ""), (3, 5, "3")]


def test_blanks_beside_quotes_read_the_same_in_both_ways(zone):
    lines = [row(b' "a,b"', b'"c" '), row(b"1")]
    direct = zone.values(zone.see(NAME, usage(*lines)))
    sifted = zone.values(zone.see(NAME, usage(*lines, b"short")))
    assert direct == sifted
    assert direct[0][:2] == ["a,b", "c"]


@pytest.mark.parametrize("name", ["export[1].csv", "x*.csv", "a?b.csv", "quote'.csv", 'double".csv', "ünï.csv", "a\nb.csv", "x (1).csv"])
def test_names_that_look_like_patterns(zone, name):
    found = zone.see("daily_rated_usage/" + name, usage(3))
    assert found["archived"] == 3


def test_the_same_as_pythons_reader(zone):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(USAGE_HEADER)
    rows = [[f'{name}"{number}\r\n,' if number % 3 else "" for name in USAGE_HEADER] for number in range(100)]
    writer.writerows(rows)
    assert zone.values(zone.see(NAME, text.getvalue().encode())) == rows


def test_many_rejected_records(zone):
    found = zone.see(NAME, usage(*[b"x,%d" % number for number in range(3000)], row(b"1")))
    assert (found["records"], found["archived"], found["rejected"]) == (3001, 1, 3000)
    assert len(zone.rejected(found)) == 3000


def test_a_file_larger_than_a_chunk(zone):
    filler = b"x" * 1000
    count = 6000
    found = zone.see(NAME, usage(*[row(b"%d" % number, b'"%b\n"' % filler) for number in range(count)]))
    assert (found["records"], found["archived"]) == (count, count)
    rows = zone.rows(found)
    assert [fields[1] for fields in rows] == list(range(1, count + 1))
    assert [fields[2] for fields in rows] == [2 + 2 * number for number in range(count)]
    assert [fields[3] for fields in rows] == [str(number) for number in range(count)]
    found = zone.see(NAME, usage(*[row(b"%d" % number, filler) for number in range(count)]))
    assert [fields[1:4] for fields in zone.rows(found)] == [(n + 1, n + 2, str(n)) for n in range(count)]
