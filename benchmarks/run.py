"""The benchmark: `python benchmarks/run.py [--lines N] [--repeat K] [--work DIR] [--compress]`, or `make bench`.

Generates a month (month.py) under DIR (default target/bench), and in one run measures, each in a process of its own:

- start-up: `dbt ls` of one model, with the project parsed before: what dbt needs before it does anything;
- scan: a bare typed scan of the usage files (scan.py);
- hand: the hand-written script (by_hand.sql);
- full: `dbt build` of everything but tests, into a new warehouse;
- tested: the same with all data tests, into a new warehouse (unit tests do not look at the data: they are for who changes the project);
- no news: the same two again, nothing having arrived;
- increment: a warehouse that was built from days 1 to 29 (not measured) gets day 30 and three corrected days: the same two.

The marts are compared with the results of the hand-written script, and those that increments made with those of the full build; the exit code is 1
when any differ. Prints a table, and writes all numbers to DIR.json. With --repeat, medians.
"""

import argparse
import datetime as dt
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

import compare
import duckdb
import month

PROJECT = pathlib.Path(__file__).resolve().parents[1]
HERE = pathlib.Path(__file__).resolve().parent
BIN = pathlib.Path(sys.executable).parent
MODELS_ONLY = ("--exclude-resource-type", "test", "unit_test")
WITH_TESTS = ("--exclude-resource-type", "unit_test")

# What the measures are taken from: the models that read usage files, and the landed tables that charges, and all that follows from them, are made
# of. FOCUS reads the details beside, for those who ask for it.
INGEST_MODELS = ("landing_files", "landing_daily_rated_usage")
LANDED_TABLES = ("landing_daily_rated_usage", "usage_resources", "usage_products", "usage_bills")
DETAILS_TABLE = "usage_details"
ELIGIBILITY_FOLDER = "models/intermediate/eligibility"
ELIGIBILITY_MART = "fct_pec_eligibility_daily"

# measure -> (goal, what it is); a goal is met when the measure is not above it.
GOALS = {
    "full_build_ratio": (1.25, "full build, models only, ÷ hand-written script"),
    "full_build_with_tests_ratio": (1.5, "full build with all tests ÷ hand-written script"),
    "ingest_ratio": (1.5, "ingest ÷ bare typed scan of the same columns"),
    "after_ingest_ratio": (0.4, "everything after the ingest ÷ ingest"),
    "increment_ratio": (0.15, "increment, models only, ÷ full build"),
    "increment_with_tests_ratio": (0.15, "increment with all tests ÷ full build with all tests"),
    "no_news_seconds_over_startup": (5, "build without news, models only, seconds beyond dbt's start-up"),
    "no_news_with_tests_seconds_over_startup": (5, "build without news with all tests, seconds beyond dbt's start-up"),
    "eligibility_share": (0.03, "eligibility, of the full build"),
    "bytes_landed_per_line": (40, "landed usage, bytes a line, columns that the marts need"),
}


@dataclass(frozen=True)
class Measured:
    """What a process took: seconds of wall and CPU, peak resident memory in GB, and GB that it read, of any file."""

    wall: float
    cpu: float
    peak_gb: float
    read_gb: float


@dataclass(frozen=True)
class Bench:
    """Where things are. work: the folder that is filled."""

    work: pathlib.Path
    month: month.Month

    @property
    def zone(self) -> pathlib.Path:
        return self.work / "full_zone"

    @property
    def earlier_zone(self) -> pathlib.Path:
        return self.work / "earlier_zone"

    @property
    def warehouse(self) -> pathlib.Path:
        """The warehouse that dbt builds, always the same: dbt parses the project anew when a path in its profile changes."""
        return self.work / "warehouse.duckdb"

    def database(self, name: str) -> pathlib.Path:
        return self.work / f"{name}.duckdb"

    def run_results(self, name: str) -> pathlib.Path:
        return self.work / f"{name}.run_results.json"


# ---------------------------------------------------------------------------------------------------------------------
# Processes
# ---------------------------------------------------------------------------------------------------------------------


