"""A fuzzer of whole landing zones: a small random world, of which several files at once are damaged in bytes, lines, cells, keys, wrappings and names."""

import csv
import gzip
import io
import json
import os
import pathlib
import random
import zipfile

import worlds

from . import texts

# Pieces of bytes that mean something to one of the readers.
PIECES = (
    b'"', b'""', b",", b";", b"\t", b"|", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"{", b"}", b"[", b"]", b":", b"\\", b"\\u0000", b"\\ud800", b"null",
    b"NaN", b"1e999", b"=1+1", b"{{ x }}", b"{% raw %}", b"'", b"--", b"/*", b"\x1f\x8b", b"PK\x03\x04", b"<html>", b"%PDF-", b"infinity", b"-1", b"0", b"9" * 40, b"\xe9",
)  # fmt: skip
ENCODINGS = ("latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32", "cp037")
# What a build cannot do without: the tests of a zone in which nothing is left to read prove nothing.
MOST_DAMAGED = 0.5


def damaged_zone(seed, zone):
    """Writes a world of a seed into a folder, damages some of its files, and returns what was done to which: [(path, [names of damages])]."""
    rng = random.Random(f"{seed}-hostile")
    zone = pathlib.Path(zone)
    worlds.write_world(seed, zone)
    files = sorted(path for path in zone.rglob("*") if path.is_file())
    spared = {next(path for path in files if path.parent.name == folder or folder in path.parts) for folder in ("daily_rated_usage", "price_sheet")}
    chosen = [path for path in files if path not in spared and rng.random() < rng.choice((0.1, MOST_DAMAGED))]
    done = []
    for path in chosen:
        names = []
        for _ in range(rng.choice((1, 1, 2, 5))):
            content = path.read_bytes()
            is_json = ".json" in path.name
            damage = rng.choice(ANY + (OF_JSON if is_json else OF_TABLES) * 2)
            changed = damage(rng, content)
            names.append(damage.__name__)
            rewrite(path, changed)
        if rng.random() < 0.2:
            renamed(rng, zone, path)
            names.append("renamed")
        done.append((path.relative_to(zone).as_posix(), names))
    return done


def rewrite(path, content):
    """Writes a file's new bytes; its time stays."""
    stat = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def renamed(rng, zone, path):
    """Gives a file another name, ending or folder; one that is taken is left alone."""
    ending = path.name.split(".", 1)[-1]
    name = rng.choice((
        rng.choice(texts.FILE_NAMES).format(e=ending, E=ending.upper()), path.name + ".gz", path.name + ".zip", path.name.split(".")[0], path.stem + " (1)" + path.suffix,
        path.name.replace(".csv", ".json"), path.name.replace(".json", ".csv"), path.name.replace("2026", "9999"), path.name.replace("-", ""),
    ))  # fmt: skip
    folder = rng.choice([path.parent, path.parent, zone / rng.choice(sorted(os.listdir(zone)))])
    target = folder / name
    if folder.is_dir() and len(os.fsencode(name)) < 255 and not target.exists():
        os.replace(path, target)


# -- damages of bytes --------------------------------------------------------------------------------------------------------------


def flipped(rng, content):
    """Some bytes are others."""
    changed = bytearray(content)
    for _ in range(rng.choice((1, 3, 20)) if changed else 0):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def inserted(rng, content):
    """Some pieces stand where nothing stood."""
    for _ in range(rng.choice((1, 2, 8))):
        place = rng.randint(0, len(content))
        content = content[:place] + rng.choice(PIECES) + content[place:]
    return content


def cut_out(rng, content):
    """A slice is missing."""
    place = rng.randint(0, len(content))
    return content[:place] + content[place + rng.choice((1, 2, 10, 100, 1000)) :]


def cut_off(rng, content):
    """The end is missing."""
    return content[: rng.randint(0, len(content))]


def repeated(rng, content):
    """A slice stands twice."""
    place, length = rng.randint(0, len(content)), rng.choice((1, 10, 500))
    return content[: place + length] + content[place:]


def zeroed(rng, content):
    """A block is zero, as after a crash."""
    place, length = rng.randint(0, len(content)), rng.choice((1, 16, 512, 1 << 20))
    return content[:place] + bytes(min(length, len(content) - place)) + content[place + length :]


def encoded_anew(rng, content):
    """The whole, or its end, is in another encoding."""
    text = content.decode("utf-8", "replace")
    place = rng.choice((0, 0, rng.randint(0, len(text))))
    return text[:place].encode() + text[place:].encode(rng.choice(ENCODINGS), "replace")


