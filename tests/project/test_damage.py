"""A damaged warehouse is known by what DuckDB says of it, and set aside: never deleted, and never a file that is whole."""

import os
import random

import duckdb
import pytest
from pec import damage

ROWS = 300_000


@pytest.fixture
def warehouse(tmp_path):
    """A warehouse of some blocks, with an archive."""
    path = str(tmp_path / "w.duckdb")
    with duckdb.connect(path) as connection:
        connection.execute(f"create table a as select i, hash(i) as h, 'text' || i as t from range({ROWS}) as x(i)")
    (tmp_path / "w.archive").mkdir()
    (tmp_path / "w.archive" / "archive.json").write_text("{}")
    return path


def archive(warehouse):
    return warehouse.replace(".duckdb", ".archive")


def overwrite(path, place, length=4096):
    """Overwrites a part of a file. place: share of its length."""
    with open(path, "r+b") as file:
        file.seek(int(os.path.getsize(path) * place))
        file.write(random.Random(place).randbytes(length))


def reading(warehouse):
    """What DuckDB says when all of a warehouse is read, or None."""
    try:
        with duckdb.connect(warehouse, read_only=True) as connection:
            assert connection.execute("select count(*), sum(h), count(t) from a").fetchone()[0] == ROWS
    except duckdb.Error as error:
        return str(error)
    return None


def test_a_whole_warehouse_stays(warehouse):
    before = os.stat(warehouse)
    assert damage.set_aside(warehouse, archive(warehouse)) is None
    assert damage.note(warehouse, ["Catalog Error: x", "Out of Memory Error: could not allocate block"]) is None
    assert os.stat(warehouse).st_mtime_ns == before.st_mtime_ns and sorted(os.listdir(os.path.dirname(warehouse))) == ["w.archive", "w.duckdb"]


@pytest.mark.parametrize("place", [0, 0.1, 0.2, 0.3, 0.9])
def test_damaged_blocks_are_noticed_when_they_are_read(warehouse, place):
    """The next build, or the one after it, sets the file aside. (Blocks in the middle are free here.)"""
    overwrite(warehouse, place)
    text = reading(warehouse)
    assert text and damage.is_damage(warehouse, text), text
    told = damage.set_aside(warehouse, archive(warehouse))
    if told is None:
        assert damage.set_aside(warehouse, archive(warehouse)) is None, "it opens: only a query tells"
        assert "the next build sets it aside" in damage.note(warehouse, ["Catalog Error: x", f"Runtime Error in model y\n  {text}\n  more"])
        told = damage.set_aside(warehouse, archive(warehouse))
    assert "makes a new one from the archive" in told and ".damaged" in told
    assert not os.path.exists(warehouse) and os.path.exists(warehouse + ".damaged")
    assert damage.set_aside(warehouse, archive(warehouse)) is None, "once"


@pytest.mark.parametrize("length", [0, 100, 10_000, 300_000, -300_000, -1])
def test_a_warehouse_that_was_cut_off_is_set_aside(warehouse, length):
    os.truncate(warehouse, length if length >= 0 else os.path.getsize(warehouse) + length)
    text = reading(warehouse)
    assert text and damage.is_damage(warehouse, text), text
    if damage.set_aside(warehouse, archive(warehouse)) is None:
        damage.note(warehouse, [text])
        assert damage.set_aside(warehouse, archive(warehouse))
    assert not os.path.exists(warehouse)


def test_its_log_goes_with_it(warehouse):
    overwrite(warehouse, 0)
    with open(warehouse + ".wal", "w") as file:
        file.write("x")
    assert damage.set_aside(warehouse, archive(warehouse))
    assert sorted(os.listdir(os.path.dirname(warehouse))) == ["w.archive", "w.duckdb.damaged", "w.duckdb.damaged.wal"]


def test_without_an_archive_nothing_is_renamed(warehouse):
    """It may be any file: somebody set PEC_WAREHOUSE to a wrong path."""
    overwrite(warehouse, 0)
    os.remove(os.path.join(archive(warehouse), "archive.json"))
    assert damage.set_aside(warehouse, archive(warehouse)) is None
    assert os.path.exists(warehouse)


def test_a_warehouse_that_another_process_has_open_is_not_touched(warehouse, monkeypatch):
    def locked(*_, **__):
        raise duckdb.IOException(f'IO Error: Could not set lock on file "{warehouse}": Conflicting lock is held in python (PID 1)')

    monkeypatch.setattr(duckdb, "connect", locked)
    assert damage.set_aside(warehouse, archive(warehouse)) is None


def test_damage_of_another_file_is_not_the_warehouse_s(warehouse):
    assert not damage.is_damage(warehouse, 'IO Error: Could not read enough bytes from file "/x/contents/price_sheet/1.parquet"')
    assert damage.is_damage(warehouse, f'IO Error: Could not read enough bytes from file "{warehouse}": attempted to read')
