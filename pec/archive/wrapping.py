"""From a stored file to plain UTF-8: gzip, zip and encodings. What a file is, is told by its first bytes, never by its name."""

import codecs
import hashlib
import os
import re
import stat as stats
import zipfile
import zlib
from dataclasses import dataclass, field

from pec.archive import foreign
from pec.archive.foreign import DOWNLOAD_AGAIN
from pec.archive.lines import CHUNK, Tally
from pec.archive.problems import Quarantine, reason_of

GZIP, ZIP, ZIP_EMPTY = b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06"
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
# Without a mark: the first two characters of a CSV or JSON file are ASCII, so every other byte is zero.
UNMARKED = (
    (re.compile(rb"[\t\n\r -~]\0[\t\n\r -~]\0"), "utf-16-le"), (re.compile(rb"\0[\t\n\r -~]\0[\t\n\r -~]"), "utf-16-be"),
    (re.compile(rb"(?:[\t\n\r -~]\0\0\0){2}"), "utf-32-le"), (re.compile(rb"(?:\0\0\0[\t\n\r -~]){2}"), "utf-32-be"),
)  # fmt: skip
LINE_MARK = re.compile(rb"([\r\n])(?:\xef\xbb\xbf)+")
LINE_END_OR_MARK = re.compile(rb"[\r\n](?:\xef\xbb\xbf)*(?:\xef\xbb?)?")
MOST_WRAPPINGS = 4
BINARY = "parquet"  # the reader of files that are no text
# A compressed file of a few kilobytes may hold terabytes of zeros. Exports shrink to a hundredth at the most.
MOST_UNPACKED, MOST_RATIO = 1 << 28, 250
# Two bytes of ASCII read as one character of UTF-16, so many in a row that even Chinese text has no such run.
ASCII_BYTES = (*b"\t\n\r", *range(0x20, 0x7F))
ASCII_PAIRS = re.compile("[" + "".join(f"{chr(h << 8 | 9)}{chr(h << 8 | 10)}{chr(h << 8 | 13)}{chr(h << 8 | 32)}-{chr(h << 8 | 126)}" for h in ASCII_BYTES) + "]{16}")


@dataclass
class Plain:
    """A file's plain content.

    path: of a file with the plain bytes, the landed file itself where it is plain already.  digest: SHA-256 in hex of the plain bytes.
    tally: counts over them.
    """

    path: str
    digest: str
    tally: Tally = field(default_factory=Tally)


def open_regular(path):
    """A regular file, opened to read its bytes. Quarantine: it is none, or cannot be opened."""
    try:
        # O_NONBLOCK: a pipe that took the file's place since it was looked at would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        if not stats.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise Quarantine("not a regular file; put an exported file there")
        return os.fdopen(descriptor, "rb")
    except OSError as error:
        raise Quarantine(f"cannot be opened: {reason_of(error)}; give the build the right to read it") from error


def magic_of(path):
    """The first four bytes of a file."""
    with open_regular(path) as file:
        return read(file, 4)


def read(file, size):
    """Bytes from a file. Quarantine: it cannot be read, or unpacked."""
    try:
        return file.read(size)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError) as error:
        raise Quarantine(f"cannot be read: {reason_of(error)}; {DOWNLOAD_AGAIN}") from error


def chunks_of(file):
    """The bytes of a file, in chunks."""
    while chunk := read(file, CHUNK):
        yield chunk


def digested(chunks, digest):
    """The same chunks; each is added to a digest as it passes."""
    for chunk in chunks:
        digest.update(chunk)
        yield chunk


def peeked(chunks, size):
    """(the first bytes, at least size unless there are fewer; the chunks again)."""
    chunks = iter(chunks)
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= size:
            break
    return head, chain(head, chunks)


def chain(head, chunks):
    """Chunks with some bytes before them."""
    if head:
        yield head
    yield from chunks


