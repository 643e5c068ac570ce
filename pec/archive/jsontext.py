"""JSON as text: where each item of a document begins and ends, what it is, and whether it may be kept.

Python's decoder gives the end of a value, so an item is kept as the exact text of the file: numbers keep their digits.
"""

import functools
import json
import re
from dataclasses import dataclass, field

from pec.archive import foreign
from pec.archive.problems import Quarantine

# A byte-order mark stands between files that were put together.
SPACE = re.compile(r"[ \t\n\r\ufeff]*")
# A string that is never closed goes to the end, so that its text is not searched again from each quote in it.
TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
LIST_KEYS = ("value", "records", "data", "items")
# What stands beside the list in a page of an answer, besides a pointer to the next one.
PAGE_KEYS = {"count", "total_records", "totalrecords", "facets"}
NEXT_KEYS = ("nextlink", "odatanextlink", "nextpagelink", "next", "skiptoken", "continuationtoken")
# Resource Graph says so in words, also where it gives no pointer.
TRUNCATED = "resulttruncated"
ERROR_KEYS = {"error", "code", "message", "details", "target", "innererror", "correlationid", "timestamp"}
# What stands beside a list in an answer that failed: something by one of these names, unless it says nothing, or an HTTP status of an error.
ERROR = re.compile(r"errors?$")
STATUS_KEYS = {"status", "statuscode", "httpstatuscode", "code"}
ERROR_STATUS = re.compile(r'"?\s*[45]\d\d\b')
NOTHING = re.compile(r'null|false|0|""|\[\s*\]|\{\s*\}')
EXPORT_AGAIN = "export it again"
NESTED = "nested too deep to be read"
NEAR = 1 << 13  # characters in which most objects of a file of lines end


class Unfit(ValueError):
    """A value that JSON's rules or ours do not allow: a repeated key, NaN."""


class Cut(ValueError):
    """The text ends inside a value."""


class Number(str):
    """A number as it is written."""


def no_constant(name):
    """Refuses NaN and Infinity, which are no JSON."""
    raise Unfit(f"{name} is no JSON")


def object_of(pairs):
    """A dict of an object's pairs. Unfit: a key is repeated, so that nobody can say which value holds."""
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise Unfit(f"the key «{next(key for key in keys if keys.count(key) > 1)[:100]}» is there twice")
    return found


STRICT = json.JSONDecoder(object_pairs_hook=object_of, parse_constant=no_constant, parse_float=Number, parse_int=Number)
# Finds the end of what STRICT refuses.
LOOSE = json.JSONDecoder(parse_float=str, parse_int=str)


@dataclass(slots=True)
class Item:
    """A value of a file.

    start, end: places in the text.  value: decoded, or None; items of a list are kept without, since a large file's would fill the memory.
    reason: why it is rejected, or None.  keys: of an object, a tuple that all items of the same layout share.
    """

    start: int
    end: int
    value: object = None
    reason: str | None = None
    keys: tuple = ()

    def lightened(self):
        """The same item without its value."""
        if isinstance(self.value, dict):
            self.keys = shared(tuple(self.value))
        self.value = None
        return self


@functools.lru_cache(4096)
def shared(keys):
    """The same tuple for equal ones."""
    return keys


@dataclass
class Document:
    """The items of a file.

    is_whole: it was parsed to its end.  has_next_page: more items are in another file.  tells_pages: something beside them says whether it is so.
    """

    items: list = field(default_factory=list)
    is_whole: bool = True
    has_next_page: bool = False
    tells_pages: bool = False


def decode(text, start):
    """The Item that begins at a place. ValueError: no value begins there, or it has no end."""
    try:
        value, end = STRICT.raw_decode(text, start)
    except RecursionError:
        return Item(start, end_of_brackets(text, start), reason=NESTED)
    except Unfit as error:
        try:
            end = LOOSE.raw_decode(text, start)[1]
        except RecursionError:
            end = end_of_brackets(text, start)
        return Item(start, end, reason=str(error))
    return Item(start, end, value, reason_against(text[start:end], value))


def end_of_brackets(text, start):
    """The place behind the value whose bracket opens at a place. ValueError: it is never closed."""
    depth = 0
    for token in TOKEN.finditer(text, start):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
            if depth <= 0:
                return token.end()
    raise ValueError("a bracket is never closed")


def reason_against(source, value):
    """Why a value may not be kept, or None. source: its text.  value: decoded."""
    if not isinstance(value, dict):
        return "a JSON object was expected"
    try:
        source.encode()
    except UnicodeEncodeError as error:
        return f"not UTF-8 at character {error.start + 1} of the item; save the file as UTF-8"
    try:
        if "\\ud" in source or "\\uD" in source:
            text_of(value).encode()
    except UnicodeEncodeError:
        return "half of a surrogate pair, which is no character"
    except RecursionError:
        return NESTED
    held = value.get("properties", value.get("Properties"))
    return reason_against_keys(held) if isinstance(held, dict) else None


