"""The workbook pec.xlsx: the marts that finance and the service desk read, as typed cells, made from the copy of the marts that is published.

Amounts stand in cells with all digits that Excel has (15), and are shown in cents. Totals stand above the columns: sums of the exact amounts, made by
the database and rounded once to cents, never sums of cells. Text stays text: a name that begins like a formula is none, and no address is a link.
The same marts give the same bytes.
"""

import datetime
from decimal import Decimal

import duckdb
import xlsxwriter

from pec import spreadsheets

# Excel's limits: rows of a sheet, and characters of a cell.
ROWS, CHARACTERS = 1_048_576, 32_767
WIDEST = 60
# Each sheet: the mart, the order of its rows, and what a total is for: amounts in billing currencies are never added to others.
# The largest rows stand first, so that the smallest are left out where there are too many.
SHEETS = {
    "Statement": ("pec_monthly_statement", "billing_month, transacting_partner_id, customer_name, subscription_id, customer_id", None),
    "Claims": ("pec_claims", "open_credit_usd desc nulls last, claim_id", None),
    "Claim evidence": ("pec_missed_credit", "billing_month, missed_credit_usd desc, claim_id, first_date", None),
    "Repairs": ("pec_repairs", "repair_rank, repair_id", None),
    "Gaps": ("pec_access_gaps", "lost_credit_usd desc, transacting_partner_id, subscription_id, resource_id, gap_start", None),
    "Price differences": ("pec_price_differences", "abs(difference_usd) desc", None),
    "Invoices": ("invoice_reconciliation", "abs(difference_billing) desc nulls last, reconciliation_id", "billing_currency"),
}
# What readers look for stands first.
FIRST = ("billing_month", "customer_name")
# An amount that stands with each claim that it may pay: nothing adds it up.
NOT_ADDED = ("possible_settlement_usd",)
COLUMNS = """
select tables.name as relation, tables.comment as relation_description, columns.column_name, columns.data_type, columns.comment as description
from duckdb_columns() as columns
inner join (
    select table_name as name, comment from duckdb_tables() where schema_name = 'marts' and database_name = current_database()
    union all
    select view_name, comment from duckdb_views() where schema_name = 'marts' and database_name = current_database()
) as tables on columns.table_name = tables.name
where columns.schema_name = 'marts' and columns.database_name = current_database()
order by relation, columns.column_index
"""
ABOUT = (
    "Azure partner earned credit",
    "Amounts are in USD, or in the billing currency where the column's name ends in «billing». Cells hold up to 15 digits and show cents. Totals are "
    "sums of the exact amounts of all rows, rounded once to cents: they equal the marts, whatever filter is set. Times are UTC, intervals end before "
    "their end.",
)


def write(database, target):
    """Writes the workbook.

    database: path of a pec.duckdb, which is only read.  target: path of the file to write.
    """
    with duckdb.connect(str(database), read_only=True, config={"enable_external_access": "false"}) as connection:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        with xlsxwriter.Workbook(str(target), options) as book:
            book.set_properties({"title": ABOUT[0], "created": created(connection)})
            Writer(book, connection).write()


def created(connection):
    """The time that the file gives as its creation: the newest day of usage, so that it depends on the data alone."""
    (day,) = connection.execute("select max(usage_date) from marts.fct_pec_charges_daily").fetchone()
    return datetime.datetime.combine(day or datetime.date(2000, 1, 1), datetime.time())


