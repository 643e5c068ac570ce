"""What a build with PEC_SPARK_LARGE=1 took, by table: CPU, shuffle and skew, from the events that Spark wrote.

.venv-spark/bin/python -m spark.events target/spark
"""

import json
import pathlib
import re
import statistics
import sys
from collections import defaultdict

SHOWN, OTHERS = 15, "tests and other queries"
# What a plan says of the table that it creates, or of the folder that it adds to.
TABLE = re.compile(
    r"(?:CreateDataSourceTableAsSelectCommand|InsertIntoHadoopFsRelationCommand)\n(?:Input: .*\n)?"
    r"Arguments: (?:`spark_catalog`\.`(\w+)`\.`(\w+)`|\S*/(\w+)\.db/(\w+),)"
)


def read(folder):
    """[(table, {stage: [(seconds of a task, CPU seconds, bytes of shuffle written)]})] of the newest build. folder: with events below it."""
    newest = max((path for path in (pathlib.Path(folder) / "events").iterdir()), key=lambda path: path.stat().st_mtime)
    files = sorted(newest.glob("events_*")) if newest.is_dir() else [newest]
    tables, stages = {}, {}
    tasks = defaultdict(lambda: defaultdict(list))
    for file in files:
        for event in map(json.loads, open(file, encoding="utf-8")):
            kind = event["Event"].rpartition(".")[2]
            if kind == "SparkListenerSQLExecutionStart":
                tables[str(event["executionId"])] = table_of(event["physicalPlanDescription"])
            elif kind == "SparkListenerJobStart":
                execution = event.get("Properties", {}).get("spark.sql.execution.root.id")
                stages |= {stage: execution for stage in event["Stage IDs"]}
            elif kind == "SparkListenerTaskEnd" and event.get("Task Metrics"):
                metrics = event["Task Metrics"]
                tasks[tables.get(stages.get(event["Stage ID"]), OTHERS)][event["Stage ID"]].append(
                    (metrics["Executor Run Time"] / 1e3, metrics["Executor CPU Time"] / 1e9, metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"])
                )
    return tasks


def table_of(plan):
    """The table that a query writes, or OTHERS. plan: text."""
    found = TABLE.search(plan)
    return ".".join(filter(None, found.groups())) if found else OTHERS


def main(folder):
    """Prints a table of what took most. folder: of a build."""
    tasks = read(folder)
    rows = []
    for table, stages in tasks.items():
        every = [task for stage in stages.values() for task in stage]
        heaviest = max(stages.values(), key=lambda stage: sum(task[0] for task in stage))
        skew = max(task[0] for task in heaviest) / max(statistics.median(task[0] for task in heaviest), 0.001)
        rows.append((sum(t[0] for t in every), sum(t[1] for t in every), sum(t[2] for t in every) / 1e6, len(heaviest), skew, table))
    print("| table | task seconds | CPU seconds | shuffle MB | tasks of its heaviest stage | slowest \u00f7 median task |\n|---|---|---|---|---|---|")
    for seconds, cpu, shuffle, count, skew, table in sorted(rows, reverse=True)[:SHOWN]:
        print(f"| {table} | {seconds:.1f} | {cpu:.1f} | {shuffle:.1f} | {count} | {skew:.1f} |")
    print(f"| all | {sum(row[0] for row in rows):.1f} | {sum(row[1] for row in rows):.1f} | {sum(row[2] for row in rows):.1f} | | |")


if __name__ == "__main__":
    main(sys.argv[1])
