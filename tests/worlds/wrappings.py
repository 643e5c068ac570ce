"""One landing zone in the wrappings in which exports really arrive: encodings, marks, packings and layouts. The records stay as they are."""

import gzip
import io
import os
import pathlib
import random
import shutil
import zipfile

from pec.archive import jsontext
from pec.archive.problems import Quarantine

MARK = "\ufeff"
# Lists of which one file is one list: their layout says nothing. (Usage files of the same content are one file: theirs stays.)
DOCUMENTS = ("role_assignments", "deny_assignments", "lighthouse", "role_schedules", "activity_log")
PLAIN_TEXTS = ("utf-8", "utf-8 with a mark", "utf-16 with a mark", "utf-16-le", "utf-16-be", "marks on all lines", "mark on the first record")


def rewrap_zone(zone: pathlib.Path, target: pathlib.Path, seed: int) -> dict[str, int]:
    """Write a zone anew, each file in a wrapping of its own; how often each wrapping was used. Dates and modification times stay."""
    rng = random.Random(f"{seed}-wrappings")
    used: dict[str, int] = {}
    for path in sorted(path for path in zone.rglob("*") if path.is_file()):
        name = path.relative_to(zone).as_posix()
        content, name, wrappings = rewrapped(rng, path.read_bytes(), name)
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        shutil.copystat(path, file)
        for wrapping in wrappings:
            used[wrapping] = used.get(wrapping, 0) + 1
    for folder in sorted(path for path in target.iterdir() if path.is_dir() and path.name != "partner_directory"):
        (folder / rng.choice(("manifest.json", "_manifest.json"))).write_text('{"blobs": [{"name": "x"}], "value": [{"id": "no data"}]}')
    return used


def rewrapped(rng: random.Random, stored: bytes, name: str) -> tuple[bytes, str, list[str]]:
    """(bytes, name, wrappings) of a file in another wrapping; of one that cannot be read, itself."""
    try:
        plain = gzip.decompress(stored) if stored.startswith(b"\x1f\x8b") else stored
        text = plain.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError):
        return stored, name, []
    bare = name.removesuffix(".gz")
    layout = "as it was"
    if bare.split("/")[0] in DOCUMENTS:
        text, layout = laid_out(rng, text)
    encoding = rng.choice(PLAIN_TEXTS)
    packing, content, name = packed(rng, encoded(encoding, text), bare)
    return content, name, [layout, encoding, packing]


def laid_out(rng: random.Random, text: str) -> tuple[str, str]:
    """(text, layout) of a list in another layout; every item stays the text that it is."""
    try:
        document = jsontext.parse(text)
    except Quarantine:
        return text, "as it was"
    items = [text[item.start : item.end] for item in document.items]
    if any(item.reason for item in document.items) or document.has_next_page:
        return text, "as it was"
    layouts = ["array", "value", "Value", "data", "pages as lines"] + ["lines", "arrays put together"] * (len(items) > 1)
    layout = rng.choice(layouts)
    # Line ends inside an item: a line of JSON lines is one line.
    flat = [item.replace("\r", " ").replace("\n", " ") for item in items]
    half = len(items) // 2
    first, second = ",".join(flat[:half]), ",".join(flat[half:])
    texts = {
        "array": f"[{', '.join(items)}]",
        "value": f'{{"value": [{",".join(items)}], "nextLink": null}}',
        "Value": f'{{"Value": [{",".join(items)}], "Count": {len(items)}}}',
        "data": f'{{"count": {len(items)}, "data": [{",".join(items)}], "skip_token": null, "total_records": {len(items)}}}',
        "pages as lines": f'{{"value":[{first}]}}\n{{"value":[{second}]}}\n',
        "lines": "\n".join(flat),
        "arrays put together": f"[{first}]{rng.choice(('', MARK))}[{second}]",
    }
    return texts[layout], layout


def encoded(encoding: str, text: str) -> bytes:
    """A text in an encoding."""
    first, end, rest = text.partition("\n")
    if encoding == "marks on all lines":
        return (MARK + text.replace("\n", "\n" + MARK)).encode()
    if encoding == "mark on the first record":
        return f"{first}{end}{MARK if end else ''}{rest}".encode()
    if encoding == "utf-8 with a mark":
        return (MARK + text).encode()
    return text.encode("utf-16" if encoding == "utf-16 with a mark" else encoding)


def packed(rng: random.Random, content: bytes, name: str) -> tuple[str, bytes, str]:
    """(packing, bytes, name) of a file."""
    packing = rng.choice(("plain", "gz", "gz of several members", "gz under a plain name", "plain under a .gz name", "zip", "upper case"))
    file = name.rsplit("/", 1)[1]
    half = len(content) // 2
    if packing == "gz":
        return packing, gzip.compress(content, mtime=0), f"{name}.gz"
    if packing == "gz of several members":
        return packing, gzip.compress(content[:half], mtime=0) + gzip.compress(content[half:], mtime=0), f"{name}.gz"
    if packing == "gz under a plain name":
        return packing, gzip.compress(content, mtime=0), name
    if packing == "plain under a .gz name":
        return packing, content, f"{name}.gz"
    if packing == "zip":
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("__MACOSX/._" + file, b"\0\5\x16\7")
            archive.writestr(rng.choice(("", "export/run/")) + file, content)
        return packing, out.getvalue(), f"{name}.zip"
    if packing == "upper case":
        stem, ending = os.path.splitext(name)
        return packing, content, stem + ending.upper()
    return packing, content, name
