"""What a file is that is no export, by its first bytes or its text: a page, a picture, an archive of another tool. Only for messages.

A user who reads «lacks the column customerid» looks for a column; what came was the sign-in page of a portal.
"""

import re

DOWNLOAD_AGAIN = "download it again"
SAVE_AS_CSV = "save it as CSV, UTF-8"
# First bytes -> what such a file is, and the remedy. The longer of two that begin alike stands first.
SIGNATURES = (
    (b"%PDF-", "a PDF document", "download the export itself"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel file (.xls) or another Office document", SAVE_AS_CSV),
    (b"PK\x07\x08", "a part of a zip in several parts", "put the parts together and put the unpacked file there"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it, or pack it as .zip or .gz"),
    (b"Rar!\x1a\x07", "a RAR archive", "unpack it, or pack it as .zip or .gz"),
    (b"\xfd7zXZ\x00", "compressed with xz", "unpack it, or pack it as .zip or .gz"),
    (b"BZh", "compressed with bzip2", "unpack it, or pack it as .zip or .gz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "unpack it, or pack it as .zip or .gz"),
    (b"\x04\x22\x4d\x18", "compressed with lz4", "unpack it, or pack it as .zip or .gz"),
    (b"\xff\x06\x00\x00sNaPpY", "compressed with snappy", "unpack it, or pack it as .zip or .gz"),
    (b"\x1f\x9d", "compressed with compress (.Z)", "unpack it, or pack it as .zip or .gz"),
    (b"MSCF", "a CAB archive", "unpack it, or pack it as .zip or .gz"),
    (b"Obj\x01", "an Avro file", SAVE_AS_CSV),
    (b"ORC", "an ORC file", SAVE_AS_CSV),
    (b"ARROW1", "an Arrow file", SAVE_AS_CSV),
    (b"SQLite format 3\x00", "a SQLite database", SAVE_AS_CSV),
    (b"\x89PNG\r\n\x1a\n", "a picture (PNG)", "download the export itself"),
    (b"\xff\xd8\xff", "a picture (JPEG)", "download the export itself"),
    (b"GIF8", "a picture (GIF)", "download the export itself"),
    (b"{\\rtf", "a text document (RTF)", SAVE_AS_CSV),
    (b"\x7fELF", "a program", "download the export itself"),
    (b"MZ\x90\x00", "a program", "download the export itself"),
    (b"-----BEGIN ", "a key, a certificate or an encrypted message", "download the export itself"),
    (b"version https://git-lfs.github.com/", "a pointer of Git LFS in place of the file", "fetch the file itself with: git lfs pull"),
)  # fmt: skip
PARQUET, DUCKDB, TAR = b"PAR1", (8, b"DUCK"), (257, b"ustar")
# Signatures of few letters: a text may begin so, and is none if its first bytes are text throughout.
SHORT = (b"BZh", b"ORC", b"MSCF", b"Obj\x01")
MOST_LOOKED_AT = 512

HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|script|meta|title|div|table|h1|p)\b", re.IGNORECASE)
XML_ROOT = re.compile(r"<\s*([A-Za-z_][\w:.-]*)")


def by_bytes(head, reader):
    """What a file of other bytes than its reader takes is, with the remedy, or None. head: its first bytes.  reader: 'csv', 'json' or 'parquet'."""
    if reader == "parquet":
        if head.startswith(PARQUET):
            return None
        page = by_text(head.decode("utf-8", "replace"))
        what = f"but {page}" if page else "whatever its name says"
        return named(head) or f"no Parquet file, {what}; {DOWNLOAD_AGAIN}"
    if head.startswith(PARQUET):
        return "a Parquet file under another name; give it the ending .parquet if its folder reads that, else export it as CSV"
    return named(head)


def named(head):
    """What a file is by a signature in its first bytes, with the remedy, or None."""
    for signature, what, remedy in SIGNATURES:
        if head.startswith(signature) and not (signature in SHORT and is_text(head)):
            return f"{what}, not an export; {remedy}"
    if head[DUCKDB[0] :].startswith(DUCKDB[1]) and not is_text(head):
        return f"a DuckDB database, not an export; {SAVE_AS_CSV}"
    if head[TAR[0] :].startswith(TAR[1]):
        return "a tar archive, not an export; unpack it, or pack it as .zip or .gz"
    if head and not head.strip(b"\0"):
        return f"nothing but zero bytes: a copy of it was interrupted; {DOWNLOAD_AGAIN}"
    return None


def is_text(head):
    """Whether bytes are text: no control character but blanks and line ends."""
    return not re.search(rb"[\0-\x08\x0e-\x1f]", head)


def by_text(text):
    """What a text is that is neither CSV nor JSON, or None. text: its beginning, at least."""
    begin = text.lstrip("\ufeff \t\r\n")[:MOST_LOOKED_AT]
    if HTML.match(begin) or begin.startswith("<!--") and HTML.search(begin):
        return "an HTML page, perhaps a sign-in or error page"
    if begin.startswith("<?xml") or re.match(r"<[A-Za-z][^<>]*>", begin):
        root = XML_ROOT.search(begin.rsplit("?>", 1)[-1])
        return f"XML («{root[1][:40]}»): an error message, or a file of another program" if root else "XML: a file of another program"
    return None


def not_json(text):
    """What a text is that is no JSON, or None when nobody can say. text: the whole of it."""
    found = by_text(text)
    if found:
        return found
    first, second = [*(line.strip() for line in text.lstrip("\ufeff \t\r\n")[:MOST_LOOKED_AT].splitlines()), "", ""][:2]
    if re.fullmatch(r"-{3,}(?:\s+-{3,})*", second):
        return "a table for people (az writes it with -o table; JSON with -o json)"
    if first.startswith(("- ", "---")) or re.fullmatch(r"[A-Za-z_]\w*:(?:\s.*)?", first):
        return "YAML (az writes it with -o yaml; JSON with -o json)"
    if not first.startswith(("{", "[", '"{')) and max(map(first.count, ",;\t|")) >= 2:
        return "a table with separators (CSV, or az with -o tsv) under the name of a JSON file"
    return None
