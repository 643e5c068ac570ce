"""Runs a floor's SQL by stages, and says what each took."""

import os
import pathlib
import re
import time

import duckdb

HERE = pathlib.Path(__file__).resolve().parent
REFERENCE = HERE.parent / "seeds" / "reference"


def script(name: str) -> str:
    """The text of a SQL file beside this one, with the files of floors/ that it includes."""
    return re.sub(
        r"^-- include: (\S+)$", lambda found: (HERE / "floors" / found[1]).read_text(), (HERE / name).read_text(), flags=re.MULTILINE
    )  # fmt: skip


def stages(name: str) -> list[tuple[str, str]]:
    """The stages of a script, as (name, SQL), in order."""
    _, *parts = re.split(r"^-- stage: (\w+)$", script(name), flags=re.MULTILINE)
    return list(zip(parts[::2], parts[1::2]))


def connect(database) -> duckdb.DuckDBPyConnection:
    """A connection to a new DuckDB file, with the limits of the environment, as the project's builds have them."""
    database = pathlib.Path(database)
    database.unlink(missing_ok=True)
    config = {"threads": os.environ.get("PEC_THREADS", "2"), "memory_limit": os.environ.get("PEC_MEMORY_LIMIT", "4GB")}
    connection = duckdb.connect(str(database), config=config)
    # One checkpoint at the end, not one whenever the log has grown.
    connection.execute("set timezone = 'UTC'; set preserve_insertion_order = false; set checkpoint_threshold = '1TB'")
    return connection


class Clock:
    """Seconds of CPU and wall by name."""

    def __init__(self):
        self.seconds: dict[str, dict[str, float]] = {}

    def run(self, name: str, work):
        """Does some work, a function; notes what it took, and returns its result."""
        began, cpu = time.monotonic(), sum(os.times()[:2])
        result = work()
        self.seconds[name] = {"cpu": round(sum(os.times()[:2]) - cpu, 2), "wall": round(time.monotonic() - began, 2)}
        return result


def run(connection, name: str, clock: Clock, **variables) -> None:
    """Runs a script. variables: of DuckDB, read by getvariable()."""
    for variable, value in variables.items():
        connection.execute(f"set variable {variable} = $value", {"value": str(value)})
    for stage, sql in stages(name):
        clock.run(stage, lambda: connection.execute(sql))