def unzipped(chunks):
    """The plain bytes of a gzip stream, of one member or of several. Quarantine: it is cut off or damaged."""
    inflater = zlib.decompressobj(31)
    is_begun = False
    stored = unpacked = 0
    for chunk in chunks:
        stored += len(chunk)
        while chunk:
            if inflater.eof:
                chunk = chunk.lstrip(b"\0")  # some writers fill a file up with zeros
                if not chunk:
                    break
                inflater, is_begun = zlib.decompressobj(31), False
            try:
                plain = inflater.decompress(chunk, 4 * CHUNK)
            except zlib.error as error:
                raise Quarantine(f"its compression is damaged: {reason_of(error)}; {DOWNLOAD_AGAIN}") from error
            is_begun = True
            chunk = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            if plain:
                unpacked += len(plain)
                refuse_bomb(unpacked, stored)
                yield plain
    if is_begun and not inflater.eof:
        if plain := inflater.flush():
            yield plain
    if not inflater.eof:
        raise Quarantine(f"its compression is cut off; {DOWNLOAD_AGAIN}")


def refuse_bomb(unpacked, stored):
    """Quarantine: what was unpacked is so much more than what was stored that no export compresses so. Both in bytes."""
    if unpacked > MOST_UNPACKED and unpacked > MOST_RATIO * stored:
        raise Quarantine(f"unpacks to more than {MOST_RATIO} times its size, as no export does; unpack it and put the plain file there")


def bounded(chunks, stored):
    """The same chunks of a zip's member. stored: its size in the zip, in bytes.  Quarantine: see refuse_bomb()."""
    unpacked = 0
    for chunk in chunks:
        unpacked += len(chunk)
        refuse_bomb(unpacked, stored)
        yield chunk


def refuse_foreign(head, reader):
    """Quarantine: the first bytes of a file are those of another kind of file. head: bytes.  reader: of the file."""
    what = foreign.by_bytes(head, reader)
    if what:
        raise Quarantine(what)


def encoding_of(head):
    """(byte-order mark, encoding) of text that is not UTF-8, by its first bytes; the mark is empty where there is none. None: it is UTF-8."""
    for mark, encoding in MARKS:
        if head.startswith(mark):
            # A mark of the other byte order than the text behind it: the text tells.
            return mark, unmarked_encoding(head[len(mark) :]) or encoding
    encoding = unmarked_encoding(head)
    return (b"", encoding) if encoding else None


def unmarked_encoding(head):
    """The encoding of text of two or four bytes a character, by its first characters; None if they do not tell."""
    return next((encoding for pattern, encoding in UNMARKED if pattern.match(head)), None)


def decoded(chunks):
    """(whether bytes were changed, chunks of UTF-8). Quarantine, while they are read: not the encoding that its first bytes tell."""
    head, chunks = peeked(chunks, 64)
    found = encoding_of(head)
    return (True, recoded(chunks, *found)) if found else (False, chunks)


def without_marks(chunks):
    """Chunks of UTF-8 without byte-order marks at the begin of a line. Files that were put together have them inside."""
    rest = b"\n"  # stands for the line end before the first line
    is_first = True
    for chunk in chunks:
        chunk, rest = rest + chunk, b""
        place = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        if place >= 0 and LINE_END_OR_MARK.fullmatch(chunk, place):
            chunk, rest = chunk[:place], chunk[place:]  # marks may go on in the next chunk
        if codecs.BOM_UTF8 in chunk:
            chunk = LINE_MARK.sub(rb"\1", chunk)
        if is_first and chunk:
            chunk, is_first = chunk[1:], False  # the line end that was added, with or without marks behind it
        if chunk:
            yield chunk
    rest = LINE_MARK.sub(rb"\1", rest)
    yield rest[1:] if is_first else rest


