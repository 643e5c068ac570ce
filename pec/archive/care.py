"""What is done to an archive besides updating it: list, verify, export, prune, forget, move."""

import os

import duckdb

from pec import kinds
from pec.archive import health, names, store, wrapping, zone as zones
from pec.archive.problems import ArchiveError, Quarantine, reason_of


def existing(archive):
    """(Store, its identity) of an archive. ArchiveError: there is none."""
    house = store.Store(archive)
    identity = house.identity()
    if identity is None:
        raise ArchiveError(f"there is no archive at {house.path}; set PEC_ARCHIVE to its folder, or make one with: dbt build")
    return house, identity


def listing(archive):
    """All observations of an archive (dicts), oldest first, each with is_held: its content is in the archive. ArchiveError: there is none."""
    house, _ = existing(archive)
    return with_is_held(house, house.observations())


def with_is_held(house, observations):
    """Observations (dicts) with is_held: the archive has the content, which was not pruned or lost. house: store.Store."""
    forgotten = house.forgotten()
    return [row | {"is_held": house.holds(row, forgotten)} for row in observations]


def verify(archive):
    """Compares each file of an archive with its digest; returns what is damaged, a text each, empty when nothing is."""
    try:
        house, _ = existing(archive)
        damaged = health.Ledger(house).damaged(is_thorough=True)
        if any(path.startswith("manifest/") for path in damaged):
            return [f"{path} {what}; restore it from a backup" for path, what in sorted(damaged.items())]
        observations = house.observations()
        pruned, forgotten = house.pruned(), house.forgotten()
    except (ArchiveError, Quarantine, OSError, duckdb.Error) as error:
        return [str(error)]
    named = {row["archive_file"]: row for row in observations if row["archive_file"]}
    needed = {row["archive_file"] for row in observations if (row["archive_file"], row["content_id"]) not in forgotten} - pruned
    damaged |= {path: "is missing" for path in named if path in needed and not house.has(path)}
    problems = []
    for path, what in sorted(damaged.items()):
        whose = f" ({named[path]['source_file']})" if path in named else ""
        cure = "restore it from a backup, or build again while the landing zone has the file" if health.can_be_remade(path) else "restore it from a backup"
        problems.append(f"{path} {what}{whose}; {cure}")
    return problems + rejected_problems(house, observations)


def rejected_problems(house, observations):
    """What is wrong with the rejected records that an archive holds: as many of a content as the manifest says, or a text says so."""
    expected = {row["content_id"]: row["rejected"] for row in observations if row["archive_file"] and row["rejected"]}
    if not expected:
        return []
    try:
        with duckdb.connect() as connection:
            files = ", ".join(store.quoted(store.literal_path(path)) for path in house.parquet_files("rejected"))
            counts = dict(connection.execute(f"select content_id, count(*) from read_parquet([{files}], union_by_name = true) group by 1").fetchall())
    except duckdb.Error as error:
        return [f"rejected/ cannot be read: {reason_of(error)}; restore it from a backup"]
    return [
        f"rejected/ has {counts.get(content_id, 0)} records of {content_id} and not {count}; restore it from a backup"
        for content_id, count in expected.items() if counts.get(content_id, 0) < count
    ]  # fmt: skip


def export(archive, content_id, target):
    """Writes what an archive holds of a content to a file: CSV for a table, a JSON list for a document; returns how many records or items.

    content_id: of a table or a document.  target: path.  ArchiveError: there is no such content, or it was pruned, or it cannot be written.
    """
    house, _ = existing(archive)
    found = [row for row in house.observations() if row["content_id"] == content_id and row["archive_file"]]
    row = next((row for row in reversed(found) if house.has(row["archive_file"])), None)
    if row is None:
        what = "was pruned: only its counts are left" if found else "is not in the archive"
        raise ArchiveError(f"the content {content_id} {what}; see what there is with: pec archive list --archive {house.path}")
    source = f"read_parquet({store.quoted(store.literal_path(house.at(*row['archive_file'].split('/'))))})"
    try:
        with duckdb.connect() as connection:
            if kinds.KINDS[row["kind"]].is_table:
                query = f"select * exclude (content_id, record_number, line_number) from {source} order by record_number"
                return connection.execute(f"copy ({query}) to {store.quoted(target)} (format csv, header, force_quote *)").fetchone()[0]
            items = connection.execute(f"select item from {source} where content_id = ? order by item_number", [content_id]).fetchall()
        store.write_text(target, "[\n" + ",\n".join(item for (item,) in items) + "\n]\n")
        return len(items)
    except (OSError, duckdb.Error) as error:
        raise ArchiveError(f"{target} cannot be written: {reason_of(error)}; name another path") from error