def wrapped_anew(rng, content):
    """Packed, and perhaps damaged."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(rng.choice(("a.csv", "a.json", "../a.csv", "x/y.pdf", "a.csv.gz")), content)
    packed = rng.choice((gzip.compress(content), gzip.compress(content) * 2, out.getvalue(), gzip.compress(out.getvalue())))
    return rng.choice((packed, flipped(rng, packed), cut_off(rng, packed)))


def replaced(rng, content):
    """Something else altogether."""
    return rng.choice((b"", b"\n", b"{}", b"[]", b"null", b"<html></html>", b"%PDF-1.4", bytes(50), b"a,b\n1,2\n", b'{"error": {"code": "x", "message": "y"}}', content[::-1]))


# -- damages of lines and cells ----------------------------------------------------------------------------------------------------


def lines_changed(rng, content):
    """Lines are missing, double, in another order, or end in another way."""
    lines = content.splitlines(keepends=True)
    for _ in range(rng.choice((1, 5))):
        if len(lines) < 3:
            break
        one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        match rng.randrange(5):
            case 0:
                del lines[one]
            case 1:
                lines.insert(other, lines[one])
            case 2:
                lines[one], lines[other] = lines[other], lines[one]
            case 3:
                lines[one] = lines[one].rstrip(b"\r\n") + rng.choice((b"\r", b"\n", b"\r\n", b"\n\r", b"\n\n", b""))
            case _:
                lines[one] = lines[one].replace(b",", rng.choice((b";", b"\t", b", ", b",,")))
    return b"".join(lines)


def cells_changed(rng, content):
    """Values of cells are hostile, and perhaps a column is another, or missing, or there twice."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error):
        return flipped(rng, content)
    if len(rows) < 2 or not rows[0]:
        return inserted(rng, content)
    for _ in range(rng.choice((1, 5, 50))):
        row = rng.choice(rows[1:])
        if row:
            row[rng.randrange(len(row))] = rng.choice(rng.choice((texts.TEXTS, texts.NUMBERS, texts.DATES, ("",))))
    column = rng.randrange(len(rows[0]))
    match rng.randrange(8):
        case 0:
            rows[0][column] = rng.choice(texts.TEXTS)
        case 1:
            rows[0][column] = rng.choice(rows[0])
        case 2:
            rows = [row[:column] + row[column + 1 :] for row in rows]
        case 3:
            value = rng.choice(rng.choice((texts.TEXTS, texts.NUMBERS, texts.DATES)))
            rows = rows[:1] + [row[:column] + [value] + row[column + 1 :] for row in rows[1:]]
    out = io.StringIO()
    csv.writer(out, delimiter=rng.choice(",,,;\t|"), quoting=rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))).writerows(rows)
    return out.getvalue().encode("utf-8", "replace")


# -- damages of JSON ---------------------------------------------------------------------------------------------------------------


def members_changed(rng, content):
    """Members of objects have other values, types or keys, or are missing or nested."""
    try:
        text = content.decode("utf-8-sig")
        values = [json.loads(text)] if text.lstrip()[:1] == "[" else [json.loads(line) for line in text.splitlines() if line.strip()]
    except (UnicodeDecodeError, ValueError, RecursionError):
        return flipped(rng, content)
    for _ in range(rng.choice((1, 5, 50))):
        holder, key = member_of(rng, values)
        if holder is None:
            break
        match rng.randrange(5):
            case 0 if isinstance(holder, dict):
                holder[rng.choice((key.upper(), key + " ", "id", "ID", "value", "nextLink", *texts.TEXTS))] = holder.pop(key)
            case 1:
                del holder[key]
            case 2:
                holder[key] = rng.choice((None, 0, -1, 1.5, True, [], {}, [None], [[]], {"value": []}, 10**30))
            case 3:
                holder[key] = rng.choice(([holder[key]], {"value": holder[key]}, json.dumps(holder[key]), {key if isinstance(key, str) else "x": holder[key]}))
            case _:
                holder[key] = rng.choice(rng.choice((texts.TEXTS, texts.NUMBERS, texts.DATES)))
    return "\n".join(json.dumps(value, ensure_ascii=rng.random() < 0.5) for value in values).encode("utf-8", "replace")


def member_of(rng, values):
    """(object or list, key or place) of a random member, found by a random walk down; (None, None) when there is none."""
    holder, key = None, None
    current = values
    while isinstance(current, (dict, list)) and current:
        holder = current
        key = rng.choice(list(holder)) if isinstance(holder, dict) else rng.randrange(len(holder))
        current = holder[key]
        if holder is not values and rng.random() < 0.3:
            break
    return holder, key


def numbers_changed(rng, content):
    """Numbers are no JSON, or keys stand twice."""
    find, put = rng.choice(((b": 1", b": NaN"), (b": null", b": -Infinity"), (b'": "', b'": 1e999, "x": "'), (b'{"', b'{"id": 1, "id": 2, "'), (b'"id"', b'"Id": 1, "id"'), (b"}", b"},"), (b"]", b",]")))
    return content.replace(find, put, rng.choice((1, 2, -1)))


ANY = (flipped, inserted, cut_out, cut_off, repeated, zeroed, encoded_anew, wrapped_anew, replaced, lines_changed)
OF_TABLES, OF_JSON = (cells_changed, lines_changed, cells_changed), (members_changed, numbers_changed, members_changed)
