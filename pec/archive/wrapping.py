"""From a stored file to plain UTF-8: gzip, zip and encodings. What a file is, is told by its first bytes, never by its name."""

import codecs
import hashlib
import os
import stat as stats
import zipfile
import zlib
from dataclasses import dataclass, field

from pec.archive.lines import CHUNK, Tally
from pec.archive.problems import Quarantine, reason_of

GZIP, ZIP, ZIP_EMPTY = b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06"
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
MOST_WRAPPINGS = 4
DOWNLOAD_AGAIN = "download it again"


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
    for chunk in chunks:
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
                yield plain
    if is_begun and not inflater.eof:
        if plain := inflater.flush():
            yield plain
    if not inflater.eof:
        raise Quarantine(f"its compression is cut off; {DOWNLOAD_AGAIN}")


def decoded(chunks):
    """(whether bytes were changed, chunks of UTF-8 without byte-order marks). Quarantine, while they are read: not the encoding of its mark."""
    head, chunks = peeked(chunks, 64)
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return True, recoded(chunks, mark, encoding)
    if not head.startswith(codecs.BOM_UTF8):
        return False, chunks
    plain = head
    while plain.startswith(codecs.BOM_UTF8):
        plain = plain[3:]
    return True, without_head(chunks, len(head) - len(plain))


def without_head(chunks, size):
    """Chunks without their first bytes, which the first chunk has whole."""
    for chunk in chunks:
        yield chunk[size:]
        break
    yield from chunks


def recoded(chunks, mark, encoding):
    """Chunks of UTF-8 from chunks of another encoding, which begin with its mark."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    is_first = True
    try:
        for chunk in chunks:
            text = decoder.decode(chunk[len(mark) :] if is_first else chunk)
            is_first = False
            yield text.encode()
        yield decoder.decode(b"", True).encode()
    except UnicodeError as error:
        raise Quarantine(f"not {encoding.upper()}, which its first bytes announce: {reason_of(error)}; {DOWNLOAD_AGAIN}") from error


def plain_chunks(chunks):
    """(whether bytes were changed, chunks of plain UTF-8) of a stored file or member of a zip, through all gzip around it."""
    is_changed = False
    for _ in range(MOST_WRAPPINGS):
        head, chunks = peeked(chunks, 4)
        if head.startswith((ZIP, ZIP_EMPTY)):
            raise Quarantine("a zip inside another wrapping; unpack it")
        if not head.startswith(GZIP):
            is_recoded, chunks = decoded(chunks)
            return is_changed or is_recoded, chunks
        is_changed, chunks = True, unzipped(chunks)
    raise Quarantine("compressed many times over; unpack it")


def take(chunks, path, copy, is_text):
    """The Plain content of chunks of a stored file.

    path: of the stored file, or None when it is a member of a zip.  copy: where a plain copy may be written; it is when the stored bytes are
    not the plain ones.  is_text: whether lines are to be counted.
    """
    is_changed, plain = plain_chunks(chunks)
    tally, digest = Tally(is_text), hashlib.sha256()
    if path is not None and not is_changed:
        for chunk in plain:
            digest.update(chunk)
            tally.add(chunk)
        return Plain(path, digest.hexdigest(), tally)
    with open(copy, "wb") as out:
        for chunk in plain:
            digest.update(chunk)
            tally.add(chunk)
            out.write(chunk)
    return Plain(copy, digest.hexdigest(), tally)


def take_file(path, copy, is_text):
    """(SHA-256 in hex of the stored bytes, Plain) of a landed file that is no zip. See take()."""
    stored = hashlib.sha256()
    with open_regular(path) as file:
        head, chunks = peeked(chunks_of(file), 64)
        is_stored_plain = not head.startswith((GZIP, codecs.BOM_UTF8, *(mark for mark, _ in MARKS)))
        # The digest of the stored bytes is that of the plain bytes when they are the same: one pass of SHA-256 is enough.
        plain = take(chunks if is_stored_plain else digested(chunks, stored), path, copy, is_text)
        if not is_stored_plain:
            for chunk in chunks_of(file):
                stored.update(chunk)
    return plain.digest if is_stored_plain else stored.hexdigest(), plain


def digest_of(path):
    """SHA-256 in hex of a file's bytes."""
    digest = hashlib.sha256()
    with open_regular(path) as file:
        for chunk in chunks_of(file):
            digest.update(chunk)
    return digest.hexdigest()


def members_of(archive):
    """The members of an open zip that may be exports: [(name as stored, unique name, ZipInfo)]. Quarantine: there is none."""
    if "[Content_Types].xml" in archive.namelist():
        raise Quarantine("an Excel or Office file; save it as CSV")
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
