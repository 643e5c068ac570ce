"""The benchmark: `python benchmarks/run.py [--lines N] [--repeat K] [--work DIR] [--compress] [--floors]`, or `make bench`.

Generates a month (month.py) under DIR (default target/bench), and in one run measures, each in a process of its own:

- start_up: `dbt ls` of one model, with the project parsed before: what dbt needs before it does anything;
- copy: a bare `COPY` of the CSV files to Parquet (bare_copy.py);
- archive: pec/archive on the same files, and nothing else (archive_zone.py);
- minimal, equal: the two floors in plain SQL (by_hand.sql, equal_duties.sql);
- polars: what somebody would do instead (polars_month.py), when there is an environment for it;
- full: `dbt build` of everything but tests, into a new archive and a new warehouse;
- tested: the same with all data tests (unit tests do not look at the data: they are for who changes the project);
- night, no_news: `pec night` and `dbt build` without tests, nothing having arrived;
- rebuild: the warehouse deleted, and the files of the landing zone but one in each folder that must not be empty: all comes from the archive;
- increment, increment_tested: day 30 and three corrected days come, a file each;
- real_night: the month-to-date export of day 30 and a day's evidence replace the export of day 29.

The marts of the full build are compared with the results of both floors, and those of all other builds with the full build's, row for row; any
difference ends the benchmark with a message and exit code 1. Prints tables, and writes all numbers to DIR.json. With --repeat, medians.
--floors measures only what needs no build: copy, archive, both floors, Polars.
"""

import argparse
import pathlib
import sys
import time

import compare
import duckdb
import month
import outcome
from processes import BIN, MODELS_ONLY, PROJECT, WITH_TESTS, Bench, Measured, dbt, measure, places, python

ANY_MODEL = "fct_pec_eligibility_daily"
NIGHT = PROJECT / "pec" / "night.py"
POLARS = PROJECT / ".venv-bench" / "bin" / "python"


def prepare_zones(bench: Bench) -> None:
    """Generates the month."""
    bench.work.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    month.write_month(bench.zone, bench.month)
    print(f"{'generated':28} {time.monotonic() - began:8.1f} s", flush=True)


def prepare_builds(bench: Bench) -> None:
    """Lets dbt parse the project, and builds what the nights begin from, with tests: only then is a month settled."""
    bench.forget()
    dbt(bench, "parse", bench.zone, "parse")
    month.write_night_before(bench.zone, bench.night_zone, bench.month)
    dbt(bench, "export_of_day_29", bench.night_zone, "build", *WITH_TESTS)
    bench.keep("night_before")
    month.bring_night(bench.zone, bench.night_zone, bench.month)
    month.write_month_before(bench.zone, bench.earlier_zone, bench.month)
    dbt(bench, "days_1_to_29", bench.earlier_zone, "build", *WITH_TESTS)
    bench.keep("earlier")
    month.bring_news(bench.zone, bench.earlier_zone, bench.month)
    month.leave_one_file(bench.zone, bench.nearly_empty_zone)


def run_floors(bench: Bench, polars: pathlib.Path) -> dict[str, Measured]:
    """Measures what needs no build."""
    measured = {"copy": python(bench, "copy", "bare_copy.py", bench.zone, bench.work / "copy")}
    if (PROJECT / "pec" / "archive").is_dir():
        bench.forget()
        measured["archive"] = python(bench, "archive", "archive_zone.py", **places(bench, bench.zone))
        bench.forget()
    for name, script in (("minimal", "by_hand.py"), ("equal", "equal_duties.py")):
        measured[name] = python(bench, name, script, bench.zone, bench.database(name))
    if polars.exists():
        handed = bench.work / "eligibility.parquet"
        with duckdb.connect(str(bench.database("equal")), read_only=True) as connection:
            connection.execute(f"copy (from marts.fct_pec_eligibility_daily) to '{handed}'")
        measured["polars"] = python(bench, "polars", "polars_month.py", bench.zone, handed, bench.work / "polars", interpreter=polars)
    else:
        print(f"no Polars at {polars}: left out")
    return measured


