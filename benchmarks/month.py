"""An invented month of a distributor, September 2026, at any scale: the landing zone that the benchmark builds from.

`python benchmarks/month.py ZONE --lines 2700000 [--compress]` writes it. The output depends on nothing but its arguments and the version of
DuckDB: every choice is a hash of the numbers of the thing chosen for. The shape is a distributor's: 90 lines a resource (30 days, 3 meters a day),
10 resources a resource group, 10 groups a subscription, 3 subscriptions a customer, 400 meters, about 1.1 KB a line, about 6 access intervals
a subscription, whose boundaries stand in snapshots, in events, in both or in neither.

Three zones are made of it: the whole month, the month before one day's file and three corrected ones came, and the month as a real night finds
it: with the month-to-date export of day 29, which that of day 30 replaces. Usage is written a file at a time by DuckDB, so that memory is bounded
by one file's buffers and not by the month.
"""

import argparse
import contextlib
import os
import pathlib
import shutil
from dataclasses import dataclass

import duckdb
from month_access import ACTIVITY_LOG, DENY_ASSIGNMENTS, DIRECTORY, GRANTS, LIGHTHOUSE, PROVIDER_TENANT, ROLE_ASSIGNMENTS, SNAPSHOTS
from month_usage import CATEGORIES, DIMENSIONS, LINES, MACROS, METER_TABLE, METERED, METERS, PRICE_SHEET, PRICES

DAYS = range(1, 31)
CORRECTED_DAYS = (5, 12, 20)
EXPORTED_ON, EXPORTED_THE_DAY_BEFORE = "2026-10-01", "2026-09-30"
DAYS_PER_MONTH, METERS_A_DAY = 30, 3
# A month-to-date export is several files; each has lines of all its days.
PARTS = 10
NEEDED_FOLDERS = ("daily_rated_usage", "price_sheet")
MARKETS = ("AT", "DE", "FR", "NL")


