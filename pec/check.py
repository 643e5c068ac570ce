"""What the landing zone holds and lacks: `pec check`. Looks, and changes nothing.

What the archive knows already is not read again. What it does not know is read into an archive of its own, in a temporary folder, as a build
would read it. What the evidence of a subscription lacks is taken from the warehouse, if there is one; else from the files alone, without a price.
"""

import os
import re
import tempfile

import duckdb

from pec import kinds
from pec.archive import care, names, run, store
from pec.archive.problems import ArchiveError

EVIDENCE = {
    "role_assignments": "a list", "lighthouse": "a list, also if it is empty", "deny_assignments": "a list, also if it is empty", "activity_log": "the log",
}  # fmt: skip
LISTS = tuple(folder for folder in EVIDENCE if folder != "activity_log")
# Folders whose files are told apart by their dates.
DATED = ("daily_rated_usage", "role_assignments", "deny_assignments", "lighthouse", "role_schedules")
MOST_NAMED = 20  # files of a folder that are named one by one
GUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def check(zone, folder, warehouse):
    """Prints what a landing zone holds and lacks; the exit code: 0 if nothing is wrong, else 1.

    zone: of the exports.  folder: of the archive, which need not exist.  warehouse: path, which need not exist.
    """
    try:
        candidates = run.look(os.path.abspath(zone))
    except ArchiveError as error:
        print(f"wrong: {error}")
        return 1
    with tempfile.TemporaryDirectory(prefix="pec-check-") as work:
        houses = [store.Store(os.path.join(work, "archive"))]
        known = known_observations(zone, folder)
        if known:
            houses.append(store.Store(folder))
        observations = look_closer(zone, candidates, known, houses[0], work)
        # A warehouse beside another zone's archive says nothing about this zone.
        last = warehouse if known else os.path.join(work, "none")
        wrong = say_folders(observations) + say_values(last) + say_evidence(last, observations, houses)
    print(f"\n{wrong} wrong" if wrong else "\nnothing wrong")
    return 1 if wrong else 0


def known_observations(zone, folder):
    """The newest observations of a zone's archive by path, its own alone; empty when there is none, or it is another zone's."""
    try:
        if store.Store(folder).identity()["landing_zone"] != os.path.abspath(zone):
            return {}
        return {row["source_file"]: row for row in care.listing(folder)}
    except (ArchiveError, TypeError):
        return {}


def look_closer(zone, candidates, known, house, work):
    """The observations (dicts) of all candidates, sorted by path.

    known: of known_observations().  house: store.Store in a temporary folder, for what is not known as it is now.  work: a temporary folder.
    """
    members = {}
    for path, row in known.items():
        members.setdefault(path.split("!", 1)[0], []).append(row)
    found, new = [], []
    for candidate in candidates:
        rows = members.get(candidate.source_file, [])
        stat = candidate.stat
        rows = [row for row in rows if stat and (row["size_bytes"], row["modified_at"]) == (stat.st_size, names.modified_at(stat))]
        if rows and candidate.problem is None and all(row["problem"] is None for row in rows):
            found += rows
        else:
            new.append(candidate)
    with house.writing():
        house.write_identity(os.path.abspath(zone))
        house.write_schemas()
        with run.collecting(work, "200MB", 2) as connection:
            done = run.Run(house, connection, work, None).of(os.path.abspath(zone), new, 2, "1GB")
    return sorted(found + done.observations, key=lambda row: row["source_file"])


def say_folders(observations):
    """Prints, per folder, what was found, of which dates, and what is wrong with it; how much is wrong."""
    wrong = 0
    there = {row["folder"] for row in observations}
    for folder in kinds.FOLDERS:
        rows = [row for row in observations if row["folder"] == folder]
        if not rows:
            lacking = next((folders for folders in kinds.NEEDED_FOLDERS if folder in folders and not there & set(folders)), ())
            wrong += folder in lacking[:1]
            print(f"{folder + '/':<26} nothing" + (f": a build needs {needed_of(lacking)}" if lacking else ""))
            continue
        good = [row for row in rows if row["problem"] is None and row["kind"] != kinds.MANIFEST]
        dates = sorted(row["exported_at"].date() for row in good if row["exported_at"])
        since = "" if not dates else f", of {dates[0]}" + (f" to {dates[-1]}" if dates[-1] != dates[0] else "")
        print(f"{folder + '/':<26} {len(good)} files{since}, {sum(row['records'] or 0 for row in good):,} records")
        if folder == "partner_directory":
            files = {row["kind"] for row in good}
            print(f"{'':<26} there: {', '.join(sorted(files)) or 'none'}; not there: {', '.join(sorted(set(kinds.DIRECTORY) - files)) or 'none'}")
        undated = [row for row in good if not row["is_date_from_name"]]
        if undated and folder in DATED:
            print(f"{'':<26} {len(undated)} without a date in the name: the modification time counts, as of {undated[0]['source_file']}")
            if folder == "daily_rated_usage":
                print(f"{'':<26} the newest export of an invoice or open month replaces the older: give all parts of an export one date")
        wrong += say_files(rows)
    strays = [row for row in observations if row["folder"] not in kinds.FOLDERS]
    if strays:
        print("not a folder that is read:")
        wrong += say_files(strays)
    return wrong


def needed_of(folders):
    """Folders of which a build needs one, as text."""
    return "it" if len(folders) == 1 else " or ".join(f"{folder}/" for folder in folders)


