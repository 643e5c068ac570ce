"""Runs the hand-written script on a landing zone: `python benchmarks/by_hand.py ZONE WAREHOUSE`; prints the seconds of each stage as JSON."""

import json
import os
import pathlib
import re
import sys
import time

import duckdb

HERE = pathlib.Path(__file__).resolve().parent
SCRIPT = HERE / "by_hand.sql"
REFERENCE = HERE.parent / "seeds" / "reference"


def stages() -> list[tuple[str, str]]:
    """The stages of the script, as (name, SQL), in order."""
    _, *parts = re.split(r"^-- stage: (\w+)$", SCRIPT.read_text(), flags=re.MULTILINE)
    return list(zip(parts[::2], parts[1::2]))


def run(zone, warehouse) -> dict[str, float]:
    """Computes the month of a landing zone into a new DuckDB file, with the landed usage beside it; seconds of each stage.

    Files that an earlier run left are replaced.
    """
    warehouse = pathlib.Path(warehouse)
    warehouse.unlink(missing_ok=True)
    variables = {"zone": zone, "reference": REFERENCE, "landed": warehouse.with_suffix(".parquet")}
    config = {"threads": os.environ.get("PEC_THREADS", "2"), "memory_limit": os.environ.get("PEC_MEMORY_LIMIT", "8GB")}
    seconds = {}
    with duckdb.connect(str(warehouse), config=config) as connection:
        # One checkpoint at the end, not one whenever the log has grown.
        connection.execute("set timezone = 'UTC'; set preserve_insertion_order = false; set checkpoint_threshold = '1TB'")
        for name, path in variables.items():
            connection.execute(f"set variable {name} = $path", {"path": str(path)})
        for stage, sql in stages():
            began = time.monotonic()
            connection.execute(sql)
            seconds[stage] = round(time.monotonic() - began, 3)
    return seconds


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:3])))
