"""What a scheduler runs: looks for news first, which takes no dbt, and builds only when there is some."""

import os
import pathlib
import subprocess
import sys

import duckdb

from pec import archive, places, project
from pec.archive import health, names, run

BUILD = ("build", "--exclude-resource-type", "unit_test")


def changed_files(landing_zone, folder):
    """Files of the landing zone that the archive does not know as they are now: by name, size and times.

    landing_zone, folder (of the archive): paths.  ArchiveError: the zone cannot be built from.
    """
    latest = {row["source_file"]: row for row in archive.listing(folder)} if os.path.exists(os.path.join(folder, "archive.json")) else {}
    known = {(name.split("!", 1)[0], row["size_bytes"], row["modified_at"]) for name, row in latest.items()}
    found, seen = run.look(landing_zone), health.zone_times(folder)
    return [
        file.source_file for file in found
        if file.stat and ((file.source_file, file.stat.st_size, names.modified_at(file.stat)) not in known or seen.get(file.source_file) != file.stat.st_ctime_ns)
    ]  # fmt: skip


def vanished_files(landing_zone, warehouse):
    """Files that the last build found in the landing zone and that are gone. A list that vanished was perhaps deleted by mistake: the build says so.

    landing_zone, warehouse: paths. The warehouse knows what was there; one that cannot be read is built in any case (unsettled()).
    """
    found = {file.source_file for file in run.look(landing_zone)}
    if not os.path.exists(warehouse):
        return []
    try:
        with duckdb.connect(warehouse, read_only=True) as connection:
            rows = connection.execute("select source_file from staging.stg_archive__files where is_present order by source_file").fetchall()
    except duckdb.Error:
        return []
    return [name for (name,) in rows if name.split("!", 1)[0] not in found]


def unsettled(warehouse):
    """Why a warehouse must be built although no file changed, as text, or None: it is missing, its last build was not green, or the rules changed."""
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
    return None


def night(full=False):
    """Builds if anything changed; returns 0 if nothing did, else dbt's exit code. full: build in any case."""
    news = changed_files(places.landing_zone(), places.archive())
    gone = vanished_files(places.landing_zone(), places.warehouse())
    reason = (
        "asked to" if full else f"{len(news)} files are new or changed, {news[0]} first" if news
        else f"{len(gone)} files are gone, {gone[0]} first" if gone else unsettled(places.warehouse())
    )  # fmt: skip
    if reason is None:
        print("Nothing new in the landing zone: nothing was built.")
        return 0
    print(f"Building: {reason}.", flush=True)
    dbt = pathlib.Path(sys.executable).with_name("dbt")
    return subprocess.run([str(dbt), *BUILD], check=False).returncode
