"""Hostile files beside good ones in whole builds: green, each record in one place, every fault named, and the good files' marts as without them."""

import shutil

import duckdb
from hostile import corpus, told
from project import warehouse as w
from project.marts import surplus
import pytest

# The invented partner of the corpus, in any text of a row.
HOSTILE = "hostile|ffffffff-|xts"
# Columns that say when a build ran.
WHEN = {"as_of", "as_of_until", "restated_at"}


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """(files, warehouse, archive) of a build of the sample and all hostile files beside it."""
    folder = tmp_path_factory.mktemp("hostile")
    zone = shutil.copytree(w.SAMPLE, folder / "zone")
    files = [*corpus.layouts(), *corpus.values()]
    corpus.write(zone, files)
    warehouse = w.build(zone, folder / "build")
    return files, warehouse, w.archive_of(warehouse)


def test_each_record_has_one_place(build):
    _, warehouse, archive = build
    assert told.unbalanced(warehouse, archive) == []


def test_what_is_set_aside_or_rejected_is_named(build):
    files, warehouse, _ = build
    assert told.wrong_in_marts(files, warehouse)[:20] == []


def marts_of(connection, warehouse, side):
    """Copies the marts but those that name odd files (data_quality) into a schema, without columns that say when they were built, or how a row ranks among all: {name: SQL that joins its texts}."""
    connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
    connection.execute(f"create schema {side}")
    names = [name for (name,) in connection.execute(
        "select table_name from information_schema.tables where table_catalog = 'warehouse' and table_schema = 'marts' "
        "and table_name not like 'data_quality%' order by all"
    ).fetchall()]  # fmt: skip
    for name in names:
        columns = [row[0] for row in connection.execute(f"describe warehouse.marts.{name}").fetchall()]
        kept = ", ".join(f'"{column}"' for column in columns if column not in WHEN and column not in ("file_id", "repair_rank"))
        connection.execute(f"create table {side}.{name} as select {kept} from warehouse.marts.{name}")
    connection.execute("detach warehouse")
    return names


def test_the_marts_of_the_good_files_are_as_without_the_hostile_ones(build, sample):
    files, warehouse, _ = build
    named = {file.path.split("/")[0] for file in files}
    with duckdb.connect() as connection:
        names = marts_of(connection, sample, "plain")
        assert marts_of(connection, warehouse, "beside") == names
        found = []
        for name in names:
            found += [f"{name} lacks {row}" for row in surplus(connection, name, "plain", "beside")[:3]]
            others = [row for row in surplus(connection, name, "beside", "plain") if not is_hostile(name, row, named)]
            found += [f"{name} has {row}" for row in others[:3]]
        assert found == [], "\n".join(found)
        (charges,) = connection.execute("select count(*) from beside.fct_pec_charges_daily where source_file like '%/hostile/%'").fetchone()
        assert charges > 1000, "hostile files without an accepted line prove nothing"


def is_hostile(mart, row, folders):
    """Whether a row of a mart is about the corpus's partner, a file or folder that the corpus put into the zone, or a claim or group named by a text of it.

    The calendar has the years of its usage as well, and the list of partners each text that stood for one.
    """
    if mart in ("dim_date", "dim_partner"):
        return True
    texts = [str(value).lower() for value in row.values() if value is not None]
    named_by_a_text = mart == "pec_claims" and row["finding"] == "unknown_claim" or row.get("reason") == "unknown_group_name"
    return any(mark in text for text in texts for mark in HOSTILE.split("|")) or row.get("source_file") in folders or named_by_a_text