def measure(name: str, command: list, log: pathlib.Path, **variables) -> Measured:
    """Runs a command in the project's folder; what it took. Ends the benchmark with the end of its output when it fails."""
    environment = os.environ | {key: str(value) for key, value in variables.items()}
    began = time.monotonic()
    with open(log, "w", encoding="utf-8") as output:
        process = subprocess.Popen([str(part) for part in command], cwd=PROJECT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        wall, read = time.monotonic() - began, bytes_read_by(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{name} failed ({process.returncode}), see {log}:\n" + log.read_text()[-3000:])
    measured = Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024**2, read / 1e9)
    print(f"{name:28} {measured.wall:8.1f} s {measured.cpu:8.1f} s CPU {measured.peak_gb:6.2f} GB", flush=True)
    return measured


def bytes_read_by(pid: int) -> int:
    """The bytes that a process which has ended, and was not yet waited for, has read."""
    lines = pathlib.Path(f"/proc/{pid}/io").read_text().splitlines()
    return int(dict(line.split(": ") for line in lines)["rchar"])


def dbt(bench: Bench, name: str, zone: pathlib.Path, *command) -> Measured:
    """Runs a dbt command on a zone and the warehouse as it stands, and keeps its run results as those of `name`."""
    link = bench.work / "zone"
    link.unlink(missing_ok=True)
    link.symlink_to(zone)
    places = ("--target-path", bench.work / "dbt", "--log-path", bench.work / "logs")
    measured = measure(
        name, [BIN / "dbt", *command, *places], bench.work / f"{name}.log", PEC_LANDING_ZONE=link, PEC_WAREHOUSE=bench.warehouse
    )  # fmt: skip
    if command[0] == "build":
        shutil.copy(bench.work / "dbt" / "run_results.json", bench.run_results(name))
    return measured


def remove(database: pathlib.Path) -> None:
    """Removes a DuckDB file with its log."""
    for path in (database, database.with_suffix(".duckdb.wal")):
        path.unlink(missing_ok=True)


# ---------------------------------------------------------------------------------------------------------------------
# The run
# ---------------------------------------------------------------------------------------------------------------------


def prepare(bench: Bench) -> None:
    """Generates the zones, lets dbt parse the project, and builds the warehouse that the increments start from."""
    bench.work.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    month.write_month(bench.zone, bench.month)
    month.write_month_before(bench.zone, bench.earlier_zone, bench.month)
    print(f"{'generated':28} {time.monotonic() - began:8.1f} s", flush=True)
    remove(bench.warehouse)
    dbt(bench, "parse", bench.zone, "parse")
    dbt(bench, "days_1_to_29", bench.earlier_zone, "build", *MODELS_ONLY)
    bench.warehouse.rename(bench.database("earlier"))
    month.bring_news(bench.zone, bench.earlier_zone, bench.month)


def run_once(bench: Bench) -> dict[str, Measured]:
    """Measures everything once. The warehouses that are compared later are left as full, increment and increment_tested."""
    python, hand = BIN / "python", bench.database("hand")
    measured = {
        "start_up": dbt(bench, "start_up", bench.zone, "ls", "--select", ELIGIBILITY_MART),
        "scan": measure("scan", [python, HERE / "scan.py", bench.zone], bench.work / "scan.log"),
        "hand": measure("hand", [python, HERE / "by_hand.py", bench.zone, hand], bench.work / "hand.log"),
        "full": dbt(bench, "full", bench.zone, "build", *MODELS_ONLY),
    }
    bench.warehouse.rename(bench.database("full"))
    measured["tested"] = dbt(bench, "tested", bench.zone, "build", *WITH_TESTS)
    measured["no_news"] = dbt(bench, "no_news", bench.zone, "build", *MODELS_ONLY)
    measured["no_news_tested"] = dbt(bench, "no_news_tested", bench.zone, "build", *WITH_TESTS)
    remove(bench.warehouse)
    for name, options in (("increment", MODELS_ONLY), ("increment_tested", WITH_TESTS)):
        shutil.copy(bench.database("earlier"), bench.warehouse)
        measured[name] = dbt(bench, name, bench.earlier_zone, "build", *options)
        bench.warehouse.rename(bench.database(name))
    return measured


def compare_results(bench: Bench) -> dict[str, list[compare.Compared]]:
    """All comparisons of the last run, and prints what differs."""
    full, results = bench.database("full"), compare.Results()
    found = {"hand ↔ full build": results.against_hand(bench.database("hand"), full)}
    for name in ("increment", "increment_tested"):
        found[f"full build ↔ {name}"] = results.between_warehouses(full, bench.database(name))
    for sides, compared in found.items():
        for one in compared:
            if one.differing:
                print(f"DIFFERENT {sides}: {one.what}, {one.differing} groups of rows, such as {one.example}")
    return found


def is_all_same(found: dict[str, list[compare.Compared]], lines: int) -> bool:
    """Whether nothing differs, every line was compared, and so was every relation that the hand-written script makes, in each comparison."""
    days = lines // month.METERS_A_DAY
    of_hand = {"charges": lines, "eligibility": days, "month_to_date": 1, "statement": 1}
    of_marts = {
        "fct_pec_charges_daily": lines, "fct_pec_eligibility_daily": days, "fct_meter_month_to_date": 1, "focus_cost_and_usage": lines,
        "pec_monthly_statement": 1,
    }  # fmt: skip
    for compared in found.values():
        rows = {one.what: one.rows for one in compared if one.differing == 0}
        floors = of_hand if "charges" in rows else of_marts
        if len(rows) < len(compared) or any(rows.get(what, 0) < floor for what, floor in floors.items()):
            return False
    return True


# ---------------------------------------------------------------------------------------------------------------------
# What the numbers say
# ---------------------------------------------------------------------------------------------------------------------


def instant(text: str) -> dt.datetime:
    """An instant of run_results.json."""
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00"))


def stages_of(run_results: pathlib.Path) -> dict[str, float]:
    """Seconds of a build's ingest, of what comes after it, and of the eligibility models, from dbt's run results."""
    told = json.loads(run_results.read_text())
    models = {result["unique_id"].split(".")[2]: result for result in told["results"] if result["unique_id"].startswith("model.")}
    eligibility = {path.stem for path in (PROJECT / ELIGIBILITY_FOLDER).glob("*.sql")} | {ELIGIBILITY_MART}
    ingested = max(instant(timing["completed_at"]) for timing in models[INGEST_MODELS[-1]]["timing"])
    return {
        "ingest": sum(models[name]["execution_time"] for name in INGEST_MODELS),
        "after_ingest": (instant(told["metadata"]["generated_at"]) - ingested).total_seconds(),
        "eligibility": sum(result["execution_time"] for name, result in models.items() if name in eligibility),
    }


def landed_bytes(bench: Bench, *tables: str) -> int:
    """The bytes that landed tables take in a DuckDB file of their own."""
    copy = bench.database("landed_copy")
    remove(copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute(f"attach '{bench.database('full')}' as warehouse (read_only)")
        for table in tables:
            connection.execute(f"create table {table} as from warehouse.landing.{table}")
        connection.execute("checkpoint")
    size = copy.stat().st_size
    remove(copy)
    return size


def usage_bytes(bench: Bench, names) -> int:
    """The bytes of usage files, by their names in the zone."""
    return sum((bench.zone / name).stat().st_size for name in names)


def medians(runs: list[dict]) -> dict[str, float]:
    """The median of each number over runs of the same keys."""
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def seconds_of(bench: Bench, measured: dict[str, Measured]) -> dict[str, float]:
    """All seconds of one run, by name: the wall clock of its processes, and the stages of the full build."""
    return {name: one.wall for name, one in measured.items()} | stages_of(bench.run_results("full"))


def measures(seconds: dict[str, float]) -> dict[str, float]:
    """The ratios that have goals, from seconds by name."""
    return {
        "full_build_ratio": seconds["full"] / seconds["hand"],
        "full_build_with_tests_ratio": seconds["tested"] / seconds["hand"],
        "ingest_ratio": seconds["ingest"] / seconds["scan"],
        "after_ingest_ratio": seconds["after_ingest"] / seconds["ingest"],
        "increment_ratio": seconds["increment"] / seconds["full"],
        "increment_with_tests_ratio": seconds["increment_tested"] / seconds["tested"],
        "no_news_seconds_over_startup": seconds["no_news"] - seconds["start_up"],
        "no_news_with_tests_seconds_over_startup": seconds["no_news_tested"] - seconds["start_up"],
        "eligibility_share": seconds["eligibility"] / seconds["full"],
    }


def machine() -> str:
    """The machine in a line."""
    model = next((line.split(": ")[1] for line in open("/proc/cpuinfo", encoding="utf-8") if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return f"{model.strip()}, {os.cpu_count()} cores, {memory:.0f} GB, DuckDB {duckdb.__version__}, Python {platform.python_version()}"


def report(bench: Bench, runs: list[dict[str, Measured]], seconds: dict[str, float]) -> dict:
    """Everything that goes into the JSON file. seconds: medians."""
    lines = bench.month.resources * month.DAYS_PER_MONTH * month.METERS_A_DAY
    landed = landed_bytes(bench, *LANDED_TABLES)
    names = list(runs[0])
    return {
        "rows": lines,
        "machine": machine(),
        "date": dt.date.today().isoformat(),
        "repeats": len(runs),
        "memory_limit": os.environ.get("PEC_MEMORY_LIMIT", "default"),
        **measures(seconds),
        "rows_per_second": lines / seconds["full"],
        "peak_memory_gb": max(run["full"].peak_gb for run in runs),
        "bytes_parsed": usage_bytes(bench, map(bench.month.usage_file, month.DAYS)),
        "bytes_parsed_increment": usage_bytes(bench, map(bench.month.usage_file, (*month.CORRECTED_DAYS, month.DAYS[-1]))),
        "bytes_landed": landed,
        "bytes_landed_per_line": landed / lines,
        "bytes_landed_all_columns": landed_bytes(bench, *LANDED_TABLES, DETAILS_TABLE),
        "seconds": seconds,
        "cpu_seconds": {name: statistics.median(run[name].cpu for run in runs) for name in names},
        "peak_gb": {name: max(run[name].peak_gb for run in runs) for name in names},
        "read_gb": {name: statistics.median(run[name].read_gb for run in runs) for name in names},
        "hand_stages": json.loads((bench.work / "hand.log").read_text()),
    }


def print_report(told: dict) -> None:
    """The table of a run."""
    print(f"\n{told['rows']:,} lines, {told['bytes_parsed'] / 1e9:.2f} GB of usage files, {told['date']}\n{told['machine']}\n")
    print(f"{'':18} {'seconds':>9} {'CPU':>9} {'rows/s':>10} {'peak GB':>8} {'read GB':>8}")
    for name, peak in told["peak_gb"].items():
        seconds = told["seconds"][name]
        print(
            f"{name:18} {seconds:9.1f} {told['cpu_seconds'][name]:9.1f} {told['rows'] / seconds:10,.0f} {peak:8.2f} {told['read_gb'][name]:8.2f}"
        )
    print(f"\n{'':58} {'got':>7} {'goal':>7}")
    for key, (goal, what) in GOALS.items():
        print(f"{what:58} {told[key]:7.2f} {goal:7.2f}{'' if told[key] <= goal else '  missed'}")


def main(arguments: argparse.Namespace) -> int:
    """Runs the benchmark; its exit code."""
    bench = Bench(arguments.work.resolve(), month.Month(arguments.lines, arguments.compress))
    prepare(bench)
    runs, seconds = [], []
    for number in range(arguments.repeat):
        print(f"run {number + 1} of {arguments.repeat}", flush=True)
        runs.append(run_once(bench))
        seconds.append(seconds_of(bench, runs[-1]))
    told = report(bench, runs, medians(seconds))
    found = compare_results(bench)
    told["is_same"] = is_all_same(found, told["rows"])
    told["compared"] = {sides: {one.what: one.rows for one in compared} for sides, compared in found.items()}
    print_report(told)
    output = bench.work.with_suffix(".json")
    output.write_text(json.dumps(told, indent=2) + "\n")
    print(f"\n{output}; results are {'the same' if told['is_same'] else 'DIFFERENT'}")
    return 0 if told["is_same"] else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--lines", type=int, default=2_700_000)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--work", type=pathlib.Path, default=PROJECT / "target" / "bench")
    parser.add_argument("--compress", action="store_true", help="usage as .csv.gz")
    sys.exit(main(parser.parse_args()))
