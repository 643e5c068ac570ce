"""The floor of equal duties on a landing zone: `python benchmarks/equal_duties.py ZONE WAREHOUSE`; prints the seconds of each stage as JSON.

What the project does for the same marts, without any framework: every column kept as text, a digest and an independent count of records for each
file, what cannot be read stored with its reason, exact types, the marts in a DuckDB file.
"""

import json
import pathlib
import sys

import archive_floor
import floor

COUNTS = """
    select
        (select sum(archived)::bigint from manifest where kind = 'daily_rated_usage' and is_whole),
        (select count(*) from keyed_charges)
"""


def run(zone, warehouse) -> dict[str, dict[str, float]]:
    """Computes the month of a landing zone into a new DuckDB file, with the archive beside it; seconds of each stage."""
    warehouse, clock = pathlib.Path(warehouse), floor.Clock()
    archived = warehouse.with_suffix(".archive")
    parts = clock.run("archive", lambda: archive_floor.archive(zone, archived))
    connection = floor.connect(warehouse)
    floor.run(connection, "equal_duties.sql", clock, reference=floor.REFERENCE, archive=archived)
    kept, charged = connection.execute(COUNTS).fetchone()
    if kept != charged:
        # Only where a line is missing is it worth another pass to say which, and why.
        clock.run("rejects", lambda: connection.execute("insert into rejected_rows from failed_lines"))
        told = connection.execute("select count(distinct (source_file, line_number)) from failed_lines").fetchone()[0]
        if kept != charged + told:
            sys.exit(f"{kept} lines are archived, {charged} charged and {told} rejected")
    clock.run("checkpoint", connection.close)
    return clock.seconds | {name: {"cpu": round(seconds, 2)} for name, seconds in parts.items()}


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:3])))
