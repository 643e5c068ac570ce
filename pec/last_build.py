"""What the last build left behind: in the warehouse, in dbt's results, in the published folder, and in the run log."""

import json
import os
import pathlib

import duckdb

from pec import places, privacy, project, publication, run_log


def present_files(warehouse):
    """Files that the last build found in the landing zone; none if the warehouse cannot be read. warehouse: path."""
    rows = asked(warehouse, "select source_file from staging.stg_archive__files where is_present order by source_file")
    return [name for (name,) in rows or []]


def asked(warehouse, query):
    """The rows of a query on a warehouse, or None: there is no warehouse, or it cannot be read. warehouse: path."""
    if not os.path.exists(warehouse):
        return None
    try:
        with duckdb.connect(warehouse, read_only=True) as connection:
            return connection.execute(query).fetchall()
    except duckdb.Error:
        return None


def unsettled(warehouse, variables):
    """Why a warehouse must be built although no file changed, as text, or None.

    It is missing, its last build was not green, or the rules or the settings changed.  warehouse: path.  variables: of dbt (project.variables()).
    """
    if not os.path.exists(warehouse):
        return "there is no warehouse"
    try:
        with duckdb.connect(warehouse, read_only=True) as connection:
            months = connection.execute("select rules_version, reference_data_version from build_state.settled_months").fetchall()
            pending = connection.execute("select count(*) from intermediate.int_month_fingerprints").fetchone()[0]
    except duckdb.Error as error:
        return f"the warehouse cannot be read: {error}"
    if not months or len(months) != pending:
        return "the last build was not green"
    if any(rules.split(" ")[0] != project.rules_version() or data != project.reference_data_version() for rules, data in months):
        return "the project changed"
    if any(rules.split(" ")[1] != project.settings_version(variables) for rules, _ in months):
        return "the settings changed"
    if any(rules.split(" ")[2] != f"v{duckdb.__version__}" for rules, _ in months):
        return "DuckDB is of another version"
    return None


def is_published(warehouse, archive):
    """Whether the last green build was published (or rolled back since: then it was looked at). warehouse, archive: paths."""
    found = publication.Places(archive, places.published())
    ids = asked(warehouse, "select publication_id from build_state.last_green_build")
    return bool(ids) and ids[0][0] in {*found.committed(), *found.withdrawn()}


def held_by(warehouse, archive):
    """Names of the checks that keep the last green build from being published. warehouse, archive: paths."""
    if is_published(warehouse, archive):
        return []
    rows = asked(warehouse, "select distinct check_name from marts.data_quality where status = 'hold' order by 1")
    return [name for (name,) in rows or []]


def unpublished(warehouse, archive, variables):
    """Why a settled warehouse must be built again although no file changed, as text, or None.

    warehouse, archive: paths.  variables: of dbt.
    """
    built = [run for run in run_log.runs(run_log.path()) if run.get("is_built")]
    last = built[-1] if built else {}
    if last and last.get("variables") != variables:
        return "the settings changed"  # also those that change no number, such as the limits of checks
    if held_by(warehouse, archive):
        files = acknowledgements(archive)
        newest = max((os.stat(path).st_mtime for path in files), default=0)
        if newest > os.stat(warehouse).st_mtime or last.get("outcome") == "held" and len(files) > last.get("acknowledgements", 0):
            return "something was acknowledged since the last build, which was held"
        return None
    if not is_published(warehouse, archive):
        return "the last build was not published"
    if not os.path.exists(places.published()):
        return "nothing is published"
    names = publication.Places(archive, places.published()).record(publication_id()).get("names", privacy.mode())
    return "PEC_PRIVACY is another" if names != privacy.mode() else None


def acknowledgements(archive):
    """Paths of the files of all acknowledgements (pec acknowledge). archive: its folder."""
    return sorted(path for path in pathlib.Path(archive, "acknowledgements").glob("[!._]*") if path.is_file())


def publication_id():
    """The id of what is published, or None."""
    link = places.published()
    return os.path.basename(os.readlink(link)) if os.path.islink(link) else None


def changed_months(warehouse):
    """The months that the last build computed, as texts 2026-08. warehouse: path."""
    query = "select distinct strftime(billing_month, '%Y-%m') from intermediate.int_changed_months order by 1"
    return [month for (month,) in asked(warehouse, query) or []]


def results(since):
    """dbt's results of a run that began at a time or later, {name: {status, message, is_end}}; empty when dbt wrote none.

    is_end: it is a hook at the end of the run, after all models and tests.

    since: seconds since 1970.
    """
    path = pathlib.Path(os.environ.get("DBT_TARGET_PATH") or "target", "run_results.json")
    try:
        if path.stat().st_mtime < since - 1:
            return {}
        rows = json.loads(path.read_text(encoding="utf-8"))["results"]
    except (OSError, ValueError, KeyError):
        return {}
    return {
        row["unique_id"].split(".", 2)[-1]: {
            "status": row["status"], "message": row.get("message") or "", "is_end": "-on-run-end-" in row["unique_id"],
        } for row in rows
    }  # fmt: skip
