"""The minimal floor on a landing zone: `python benchmarks/by_hand.py ZONE WAREHOUSE`; prints the seconds of each stage as JSON."""

import json
import pathlib
import sys

import floor


def run(zone, warehouse) -> dict[str, dict[str, float]]:
    """Computes the month of a landing zone into a new DuckDB file, with the landed usage beside it; seconds of each stage.

    Files that an earlier run left are replaced.
    """
    warehouse, clock = pathlib.Path(warehouse), floor.Clock()
    connection = floor.connect(warehouse)
    floor.run(connection, "by_hand.sql", clock, zone=zone, reference=floor.REFERENCE, landed=warehouse.with_suffix(".parquet"))
    clock.run("checkpoint", connection.close)
    return clock.seconds


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:3])))
