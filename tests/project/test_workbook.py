"""The workbook pec.xlsx, opened again: its totals are the marts', its cells are typed, and nothing in it runs or links anywhere."""

import datetime
import re
import shutil
import zipfile
from decimal import Decimal

import duckdb
import openpyxl
from pec import workbook
from pec.archive.store import quoted
from project import warehouse as w
import pytest


@pytest.fixture(scope="module")
def published(sample):
    """The folder that the sample's build published."""
    return w.archive_of(sample).with_suffix(".published")


@pytest.fixture(scope="module")
def book(published):
    """The workbook that the sample's build published."""
    return openpyxl.load_workbook(published / "pec.xlsx")


def connect(published):
    """A connection to the published marts."""
    return duckdb.connect(str(published / "pec.duckdb"), read_only=True)


def read(sheet):
    """The totals [{column: value, "of": currency or ""}], and the rows [{column: value}] of a sheet."""
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    head = next(position for position, line in enumerate(lines) if None not in line)
    names = [name.replace(" ", "_") for name in lines[head]]
    totals = [dict(zip(names, line)) | {"of": line[0].removeprefix("Total").strip()} for line in lines[1:head]]
    return totals, [dict(zip(names, line)) for line in lines[head + 1 :]]


@pytest.fixture(name="bent")
def fixture_bent(published, tmp_path):
    """A function of SQL statements: writes a workbook of the sample's marts, bent by them, and opens it."""

    def bend(*statements):
        copy = shutil.copy(published / "pec.duckdb", tmp_path / "pec.duckdb")
        with duckdb.connect(str(copy)) as connection:
            for statement in statements:
                connection.execute(statement)
        workbook.write(copy, tmp_path / "pec.xlsx")
        return openpyxl.load_workbook(tmp_path / "pec.xlsx")

    return bend


def test_totals_are_the_exact_sums_in_cents(book, published):
    """Of every amount of every sheet, and in each billing currency; and the months of the first sheet."""
    seen = 0
    with connect(published) as connection:
        for name, (mart, _, per) in workbook.SHEETS.items():
            totals, _ = read(book[name])
            groups = connection.execute(f"select distinct {per or 'null'} from marts.{mart} order by all").fetchall()
            assert [total["of"] for total in totals] == [group or "" for (group,) in groups], name
            for total in totals:
                condition = f"{per} = '{total['of']}'" if per else "true"
                for column in [c for c, kind in columns(connection, mart) if kind.startswith("DECIMAL") and c.endswith(("_usd", "_billing"))]:
                    if column == "possible_settlement_usd":
                        assert total[column] is None, "each claim of a customer shows the same payment"
                        continue
                    (exact,) = connection.execute(f"select sum({column}) from marts.{mart} where {condition}").fetchone()
                    assert Decimal(repr(total[column])) == exact.quantize(Decimal("0.01"), "ROUND_HALF_UP"), (name, column)
                    seen += exact != 0
        months = connection.execute("select billing_month, sum(missed_credit_usd) from marts.pec_monthly_statement group by all order by all").fetchall()
    assert seen > 25
    about = [[cell.value for cell in line] for line in book["About"].iter_rows()]
    head = next(line for line in about if line[0] == "month")
    told = [line for line in about if isinstance(line[0], datetime.datetime)]
    position = head.index("missed credit usd")
    assert [(line[0].date(), Decimal(repr(line[position]))) for line in told] == [(m, usd.quantize(Decimal("0.01"))) for m, usd in months]


def columns(connection, mart):
    """The columns of a mart: (name, type)."""
    return [row[:2] for row in connection.execute(f"describe marts.{mart}").fetchall()]


def test_every_row_and_value_is_there(book, published):
    """As many rows as the mart has, and of each row all values: amounts to 15 digits, days as days."""
    with connect(published) as connection:
        for name, (mart, _, _) in workbook.SHEETS.items():
            names = [column for column, _ in columns(connection, mart)]
            expected = connection.execute(f"from marts.{mart}").fetchall()
            _, rows = read(book[name])
            assert len(rows) == len(expected) > 0
            got = sorted(str([typed(row[column]) for column in names]) for row in rows)
            assert got == sorted(str([typed(value) for value in row]) for row in expected), name