def say_files(rows):
    """Prints what is wrong with files, a line each; how many. rows: observations."""
    said = []
    last_pages = {pages_of(row) for row in rows if not row["has_next_page"]}
    for row in rows:
        if row["problem"] and not row["problem"].endswith("not needed"):
            said.append(f"{row['source_file']}: {row['problem']}")
        elif row["rejected"]:
            said.append(f"{row['source_file']}: {row['rejected']} of {row['records']} records cannot be read")
        elif row["folder"] in LISTS and (row["is_whole_document"] is False or row["has_next_page"] and pages_of(row) not in last_pages):
            said.append(f"{row['source_file']}: not a whole list; it proves access and ends none. Export all pages into one file")
        elif row["folder"] not in LISTS and row["has_next_page"] and pages_of(row) not in last_pages:
            said.append(f"{row['source_file']}: one page of several, and the last is missing. Export all pages")
    for line in said[:MOST_NAMED]:
        print(f"  wrong: {line}")
    if len(said) > MOST_NAMED:
        print(f"  and {len(said) - MOST_NAMED} more")
    return len(said)


def pages_of(row):
    """What the pages of one answer have in common: folder, date, and name but for numbers in it, as rejected_rows has it. row: an observation."""
    folder, name = os.path.split(row["source_file"])
    return row["kind"], row["exported_at"] and row["exported_at"].date(), folder, re.sub("[^a-z]|page|part", "", name.lower())


def query(warehouse, sql):
    """Rows of a query on the warehouse; empty when there is none, or it has no such mart."""
    if not os.path.exists(warehouse):
        return []
    try:
        with duckdb.connect(warehouse, read_only=True) as connection:
            return connection.execute(sql).fetchall()
    except duckdb.Error:
        return []


def say_values(warehouse):
    """Prints how many rows the last build rejected for their values, by file; how many files."""
    rows = query(
        warehouse,
        "select source_file, count(*), min_by(reason, line_number), min(line_number) from marts.rejected_rows where line_number > 0 "
        "group by source_file order by 2 desc, 1",
    )
    if rows:
        print("rejected by the last build (marts.rejected_rows):")
    for source_file, count, reason, line in rows[:MOST_NAMED]:
        print(f"  wrong: {source_file}: {count} rows, the first in line {line}: {reason}")
    for reason, count in query(warehouse, "select reason, count(*) from marts.pec_unresolved_access group by reason order by reason"):
        print(f"not counted by the last build: {count} × {reason} (marts.pec_unresolved_access)")
    return len(rows)


def say_evidence(warehouse, observations, houses):
    """Prints what evidence each subscription with usage lacks; how many subscriptions have none at all."""
    gaps = query(
        warehouse,
        "select subscription_id, customer_name, credit_in_doubt_usd::decimal(38, 2), to_supply, "
        "newest_role_assignments_at is null and newest_delegations_at is null and activity_log_first_at is null "
        "from marts.evidence_coverage order by credit_in_doubt_usd desc, subscription_id",
    )
    used = used_subscriptions(observations, houses)
    if gaps:
        print("\nevidence of access by subscription, as of the last build (marts.evidence_coverage):")
        for subscription, customer, doubt, lacking, _ in gaps:
            named = f"{subscription} ({customer})" if customer else subscription
            print(f"  {named}: {doubt:,} USD in doubt; {'lacks ' + lacking if lacking else 'lacks nothing'}")
    # What the last build has not seen, it cannot price.
    lacking = lacking_by_files(observations, houses, used - {subscription for subscription, *_ in gaps})
    if lacking:
        print("\nevidence of access by subscription, by the files alone (build the warehouse to price it):")
    for subscription, folders in sorted(lacking.items()):
        needs = "; ".join(f"{folder}/: {EVIDENCE[folder]}" for folder in folders)
        print(f"  {subscription}: {'lacks ' + needs if needs else 'lacks nothing'}")
    bare = sum({"role_assignments", "lighthouse", "activity_log"} <= set(folders) for folders in lacking.values())
    return bare + sum(is_bare for *_, is_bare in gaps)


def used_subscriptions(observations, houses):
    """The Azure subscriptions with usage, from daily files and from Cost Management."""
    used = set()
    for folder, column in (("daily_rated_usage", "entitlementid"), ("cost_management", "subscriptionid")):
        ids = [row["content_id"] for row in observations if row["problem"] is None and row["folder"] == folder]
        for house in houses:
            used |= texts(house, f"contents/{folder}", f"trim({column})", ids)
    return used


def lacking_by_files(observations, houses, used):
    """{subscription with usage: folders in which nothing names it}. A list names its subscription by its path or by its items. used: subscriptions."""
    if not used:
        return {}
    good = [row for row in observations if row["problem"] is None]
    named = {folder: {guid for row in good if row["folder"] == folder for guid in row["ids_in_path"] or ()} for folder in EVIDENCE}
    for house in houses:
        for folder in EVIDENCE:
            ids = [row["content_id"] for row in good if row["folder"] == folder]
            named[folder] |= texts(house, f"documents/{folder}", f"regexp_extract(lower(item), '/subscriptions/({GUID})', 1)", ids)
    return {subscription: [folder for folder in EVIDENCE if subscription not in named[folder]] for subscription in used}


def texts(house, relative, expression, content_ids):
    """The distinct texts of an expression over a folder of an archive, lower case, blanks aside. content_ids: of what counts."""
    files = house.parquet_files(relative)
    if not files or not content_ids:
        return set()
    listed = ", ".join(store.quoted(store.literal_path(path)) for path in files)
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select distinct lower({expression}) from read_parquet([{listed}], union_by_name = true) where list_contains(?, content_id)", [content_ids]
        ).fetchall()
    return {text for (text,) in rows if text}
