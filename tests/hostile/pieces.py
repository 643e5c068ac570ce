"""What hostile files are made of: the file itself, what is no export at all, and wrappings that hold something else than they seem."""

import bz2
import gzip
import io
import lzma
import pathlib
import sqlite3
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass

import duckdb

from . import base

HTML = b"<!DOCTYPE html>\r\n<html><head><title>Sign in</title></head><body>Customer, Product; \"please\" sign in</body></html>\r\n"
XML = b'<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthenticationFailed</Code><Message>Server failed, to authenticate</Message></Error>'


@dataclass(frozen=True)
class Hostile:
    """A hostile file.

    path: in the landing zone.  content: its bytes.  told: what its problem must say, when the whole of it is set aside; else None.
    rejected: [(line, column or None, text)] of the records that the archive rejects.  archived: how many it keeps; None: any number.
    """

    path: str
    content: bytes
    told: str | None = None
    rejected: tuple = ()
    archived: int | None = None


def zipped(*members, mode=zipfile.ZIP_DEFLATED):
    """A zip. members: (name, bytes)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", mode) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def office(*names):
    """A zip that looks like a document of an office program."""
    return zipped(*((name, b"<x/>") for name in names))


def encrypted(name, content):
    """A zip whose member claims to be encrypted."""
    packed = bytearray(zipped((name, content)))
    packed[6] |= 1  # the local header's flag
    packed[packed.index(b"PK\x01\x02") + 8] |= 1  # the directory's
    return bytes(packed)


def tarred(content):
    """A tar archive with a file."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("a.csv")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def parquet(select="select 1 as a, 'x' as b"):
    """A Parquet file with the rows of a query."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "made.parquet"
        duckdb.execute(f"copy ({select}) to '{path}' (format parquet)")
        return path.read_bytes()


def sqlite():
    """A SQLite database."""
    connection = sqlite3.connect(":memory:")
    connection.execute("create table t(a)")
    return connection.serialize()


def foreign():
    """(fault, bytes, what must be said) of files that are no export at all, whatever their name says."""
    text = base.table("fx_rates")
    return [
        ("html", HTML, "an HTML page"),
        ("html_with_comment", b"<!-- portal -->\n" + HTML, "an HTML page"),
        ("html_utf16", HTML.decode().encode("utf-16"), "an HTML page"),
        ("html_in_gz", gzip.compress(HTML), "an HTML page"),
        ("xml", XML, "XML («Error»)"),
        ("excel_xml", b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="x"></Workbook>', "XML («Workbook»)"),
        ("pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>\nendobj\n", "a PDF document"),
        ("xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an Excel file"),
        ("xlsx", office("[Content_Types].xml", "xl/workbook.xml"), "an Excel or Office file"),
        ("ods", office("mimetype", "content.xml", "META-INF/manifest.xml"), "an Excel or Office file"),
        ("numbers", office("Index/Document.iwa", "preview.jpg"), "an Excel or Office file"),
        ("tar", tarred(text), "a tar archive"),
        ("tar_gz", gzip.compress(tarred(text)), "a tar archive"),
        ("bzip2", bz2.compress(text * 9), "compressed with bzip2"),
        ("xz", lzma.compress(text), "compressed with xz"),
        ("7z", b"7z\xbc\xaf\x27\x1c\0\4" + bytes(60), "a 7-Zip archive"),
        ("rar", b"Rar!\x1a\x07\x01\x00" + bytes(60), "a RAR archive"),
        ("zstd", b"\x28\xb5\x2f\xfd\x04\x58" + bytes(20), "compressed with zstd"),
        ("sqlite", sqlite(), "a SQLite database"),
        ("png", b"\x89PNG\r\n\x1a\n" + bytes(40), "a picture"),
        ("jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF", "a picture"),
        ("zeros", bytes(5000), "nothing but zero bytes"),
        ("one_zero", b"\0", "nothing but zero bytes"),
        ("lfs", b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n", "a pointer of Git LFS"),
        ("elf", b"\x7fELF\2\1\1" + bytes(30), "a program"),
        ("certificate", b"-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n", "an encrypted message"),
    ]


def wrapped(content, name):
    """(fault, bytes, what must be said or None, ending) of wrappings that hold something else than they seem. name: of the file inside."""
    packed = gzip.compress(content)
    return [
        ("empty_zip", zipped(), "an empty zip", ""),
        ("zips_in_a_zip", zipped((name, zipped((name, zipped((name, content)))))), "a zip inside another wrapping", ".zip"),
        ("gz_of_a_zip", gzip.compress(zipped((name, content))), "a zip inside another wrapping", ".gz"),
        ("zip_of_a_page", zipped((name, HTML)), "an HTML page", ".zip"),
        ("zip_of_a_pdf", zipped(("invoice.pdf", b"%PDF-1.7")), "not a kind of file", ".zip"),
        ("zip_of_a_workbook", zipped((name, office("[Content_Types].xml"))), "an Excel or Office file", ".zip"),
        ("encrypted_zip", encrypted(name, content), "encrypted", ".zip"),
        ("cut_zip", zipped((name, content))[:-30], "a damaged zip", ".zip"),
        ("damaged_zip", zipped((name, content)).replace(b"PK\x01\x02", b"PK\x01\x09"), "a damaged zip", ".zip"),
        ("cut_gz", packed[: len(packed) // 2], "its compression is cut off", ".gz"),
        ("damaged_gz", packed[:20] + b"\xff\xff\xff" + packed[23:], "its compression is damaged", ".gz"),
        ("gz_and_text", packed + b"and more text", "its compression is damaged", ".gz"),
        ("gz_of_nothing", b"\x1f\x8b\x08\0", "its compression is cut off", ".gz"),
        ("gz_many_times", gzip.compress(gzip.compress(gzip.compress(gzip.compress(gzip.compress(content))))), "compressed many times over", ".gz"),
        ("text_named_gz", content, None, ".gz"),
        ("gz_without_its_ending", packed, None, ""),
        ("gz_in_zip", zipped((name + ".gz", packed)), None, ".zip"),
        ("zip_with_hidden_files", zipped(("__MACOSX/._x.csv", b"x"), (".hidden", b"x"), (name, content)), None, ".zip"),
    ]  # fmt: skip
