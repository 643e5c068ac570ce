"""pec unite: the published marts of several warehouses as those of one (docs/tenants.md).

A partner may build one warehouse per partner tenant. What is united is a folder behind a link, like one that a build publishes: pec.duckdb,
parquet/<mart>.parquet and publication.json.
"""

import json
import os
import pathlib
import shutil
from datetime import datetime, timezone

import duckdb

from pec import progress, publication
from pec.archive.problems import reason_of
from pec.archive.store import literal_path, quoted, sync
from pec.unite.marts import MARTS, PER_WAREHOUSE
from pec.unite.refusals import MADE_BY, UniteError, stop_at_other_versions, stop_at_what_is_shared

KEPT = 2  # folders of unions: a reader keeps the one before the newest


def unite(united, published):
    """Unites what several warehouses have published; returns {mart: rows}.

    united: path of the link to write; the folder that it names is in <name>.publications beside it.
    published: paths of two or more published folders (PEC_PUBLISHED); messages and the column published_folder name them so.
    UniteError: these cannot be united; the link is not touched.  publication.PublicationError: the link cannot be written.
    """
    places = publication.Places(united, united)
    if places.link.exists() and not (places.link.is_symlink() and "united" in record_of(places.link)):
        raise UniteError(f"{united} is not what an earlier pec unite wrote; name a path that nothing else uses")
    # A build may publish meanwhile: all is read from the folders that the links name now.
    folders = {str(name): pathlib.Path(os.path.realpath(name)) for name in published}
    if len(set(folders.values())) < max(len(published), 2):
        raise UniteError("pec unite takes two or more published folders, each once; name that of each warehouse (PEC_PUBLISHED)")
    records = {name: record_of(folder) for name, folder in folders.items()}
    if any("united" in record for record in records.values()):
        raise UniteError("what pec unite wrote is not united again; name those of the warehouses themselves")
    stop_at_other_versions(records)
    first = next(iter(records))
    publication_id = datetime.now(timezone.utc).strftime(publication.ID)
    beside = places.folders / f".{publication_id}"
    try:
        with duckdb.connect() as connection:
            gather(connection, folders)
            stop_at_what_is_shared(connection)
            describe(connection, folders[first])
            (beside / "parquet").mkdir(parents=True)
            rows = publication.copy_marts(connection, beside, list(MARTS), records[first]["storage_version"])
        origin = {name: {key: record[key] for key in ("publication_id", "built_at", "landing_zone")} for name, record in records.items()}
        about = {key: records[first].get(key) for key in MADE_BY} | {"publication_id": publication_id, "united": origin, "marts": rows}
        (beside / "publication.json").write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        for path in sorted(beside.rglob("*"), reverse=True):
            sync(path)
        os.rename(beside, places.folders / publication_id)
    except (duckdb.Error, OSError) as error:
        raise UniteError(f"nothing was united, and {united} was not touched: {reason_of(error)}; put that right, and unite again") from error
    finally:
        progress.now(None)
        shutil.rmtree(beside, ignore_errors=True)
    publication.swap(places, publication_id)
    publication.remove_old(places, KEPT)
    return rows


def record_of(folder):
    """The content of the publication.json of a published folder. folder: a path.  UniteError: there is none."""
    try:
        return json.loads((pathlib.Path(folder) / "publication.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UniteError(f"{folder} is no published folder: {error}; name the path that a build printed behind Published") from error


def gather(connection, folders):
    """Makes a view every.<mart> of the rows of all warehouses, and a view marts.<mart> of the united ones.

    connection: DuckDB's, to an empty database.  folders: {name: path}.
    """
    connection.execute("create schema every; create schema marts")
    for mart, sql in MARTS.items():
        files = {name: literal_path(str(folder / "parquet" / f"{mart}.parquet")) for name, folder in folders.items()}
        parts = (f"select {quoted(name)} as published_folder, * from read_parquet({quoted(file)})" for name, file in files.items())
        connection.execute(f"create view every.{mart} as {' union all '.join(parts)}")
        connection.execute(f"create view marts.{mart} as {sql.format(every=f'every.{mart}')}")


def describe(connection, folder):
    """Gives the united marts the descriptions of a published folder, and makes those views of other marts that are so there.

    connection: with the views of gather().  folder: path.
    """
    connection.execute(f"attach {quoted(folder / 'pec.duckdb')} as described (read_only)")
    views = connection.execute("select view_name, comment, sql from duckdb_views() where database_name = 'described' and not internal").fetchall()
    tables = connection.execute("select table_name, comment from duckdb_tables() where database_name = 'described'").fetchall()
    columns = connection.execute("select table_name, column_name, comment from duckdb_columns() where database_name = 'described'").fetchall()
    connection.execute("detach described")
    for name, _, sql in views:
        connection.execute(f"drop view marts.{name}")
        connection.execute(sql)
    for name, comment in [*tables, *((name, comment) for name, comment, _ in views)]:
        connection.execute(f"comment on view marts.{name} is {quoted(comment)}")
    columns += [(name, "published_folder", "Published folder of the warehouse of the row.") for name, sql in MARTS.items() if sql == PER_WAREHOUSE]
    for name, column, comment in columns:
        if comment:
            connection.execute(f'comment on column marts.{name}."{column}" is {quoted(comment)}')
