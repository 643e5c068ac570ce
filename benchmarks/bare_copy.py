"""The floor of archiving: `python benchmarks/bare_copy.py ZONE TARGET` copies CSV files to Parquet as they are, all columns as text, a file each.

No digest, no count, no numbers of lines, no rejects: what DuckDB's `COPY` takes alone.
"""

import csv
import gzip
import os
import pathlib
import shutil
import sys

import archive_floor
import duckdb


def run(zone, target) -> None:
    """Copies the CSV files of a landing zone into a folder, emptied first."""
    zone, target = pathlib.Path(zone), pathlib.Path(target)
    shutil.rmtree(target, ignore_errors=True)
    config = {"threads": os.environ.get("PEC_THREADS", "2"), "memory_limit": os.environ.get("PEC_MEMORY_LIMIT", "4GB")}
    with duckdb.connect(config=config) as connection:
        for file in (file for folder in archive_floor.CSV_FOLDERS for file in sorted((zone / folder).rglob("*.csv*"))):
            with gzip.open(file, "rt") if file.suffix == ".gz" else open(file, encoding="utf-8", newline="") as stream:
                columns = dict.fromkeys(next(csv.reader(stream)), "VARCHAR")
            parquet = (target / file.relative_to(zone)).with_suffix(".parquet")
            parquet.parent.mkdir(parents=True, exist_ok=True)
            connection.execute(
                f"""copy (
                    from read_csv($file, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', columns = $columns)
                ) to '{parquet}' (format parquet, compression zstd)""",
                {"file": str(file), "columns": columns},
            )


if __name__ == "__main__":
    run(*sys.argv[1:3])
