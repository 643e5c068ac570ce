"""Downloads that went twice, and downloads that went wrong: copies of files, and files that are unreadable as a whole."""

import csv
import gzip
import io
import random
from datetime import date, datetime

from .knobs import COPIED, DAY, SPOILED, chance
from .truth import World
from .zone import Zone

SPOILED_MARK = " (2)"  # in the name of a file of which nothing can be read
NEEDED = ("usagedate", "quantity", "unitprice", "mpnid")


def copy_now_and_then(
    world: World, zone: Zone, path: str, content: bytes, modified: datetime | None = None, places: tuple = ("", "", "/downloads")
) -> None:
    """The same file once more: beside it, in a folder below, packed or unpacked, or all of that."""
    rng = world.rngs["copies"]
    if not world.has("copies") or not chance(rng, COPIED):
        return
    folder, name = path.rsplit("/", 1)
    stem, ending = name.removesuffix(".gz").split(".", 1)
    suffix, below = rng.choice((" (1)", " (1)", " - Copy", "")), rng.choice(places)
    is_packed = path.endswith(".gz") != (world.has("gz") and (chance(rng, 0.4) or not (suffix or below)))
    copy = f"{folder}{below}/{stem}{suffix}.{ending}{'.gz' if is_packed else ''}"
    if copy.endswith(".json"):
        copy += "l"  # what is packed as .json.gz is plain as .jsonl
    if copy != path:
        zone.write(copy, content, modified)


def spoil_now_and_then(world: World, zone: Zone, path: str, content: bytes, day: date) -> None:
    """Beside a usage file one that is unreadable as a whole: of the same day, or of a later one that nobody exported again."""
    rng = world.rngs["unreadable"]
    if not world.has("unreadable") or not chance(rng, SPOILED):
        return
    folder, name = path.rsplit("/", 1)
    ending = name.removesuffix(".gz").split(".", 1)[1]
    stem = name.split(".", 1)[0] if "latest" not in name and chance(rng, 0.5) else f"{name.split('_')[0]}_{day + rng.randint(1, 4) * DAY}"
    packing = ".gz" if world.has("gz") and (ending != "csv" or chance(rng, 0.25)) else ""
    wrong = spoiled(rng, f"{ending}{packing}", content)
    if wrong:
        zone.write_raw(f"{folder}/{stem}{SPOILED_MARK}.{ending}{packing}", wrong)


def spoiled(rng: random.Random, name: str, content: bytes) -> bytes | None:
    """The bytes of a usage file that went wrong, so that nothing in it can be read; None where its kind cannot go wrong as a whole.

    name: of the file, or its ending.  content: what it should have been, unpacked.
    """
    if name.endswith(".gz"):
        return cut_packed(rng, content)
    return rng.choice((cut_within_quotes, open_quote, without_needed_column))(rng, content) if name.endswith("csv") else None


def cut_packed(rng: random.Random, content: bytes) -> bytes:
    """A download that broke off, packed: from its second half a part is missing, or only its very end."""
    packed = gzip.compress(content, mtime=0)
    return packed[: rng.choice((rng.randrange(len(packed) // 2, len(packed)), len(packed) - 1))]


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def quoted(rows: list[list[str]], quoting: int) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, quoting=quoting).writerows(rows)
    return buffer.getvalue()


def cut_within_quotes(rng: random.Random, content: bytes) -> bytes:
    """A download that broke off, plain: its last field is open, in a line or as early as in the header."""
    text = quoted(rows_of(content), csv.QUOTE_ALL)
    header = text.index("\r\n")
    has_lines = len(text) > header + 5
    place = rng.randrange(header + 3, len(text)) if has_lines and not chance(rng, 0.2) else rng.randrange(1, header)
    while text.count('"', 0, place) % 2 == 0:
        place -= 1
    return text[:place].encode()


def open_quote(rng: random.Random, content: bytes) -> bytes:
    """A field that begins with a quote which nothing closes: the rest of the file is part of it."""
    rows = [[value.replace('"', "'").replace(",", ";") for value in row] for row in rows_of(content)]
    row, place = rng.randrange(len(rows)), rng.randrange(20)
    place = min(place, len(rows[row]) - 1)
    lines = [",".join(values) for values in rows]
    lines[row] = ",".join([*rows[row][:place], '"' + rows[row][place], *rows[row][place + 1 :]])
    return "\r\n".join([*lines, ""]).encode()


def without_needed_column(rng: random.Random, content: bytes) -> bytes:
    """An export of other columns: one that each line needs is not among them."""
    rows = rows_of(content)
    place = rng.choice([n for n, name in enumerate(rows[0]) if name.lower() in NEEDED])
    return quoted([row[:place] + row[place + 1 :] for row in rows], csv.QUOTE_MINIMAL).encode()
