"""What is published is whole and old or whole and new, whatever a run is killed at. That only whole green builds publish: test_green_builds.py."""

import hashlib
import json
import os
import pathlib

import duckdb
import pytest
from pec import cli, history, publication
from pec.archive import health, store
from project import warehouse as w

CHANGES = "select * from kept_changes"


@pytest.fixture
def places(tmp_path):
    """Publications of an archive with nothing in it."""
    history.prepare(tmp_path / "w.archive")
    return publication.Places(tmp_path / "w.archive", tmp_path / "w.published")


def publish(places, number, amount=1, **options):
    """Publishes a mart of two rows as publication `number`."""
    with duckdb.connect() as connection:
        connection.execute("create schema marts; create table marts.statement (subscription_id varchar, usd decimal(38, 18))")
        connection.execute("insert into marts.statement values ('b', 2), ('a', ?)", [amount])
        connection.execute("create view marts.ids as select subscription_id from marts.statement")
        connection.execute("comment on table marts.statement is 'One row per subscription''s month.'")
        connection.execute("comment on column marts.statement.usd is 'In USD.'")
        columns = ", ".join(f"null::{kind} as {name}" for name, kind in history.COLUMNS.items())
        connection.execute(f"create table kept_changes as select {columns}")
        return publication.publish(
            connection, places, f"2026010{number}T000000000000", marts=["statement", "ids"], changes=CHANGES, about={"landing_zone": "z"}, **options
        )  # fmt: skip


def said(places):
    """What a reader of the link sees."""
    with duckdb.connect(str(places.link / "pec.duckdb"), read_only=True) as connection:
        return connection.execute("select subscription_id, usd::int from marts.statement").fetchall()