def run_builds(bench: Bench, results: compare.Results) -> tuple[dict[str, Measured], dict[str, list[compare.Compared]]]:
    """Measures all builds, and compares the marts of each with the full build's. What is compared and not built on is removed: it needs much room."""
    bench.forget()
    measured = {"start_up": dbt(bench, "start_up", bench.zone, "ls", "--select", ANY_MODEL)}
    measured["full"] = dbt(bench, "full", bench.zone, "build", *MODELS_ONLY)
    bench.keep("full")
    measured["tested"] = dbt(bench, "tested", bench.zone, "build", *WITH_TESTS)
    if NIGHT.exists():
        measured["night"] = measure("night", [BIN / "python", "-m", "pec.cli", "night"], bench.work / "night.log", **places(bench, bench.zone))
    measured["no_news"] = dbt(bench, "no_news", bench.zone, "build", *MODELS_ONLY)
    bench.keep("tested")
    found = {"full build ↔ tested": results.between_warehouses(bench.database("full"), bench.database("tested"))}
    later = [
        ("rebuild", "tested", bench.nearly_empty_zone, MODELS_ONLY),
        ("increment", "earlier", bench.earlier_zone, MODELS_ONLY),
        ("increment_tested", "earlier", bench.earlier_zone, WITH_TESTS),
        ("real_night", "night_before", bench.night_zone, MODELS_ONLY),
    ]
    for name, state, zone, options in later:
        bench.restore(state, is_warehouse_kept=name != "rebuild")
        measured[name] = dbt(bench, name, zone, "build", *options)
        bench.keep(name)
        found[f"full build ↔ {name}"] = results.between_warehouses(bench.database("full"), bench.database(name))
        bench.forget(name)
    return measured, found


def compare_floors(bench: Bench, results: compare.Results, has_builds: bool, has_polars: bool) -> dict[str, list[compare.Compared]]:
    """The comparisons of the floors with each other and with the full build."""
    minimal, equal, full = bench.database("minimal"), bench.database("equal"), bench.database("full")
    found = {"minimal floor ↔ floor of equal duties": results.minimal_against_marts(minimal, equal)}
    if has_polars:
        found["Polars ↔ floor of equal duties"] = compare.polars_against_marts(bench.work / "polars", equal)
    if has_builds:
        found["floor of equal duties ↔ full build"] = results.of_floors_marts(equal, full)
    return found


def problems(found: dict[str, list[compare.Compared]], lines: int) -> list[str]:
    """What differs, and what was not there to be compared: every line and every relation that a floor makes must be, in each comparison."""
    days = lines // month.METERS_A_DAY
    floors = {
        "charges": lines, "eligibility": days, "month_to_date": 1, "statement": 1, "fct_pec_charges_daily": lines,
        "fct_pec_eligibility_daily": days, "fct_meter_month_to_date": 1, "pec_monthly_statement": 1, "focus_cost_and_usage": lines,
    }  # fmt: skip
    told = []
    for sides, compared in found.items():
        if not compared:
            told.append(f"{sides}: nothing was compared")
        for one in compared:
            if one.differing:
                told.append(f"{sides}: {one.what}, {one.differing} groups of rows differ, such as {one.example}")
            elif one.rows < floors.get(one.what, 0):
                told.append(f"{sides}: {one.what}, {one.rows} rows were compared, {floors[one.what]} should be")
    return told


def main(arguments: argparse.Namespace) -> int:
    """Runs the benchmark; its exit code."""
    bench = Bench(arguments.work.resolve(), month.Month(arguments.lines, arguments.compress))
    prepare_zones(bench)
    if not arguments.floors:
        prepare_builds(bench)
    runs, found = [], {}
    for number in range(arguments.repeat):
        print(f"run {number + 1} of {arguments.repeat}", flush=True)
        results = compare.Results()
        floors = run_floors(bench, arguments.polars)
        builds, found = ({}, {}) if arguments.floors else run_builds(bench, results)
        found |= compare_floors(bench, results, not arguments.floors, "polars" in floors)
        runs.append(floors | builds)
    told = outcome.report(bench, runs)
    different = problems(found, told["rows"])
    told["compared"] = {sides: {one.what: one.rows for one in compared} for sides, compared in found.items()}
    told["differences"] = different
    output = bench.work.with_suffix(".json")
    output.write_text(outcome.as_json(told))
    if different:
        print("\nDIFFERENT:", *different, sep="\n- ", file=sys.stderr)
        return 1
    print("\n" + outcome.as_markdown(told) + f"\n\nAll results are the same, row for row. All numbers: {output}")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--lines", type=int, default=2_700_000)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--work", type=pathlib.Path, default=PROJECT / "target" / "bench")
    parser.add_argument("--compress", action="store_true", help="usage as .csv.gz")
    parser.add_argument("--floors", action="store_true", help="only what needs no build")
    parser.add_argument("--polars", type=pathlib.Path, default=POLARS, help="a Python that has Polars (default: %(default)s)")
    sys.exit(main(parser.parse_args()))
