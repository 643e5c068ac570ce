"""Looks at the landing zone, archives what is new, and returns the archive's manifest (pec/archive)."""


def model(dbt, session):
    import os

    from pec import acknowledgements, archive, history, places, progress, publication

    folder = places.archive()
    update = archive.update(
        places.landing_zone(), folder, reading=progress.reading,
        threads=int(os.environ.get("PEC_THREADS") or 2), temp_directory=os.environ.get("PEC_TEMP_DIRECTORY") or None,
    )  # fmt: skip
    progress.archived(update)
    observations = update.observations
    history.prepare(folder)
    acknowledgements.prepare(folder)
    publication.recover(publication.Places(folder, places.published()))
    archive.prune(folder, to_prune(session, observations))
    manifest = archive.as_relation(session, observations)
    numbers = [row["observation_number"] for row in observations]
    held = archive.with_is_held(archive.Store(folder), observations)
    pruned = [bool(row["archive_file"]) and not row["is_held"] for row in held]
    session.execute(
        "create or replace temp table archive_notes as select unnest(?::bigint[]) as observation_number, unnest(?::boolean[]) as is_pruned",
        [numbers, pruned],
    )
    return manifest.join(session.table("archive_notes"), "observation_number").order("observation_number")


def to_prune(session, observations):
    """Ids of contents of this archive whose lines the last published build could do without (int_usage_exported_groups)."""
    known = {row["content_id"] for row in observations if row["kind"] == "daily_rated_usage" and row["archive_file"]}
    noted = session.execute("select 1 from duckdb_tables() where (schema_name, table_name) = ('build_state', 'contents_to_prune')").fetchall()
    return known & {row[0] for row in session.execute("from build_state.contents_to_prune").fetchall()} if noted else set()
