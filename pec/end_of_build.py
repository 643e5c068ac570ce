"""What is done when a build ends (the macro end_build): months are settled, the summary is printed, and a whole green build is published."""

import pathlib

from pec import acknowledgements, damage, places, progress, publication, report, summary, workbook

# What people read beside the data: see publication.publish().
DOCUMENTS = {"report.html": report.write, "pec.xlsx": workbook.write}


class BuildHeld(Exception):
    """The build is green and not published, as checks hold it. The text says which."""


def end(connection, run, versions):
    """Ends a run of dbt.

    connection: DuckDB's, to the warehouse, in no transaction.
    run: dictionary: statuses {dbt's unique_id: status}, messages (of all results), needed (ids of all models, seeds and
        tests), is_build (not only run), began_at (a datetime),
        marts (names), storage_version, kept (of publication.publish()), judged_by (variables by which claims are judged).
    versions: of project.versions().  PublicationError, BuildHeld: nothing was published.
    """
    damage.tell("ERROR", damage.note(places.warehouse(), run["messages"]))
    is_whole = is_whole_green_build(run)
    publication_id = run["began_at"].strftime(publication.ID)
    if is_whole:
        settle_months(connection, publication_id)
    progress.now(None)
    summary.show("\n".join(summary.lines(connection, run["statuses"], places.warehouse())))
    if is_whole:
        stop_if_held(connection)
        try:
            publish(connection, run, publication_id, versions)
        except publication.PublicationError as error:
            damage.tell("ERROR", damage.note(places.warehouse(), [str(error)]))
            raise
        progress.now(None)
    for line in summary.red(run["statuses"]) or summary.next_steps(connection, run["statuses"]):
        summary.show(line)
    report = pathlib.Path(places.published(), "report.html")
    if is_whole and report.exists():
        summary.show(f"See it: {report}")


def is_whole_green_build(run):
    """Whether every model, seed and data test took part in a build (unit tests may be left out) and passed. run: of end()."""
    return run["is_build"] and all(run["statuses"].get(node) in ("success", "pass") for node in run["needed"])


def settle_months(connection, publication_id):
    """Notes that all months are as their inputs say. pec night builds again when this build was not published.

    connection, publication_id: of publication.publish().
    """
    connection.execute("begin")
    connection.execute("delete from build_state.settled_months")
    connection.execute("insert into build_state.settled_months by name from intermediate.int_month_fingerprints")
    connection.execute("create or replace table build_state.last_green_build as select ?::varchar as publication_id", [publication_id])
    connection.execute("commit")


def stop_if_held(connection):
    """Says which checks of marts.data_quality hold a build. BuildHeld: some do."""
    held = connection.execute("select check_name, found, what_to_do from marts.data_quality where status = 'hold' order by check_name").fetchall()
    for name, found, what_to_do in held:
        summary.show(f"HELD by {name}: {found}. {what_to_do}")
    if held:
        raise BuildHeld(
            f"Built and tested, but not published: {len(held)} checks of marts.data_quality hold. What is published stays as it is. Repair the input, or let "
            "what was found pass with pec acknowledge, and build again (docs/operations.md, Gates)."
        )


def publish(connection, run, publication_id, versions):
    """Publishes the marts, and notes which contents the next build may prune. Arguments: of end() and publication.publish()."""
    (as_of_date,) = connection.execute("select as_of_date::varchar from intermediate.int_as_of_date").fetchone()
    folder = publication.publish(
        connection, publication.Places(places.archive(), places.published()), publication_id, marts=run["marts"],
        changes="from intermediate.int_resource_month_changes order by resource_month_id", documents=DOCUMENTS,
        storage_version=run["storage_version"], kept=run["kept"],
        about={
            "built_at": run["began_at"].isoformat(), "landing_zone": places.landing_zone(), "archive": places.archive(), "as_of_date": as_of_date,
            **run["judged_by"], **versions,
        },
    )  # fmt: skip
    summary.show(f"Published: {places.published()} (report.html for people; pec.duckdb and parquet/ for BI tools).")
    if folder.name != publication_id:
        connection.execute("update build_state.last_green_build set publication_id = ?", [folder.name])
        summary.show(f"WARNING: the clock is behind the newest publication; this one is called {folder.name}. Set the clock right.")
    connection.execute(
        "create or replace table build_state.contents_to_prune as "
        "select distinct content_id from intermediate.int_usage_exported_groups where is_content_to_prune"
    )
    acknowledgements.keep_published(connection, places.archive())
