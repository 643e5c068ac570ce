"""From a JSON file to items of a document, or to records of a table; from a CSV file to items."""

from pec.archive import items, jsontext, names
from pec.archive.problems import Quarantine
from pec.archive.headers import check_header, check_width
from pec.archive.tables import Made, read_sifted

ITEMS_AT_ONCE = 2000


def text_of_file(path):
    """The text of a plain file. Bytes that are not UTF-8 are kept as lone surrogates, so that only what holds them is rejected."""
    with open(path, "rb") as file:
        text = file.read().decode("utf-8", "surrogateescape")
    return text if "\n" in text else text.replace("\r", "\n")


def numbered_lines(text, items):
    """(Item, line where it begins) for the items of a text, in order."""
    line, place = 1, 0
    for item in items:
        line += text.count("\n", place, item.start)
        place = item.start
        yield item, line


def archive_document(cursor, plain, kind, reader, content_id, rejects):
    """Hands the items of a JSON or CSV file to the table of its kind; what became of it (Made).

    cursor: DuckDB's, inside a transaction.  plain: wrapping.Plain.  kind: of kinds.KINDS.  reader: 'json' or 'csv'.  content_id: of the content.
    rejects: Rejects.  Quarantine: the file is no list of items.
    """
    if reader == "csv":
        found, records, is_whole, has_next = items.of_csv(plain, kind, rejects)
        insert_all(cursor, kind, [(content_id, *item) for item in found])
        return Made([], records, len(found), rejects.count, is_whole, has_next)
    text = text_of_file(plain.path)
    document = jsontext.parse(text)
    rows_of_tables = items.of_tables(text, document)
    if rows_of_tables is not None:
        insert_all(cursor, kind, [(content_id, number, 1, item) for number, item in enumerate(rows_of_tables, 1)])
        return Made([], len(rows_of_tables), len(rows_of_tables), 0, True, False)
    rows, archived = [], 0
    for number, (item, line) in enumerate(numbered_lines(text, document.items), 1):
        reason = item.reason or reason_of_keys(text, item)
        if reason:
            rejects.add(number, line, None, reason, text[item.start : item.end])
            continue
        rows.append((content_id, number, line, text[item.start : item.end]))
        archived += 1
        if len(rows) >= ITEMS_AT_ONCE:
            insert_items(cursor, kind, rows)
            rows = []
    insert_items(cursor, kind, rows)
    has_next = document.has_next_page or items.is_page_of_rows(kind, document)
    return Made([], len(document.items), archived, rejects.count, document.is_whole, has_next)


def insert_all(cursor, kind, rows):
    """Appends rows of items, however many."""
    for place in range(0, len(rows), ITEMS_AT_ONCE):
        insert_items(cursor, kind, rows[place : place + ITEMS_AT_ONCE])


def reason_of_keys(text, item):
    """Why an item may not be kept for its keys, or None; see jsontext.reason_against_keys(). Few items have such keys, and only these are read again."""
    if len({key.lower() for key in item.keys}) == len(item.keys):
        return None
    return jsontext.reason_against_keys(jsontext.again(text, item))


def insert_items(cursor, kind, rows):
    """Appends rows of items to the table of their kind."""
    if rows:
        cursor.execute(f"insert into documents_{kind.name} select " + ", ".join(["unnest(?)"] * 4), [list(column) for column in zip(*rows)])


def archive_json_records(cursor, plain, copy, kind, content_id, part, rejects):
    """Writes the Parquet file of a JSON file of records, every key a column; what became of it (Made).

    copy: where records are written as CSV for DuckDB. See tables.archive_csv() for the others.
    """
    text = text_of_file(plain.path)
    document = jsontext.parse(text)
    layouts = layouts_of(document.items)
    # All columns of all records, in the order in which they come; a record that lacks one has NULL there.
    places = {column: place for place, column in enumerate(dict.fromkeys(column for columns in layouts.values() for column in columns))}
    check_width(places)
    read = Reading(kind, places, layouts)
    number, kept = 0, 0
    with open(copy, "w", encoding="utf-8", newline="") as out:
        for number, (item, line) in enumerate(numbered_lines(text, document.items), 1):
            if item.reason:
                rejects.add(number, line, None, item.reason, text[item.start : item.end])
                continue
            row, column, reason = read.record(item, jsontext.again(text, item))
            if reason:
                rejects.add(number, line, column, reason, text[item.start : item.end])
                continue
            out.write(f"{number},{line},{','.join(row)}\n")
            kept += 1
    # A column of a repeated name, name_2, is the same name again in the header.
    header = [column.rsplit("_", 1)[0] for column in places]
    if number and not places:
        raise Quarantine("no records: none of its objects can be read; download it again")
    if number:
        check_header(kind, header)
    else:
        places = dict.fromkeys(kind.columns)  # an empty list has no keys, and is a valid export all the same
    archived = read_sifted(cursor, copy, kept, list(places), b",", content_id, part, rejects, has_nulls=True)
    if archived + rejects.count != number:
        raise Quarantine(f"of {number} records only {archived} could be read and {rejects.count} rejected; please report this file")
    return Made(header, number, archived, rejects.count, document.is_whole, document.has_next_page)


class Reading:
    """How records of a JSON file become rows of a table."""

    def __init__(self, kind, places, layouts):
        """kind: of kinds.KINDS.  places: column -> its place in a row.  layouts: of layouts_of()."""
        self.places, self.layouts = places, layouts
        # layout -> [(column that staging reads, its place among the keys, place of another key of the same name)]
        self.repeated = {
            keys: [(name, columns.index(name), place) for place, column in enumerate(columns)
                   if (name := column.rsplit("_", 1)[0]) != column and name in kind.columns]
            for keys, columns in layouts.items()
        }  # fmt: skip

    def record(self, item, record):
        """(the fields of a row, None, None), or (None, the column, why it cannot be read). record: the item's value, decoded."""
        values = list(record.values())
        for name, first, again in self.repeated[item.keys]:
            if values[first] != values[again]:
                return None, name, f"the key «{item.keys[again][:100]}» is there twice, also as «{item.keys[first][:100]}»"
        row = [""] * len(self.places)
        try:
            for column, value in zip(self.layouts[item.keys], values):
                row[self.places[column]] = field(value)
        except RecursionError:
            return None, None, jsontext.NESTED
        return row, None, None


def layouts_of(items):
    """The columns of each layout of records: keys of an object, a tuple -> names of columns. items: Items."""
    layouts = {}
    for item in items:
        if not item.reason and item.keys not in layouts:
            layouts[item.keys] = names.column_names(names.header_names(item.keys))
    return layouts


def field(value):
    """A value as a field of CSV: nothing for null, all else in quotes."""
    if value is None:
        return ""
    text = str(value) if isinstance(value, str) else jsontext.text_of(value)
    return '"' + text.replace('"', '""') + '"'
