"""Items of documents that do not stand in the file as JSON objects: rows of a CSV file, rows of a table that Log Analytics answers with."""

from pec.archive import headers, jsontext, lines, tables
from pec.archive.problems import Quarantine

# What Resource Graph gives at most in one page, and the portal in one download. A list of exactly so many rows is taken to go on elsewhere (A7).
PAGE_SIZES = (100, 1000, 5000)
# What a row of Resource Graph has beside what other lists give.
ROW_KEYS = {"tenantid", "subscriptionid"}
TABLE_KEYS = ({"tables"}, {"tables", "statistics"}, {"tables", "render"}, {"tables", "statistics", "render"})


def is_page(kind, number):
    """Whether a list without a word of pages is taken to go on elsewhere (A7). kind: of kinds.KINDS.  number: of its rows."""
    return kind.is_list and number in PAGE_SIZES


def is_page_of_rows(kind, document):
    """The same of a JSON list, which must be of Resource Graph's rows: `--query data` cuts off what points to the next page. document: jsontext's."""
    is_of_rows = any(ROW_KEYS & {key.lower() for key in item.keys} for item in document.items)
    return not document.tells_pages and is_page(kind, len(document.items)) and is_of_rows


def item_text(columns, cells):
    """The text of the JSON object with columns as keys; cells that hold JSON objects or lists hold them as such.

    columns: names as delivered.  cells: decoded values of the same number.
    """
    return jsontext.text_of({name: unfolded(cell) for name, cell in zip(columns, cells)})


def unfolded(cell):
    """What the JSON text in a cell says, if it is an object or a list; else the cell."""
    if not isinstance(cell, str) or cell.lstrip()[:1] not in ("{", "["):
        return cell
    try:
        text = cell.strip()
        value, end = jsontext.STRICT.raw_decode(text)
    except (ValueError, RecursionError):
        return cell
    return value if end == len(text) else cell


def of_csv(plain, kind, rejects):
    """(items as (number, line, text), how many records, whether the list is proven to be whole, whether more may follow) of a CSV file.

    plain: wrapping.Plain.  kind: of kinds.KINDS.  rejects: tables.Rejects.  Quarantine: the file is no list of items.
    """
    header = headers.read_header(plain.path, kind)
    found, number = [], 0
    with open(plain.path, "rb") as file:
        records = lines.walk(file, header.delimiter)
        record = next(records)
        while record.line < header.line:
            record = next(records)
        columns = [column.strip() or blank for column, blank in zip(headers.split(record.raw, header.delimiter), header.names)]
        if len({column.lower() for column in columns}) < len(columns):
            raise Quarantine("a column name stands twice in the header; export the file again")
        for number, record in enumerate(records, 1):
            if record.is_open:
                raise Quarantine(f"the quote opened on line {record.line} is never closed; export it again")
            reason, column = tables.flaw_of(record, header)
            if reason:
                rejects.add(number, record.line, column, reason, record.raw)
            else:
                found.append((number, record.line, item_text(columns, headers.split(record.raw, header.delimiter))))
    # A7: a file that was cut ends inside a line, but for a cut behind a quote or a line end. One without a record proves nothing.
    return found, number, number > 0 and ends_whole(plain.path), is_page(kind, number)


def ends_whole(path):
    """Whether a file that is not empty ends in a line end or a quote."""
    with open(path, "rb") as file:
        file.seek(-1, 2)
        return file.read() in (b"\n", b"\r", b'"')


def of_tables(text, document):
    """The texts of the rows of a Log Analytics answer, {"tables": [{"columns": […], "rows": [[…]]}]}, as objects; None if it is no such answer.

    text: of the file.  document: jsontext.Document of it. An answer with "error" beside it holds a part of the rows, and is none.
    """
    if len(document.items) != 1 or document.items[0].reason or {key.lower() for key in document.items[0].keys} not in TABLE_KEYS:
        return None
    answer = {key.lower(): value for key, value in jsontext.again(text, document.items[0]).items()}["tables"]
    try:
        found = []
        for table in answer:
            columns = [column["name"] if "name" in column else column["ColumnName"] for column in (table.get("columns") or table.get("Columns"))]
            rows = table["rows"] if "rows" in table else table["Rows"]
            if any(len(row) != len(columns) for row in rows):
                return None
            found += [item_text(columns, row) for row in rows]
    except (AttributeError, KeyError, TypeError):
        return None
    return found

