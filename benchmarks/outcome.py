"""What the measured seconds say: the measures that have goals, as JSON and as tables in Markdown."""

import datetime as dt
import json
import os
import pathlib
import platform
import statistics

import duckdb
import month
from processes import MEMORY_LIMIT, Bench, Measured

LARGE = 20_000_000
ELIGIBILITY_FOLDERS = ("models/intermediate/access/", "models/intermediate/eligibility/")

# Keys of bench.json that are a ratio of CPU seconds: key -> (the step, the step that it is divided by, what it is, goal, goal of large months).
RATIOS = {
    "archive_ratio": ("archive", "copy", "archiving ÷ bare `COPY` of the same columns", 1.4, 1.4),
    "full_build_ratio": ("full", "equal", "full build, models only ÷ equal duties", 1.6, 1.25),
    "full_build_with_tests_ratio": ("tested", "equal", "full build with all tests ÷ equal duties", 1.9, 1.5),
    "minimal_floor_ratio": ("full", "minimal", "full build, models only ÷ minimal floor", None, None),
    "polars_ratio": ("full", "polars", "full build, models only ÷ Polars", None, None),
    "rebuild_ratio": ("rebuild", "full", "rebuild from the archive alone ÷ full build", 0.45, 0.45),
    "increment_ratio": ("increment", "full", "one day new and three corrected ÷ full build", 0.5, 0.5),
    "increment_with_tests_ratio": ("increment_tested", "tested", "the same, both with all tests", None, None),
    "real_night_ratio": ("real_night", "full", "the next month-to-date export ÷ full build", 1.0, 1.0),
}
# Keys that are seconds of wall beyond dbt's start-up: key -> (the step, what it is, goal).
OVER_START_UP = {
    "no_news_seconds_over_startup": ("night", "`make night` without news, seconds over dbt's start-up", 3),
    "no_news_build_seconds_over_startup": ("no_news", "`dbt build` without news, models only, seconds over dbt's start-up", 8),
}
OTHERS = {
    "eligibility_share": ("eligibility, share of the node times of the full build", 0.05),
    "peak_memory_gb": (f"peak memory of a build under a limit of {MEMORY_LIMIT}, GB resident", 4.5),
    "bytes_per_line": ("archive and warehouse, bytes a line", 110),
}
BUILDS = ("full", "tested", "rebuild", "increment", "increment_tested", "real_night")


def machine() -> str:
    """The machine in a line."""
    model = next((line.split(": ")[1] for line in open("/proc/cpuinfo", encoding="utf-8") if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return f"{model.strip()}, {os.cpu_count()} cores, {memory:.0f} GB, DuckDB {duckdb.__version__}, Python {platform.python_version()}"


def eligibility_share(run_results: pathlib.Path, manifest: pathlib.Path) -> float:
    """The share of the models that decide access and eligibility in the sum of all models' times. Both paths: files of one build by dbt."""
    nodes = json.loads(manifest.read_text())["nodes"]
    seconds = {
        nodes[result["unique_id"]]["original_file_path"]: result["execution_time"]
        for result in json.loads(run_results.read_text())["results"]
        if result["unique_id"].startswith("model.")
    }
    return sum(time for path, time in seconds.items() if path.startswith(ELIGIBILITY_FOLDERS)) / sum(seconds.values())


def size_of(path: pathlib.Path) -> int:
    """The bytes of a file, or of all files in a folder."""
    return path.stat().st_size if path.is_file() else sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def measures(bench: Bench, seconds: dict[str, Measured], lines: int) -> dict[str, float | None]:
    """The measures, by their keys; None where a step was not run. seconds: medians of the steps."""
    cpu = {name: one.cpu for name, one in seconds.items()}
    found = {key: cpu[step] / cpu[floor] if step in cpu and floor in cpu else None for key, (step, floor, *_) in RATIOS.items()}
    for key, (step, *_) in OVER_START_UP.items():
        found[key] = seconds[step].wall - seconds["start_up"].wall if step in seconds else None
    has_builds = "full" in seconds
    found["eligibility_share"] = eligibility_share(bench.run_results("full"), bench.manifest()) if has_builds else None
    found["peak_memory_gb"] = max(one.peak_gb for name, one in seconds.items() if name in BUILDS) if has_builds else None
    found["bytes_per_line"] = (size_of(bench.archive("full")) + size_of(bench.database("full"))) / lines if has_builds else None
    return found


def report(bench: Bench, runs: list[dict[str, Measured]]) -> dict:
    """Everything that goes into the JSON file. runs: the steps of each run; of seconds the median counts, of memory the peak."""
    steps = {
        name: Measured(
            statistics.median(run[name].wall for run in runs), statistics.median(run[name].cpu for run in runs), max(run[name].peak_gb for run in runs)
        )
        for name in runs[0]
    }  # fmt: skip
    lines = bench.month.resources * month.DAYS_PER_MONTH * month.METERS_A_DAY
    return {
        "rows": lines,
        "machine": machine(),
        "date": dt.date.today().isoformat(),
        "repeats": len(runs),
        "memory_limit": MEMORY_LIMIT,
        **measures(bench, steps, lines),
        "bytes_read": size_of(bench.zone / "daily_rated_usage"),
        "seconds": {name: one.wall for name, one in steps.items()},
        "cpu_seconds": {name: one.cpu for name, one in steps.items()},
        "peak_gb": {name: one.peak_gb for name, one in steps.items()},
        "floor_stages": {name: json.loads((bench.work / f"{name}.log").read_text()) for name in ("minimal", "equal")},
    }


def as_json(told: dict) -> str:
    """The report as text of the JSON file, figures in four significant digits or more."""
    rounded = json.loads(json.dumps(told), parse_float=lambda text: round(float(text), 4))
    return json.dumps(rounded, indent=2, ensure_ascii=False) + "\n"


def goals(lines: int) -> dict[str, tuple[str, float | None]]:
    """What each measure is, and its goal for a month of so many lines: it is met when the measure is not above it."""
    ratios = {key: (what, large if lines >= LARGE else small) for key, (_, _, what, small, large) in RATIOS.items()}
    return ratios | {key: (what, goal) for key, (_, what, goal) in OVER_START_UP.items()} | OTHERS


def as_markdown(told: dict) -> str:
    """The report as two tables for the README: measures with their goals, and what each step took."""
    rows = ["| measure | goal | measured |", "|---|---|---|"]
    for key, (what, goal) in goals(told["rows"]).items():
        if told[key] is not None:
            missed = "" if goal is None or told[key] <= goal else " (missed)"
            rows.append(f"| {what} | {'–' if goal is None else f'≤ {goal:g}'} | {told[key]:.2f}{missed} |")
    rows += ["", "| step | CPU seconds | CPU seconds per million lines | seconds | peak GB |", "|---|---|---|---|---|"]
    for name, cpu in told["cpu_seconds"].items():
        a_million = cpu / told["rows"] * 1e6
        rows.append(f"| {name.replace('_', ' ')} | {cpu:.1f} | {a_million:.1f} | {told['seconds'][name]:.1f} | {told['peak_gb'][name]:.2f} |")
    size = f"{told['rows']:,} lines, {told['bytes_read'] / 1e9:.2f} GB of usage files"
    return "\n".join([f"{size}, {told['date']}, {told['machine']}:", "", *rows])