def recoded(chunks, mark, encoding):
    """Chunks of UTF-8 from chunks of another encoding, which begin with its mark, or without one."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    is_first = True
    try:
        for chunk in chunks:
            text = decoder.decode(chunk[len(mark) :] if is_first else chunk)
            is_first = False
            if ASCII_PAIRS.search(text):
                raise Quarantine(f"of mixed encodings: it begins as {encoding.upper()} and goes on as UTF-8; save it in one encoding")
            yield text.encode()
        yield decoder.decode(b"", True).encode()
    except UnicodeError as error:
        raise Quarantine(
            f"not {encoding.upper()}, which its first bytes announce, or cut off: {reason_of(error)}; save it as UTF-8, or {DOWNLOAD_AGAIN}"
        ) from error


def plain_chunks(chunks, reader):
    """Chunks of plain content, in UTF-8 if it is text, of a stored file or member of a zip, through all gzip around it. reader: of the file."""
    for _ in range(MOST_WRAPPINGS):
        head, chunks = peeked(chunks, foreign.MOST_LOOKED_AT)
        if head.startswith((ZIP, ZIP_EMPTY)):
            raise Quarantine("a zip inside another wrapping; unpack it")
        if not head.startswith(GZIP):
            refuse_foreign(head, reader)
            return chunks if reader == BINARY else without_marks(decoded(chunks)[1])
        chunks = unzipped(chunks)
    raise Quarantine("compressed many times over; unpack it")


def take(chunks, copy, reader):
    """The Plain content of chunks of a stored file or member of a zip, written to a copy.

    copy: path that may be written.  reader: of the file; lines are counted of CSV only.
    """
    tally, digest = Tally(reader == "csv"), hashlib.sha256()
    with open(copy, "wb") as out:
        for chunk in plain_chunks(chunks, reader):
            digest.update(chunk)
            tally.add(chunk)
            out.write(chunk)
    return Plain(copy, digest.hexdigest(), tally)


def take_as_it_is(chunks, path, reader):
    """The Plain content of a file that is plain already, without a copy; None if it has byte-order marks inside.

    The digest of the stored bytes is that of the plain bytes then: one pass of SHA-256 is enough.
    """
    tally, digest, end = Tally(reader == "csv"), hashlib.sha256(), b""
    for chunk in chunks:
        if reader != BINARY and (codecs.BOM_UTF8 in chunk or codecs.BOM_UTF8 in end + chunk[:2]):
            return None
        end = (end + chunk)[-2:]
        digest.update(chunk)
        tally.add(chunk)
    return Plain(path, digest.hexdigest(), tally)


def take_file(path, copy, reader):
    """(SHA-256 in hex of the stored bytes, Plain) of a landed file that is no zip. See take()."""
    with open_regular(path) as file:
        head, chunks = peeked(chunks_of(file), foreign.MOST_LOOKED_AT)
        if not head.startswith(GZIP):
            refuse_foreign(head, reader)
        if not head.startswith(GZIP) and (reader == BINARY or not encoding_of(head)):
            plain = take_as_it_is(chunks, path, reader)
            if plain:
                return plain.digest, plain
    stored = hashlib.sha256()
    with open_regular(path) as file:
        plain = take(digested(chunks_of(file), stored), copy, reader)
        for chunk in chunks_of(file):
            stored.update(chunk)
    return stored.hexdigest(), plain


def digest_of(path):
    """SHA-256 in hex of a file's bytes."""
    digest = hashlib.sha256()
    with open_regular(path) as file:
        for chunk in chunks_of(file):
            digest.update(chunk)
    return digest.hexdigest()


def copy_as_it_is(file, copy):
    """Writes the bytes of a file to a copy, with nothing unwrapped. copy: path that may be written."""
    with open(copy, "wb") as out:
        for chunk in chunks_of(file):
            out.write(chunk)


def members_of(archive):
    """The members of an open zip that may be exports: [(name as stored, unique name, ZipInfo)]. Quarantine: there is none."""
    listed = set(archive.namelist())
    if "[Content_Types].xml" in listed or {"mimetype", "content.xml"} <= listed or any(name.endswith(".iwa") for name in listed):
        raise Quarantine("an Excel or Office file, whatever its name says; save it as CSV")
    members, seen = [], {}
    for info in archive.infolist():
        parts = info.filename.replace("\\", "/").split("/")
        if info.is_dir() or any(part.startswith(".") or part == "__MACOSX" for part in parts):
            continue
        seen[info.filename] = seen.get(info.filename, 0) + 1
        unique = info.filename if seen[info.filename] == 1 else f"{info.filename}#{seen[info.filename]}"
        members.append((parts[-1], unique.encode("utf-8", "backslashreplace").decode(), info))
    if not members:
        raise Quarantine("an empty zip; download it again")
    return members