def typed(value):
    """A value as both sides can have it."""
    if isinstance(value, datetime.date):
        return str(value).removesuffix(" 00:00:00")
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return f"{float(value):.14g}"
    return value or None if isinstance(value, str) else value


def test_cells_have_types_filters_and_frozen_heads(book):
    sheet = book["Statement"]
    _, rows = read(sheet)
    first = {cell.value: cell.column for cell in sheet[3]}
    month, amount = sheet.cell(4, first["billing month"]), sheet.cell(4, first["missed credit usd"])
    assert (month.data_type, month.number_format, amount.data_type, amount.number_format) == ("d", "yyyy-mm", "n", "#,##0.00")
    assert sheet.auto_filter.ref == f"A3:M{3 + len(rows)}" and sheet.freeze_panes == "C4"
    assert all(book[name].auto_filter.ref and book[name].freeze_panes and book[name].print_title_rows for name in workbook.SHEETS)


def test_names_are_text_never_formulas_nor_links(bent, tmp_path):
    names = ["=1+1", "+1", "-1", "@x", "\t=1", "https://example.com/x", "'=1"]
    listed = ", ".join(quoted(name) for name in names)
    book = bent(f"update marts.pec_monthly_statement set customer_name = ([{listed}])[(1 + hash(subscription_id) % {len(names)})::bigint]")
    cells = [cell for line in book["Statement"].iter_rows(min_row=4, min_col=2, max_col=2) for cell in line]
    assert {cell.value for cell in cells} <= set(names) and len({cell.value for cell in cells}) > 3
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix == cell.value.startswith(("=", "+", "-", "@", "\t")) for cell in cells)
    with zipfile.ZipFile(tmp_path / "pec.xlsx") as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/")]
    assert not any(re.search(r"<f[ >]|TargetMode=\"External\"|DDE", text) for text in sheets)


def test_a_text_too_long_for_a_cell_says_so(bent):
    book = bent("update marts.pec_missed_credit set ticket_text = repeat('x', 40000)")
    _, rows = read(book["Claim evidence"])
    assert all(len(row["ticket_text"]) == 32_767 and row["ticket_text"].endswith("see the Parquet file)") for row in rows)


def test_rows_that_a_sheet_cannot_hold_are_named_and_counted_in_the_totals(bent, monkeypatch, published):
    monkeypatch.setattr(workbook, "ROWS", 12)
    book = bent()
    totals, rows = read(book["Gaps"])
    with connect(published) as connection:
        count, total = connection.execute("select count(*), sum(lost_credit_usd)::decimal(38, 2) from marts.pec_access_gaps").fetchone()
        largest = connection.execute("select lost_credit_usd from marts.pec_access_gaps order by 1 desc limit 9").fetchall()
    assert len(rows) == 9 < count and book["Gaps"].max_row == 12
    assert [typed(row["lost_credit_usd"]) for row in rows] == [typed(value) for (value,) in largest]
    assert f"{count - 9} of {count} rows are left out" in book["Gaps"]["A1"].value and "parquet/pec_access_gaps.parquet" in book["Gaps"]["A1"].value
    assert Decimal(repr(totals[0]["lost_credit_usd"])) == total
    about = {line[0].value: line[3].value for line in book["About"].iter_rows()}
    assert about["Gaps"] == count - 9 and about["Repairs"] > 0 and about["Claims"] == 1


def test_the_dictionary_describes_every_published_column(book, published):
    _, rows = read(book["Columns"])
    with connect(published) as connection:
        expected = connection.execute("select table_name, column_name, comment from duckdb_columns() where schema_name = 'marts'").fetchall()
    assert sorted((row["relation"], row["column_name"], row["description"]) for row in rows) == sorted(expected)
    assert len(expected) > 300


def test_the_same_marts_give_the_same_bytes(published, tmp_path):
    workbook.write(published / "pec.duckdb", tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == (published / "pec.xlsx").read_bytes()


def test_a_publication_without_rows_is_a_workbook(bent):
    """A new partner has no invoice, no claim and no gap."""
    book = bent(*(f"delete from marts.{mart}" for mart in {mart for mart, _, _ in workbook.SHEETS.values()} | {"fct_pec_charges_daily"}))
    assert all(read(book[name]) == ([], []) for name in workbook.SHEETS)