class Writer:
    """Writes the sheets of one workbook. book: xlsxwriter's.  connection: to a pec.duckdb."""

    def __init__(self, book, connection):
        self.book, self.connection = book, connection
        top = {"valign": "top"}
        self.formats = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#DDE6F0"}),
            "strong": book.add_format({"bold": True}),
            "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
            "link": book.add_format({"font_color": "#0B5394", "underline": 1}),
            "text": book.add_format(top),
            # The quote that Excel shows before text which it must not run.
            "quoted": book.add_format({"valign": "top", "quote_prefix": True}),
            "amount": book.add_format({"num_format": "#,##0.00"} | top),
            "total": book.add_format({"num_format": "#,##0.00", "bold": True, "top": 1}),
            "number": book.add_format({"num_format": "General"} | top),
            "rate": book.add_format({"num_format": "0.0%"} | top),
            "date": book.add_format({"num_format": "yyyy-mm-dd"} | top),
            "month": book.add_format({"num_format": "yyyy-mm"} | top),
            "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"} | top),
        }  # fmt: skip

    def write(self):
        """Writes all sheets; the first lists the others."""
        about = self.book.add_worksheet("About")
        sheets = {name: self.book.add_worksheet(name) for name in [*SHEETS, "Columns"]}
        listed = [(name, *self.write_mart(sheets[name], name, *what)) for name, what in SHEETS.items()]
        rows = self.connection.execute(COLUMNS).fetchall()
        names = ["relation", "relation_description", "column_name", "data_type", "description"]
        left_out = self.write_rows(sheets["Columns"], "Columns", names, ["VARCHAR"] * len(names), rows, len(rows), [], "parquet/")
        listed.append(("Columns", "what every relation and column of the published data means", len(rows), left_out))
        self.write_about(about, listed)

    def write_about(self, sheet, listed):
        """Writes the first sheet: what there is, and the statement by month. listed: (sheet, what it is, rows, rows left out)."""
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 90)
        sheet.set_column(2, 9, 16)
        sheet.write_string(0, 0, ABOUT[0], self.formats["title"])
        sheet.merge_range(1, 0, 1, 3, ABOUT[1], self.formats["wrapped"])
        sheet.set_row(1, 48)
        for position, head in enumerate(["sheet", "what it is", "rows", "rows left out"]):
            sheet.write_string(3, position, head, self.formats["head"])
        for row, (name, text, rows, left_out) in enumerate(listed, start=4):
            sheet.write_url(row, 0, f"internal:'{name}'!A1", self.formats["link"], name)
            sheet.write_string(row, 1, text, self.formats["wrapped"])
            sheet.write_number(row, 2, rows)
            sheet.write_number(row, 3, left_out)
        self.write_months(sheet, 4 + len(listed) + 1)

    def write_months(self, sheet, first):
        """Writes the statement by month, in cents, below the list of sheets. first: its row."""
        amounts = [name for name, kind in self.described("pec_monthly_statement") if is_amount(name, kind)]
        for position, head in enumerate(["month", "", *amounts]):
            sheet.write_string(first, position, label(head), self.formats["head"])
        sums = ", ".join(in_cents(name) for name in amounts)
        months = self.connection.execute(f"select billing_month, {sums} from marts.pec_monthly_statement group by billing_month order by billing_month")
        for row, (month, *values) in enumerate(months.fetchall(), start=first + 1):
            sheet.write_datetime(row, 0, at_midnight(month), self.formats["month"])
            for position, value in enumerate(values, start=2):
                sheet.write_number(row, position, float(value), self.formats["amount"])

    def described(self, mart):
        """The columns of a mart: (name, DuckDB type)."""
        columns = [(row[0], row[1]) for row in self.connection.execute(f"describe marts.{mart}").fetchall()]
        return sorted(columns, key=lambda column: FIRST.index(column[0]) if column[0] in FIRST else len(FIRST))

    def write_mart(self, sheet, name, mart, order, per):
        """Writes a mart to a sheet; returns what it is, how many rows it has, and how many were left out.

        name: of the sheet.  mart, order, per: of SHEETS.
        """
        columns = self.described(mart)
        (count,) = self.connection.execute(f"select count(*) from marts.{mart}").fetchone()
        amounts = [column for column, kind in columns if is_amount(column, kind)]
        sums = ", ".join(in_cents(column) for column in amounts)
        totals = [
            (group, dict(zip(amounts, values)))
            for group, *values in self.connection.execute(f"select {per or 'null'} as per, {sums} from marts.{mart} group by per order by per").fetchall()
        ] if count else []  # fmt: skip
        names, kinds = zip(*columns)
        selected = ", ".join(names)
        rows = self.connection.cursor().execute(f"select {selected} from marts.{mart} order by {order}, {selected}")
        left_out = self.write_rows(sheet, name, names, kinds, fetched(rows), count, totals, f"parquet/{mart}.parquet")
        (text,) = self.connection.execute(
            "select coalesce(max(comment), '') from (select table_name as name, comment from duckdb_tables() where schema_name = 'marts' "
            "union all select view_name, comment from duckdb_views() where schema_name = 'marts') where name = ?", [mart]
        ).fetchone()  # fmt: skip
        return text, count, left_out

    def write_rows(self, sheet, name, names, kinds, rows, count, totals, elsewhere):
        """Writes a title, totals, heads and rows; returns how many rows were left out.

        names, kinds: of the columns.  rows: iterable of tuples, count of them.  totals: [(of which currency or None, {column: amount})].
        elsewhere: where in the published folder all rows are.
        """
        head = 1 + len(totals)
        kept = min(count, ROWS - head - 1)
        for position, (column, kind) in enumerate(zip(names, kinds)):
            sheet.set_column(position, position, width_of(column, kind))
        left_out = f". {count - kept:,} of {count:,} rows are left out, as a sheet has no more; all are in {elsewhere}" if kept < count else ""
        sheet.write_string(0, 0, f"{name}{left_out}", self.formats["title"])
        for row, (group, amounts) in enumerate(totals, start=1):
            sheet.write_string(row, 0, f"Total {group}" if group else "Total", self.formats["strong"])
            for position, column in enumerate(names):
                if amounts.get(column) is not None:
                    sheet.write_number(row, position, float(amounts[column]), self.formats["total"])
        for position, column in enumerate(names):
            sheet.write_string(head, position, label(column), self.formats["head"])
        for row, values in zip(range(head + 1, head + 1 + kept), rows):
            for position, value in enumerate(values):
                self.write_cell(sheet, row, position, names[position], value)
        sheet.autofilter(head, 0, head + kept, len(names) - 1)
        sheet.freeze_panes(head + 1, 2)
        sheet.repeat_rows(head)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return count - kept

    def write_cell(self, sheet, row, position, column, value):
        """Writes a value as a cell of its type; nothing for NULL."""
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_boolean(row, position, value, self.formats["text"])
        elif isinstance(value, (int, float, Decimal)):
            sheet.write_number(row, position, float(value), self.formats[number_format(column, value)])
        elif isinstance(value, datetime.date) and value.year < 1900:
            sheet.write_string(row, position, str(value), self.formats["text"])  # Excel's calendar begins later.
        elif isinstance(value, datetime.datetime):
            sheet.write_datetime(row, position, value, self.formats["time"])
        elif isinstance(value, datetime.date):
            sheet.write_datetime(row, position, at_midnight(value), self.formats["month" if column == "billing_month" else "date"])
        else:
            text = value if isinstance(value, str) else ", ".join(map(str, value))
            cut = "… (more than a cell holds: see the Parquet file)"
            text = text if len(text) <= CHARACTERS else text[: CHARACTERS - len(cut)] + cut
            sheet.write_string(row, position, text, self.formats["quoted" if spreadsheets.looks_like_a_formula(text) else "text"])


