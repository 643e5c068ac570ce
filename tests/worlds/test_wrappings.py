"""Any wrapping or encoding of a landing zone gives the marts of the plain one, row for row: all columns but those that name files."""

import os

import duckdb
from project import warehouse as w
from project.marts import FLOOR, surplus
import pytest
import worlds
from worlds.wrappings import PLAIN_TEXTS, rewrap_zone

# What names a file, or says how many bytes it has and on which line of it a record stands.
OF_FILES = {"source_file", "source_files", "evidence_files", "file_id", "line_number", "as_of"}  # and when a build saw it
SEEDS = range(1, 1 + int(os.environ.get("PEC_WRAPPED_WORLDS", "1")))


def marts_of(connection, warehouse, side):
    """Copies the marts into a schema of the connection, without the columns of files: their names."""
    connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
    connection.execute(f"create schema {side}")
    names = [name for (name,) in connection.execute(
        "select table_name from information_schema.tables where table_catalog = 'warehouse' and table_schema = 'marts' order by all"
    ).fetchall()]  # fmt: skip
    for name in names:
        columns = [row[0] for row in connection.execute(f"describe warehouse.marts.{name}").fetchall()]
        kept = ", ".join(column for column in columns if column not in OF_FILES)
        if name == "landed_files":
            # Of files: what of each kind is read and counts. A manifest is no file of data.
            kept = "kind, exported_at, is_in_force, record_count, archived_count, rejected_count, problem"
        if name.startswith("data_quality"):
            kept = "distinct check_name, status"  # findings name files
        where = "where kind != 'manifest' and problem is null" if name == "landed_files" else ""
        if name == "pec_unresolved_access":
            kept = kept.replace("item_id", "case when reason != 'unread_shape' then item_id end as item_id")  # a file and a line
        connection.execute(f"create table {side}.{name} as select {kept} from warehouse.marts.{name} {where}")
    connection.execute("detach warehouse")
    return names


@pytest.mark.parametrize("seed", SEEDS)
def test_a_zone_in_any_wrapping_says_the_same(seed, tmp_path):
    plain, wrapped = tmp_path / "plain", tmp_path / "wrapped"
    worlds.write_world(seed, plain)
    used = rewrap_zone(plain, wrapped, seed)
    assert set(PLAIN_TEXTS) <= set(used) and {"zip", "gz of several members", "upper case", "lines", "data", "pages as lines"} <= set(used), used
    one, other = w.build(plain, tmp_path / "one"), w.build(wrapped, tmp_path / "other")
    with duckdb.connect() as connection:
        names = marts_of(connection, one, "one")
        assert marts_of(connection, other, "other") == names
        found = [(name, rows[:3]) for name in names for rows in [surplus(connection, name, "one", "other") + surplus(connection, name, "other", "one")] if rows]
        assert found == []
        assert all(connection.execute(f"select count(*) from one.{name}").fetchone()[0] >= least for name, least in FLOOR.items())
