"""How values become text."""

import csv
import gzip
import io
import json


def iso(instant: str) -> str:
    """Spell an instant as the Azure CLI does."""
    return instant.replace("Z", ".000000+00:00")


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def csv_text(rows: list, quoting: int = csv.QUOTE_MINIMAL) -> str:
    """Rows with CRLF, as the exports have them."""
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def gzipped(content: bytes) -> bytes:
    """Compress without a file name and a time, so that the same content gives the same file."""
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as file:
        file.write(content)
    return packed.getvalue()