def prune(archive, content_ids):
    """Deletes the lines of usage contents; returns the paths that were deleted. Manifest and counts stay; what is gone already is left alone.

    content_ids: of usage. The caller says which are no longer needed.  ArchiveError: a content is unknown or of a kind that stays for good;
    then nothing is deleted.
    """
    house, _ = existing(archive)
    wanted = set(content_ids)
    known = [row for row in house.observations() if row["content_id"] in wanted and row["archive_file"]]
    unknown = wanted - {row["content_id"] for row in known}
    kept = sorted({row["kind"] for row in known} - set(kinds.PRUNABLE))
    if unknown:
        raise ArchiveError(f"the archive {house.path} has no content {', '.join(sorted(unknown))}; see: pec archive list")
    if kept:
        raise ArchiveError(f"contents of {', '.join(kept)} stay for good; only {', '.join(kinds.PRUNABLE)} can be pruned")
    rows = {row["archive_file"]: {"kind": row["kind"], "content_id": row["content_id"], "archive_file": row["archive_file"]} for row in known}
    with house.writing():
        rows = {path: row | what_stays(house, path) for path, row in rows.items() if house.has(path)}
        if rows:
            # What was pruned is written first: a file that is missing without a word is damage.
            house.write_rows(f"pruned/{house.next_batch()}.parquet", list(rows.values()), store.PRUNED_COLUMNS)
        for path in rows:
            os.remove(house.at(*path.split("/")))
    return sorted(rows)


def forget(archive, content_ids):
    """Accepts that contents are lost, so that builds go on without them. A file with the same content in the landing zone brings one back.

    content_ids: of lost contents.  ArchiveError: one of them is not lost; then nothing is accepted.
    """
    house, _ = existing(archive)
    pruned, forgotten = house.pruned(), house.forgotten()
    lost = {
        (row["archive_file"], row["content_id"]): {name: row[name] for name in ("kind", "content_id", "archive_file")} for row in house.observations()
        if row["archive_file"] and row["archive_file"] not in pruned and not house.has(row["archive_file"])
    }  # fmt: skip
    wrong = sorted(set(content_ids) - {content_id for _, content_id in lost})
    if wrong:
        raise ArchiveError(f"the archive {house.path} has not lost {', '.join(wrong)}; name contents that a build says are lost")
    rows = [row for key, row in sorted(lost.items()) if row["content_id"] in content_ids and key not in forgotten]
    if rows:
        with house.writing():
            house.write_rows(f"pruned/{house.next_batch()}.parquet", rows, store.PRUNED_COLUMNS)


def what_stays(house, path):
    """Count and sum of the lines of a usage content, for the record of its pruning. path: of its file in the archive."""
    with duckdb.connect() as connection:
        lines, total = connection.execute(
            "select count(*), coalesce(sum(try_cast(pricingpretaxtotal as decimal(38, 18))), 0) from read_parquet(?)",
            [store.literal_path(house.at(*path.split("/")))],
        ).fetchone()
    return {"lines": lines, "pricing_pre_tax_total": total}


def move(archive, zone):
    """Writes into an archive that its landing zone has another path now. ArchiveError: no archive, or no such folder.

    Files with the size and date that the manifest has are taken to be the same: the next update does not open them.
    """
    house, identity = existing(archive)
    zone = os.path.abspath(zone)
    if not os.path.isdir(zone):
        raise ArchiveError(f"there is no folder {zone}; name the folder that the landing zone was moved to")
    known = {(row["source_file"].split("!", 1)[0], row["size_bytes"], row["modified_at"]) for row in house.observations()}
    with house.writing():
        house.write_identity(zone, identity["archive_id"])
        ledger = health.Ledger(house)
        ledger.zone = {
            found.source_file: found.stat.st_ctime_ns for found in zones.look(zone)
            if found.stat and (found.source_file, found.stat.st_size, names.modified_at(found.stat)) in known
        }  # fmt: skip
        ledger.write()
