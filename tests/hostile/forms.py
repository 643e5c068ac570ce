"""Faults of form: what a file looks like, whatever its values are."""

import json

from pec import kinds

from . import base, texts
from .pieces import HTML, Hostile, foreign, parquet, wrapped, zipped


def csv_faults(kind):
    """Hostile(s) of a kind of table as CSV, whose file as a whole or records of which cannot be read."""
    good = base.table(kind)
    header, *rows = good.splitlines(keepends=True)
    columns = list(base.GOOD[kind])
    width, needed = len(columns), kinds.KINDS[kind].needed[0][0]
    text = good.decode()
    body = header + rows[0]
    quoted_lines = "".join('"' + line.strip().replace('"', '""') + '"\n' for line in text.splitlines()).encode()
    found = [
        ("empty", b"", "no header: the file is empty"),
        ("blank", b" \r\n\t\r\n", "no header: line 1 is blank"),
        ("lines_only", b"\r\n\n\r", "no header: the file is empty"),
        ("mark_only", b"\xef\xbb\xbf", "no header: the file is empty"),
        ("utf16_mark_only", b"\xff\xfe", "no header: the file is empty"),
        ("other_names", b"alpha,beta,gamma\n1,2,3\n", "lacks the column"),
        ("values_only", b"1,2026-07-05,3.5\n2,2026-07-06,4\n", "no header: line 1 has values"),
        ("title_before_header", b"Report of July\r\n\r\n" + good, "its header stands on line 3"),
        ("sep_line", b"sep=,\r\n" + good, "sep="),
        ("caret", text.replace(",", "^").encode(), "separated by «^»"),
        ("tilde", text.replace(",", "~").encode(), "separated by «~»"),
        ("unit_separator", text.replace(",", "\x1f").encode(), "separated by «\\x1f»"),
        ("lines_in_quotes", quoted_lines, "each line stands in quotes"),
        ("another_kind", base.table("fx_rates" if kind != "fx_rates" else "agreements"), "its columns are those of"),
        ("json", b'[{"a": 1}]', "JSON under the name of a CSV file"),
        ("open_header_quote", b'"' + good, "the quote opened on line 1 is never closed"),
        ("open_quote", body + b'"' + rows[1] + rows[2], "the quote opened on line 3"),
        ("open_last_quote", body + b'"cut', "the quote opened on line 3 is never closed"),
        ("ebcdic", text.encode("cp037"), "not UTF-8"),
        ("utf16_cut", text.encode("utf-16")[:-1], "not UTF-16-LE"),
        ("utf16_then_utf8", text.encode("utf-16") + rows[0] * 2, "of mixed encodings"),
        ("utf16_mark_of_utf8", b"\xff\xfe" + good + b"\n" * (len(good) % 2), "of mixed encodings"),
        ("too_wide", (",".join([*columns, *(f"more{number}" for number in range(2500))]) + "\r\n").encode(), "at most 2,000 are read"),
    ]  # fmt: skip
    yield from (Hostile(base.place(kind, fault), content, told) for fault, content, told in found)
    if len(kinds.KINDS[kind].needed) > 1:
        lacking = "\r\n".join(",".join(line.split(",")[: columns.index(needed)] + line.split(",")[columns.index(needed) + 1 :]) for line in text.splitlines())
        yield Hostile(base.place(kind, "lacks_a_column"), lacking.encode(), f"lacks the column {needed}")
    latin = base.table(kind, {}, {columns[-1]: "Zürich"}, {}).decode().encode("latin-1")
    wide = f"{width} columns expected"
    nul = rows[1].replace(b"\r", b"\0\r")
    read = [
        ("latin_1", latin, ((3, columns[-1], "not UTF-8 at byte"),), 2),
        ("short_record", body + b"only,two\r\n" + rows[2], ((3, None, f"{wide}, 2 found" if width != 2 else ""),) if width != 2 else (), None),
        ("long_record", body + rows[1].rstrip() + b",more\r\n" + rows[2], ((3, None, f"{wide}, {width + 1} found"),), 2),
        ("nul_inside", body + nul + rows[2], ((3, columns[-1], "a NUL byte"),), 2),
        ("zeros_at_the_end", good + bytes(300), ((5, None, "of mixed encodings" if width else ""),), 3),
        ("utf8_then_utf16", good + rows[0].decode().encode("utf-16-le"), None, 3),
        ("text_behind_a_quote", body + b'"x"y' + b"," * (width - 1) + b"\r\n" + rows[2], ((3, None, "text behind a closing quote"),), 2),
        ("backslash_quotes", body + b'"{\\"a\\": 1}"' + b"," * (width - 1) + b"\r\n" + rows[2], ((3, None, "text behind a closing quote"),), 2),
        ("another_separator_inside", body + rows[1].replace(b",", b";") + rows[2], ((3, None, "they are separated by «;», the header's by «,»"),), 2),
        ("cut_record", good[:-3] + b"" if width == 2 else body + rows[1][: rows[1].index(b",") + 1].rstrip(b",") + b"\r\n", None, None),
        ("too_long_record", body + b"x" * 2_100_000 + rows[1] + rows[2], ((3, None, "longer than 2,000,000 bytes"),), 2),
        ("long_field", body + (b"x" * 1_000_000) + b"," * (width - 1) + b"\r\n", (), 2),
        ("header_again", good + header + rows[0], (), 5),
        ("semicolons", text.replace(",", ";").encode(), (), 3),
        ("tabs", text.replace(",", "\t").encode(), (), 3),
        ("bars", text.replace(",", "|").encode(), (), 3),
        ("utf16", text.encode("utf-16"), (), 3),
        ("utf16_be", b"\xfe\xff" + text.encode("utf-16-be"), (), 3),
        ("utf16_without_mark", text.encode("utf-16-le"), (), 3),
        ("utf16_be_without_mark", text.encode("utf-16-be"), (), 3),
        ("utf16_wrong_mark", b"\xfe\xff" + text.encode("utf-16-le"), (), 3),
        ("utf32_without_mark", text.encode("utf-32-le"), (), 3),
        ("utf8_mark", b"\xef\xbb\xbf" + good, (), 3),
        ("marks_on_all_lines", "".join("\ufeff" + line for line in text.splitlines(keepends=True)).encode(), (), 3),
        ("cr_only", text.replace("\r\n", "\r").encode(), (), 3),
        ("mixed_ends", header.rstrip() + b"\r" + rows[0].rstrip() + b"\n" + rows[1] + rows[2].rstrip(), (), 3),
        ("lf_cr", text.replace("\r\n", "\n\r").encode(), (), 3),
        ("blank_lines", text.replace("\r\n", "\r\n\r\n\n").encode(), (), 3),
        ("quoted_all", "\r\n".join(",".join(f'"{field}"' for field in line.split(",")) for line in text.splitlines()).encode() if '"' not in text else good, (), 3),
        ("header_only", header, (), 0),
        ("shouted_header", header.upper() + rows[0], (), 1),
        ("spaced_header", header.replace(b",", b" , ") + rows[0], (), 1),
        ("more_columns", header.rstrip() + b",,=cmd,Extra\r\n" + b"".join(row.rstrip() + b",1,2,3\r\n" for row in rows), (), 3),
        ("column_twice", header.rstrip() + b"," + header.rstrip().split(b",")[0] + b"\r\n" + b"".join(row.rstrip() + b",1\r\n" for row in rows), (), 3),
    ]  # fmt: skip
    for fault, content, rejected, archived in read:
        yield Hostile(base.place(kind, fault), content, None, rejected, archived)
    for fault, content, told in foreign():
        yield Hostile(base.place(kind, fault), content, told)
    name = f"{kind}.csv"
    for fault, content, told, ending in wrapped(good, name):
        yield Hostile(base.place(kind, fault, "csv" + ending), content, told, (), None if told else 3)
    yield Hostile(base.place(kind, "parquet"), parquet(), "a Parquet file under another name")