@dataclass(frozen=True)
class Month:
    """The size of a month. lines: usage lines, rounded down to whole resources (90 lines each). compress: usage as .csv.gz."""

    lines: int = 2_700_000
    compress: bool = False
    resources_per_group: int = 10
    groups_per_subscription: int = 10

    @property
    def resources(self) -> int:
        return max(1, self.lines // (DAYS_PER_MONTH * METERS_A_DAY))

    @property
    def price_rows_per_market(self) -> int:
        return max(2000, self.lines // 54) // len(MARKETS)

    def usage_file(self, day: int) -> str:
        """Path in the zone of a day's file. All days carry the same export date: they are parts of one export."""
        return f"daily_rated_usage/{EXPORTED_ON}_unbilled_day_{day:02}.csv" + self.ending

    def earlier_export_file(self, part: int) -> str:
        """Path in the zone of a part of the export that the whole month's replaces."""
        return f"daily_rated_usage/{EXPORTED_THE_DAY_BEFORE}_unbilled_part_{part:02}.csv" + self.ending

    @property
    def ending(self) -> str:
        return ".gz" if self.compress else ""


def stride(count: int) -> int:
    """A step that visits each of `count` things once, in an order that looks like none."""
    return next(prime for prime in (100_003, 104_729, 1_299_709) if count % prime)


def prepare(month: Month, temp: pathlib.Path) -> duckdb.DuckDBPyConnection:
    """A connection that holds the month's dimensions. temp: where DuckDB may spill."""
    connection = duckdb.connect(config={"temp_directory": str(temp), "memory_limit": "6GB"})
    sizes = {
        "resources": month.resources, "stride": stride(month.resources), "meters": METERS, "meters_a_day": METERS_A_DAY,
        "resources_per_group": month.resources_per_group, "groups_per_subscription": month.groups_per_subscription,
        "markets": list(MARKETS), "market_count": len(MARKETS),
    }  # fmt: skip
    connection.execute(MACROS)
    connection.execute(CATEGORIES)
    for statement in (METER_TABLE, DIMENSIONS, PRICES, METERED):
        connection.execute(statement.format(**sizes))
    for statement in (GRANTS, SNAPSHOTS):
        connection.execute(statement)
    return connection


def write_usage(connection, month: Month, target: pathlib.Path, days, corrected=(), part: int = 0, parts: int = 1) -> None:
    """Writes a file of usage.

    days: those whose lines it has.  corrected: those of which a hundredth of the lines has its corrected quantity.
    part, parts: the share of the resources that it has.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    options = "format csv, header, compression " + ("gzip" if month.compress else "none")
    lines = LINES.format(days=list(days), corrected=list(corrected), part=part, parts=parts)
    connection.execute(f"copy ({lines}) to '{target}' ({options})")


def write_prices(connection, month: Month, zone: pathlib.Path) -> None:
    """Writes a price sheet per market."""
    for market in MARKETS:
        target = zone / "price_sheet" / market / f"azure_consumption_{market}_202609.csv"
        target.parent.mkdir(parents=True, exist_ok=True)
        used = connection.execute("select count(*) from prices where market = ? and not is_unlisted", [market]).fetchone()[0]
        unused = max(0, month.price_rows_per_market - used)
        sheet = PRICE_SHEET.format(market=market, unused=unused)
        connection.execute(f"copy ({sheet}) to '{target}' (format csv, header, force_quote *)")


def write_access(connection, zone: pathlib.Path) -> None:
    """Writes snapshots, events and the partner directory. Their number goes with the subscriptions, not with the lines."""
    for query in (ROLE_ASSIGNMENTS, ACTIVITY_LOG, DENY_ASSIGNMENTS, LIGHTHOUSE.format(provider_tenant=PROVIDER_TENANT)):
        reader = connection.execute(query)
        while rows := reader.fetchmany(500):
            for path, content in rows:
                file = zone / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(content)
    directory = zone / "partner_directory"
    directory.mkdir(parents=True, exist_ok=True)
    for name, query in DIRECTORY.items():
        connection.execute(f"copy ({query} order by all) to '{directory / name}.csv' (format csv, header)")


def write_month(zone, month: Month = Month()) -> None:
    """Writes the landing zone of the whole month, with CORRECTED_DAYS in their last version. zone: a folder, emptied first."""
    zone = pathlib.Path(zone)
    shutil.rmtree(zone, ignore_errors=True)
    zone.mkdir(parents=True)
    with contextlib.closing(prepare(month, zone.parent / "spill")) as connection:
        write_prices(connection, month, zone)
        write_access(connection, zone)
        for day in DAYS:
            write_usage(connection, month, zone / month.usage_file(day), [day], CORRECTED_DAYS)


# ---------------------------------------------------------------------------------------------------------------------
# Zones of the time before
# ---------------------------------------------------------------------------------------------------------------------


def link_files(zone, other, is_wanted) -> None:
    """Links files of a zone into another folder of the same file system, which keeps what it has. is_wanted: decides on a path in the zone."""
    zone, other = pathlib.Path(zone), pathlib.Path(other)
    for folder, _, names in os.walk(zone):
        for file in (pathlib.Path(folder) / name for name in names):
            if is_wanted(file.relative_to(zone)):
                target = other / file.relative_to(zone)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.unlink(missing_ok=True)
                os.link(file, target)


def news_of_files(month: Month) -> list[str]:
    """Paths of the last day's file and of the corrected ones."""
    return [month.usage_file(day) for day in (*CORRECTED_DAYS, DAYS[-1])]


def write_month_before(zone, earlier, month: Month = Month()) -> None:
    """Makes the landing zone as it stood before the last day came in: days 1 to 29, CORRECTED_DAYS in their first version.

    zone: a month as write_month() left it.  earlier: a folder of the same file system, emptied first; what both have in common is linked.
    """
    zone, earlier = pathlib.Path(zone), pathlib.Path(earlier)
    shutil.rmtree(earlier, ignore_errors=True)
    link_files(zone, earlier, lambda path: path.as_posix() not in news_of_files(month))
    with contextlib.closing(prepare(month, zone.parent / "spill")) as connection:
        for day in CORRECTED_DAYS:
            write_usage(connection, month, earlier / month.usage_file(day), [day])


def bring_news(zone, earlier, month: Month = Month()) -> None:
    """Brings the last day and the corrected files into an earlier zone, which then equals `zone`."""
    link_files(zone, earlier, lambda path: path.as_posix() in news_of_files(month))


def is_of_last_day(path: pathlib.PurePath) -> bool:
    """Whether a file of a zone is evidence of the last day: its part of the activity log, and the snapshots taken after it."""
    return "d=30" in path.parts or path.name == f"{EXPORTED_ON}.json"


def write_night_before(zone, night, month: Month = Month()) -> None:
    """Makes the landing zone that a real night finds: the month-to-date export of day 29, and evidence without the last day's.

    zone: a month as write_month() left it.  night: a folder of the same file system, emptied first; what both have in common is linked.
    """
    zone, night = pathlib.Path(zone), pathlib.Path(night)
    shutil.rmtree(night, ignore_errors=True)
    link_files(zone, night, lambda path: path.parts[0] != "daily_rated_usage" and not is_of_last_day(path))
    with contextlib.closing(prepare(month, zone.parent / "spill")) as connection:
        for part in range(PARTS):
            write_usage(connection, month, night / month.earlier_export_file(part), DAYS[:-1], part=part, parts=PARTS)


def bring_night(zone, night, month: Month = Month()) -> None:
    """Brings the month-to-date export of day 30 and a day's evidence. The export of day 29 goes, as where a folder is kept as the vendor's."""
    for part in range(PARTS):
        (pathlib.Path(night) / month.earlier_export_file(part)).unlink(missing_ok=True)
    link_files(zone, night, lambda path: path.parts[0] == "daily_rated_usage" or is_of_last_day(path))


def leave_one_file(zone, other) -> None:
    """Links only the first file of each folder that must not be empty into another zone, emptied first: all else is gone."""
    shutil.rmtree(other, ignore_errors=True)
    for folder in NEEDED_FOLDERS:
        first = min(path for path in (pathlib.Path(zone) / folder).rglob("*") if path.is_file()).relative_to(zone)
        link_files(zone, other, lambda path: path == first)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("zone", type=pathlib.Path)
    parser.add_argument("--lines", type=int, default=2_700_000)
    parser.add_argument("--compress", action="store_true", help="usage as .csv.gz")
    arguments = parser.parse_args()
    write_month(arguments.zone, Month(arguments.lines, arguments.compress))