def reason_against_keys(value):
    """Why an object may not be kept: two of its keys differ in letter case only, and their values differ. None: it may be. value: a dict.

    Vendors vary the case of keys, so that nobody can say which of the two is meant.
    """
    first = {}
    for key, held in value.items() if len({key.lower() for key in value}) < len(value) else ():
        other = first.setdefault(key.lower(), key)
        if held != value[other]:
            return f"the key «{key[:100]}» is there twice, also as «{other[:100]}»"
    return None


def again(text, item):
    """The value of an item that is not rejected, decoded once more."""
    return STRICT.raw_decode(text, item.start)[0]


def text_of(value):
    """A decoded value as JSON text; numbers as they were written."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {text_of(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(text_of, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def space(text, place):
    """The place behind blanks."""
    return SPACE.match(text, place).end()


def expect(text, place, marks):
    """The character at a place, which must be one of marks. ValueError: it is not."""
    found = text[place : place + 1]
    if not found:
        raise Cut(f"{' or '.join(marks)} was expected, and the text ends")
    if found not in marks:
        raise ValueError(f"{' or '.join(marks)} was expected")
    return found


def items_of_list(text, start):
    """(Items, place behind) of the array that begins at a place. ValueError: it is damaged or cut off."""
    items, place = [], space(text, start + 1)
    if text[place : place + 1] == "]":
        return items, place + 1
    while True:
        item = decode(text, place)
        items.append(item.lightened())
        place = space(text, item.end)
        if expect(text, place, ",]") == "]":
            return items, place + 1
        place = space(text, place + 1)


def unwrap(text, start):
    """(Document, place behind) of the value that begins at a place: a list, a list in an object, or one object. ValueError: it is damaged."""
    if text[start : start + 1] == "[":
        items, end = items_of_list(text, start)
        return of_pages(text, items) or Document(items), end
    if text[start : start + 1] != "{":
        item = decode(text, start)
        return Document([item]), item.end
    item = decode(text, start)
    may_wrap = item.value is None or any(isinstance(value, list) and key.lower() in LIST_KEYS for key, value in item.value.items())
    # A wrapper is split once more, for the places of its items; it may also be that only one of them is unfit.
    found = wrapper(text, start) if may_wrap else None
    return found or (Document([item]), item.end)


def wrapper(text, start):
    """(Document, place behind) of an object with a list of items, or None: it is an item itself. ValueError: damaged. Quarantine: the list failed."""
    lists, others, written, keys = {}, {}, {}, []
    place = space(text, start + 1)
    while text[place : place + 1] != "}":
        if text[place : place + 1] != '"':
            return None
        key, place = LOOSE.raw_decode(text, place)
        place = space(text, place)
        expect(text, place, ":")
        place = space(text, place + 1)
        keys.append(key)
        if key.lower() in LIST_KEYS and text[place : place + 1] == "[":
            lists[key.lower()], place = items_of_list(text, place)
        else:
            item = decode(text, place)
            others[key.lower()], written[key.lower()], place = item.value, text[item.start : item.end], item.end
        place = space(text, place)
        if expect(text, place, ",}") == ",":
            place = space(text, place + 1)
    # An item may have a list of texts under such a name; a list of exports holds objects, or nothing.
    name = next((name for name in LIST_KEYS if name in lists and (not lists[name] or any(is_object(text, item) for item in lists[name]))), None)
    if name is None or len(keys) != len(set(keys)):
        return None
    if says_error(written):
        beside = ", ".join(f"{json.dumps(key)}: {value}" for key, value in written.items())
        raise Quarantine(f"an error message beside a list: {beside[:200]}; {EXPORT_AGAIN}")
    has_next_page = any(is_next(key, value) for key, value in others.items())
    return Document(lists[name], has_next_page=has_next_page, tells_pages=any(is_pointer(key) for key in others)), place + 1


def says_error(written):
    """Whether what stands beside a list says that it failed. written: key in lower case -> JSON text, which a value that may not be kept has, too."""
    if any(key in STATUS_KEYS and ERROR_STATUS.match(value) for key, value in written.items()):
        return True
    said = {re.sub("[^a-z]", "", key) for key, value in written.items() if not NOTHING.fullmatch(value)}
    return {"code", "message"} <= said or any(ERROR.search(key) for key in said)


def of_pages(text, items):
    """The Document of a list whose items are pages, {"value": […], "nextLink": …} each; None if it is a list of anything else.

    One of the pages must be the last: without a pointer to a next one.
    """
    pages = []
    for item in items:
        is_page = item.reason is not None or any(key.lower() in LIST_KEYS for key in item.keys)
        is_page = is_page and all(key.lower() in (*LIST_KEYS, *PAGE_KEYS) or is_pointer(key.lower()) for key in item.keys)
        try:
            found = wrapper(text, item.start) if is_page and is_object(text, item) else None
        except (ValueError, RecursionError):
            found = None
        if found is None:
            return None
        pages.append(found[0])
    if not pages:
        return None
    found = [item for page in pages for item in page.items]
    return Document(found, has_next_page=all(page.has_next_page for page in pages), tells_pages=any(page.tells_pages for page in pages))


def is_object(text, item):
    """Whether an item is an object, also one that is rejected."""
    return text[item.start] == "{"


def is_pointer(key):
    """Whether what stands beside a list under a key says whether there is a next page. key: in lower case."""
    return key == "links" or re.sub("[^a-z]", "", key) in (*NEXT_KEYS, TRUNCATED)


def is_next(key, value):
    """Whether it says that there is one. Partner Center's REST has it in links: {"self": {…}, "next": {…}}."""
    if key == "links":
        return isinstance(value, dict) and bool(value.get("next"))
    if re.sub("[^a-z]", "", key) == TRUNCATED:
        return str(value).lower() == "true"
    return is_pointer(key) and bool(value)