def json_faults(place, item, more, is_table):
    """Hostile(s) of a kind of JSON file. place: of a fault and an ending.  item: a good one, a dict.  more: its JSON again, of another value."""
    one, other = json.dumps(item), json.dumps(item | more)
    key = next(iter(item))
    deep = {depth: "[" * depth + "]" * depth for depth in (300, 990, 5000, 100_000)}
    half = len(one) // 2
    whole = [
        ("empty", b"", "empty: nothing was exported"),
        ("blank", b" \n\t\n", "empty: nothing was exported"),
        ("null", b"null", "one JSON value"),
        ("number", b"42", "one JSON value"),
        ("text", json.dumps(f"[{one}]").encode(), "one JSON value"),
        ("error", b'{"error": {"code": "AuthorizationFailed", "message": "no"}}', "an error message in place of a list"),
        ("csv", b"id,name,value\r\n1,2,3\r\n", "no JSON, but a table with separators"),
        ("az_table", b"Name      Id\n--------  -----\nx         y\n", "no JSON, but a table for people"),
        ("az_yaml", b"- id: x\n  name: y\n", "no JSON, but YAML"),
        ("az_tsv", b"x\ty\tz\n", "no JSON, but a table with separators"),
        ("az_login", b"ERROR: Please run 'az login' to setup account.\n", "no JSON"),
        ("cut_in_an_item", f"[{other},{one[:half]}".encode(), "no JSON, or cut off"),
        ("cut_behind_an_item", f"[{other},{one}".encode(), "no JSON, or cut off"),
        ("comma_at_the_end", f"[{one},]".encode(), "no JSON, or cut off"),
        ("single_quotes", str([item]).encode(), "no JSON, or cut off"),
        ("comments", f"// export\n[{one}]".encode(), "no JSON, or cut off"),
        ("text_behind", f"[{one}] end".encode(), "no JSON, or cut off"),
        ("open_brackets", b"[" * 100_000, "no JSON, or cut off"),
        ("open_strings", b"[" * 5000 + b'"' + b'\\"' * 300_000, "no JSON, or cut off"),
        ("nul_inside", f"[{one}\0]".encode(), "NUL bytes in line 1"),
        ("utf16_cut", f"[{one}]".encode("utf-16")[:-1], "not UTF-16-LE"),
        ("utf16_then_utf8", f"[{one},".encode("utf-16") + f"{other}  ]".encode()[: 2 * (len(other) // 2)], "of mixed encodings"),
        ("utf8_then_utf16", f"[{one}]\n".encode() + f"[{other}]".encode("utf-16-le"), "NUL bytes in line 2"),
    ]  # fmt: skip
    if is_table:
        whole += [
            ("other_keys", b'[{"alpha": 1, "beta": 2}]', "lacks the column"),
            ("list_of_scalars", b'[1, "x", null, true, [], [[{}]]]', "no records: none of its objects can be read"),
            ("list_of_empty_objects", b"[{}]", "no records"),
            ("too_many_keys", json.dumps([item | {f"k{number}": 1} for number in range(2500)]).encode(), "at most 2,000 are read"),
        ]
    for fault, content, told in whole:
        yield Hostile(place(fault), content, told)

    def beside(fault, odd, text):
        """A list of a good item, an odd one, and a good one."""
        return Hostile(place(fault), f"[{one},\n{odd},\n{other}]".encode("utf-8", "surrogateescape"), None, ((2, None, text),), 2)

    with_key = one[:-1]
    yield beside("scalar_in_list", "1", "a JSON object was expected")
    yield beside("null_in_list", "null", "a JSON object was expected")
    yield beside("list_in_list", f"[{one}]", "a JSON object was expected")
    yield beside("key_twice", with_key + f', "{key}": 2}}', f"the key «{key}» is there twice")
    yield beside("nested_key_twice", with_key + ', "x": {"a": {"b": 1, "b": 2}}}', "the key «b» is there twice")
    yield beside("not_a_number", with_key + ', "n": NaN}', "NaN is no JSON")
    yield beside("infinity", with_key + ', "n": [-Infinity]}', "-Infinity is no JSON")
    yield beside("half_a_character", with_key + ', "n": "\\ud800"}', "half of a surrogate pair")
    yield beside("latin_1", with_key + ', "n": "Z\udcfcrich"}', "not UTF-8 at character")
    yield beside("deep_5000", with_key + f', "n": {deep[5000]}}}', "nested too deep")
    yield beside("deep_100000", with_key + f', "n": {deep[100_000]}}}', "nested too deep")
    yield beside("long_digits_and_key_twice", with_key + f', "{key}": {"9" * 5000}}}', "is there twice")
    shouted = f', "{key.upper()}": "other"}}' if key.upper() != key else f', "{key.lower()}": "other"}}'
    yield Hostile(place("key_twice_in_another_case"), f"[{one},\n{with_key}{shouted},\n{other}]".encode(), None, ((2, key.lower() if is_table else None, "is there twice, also as"),), 2)
    for fault, odd in (
        ("deep_300", with_key + f', "n": {deep[300]}}}'), ("huge_number", with_key + ', "n": 1E+400}'), ("many_digits", with_key + f', "n": {"9" * 5000}}}'),
        ("long_text", with_key + f', "n": "{"x" * 500_000}"}}'), ("zero_character", with_key + ', "n": "a\\u0000b"}'), ("escapes", with_key + ', "n": "\\\\\\"\\u200b\\ufeff\\t\\\\t"}'),
        ("odd_keys", with_key + ', "": 1, " ": 2, "=cmd": 3, "{{ x }}": 4, "a\\nb": 5, "\'; drop": 6, "é": 7}'),
    ):  # fmt: skip
        yield Hostile(place(fault), f"[{one},\n{odd},\n{other}]".encode(), None, (), 3)
    yield Hostile(place("deep_990"), f'[{one},\n{with_key}, "n": {deep[990]}, "s": "\\ud83d\\ude00"}}]'.encode())
    lists = f"[{one},{other}]"
    for fault, content, count in (
        ("lines", f"{one}\n{other}\n", 2), ("lists_behind_each_other", lists + "\ufeff" + f"[{json.dumps(item | {'x': 9})}]", 3), ("value", f'{{"value": {lists}}}', 2),
        ("next_page", f'{{"value": {lists}, "nextLink": "https://x"}}', 2), ("empty_list", "[]", 0), ("empty_value", '{"value": []}', 0), ("cr_lines", f"{one}\r{other}\r", 2),
        ("one_object", one, 1), ("mark", "\ufeff" + lists, 2),
    ):  # fmt: skip
        yield Hostile(place(fault), content.encode(), None, (), count)
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"):
        yield Hostile(place(encoding), lists.encode(encoding), None, (), 2)
    yield Hostile(place("utf16_wrong_mark"), b"\xff\xfe" + lists.encode("utf-16-be"), None, (), 2)
    yield Hostile(place("bad_line"), f"{one}\nno json\n{other}\n{one[:half]}".encode(), None, ((2, None, "not a JSON object"), (4, None, "not a JSON object")), 2)
    for fault, content, told in foreign():
        yield Hostile(place(fault), content, told)
    for fault, content, told, ending in wrapped(lists.encode(), "a.json"):
        yield Hostile(place(fault, "json" + ending), content, told, (), None if told else 2)


def document_faults(folder):
    """Hostile(s) of a kind of document."""
    yield from json_faults(lambda fault, ending="json": base.document_place(folder, fault, ending), base.ITEMS[folder], {"x": 1}, False)


def record_faults(kind):
    """Hostile(s) of a kind of table as JSON."""
    yield from json_faults(lambda fault, ending="json": base.place(kind, "json_" + fault, ending), base.GOOD[kind], {"x": 1}, True)


def name_faults():
    """Hostile(s) with the names of files: each is read, and none is mixed up with another."""
    for number, name in enumerate(texts.FILE_NAMES):
        change = {"tags": f"name {number}"}
        yield Hostile(f"daily_rated_usage/hostile/{name.format(e='csv', E='CSV')}", base.table("daily_rated_usage", change), None, (), 1)
        item = base.ITEMS["role_assignments"] | {"x": f"name {number}"}
        yield Hostile(f"role_assignments/hostile/{base.SUBSCRIPTION}/{name.format(e='json', E='JSON')}", json.dumps([item]).encode(), None, (), 1)
    members = [(name.format(e="csv", E="CSV"), base.table("price_sheet", {"tags": name})) for name in texts.FILE_NAMES]
    yield Hostile("price_sheet/hostile/members_2026-07-01.zip", zipped(*members, ("../../up.csv", base.table("price_sheet", {"tags": "up"})), ("/etc/x.csv", base.table("price_sheet", {"tags": "root"}))))
    for name, told in (
        ("hostile_usage.csv", "no kind of file is read from"), ("role_assignment/x.json", "did you mean role_assignments/?"), ("usage 2026.xlsx", "did you mean daily_rated_usage/?"),
        ("price_sheet/hostile/prices.xlsx", "save it as CSV"), ("fx_rates/hostile/rates.txt", "not a kind of file"), ("partner_directory/hostile/agreement.csv", "did you mean agreements.csv?"),
        ("daily_rated_usage/hostile/usage.parquet", "not a kind of file"), ("lighthouse/hostile/list.csv", "its columns are those of fx_rates"), ("=cmd|x.csv", "no kind of file is read from"),
        ("{{ x }}/a.csv", "no kind of file is read from"),
    ):  # fmt: skip
        yield Hostile(name, base.table("fx_rates"), told)


def parquet_faults():
    """Hostile(s) of Cost Management's Parquet files."""
    good = base.GOOD["cost_management"]
    literal = {name: "'" + value.replace("'", "''") + "'" for name, value in good.items()}

    def select(**changes):
        return "select " + ", ".join(f'{value} as "{name}"' for name, value in (literal | changes).items())

    odd = {
        "double_nan": select(quantity="'nan'::double"), "double_inf": select(unitprice="'inf'::double", quantity="1e300::double"), "blob": select(quantity="'\\xff\\x00'::blob"),
        "struct": select(tags="{'a': [1, null]}", additionalinfo="map {'k': 'v'}"), "list": select(date="[1, 2]"), "infinite_date": select(date="'infinity'::date"),
        "old_date": select(date="'0044-03-15 (BC)'::date"), "time": select(date="timestamptz '9999-12-31 00:00:00+00'"), "interval": select(quantity="interval 1 day"),
        "nulls": "select " + ", ".join(f'null::varchar as "{name}"' for name in good), "decimal": select(quantity="99999999999999999999999999999999999999::decimal(38, 0)"),
        "more": select(**{"=cmd": "1", "file_row": "2", "Quantity ": "3"}),
    }  # fmt: skip
    for fault, query in odd.items():
        yield Hostile(base.place("cost_management", f"parquet_{fault}", "parquet"), parquet(query), None, (), 1)
    whole = parquet(select())
    yield Hostile(base.place("cost_management", "parquet_clash", "parquet"), parquet(select(file_row_number="1")), "cannot be read as Parquet")
    yield Hostile(base.place("cost_management", "parquet_cut", "parquet"), whole[:-20], "cannot be read as Parquet")
    yield Hostile(base.place("cost_management", "parquet_damaged", "parquet"), whole[:4] + bytes(200) + whole[204:], None)
    yield Hostile(base.place("cost_management", "parquet_head", "parquet"), b"PAR1", "cannot be read as Parquet")
    yield Hostile(base.place("cost_management", "parquet_csv", "parquet"), base.table("cost_management"), "no Parquet file, whatever its name says")
    yield Hostile(base.place("cost_management", "parquet_html", "parquet"), HTML, "an HTML page")
    yield Hostile(base.place("cost_management", "parquet_other", "parquet"), parquet(), "lacks the column")
    yield Hostile(base.place("cost_management", "parquet_empty", "parquet"), b"", "no Parquet file")