def assert_whole(places):
    """The link names a folder in which every file is as its publication.json says."""
    told = json.loads((places.link / "publication.json").read_text())
    assert set(told["files"]) == {"pec.duckdb", "parquet/statement.parquet", "parquet/ids.parquet"}
    for name, facts in told["files"].items():
        content = (places.link / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (facts["bytes"], facts["sha256"])


def test_a_publication_holds_the_marts_sorted_with_their_descriptions(places):
    publish(places, 1)
    assert_whole(places)
    assert said(places) == [("a", 1), ("b", 2)]
    with duckdb.connect(str(places.link / "pec.duckdb"), read_only=True) as connection:
        assert connection.execute("select comment from duckdb_tables() where table_name = 'statement'").fetchone() == ("One row per subscription's month.",)
        assert connection.execute("select comment from duckdb_columns() where column_name = 'usd'").fetchone() == ("In USD.",)
        assert connection.execute("select table_name from duckdb_tables()").fetchall() == [("statement",)]
        assert connection.execute("select subscription_id from marts.ids").fetchall() == [("a",), ("b",)], "a selection of a mart stays a view"
        assert connection.execute(f"select count(*) from '{places.link}/parquet/ids.parquet'").fetchone() == (2,)
        assert connection.execute("select tags->>'storage_version' from duckdb_databases() where database_name = 'pec'").fetchone()[0].startswith("v1.2")
    assert not os.path.isabs(os.readlink(places.link)), "the folder can be moved with its link"


def test_the_same_marts_give_the_same_parquet(places):
    first, second = publish(places, 1), publish(places, 2)
    for name in ("statement", "ids"):
        assert (first / "parquet" / f"{name}.parquet").read_bytes() == (second / "parquet" / f"{name}.parquet").read_bytes()


# Days of August 2026, as conditions.
PARTS = {str(day): f"= '2026-08-0{day}'" for day in (1, 2, 3)} | {f"1 to {day}": f"between '2026-08-01' and '2026-08-0{day}'" for day in (2, 3)} | {"null": "is null"}


@pytest.mark.parametrize(("most", "parts"), [(9, ["1 to 3", "null"]), (8, ["1 to 2", "3", "null"]), (5, ["1", "2", "3", "null"]), (2, ["1", "2", "3", "null"])])
def test_a_large_mart_is_copied_a_few_days_at_a_time(most, parts, places, monkeypatch):
    with duckdb.connect() as connection:
        connection.execute("create schema marts; create table marts.days as select date '2026-08-01' + (n % 3)::int as usage_date, n from range(9) t(n)")
        connection.execute("insert into marts.days values (null, 9)")
        monkeypatch.setattr(publication, "ROWS_PER_PART", most)
        said = publication.parts(connection, "days", ["usage_date", "n"], 10)
        assert said == ["\"usage_date\" " + PARTS[part] for part in parts]
        publication.copy_marts(connection, _folder(places), ["days"], "v1.2.0")
    with duckdb.connect(str(places.folders / "x" / "pec.duckdb")) as connection:
        assert connection.execute("select list(n) from marts.days").fetchone() == ([0, 3, 6, 1, 4, 7, 2, 5, 8, 9],)


def test_a_view_of_marts_is_a_view_in_the_copy_and_its_rows_keep_the_order_of_its_facts(places):
    with duckdb.connect() as connection:
        connection.execute("create schema marts; create schema intermediate; create table intermediate.names as select 1 as n, 'one' as name")
        connection.execute("create table marts.facts as select date '2026-08-01' + (7 * n % 100)::int as usage_date, n from range(3000) t(n)")
        connection.execute("create table marts.days as select date '2026-01-01' + n::int as date_day, n as number from range(300_000) t(n)")
        connection.execute("create view marts.wide as select f.*, d.number from marts.facts f left join marts.days d on f.usage_date = d.date_day")
        connection.execute("create view marts.named as select f.*, i.name from marts.facts f left join intermediate.names i using (n)")
        publication.copy_marts(connection, _folder(places), ["facts", "days", "wide", "named"], "v1.2.0")
    with duckdb.connect(str(places.folders / "x" / "pec.duckdb")) as connection:
        assert connection.execute("select view_name from duckdb_views() where not internal").fetchall() == [("wide",)], "names of the build are copied"
        assert connection.execute("select count(name) from marts.named").fetchone() == (1,)
    rows = duckdb.sql(f"from '{places.folders}/x/parquet/wide.parquet'").fetchall()
    assert len(rows) == 3000 and rows == sorted(rows), "the rows of a view are sorted like those of the mart that it widens"


def _folder(places):
    (places.folders / "x" / "parquet").mkdir(parents=True)
    return places.folders / "x"


# ---------------------------------------------------------------------------------------------------------------------
# Whole and old, or whole and new
# ---------------------------------------------------------------------------------------------------------------------

STEPS = ["mkdir", "copy_marts", "file_facts", "rename_folder", "record", "history", "symlink", "rename_link", "remove_old"]


class Killed(BaseException):
    """What stands for SIGKILL: nothing catches it."""


def kill_at(monkeypatch, step):
    """Lets a publication end at a step, before it or, for "after", behind the last."""
    def end(*_arguments, **_options):
        raise Killed

    def end_at(name, wanted, real):
        def act(source, target, *arguments, **options):
            if wanted in str(target):
                raise Killed
            return real(source, target, *arguments, **options)
        monkeypatch.setattr(os, name, act)

    if step in ("copy_marts", "file_facts", "remove_old"):
        monkeypatch.setattr(publication, step, end)
    elif step == "mkdir":
        monkeypatch.setattr(pathlib.Path, "mkdir", end)
    elif step == "symlink":
        monkeypatch.setattr(os, "symlink", end)
    else:
        end_at("rename", {"rename_folder": "/2026", "record": ".json", "history": ".parquet", "rename_link": ".published"}[step], os.rename)


@pytest.mark.parametrize("step", STEPS)
def test_a_publication_that_is_killed_leaves_the_old_or_the_new_one(step, places, monkeypatch):
    publish(places, 1)
    with monkeypatch.context() as patched:
        kill_at(patched, step)
        with pytest.raises(Killed):
            publish(places, 2, amount=5)
    assert_whole(places)
    assert said(places) == [("a", 5 if step == "remove_old" else 1), ("b", 2)]
    is_committed = step in ("symlink", "rename_link", "remove_old")
    assert len(places.committed()) == 1 + is_committed
    publication.recover(places)
    assert_whole(places)
    assert said(places) == [("a", 5 if is_committed else 1), ("b", 2)]
    assert places.existing() == places.committed() and not list(places.folders.glob(".*"))
    publish(places, 3, amount=7)
    assert said(places) == [("a", 7), ("b", 2)]


def test_a_disk_that_refuses_leaves_the_old_publication(places, monkeypatch):
    publish(places, 1)
    monkeypatch.setattr(publication.history, "keep", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(publication.PublicationError, match="No space left.*") as raised:
        publish(places, 2, amount=5)
    assert "nothing was published" in str(raised.value)
    assert said(places) == [("a", 1), ("b", 2)]


def test_a_reader_goes_on_undisturbed_and_sees_the_new_when_it_connects_again(places):
    publish(places, 1)
    with duckdb.connect(str(places.link.resolve() / "pec.duckdb"), read_only=True) as reader:
        for number in range(2, 9):
            publish(places, number, amount=number, kept=2)
        assert reader.execute("select usd::int from marts.statement").fetchall() == [(1,), (2,)], "its folder is gone, its file is open"
    assert said(places) == [("a", 8), ("b", 2)]
    assert len(places.existing()) == 2 and len(places.committed()) == 8


def test_what_is_no_link_is_not_overwritten(places):
    places.link.mkdir()
    with pytest.raises(publication.PublicationError, match="no symbolic link"):
        publish(places, 1)
    assert not places.committed()


def test_an_unknown_storage_version_is_refused(places):
    with pytest.raises(publication.PublicationError, match="v1.2.0, v1.0.0"):
        publish(places, 1, storage_version="v9")
    publish(places, 1, storage_version="v1.0.0")
    assert said(places) == [("a", 1), ("b", 2)]


# ---------------------------------------------------------------------------------------------------------------------
# Rollback
# ---------------------------------------------------------------------------------------------------------------------


def test_a_rollback_names_an_earlier_publication_and_forgets_the_later_ones(places):
    for number in (1, 2, 3):
        publish(places, number, amount=number)
    assert publication.rollback(places) == "20260102T000000000000"
    assert said(places) == [("a", 2), ("b", 2)]
    assert [row["status"] for row in publication.listing(places)] == ["rolled back", "current", "kept"]
    assert len(places.committed()) == 2, "the history no longer holds the third"
    publication.recover(places)
    assert said(places) == [("a", 2), ("b", 2)]
    assert publication.rollback(places, "20260101T000000000000") == "20260101T000000000000"
    with pytest.raises(publication.PublicationError, match="at most; no earlier"):
        publication.rollback(places)
    publish(places, 4, amount=4)
    assert said(places) == [("a", 4), ("b", 2)]


def test_a_rollback_to_what_is_not_there_is_refused(places):
    for number in (1, 2, 3):
        publish(places, number, amount=number, kept=2)
    with pytest.raises(publication.PublicationError, match="folder of 20260101T000000000000 is not there; choose one of 20260102T"):
        publication.rollback(places, "20260101T000000000000")
    with pytest.raises(publication.PublicationError, match="is no earlier publication"):
        publication.rollback(places, "20260103T000000000000")
    assert said(places) == [("a", 3), ("b", 2)]


# ---------------------------------------------------------------------------------------------------------------------
# Builds
# ---------------------------------------------------------------------------------------------------------------------


def test_a_whole_green_build_publishes_its_marts(sample):
    places = w.publications_of(sample)
    assert places.current() == places.due() is not None
    told = json.loads((places.link / "publication.json").read_text())
    names = {row["table_name"] for row in w.query(sample, "select table_name from information_schema.tables where table_schema = 'marts'")}
    assert set(told["marts"]) == names and len(names) > 15
    with duckdb.connect(str(places.link / "pec.duckdb"), read_only=True) as reader:
        for name in sorted(names):
            types = [(row["column_name"], row["column_type"]) for row in w.query(sample, f"describe marts.{name}")]
            assert [row[:2] for row in reader.execute(f"describe marts.{name}").fetchall()] == types
            assert told["marts"][name] == w.query(sample, f"select count(*) as n from marts.{name}")[0]["n"]
        total = reader.execute("select sum(pec_credit_usd) from marts.fct_pec_charges_daily").fetchone()[0]
        assert total == w.query(sample, "select sum(pec_credit_usd) as usd from marts.pec_monthly_statement")[0]["usd"] > 0
        without = reader.execute("select table_name, column_name from duckdb_columns() where schema_name = 'marts' and comment is null").fetchall()
        assert without == []


def test_publications_are_listed_and_the_only_one_stays(sample, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "build"
    w.moved_copy(sample, w.SAMPLE, folder)
    monkeypatch.setenv("PEC_WAREHOUSE", str(folder / "warehouse.duckdb"))
    monkeypatch.delenv("PEC_ARCHIVE", raising=False)
    assert cli.main(["publications"]) == 0
    assert "current" in capsys.readouterr().out
    assert cli.main(["rollback"]) == 1
    assert "nothing was rolled back" in capsys.readouterr().err


# ---------------------------------------------------------------------------------------------------------------------
# Damage, and the clock
# ---------------------------------------------------------------------------------------------------------------------


def test_a_clock_that_was_set_back_does_not_put_the_new_before_the_old(places):
    publish(places, 5, amount=5)
    first, second = publish(places, 3, amount=3), publish(places, 4, amount=4)
    assert [first.name, second.name] == ["20260105T000000000001", "20260105T000000000002"]
    assert said(places) == [("a", 4), ("b", 2)]
    publication.rollback(places)
    third = publish(places, 4, amount=9)
    assert third.name == "20260105T000000000003", "what was rolled back keeps its name"
    publication.recover(places)
    assert said(places) == [("a", 9), ("b", 2)]
    assert publish(places, 6).name == "20260106T000000000000"


def test_a_damaged_file_of_the_history_is_named(places):
    publish(places, 1)
    house = store.Store(places.archive)
    assert health.Ledger(house).damaged() == {}
    path = places.history / "20260101T000000000000.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert health.Ledger(house).damaged() == {"history/20260101T000000000000.parquet": "is damaged"}