def parse(text):
    """The Document of a whole file's text, however it is laid out: one list, a list in an object, one object, or objects one after another.

    Quarantine: it is cut off, no JSON at all, or an error message.
    """
    place = space(text, 0)
    if place == len(text):
        raise Quarantine(f"empty: nothing was exported; {EXPORT_AGAIN}")
    try:
        document, end = unwrap(text, place)
        end = space(text, end)
    except (ValueError, RecursionError):
        return one_after_another(text, place, Document())
    if end < len(text):
        return one_after_another(text, place, Document())
    if len(document.items) == 1 and text[place] == "{":
        refuse_errors(document.items[0])
    document.items = [item.lightened() if item.value is not None else item for item in document.items]
    if text[place] not in "[{":
        raise Quarantine(f"one JSON value, not a list of objects; {EXPORT_AGAIN}")
    return document


def refuse_errors(item):
    """Quarantine: a document's only item is an error message in place of a list."""
    if item.value is None:  # an item of a list, or one that is rejected
        return
    keys = {key.lower() for key in item.value} if isinstance(item.value, dict) else set()
    if keys and keys <= ERROR_KEYS and ("error" in keys or {"code", "message"} <= keys):
        raise Quarantine(f"an error message in place of a list: {text_of(item.value)[:200]}; {EXPORT_AGAIN}")


def one_after_another(text, place, document):
    """As parse(), of objects one after another, such as JSON lines: what cannot be read is rejected up to the end of its line.

    Quarantine: something cannot be read, and most lines are no objects, so that nobody can say where the next one begins.
    """
    is_lines = None
    while place < len(text):
        try:
            found, end = unwrap_near(text, place)
            # Documents that were put together follow each other without a line end; anything else on the line is damage.
            if "\n" not in text[end : (behind := space(text, end))] and behind < len(text) and text[end] not in "{[\ufeff":
                raise ValueError("text behind the object")
            document.items += [item.lightened() if item.value is not None else item for item in found.items]
            document.has_next_page = document.has_next_page or found.has_next_page
            document.tells_pages = document.tells_pages or found.tells_pages
        except (ValueError, RecursionError) as error:
            is_lines = is_lines if is_lines is not None else has_json_lines(text)
            if not is_lines:
                found = foreign.not_json(text)
                what = f"no JSON, but {found}" if found else f"no JSON, or cut off: {damage_of(text)}"
                raise Quarantine(f"{what}; {EXPORT_AGAIN}") from error
            end = line_end(text, place)
            document.items.append(Item(place, end, reason=f"not a JSON object: {error}"))
        place = space(text, end)
    return document


def unwrap_near(text, place):
    """As unwrap(), of a part of the text that is long enough: for each damage Python's decoder counts the lines of all that it is given."""
    size = max(NEAR, line_end(text, place) - place)
    while True:
        part = text[place : place + size]
        try:
            document, end = unwrap(part, 0)
        except ValueError as error:
            is_at_end = isinstance(error, Cut) or getattr(error, "msg", "").startswith("Unterminated") or getattr(error, "pos", -1) >= len(part)
            if place + size >= len(text) or not is_at_end:
                raise
            size *= 8
            continue
        if end == len(part) and place + size < len(text) and part[-1] not in "]}":  # a number may go on
            size *= 8
            continue
        for item in document.items:
            item.start, item.end = item.start + place, item.end + place
        return document, place + end


def has_json_lines(text):
    """Whether a text has several lines of which at least half begin and end as an object does."""
    lines = [line for line in (line.strip("\ufeff \t\r\n") for line in text.splitlines()) if line]
    return len(lines) > 1 and sum(line.startswith("{") and line.endswith("}") for line in lines) * 2 >= len(lines)


def line_end(text, place):
    """The place of the end of the line that a place is in."""
    found = text.find("\n", place)
    return len(text) if found < 0 else found


def damage_of(text):
    """Where and why a text is no JSON."""
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return f"NUL bytes in line {line}, as when a file is put together of two encodings, or its copy was interrupted"
    place = space(text, 0)
    try:
        end = LOOSE.raw_decode(text, place)[1]
    except RecursionError:
        return NESTED
    except ValueError as error:
        return str(error)
    return f"text behind the value at character {end + 1}"