def fetched(result):
    """The rows of a result, batch by batch."""
    while batch := result.fetchmany(10_000):
        yield from batch


def is_amount(column, kind):
    """Whether a column holds money that can be added up."""
    return kind.startswith("DECIMAL") and column.endswith(("_usd", "_billing")) and column not in NOT_ADDED


def in_cents(column):
    """SQL: the exact sum of a column, rounded once to cents."""
    return f"round(coalesce(sum({column}), 0), 2)::decimal(38, 2)"


def number_format(column, value):
    """The name of a number's format. column: its name."""
    if isinstance(value, Decimal) and column.endswith(("_usd", "_billing")):
        return "amount"
    return "rate" if column.endswith("pec_rate") else "number"


def width_of(column, kind):
    """The width of a column in characters, by its type and name."""
    if kind.startswith("VARCHAR"):
        if column.endswith(("resource_id", "scope_id", "text", "evidence", "description", "repair", "what_to_do", "command", "to_check")):
            return WIDEST
        return 38 if column.endswith("_id") else 24
    return {"DATE": 12, "TIMESTAMP": 20}.get(kind, 16)


def label(column):
    """A column's name as a head."""
    return column.replace("_", " ")


def at_midnight(day):
    """A date as the time that Excel's cells have."""
    return datetime.datetime.combine(day, datetime.time())
