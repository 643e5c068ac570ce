"""Versions, contents and the files of the archive over several updates."""

import gzip
import os
import subprocess
import sys

import duckdb
import pytest
from archive_zone import usage

from pec import archive, cli, kinds

NAME = "daily_rated_usage/x_2026-02-01.csv"
DOCUMENT = "role_assignments/s/2026-02-01.json"


def batches(zone, folder="manifest"):
    return sorted(name for name in os.listdir(f"{zone.archive}/{folder}") if name[0] == "0")


def test_an_update_without_news_opens_and_writes_nothing(zone, monkeypatch):
    zone.put(DOCUMENT, b"[{}]")
    first = zone.update()
    before = {path: os.stat(os.path.join(d, path)).st_mtime_ns for d, _, names in os.walk(zone.archive) for path in names if path != ".lock"}
    monkeypatch.setattr("pec.archive.wrapping.magic_of", lambda path: pytest.fail(f"opens {path}"))
    second = zone.update()
    after = {path: os.stat(os.path.join(d, path)).st_mtime_ns for d, _, names in os.walk(zone.archive) for path in names if path != ".lock"}
    assert before == after
    assert (second.new_observations, second.new_contents, second.batch) == (0, 0, None)
    assert second.observations == first.observations
    assert (first.new_observations, first.new_contents, first.batch) == (3, 3, "00000001")
    assert batches(zone) == ["00000001.parquet"]


def test_numbers_go_on(zone):
    zone.update()
    zone.see(NAME, usage(2))
    assert [row["observation_number"] for row in zone.last.observations] == [1, 2, 3]
    assert batches(zone) == ["00000001.parquet", "00000002.parquet"]


def test_a_new_version_of_a_file(zone):
    zone.put(NAME, usage(2), mtime=1_000_000_000)
    zone.update()
    zone.put(NAME, usage(3), mtime=1_000_000_001)
    zone.update()
    old, new = [row for row in zone.last.observations if row["source_file"] == NAME]
    assert (old["archived"], old["is_present"]) == (2, False)
    assert (new["archived"], new["is_present"]) == (3, True)
    assert len(zone.rows(old)) == 2 and len(zone.rows(new)) == 3


def test_a_file_that_is_gone_stays_known(zone):
    zone.put(NAME, usage(2))
    zone.update()
    os.remove(zone.at(NAME))
    assert zone.update().new_observations == 0
    assert not zone.newest(NAME)["is_present"]


def test_the_same_bytes_at_another_time(zone):
    zone.put(NAME, usage(2), mtime=1_000_000_000)
    zone.update()
    zone.put(NAME, usage(2), mtime=1_000_000_001)
    found = zone.update()
    assert (found.new_observations, found.new_contents) == (1, 0)
    assert zone.update().new_observations == 0


def test_the_same_content_by_other_names_is_stored_once(zone):
    zone.put(NAME, usage(2))
    zone.put("daily_rated_usage/y_2026-02-02.csv.gz", gzip.compress(usage(2)))
    zone.put("daily_rated_usage/z_2026-02-02.csv", b"\xef\xbb\xbf" + usage(2))
    found = zone.update()
    assert (found.new_observations, found.new_contents) == (5, 3)
    names = [NAME, "daily_rated_usage/y_2026-02-02.csv.gz", "daily_rated_usage/z_2026-02-02.csv"]
    assert len({zone.newest(name)["archive_file"] for name in names}) == 1
    zone.put("daily_rated_usage/later_2026-02-03.csv", usage(2))
    found = zone.update()
    assert (found.new_observations, found.new_contents) == (1, 0)


def test_the_same_bad_content_by_two_names(zone):
    zone.put(NAME, b'"' + usage(2))
    zone.put("daily_rated_usage/y.csv", b'"' + usage(2))
    zone.update()
    assert zone.newest(NAME)["problem"] == zone.newest("daily_rated_usage/y.csv")["problem"] is not None


def test_the_same_content_of_two_kinds_is_stored_for_each(zone):
    zone.put(DOCUMENT, b"[]")
    zone.put("deny_assignments/s/2026-02-01.json", b"[]")
    zone.update()
    rows = [zone.newest(DOCUMENT), zone.newest("deny_assignments/s/2026-02-01.json")]
    assert rows[0]["content_id"] == rows[1]["content_id"]
    assert [row["archive_file"].split("/")[1] for row in rows] == ["role_assignments", "deny_assignments"]


def test_a_bad_version_leaves_the_last_good_one(zone):
    zone.put(NAME, usage(2), mtime=1_000_000_000)
    zone.update()
    zone.put(NAME, b'"' + usage(3), mtime=1_000_000_001)
    assert zone.update().quarantined == 1
    good, bad = [row for row in zone.last.observations if row["source_file"] == NAME]
    assert len(zone.rows(good)) == 2
    assert bad["problem"] and bad["is_present"]
    assert zone.update().new_observations == 0
    zone.put(NAME, usage(3), mtime=1_000_000_002)
    assert zone.update().quarantined == 0


def test_any_folder_reads_by_a_glob(zone):
    zone.archive += ".new"
    zone.update()
    for kind in kinds.KINDS.values():
        folder = f"{zone.archive}/{'contents' if kind.is_table else 'documents'}/{kind.name}"
        described = duckdb.execute(f"describe from read_parquet('{folder}/*.parquet', union_by_name = true)").fetchall()
        types = {name: type_ for name, type_, *_ in described}
        if kind.is_table:
            assert {name for names in kind.needed for name in names} <= set(kind.columns) <= set(types)
            assert [types.pop(name) for name in ("record_number", "line_number")] == ["BIGINT", "BIGINT"]
        else:
            assert list(types) == ["content_id", "item_number", "line_number", "item"]
    duckdb.execute(f"from read_parquet('{zone.archive}/rejected/*.parquet', union_by_name = true)")


def test_as_relation(zone):
    zone.put(DOCUMENT, b"[{}]")
    zone.update()
    connection = duckdb.connect()
    relation = archive.as_relation(connection, zone.last.observations)
    assert dict(zip(relation.columns, map(str, relation.types))) == archive.COLUMNS | {"is_present": "BOOLEAN"}
    assert [dict(zip(relation.columns, row)) for row in relation.fetchall()] == zone.last.observations
    assert archive.as_relation(connection, []).fetchall() == []


def test_an_archive_belongs_to_one_zone(zone, tmp_path):
    zone.update()
    other = str(tmp_path / "moved")
    os.rename(zone.path, other)
    with pytest.raises(archive.ArchiveError, match=f"pec archive move --zone {other}"):
        archive.update(other, zone.archive)
    assert cli.main(["archive", "move", "--archive", zone.archive, "--zone", other]) == 0
    assert archive.update(other + "/", zone.archive).new_observations == 0
    with pytest.raises(archive.ArchiveError, match="there is no folder"):
        archive.move(zone.archive, "/nowhere")


def test_an_archive_that_cannot_be_written(zone, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(archive.ArchiveError, match="cannot be written"):
        archive.update(zone.path, str(tmp_path / "file" / "archive"))
    zone.update()
    with open(f"{zone.archive}/archive.json", "w") as file:
        file.write("{")
    with pytest.raises(archive.ArchiveError, match="archive.json"):
        zone.update()


def test_a_damaged_manifest(zone):
    zone.update()
    with open(f"{zone.archive}/manifest/00000001.parquet", "wb") as file:
        file.write(b"x")
    with pytest.raises(archive.ArchiveError, match="manifest"):
        zone.update()
    assert archive.verify(zone.archive)


def test_a_file_for_which_the_disk_is_too_small(zone, monkeypatch):
    from pec.archive import tables

    real = tables.archive_csv

    def full(cursor, plain, *more):
        if plain.tally.newlines == 8:
            raise OSError(28, "No space left on device")
        return real(cursor, plain, *more)

    monkeypatch.setattr(tables, "archive_csv", full)
    found = zone.see(NAME, usage(7))
    assert "could not be archived: No space left on device" in found["problem"]
    monkeypatch.setattr("pec.archive.store.Store.check_writable", lambda house: (_ for _ in ()).throw(house.unwritable(OSError(28, "full"))))
    with pytest.raises(archive.ArchiveError, match="cannot be written: full"):
        zone.update()
    monkeypatch.undo()
    zone.update()
    assert zone.newest(NAME)["archived"] == 7


def test_an_unforeseen_error_quarantines_its_file(zone, monkeypatch):
    monkeypatch.setattr("pec.archive.documents.archive_document", lambda *_: 1 / 0)
    found = zone.see(DOCUMENT, b"[{}]")
    assert "ZeroDivisionError" in found["problem"]
    assert zone.newest("daily_rated_usage/base_2026-01-01.csv")["archived"] == 1


def test_a_killed_update_leaves_nothing_that_counts(zone):
    zone.put(DOCUMENT, b"[{}]")
    script = (
        "import os\nfrom pec import archive\nfrom pec.archive import store\n"
        "write = store.Store.write_rows\n"
        "store.Store.write_rows = lambda house, relative, *more: os._exit(9) if 'manifest' in relative else write(house, relative, *more)\n"
        f"archive.update({zone.path!r}, {zone.archive!r})"
    )
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    assert subprocess.run([sys.executable, "-c", script], cwd=root).returncode == 9
    with open(f"{zone.archive}/contents/daily_rated_usage/.x.parquet.part", "w") as file:
        file.write("x")
    assert zone.update().new_observations == 3
    assert len(zone.rows(zone.newest(DOCUMENT))) == 1
    count = duckdb.execute(f"select count(*) from '{zone.archive}/documents/role_assignments/*.parquet'").fetchone()
    assert count == (1,)
    assert archive.verify(zone.archive) == []


def test_listing_and_command_line(zone, capsys, monkeypatch):
    zone.see(NAME, b'"' + usage(2))
    assert [row["is_held"] for row in archive.listing(zone.archive)] == [True, False, True]
    monkeypatch.setenv("PEC_ARCHIVE", zone.archive)
    assert cli.main(["archive", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and "never closed" in lines[2]
    assert cli.main(["archive", "list", "--problems"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert cli.main(["archive", "verify"]) == 0
    monkeypatch.setenv("PEC_ARCHIVE", "/nowhere")
    assert cli.main(["archive", "list"]) == 1
    assert "there is no archive at /nowhere" in capsys.readouterr().err
    assert cli.main(["archive", "verify"]) == 1


def test_verify_finds_damage(zone, monkeypatch):
    found = zone.see(NAME, usage(1) + b"short\n")
    monkeypatch.setenv("PEC_ARCHIVE", zone.archive)
    path = os.path.join(zone.archive, found["archive_file"])
    assert archive.verify(zone.archive) == []
    with open(path, "r+b") as file:
        file.seek(20)
        file.write(b"?")
    assert "is damaged" in archive.verify(zone.archive)[0]
    assert cli.main(["archive", "verify"]) == 1
    os.remove(path)
    assert "is missing" in archive.verify(zone.archive)[0]
    # The zone still has the file: the next update makes it again.
    zone.update()
    assert archive.verify(zone.archive) == []
    assert len(zone.rows(zone.newest(NAME))) == 1
    os.remove(f"{zone.archive}/rejected/00000001.parquet")
    assert "rejected/00000001.parquet is missing" in archive.verify(zone.archive)[0]
    os.remove(f"{zone.archive}/digests.json")
    assert "rejected/ has" in archive.verify(zone.archive)[0]


def test_export(zone, tmp_path):
    text = usage(2) + b'"a ""b""\n",,,,,,,,,,,,,\n'
    found = zone.see(NAME, text)
    target = str(tmp_path / "out.csv")
    assert archive.export(zone.archive, found["content_id"], target) == 3
    import csv

    with open(target, newline="") as file, open(zone.at(NAME), newline="") as original:
        assert list(csv.reader(file)) == list(csv.reader(original))
    found = zone.see(DOCUMENT, b'[{"a": 1.50},{}]')
    assert archive.export(zone.archive, found["content_id"], target) == 2
    assert open(target).read() == '[\n{"a": 1.50},\n{}\n]\n'
    with pytest.raises(archive.ArchiveError, match="is not in the archive"):
        archive.export(zone.archive, "0" * 16, target)
    assert cli.main(["archive", "export", "--archive", zone.archive, found["content_id"], "/nowhere/x"]) == 1


def test_prune(zone, tmp_path):
    found = zone.see(NAME, usage(2))
    price = zone.newest("price_sheet/base_2026-01-01.csv")
    with pytest.raises(archive.ArchiveError, match="price_sheet stay for good"):
        archive.prune(zone.archive, [found["content_id"], price["content_id"]])
    with pytest.raises(archive.ArchiveError, match="has no content nothing"):
        archive.prune(zone.archive, ["nothing"])
    assert archive.prune(zone.archive, [found["content_id"]]) == [found["archive_file"]]
    assert archive.prune(zone.archive, [found["content_id"]]) == []
    assert archive.verify(zone.archive) == []
    (noted,) = duckdb.sql(f"select lines, pricing_pre_tax_total is not null from read_parquet('{zone.archive}/pruned/*.parquet')").fetchall()
    assert noted == (2, True), "count and sum stay"
    zone.update()
    assert zone.last.new_observations == 0
    assert zone.newest(NAME)["archived"] == 2
    assert not archive.listing(zone.archive)[1]["is_held"]
    with pytest.raises(archive.ArchiveError, match="was pruned"):
        archive.export(zone.archive, found["content_id"], str(tmp_path / "x"))
    # The same bytes at another time say nothing new; under another date they are an export that needs its lines.
    os.utime(zone.at(NAME), (1, 1))
    assert zone.update().new_contents == 0
    zone.put("daily_rated_usage/x_2026-02-02.csv", usage(2))
    assert zone.update().new_contents == 1
    assert len(zone.rows(zone.newest("daily_rated_usage/x_2026-02-02.csv"))) == 2


def test_an_archive_that_holds_usage_and_prices_needs_no_raw_file(zone):
    zone.see(NAME, usage(2))
    before = zone.update().observations
    for name in (row["source_file"] for row in before):
        os.remove(zone.at(name))
    after = zone.update()
    assert after.new_observations == 0 and not any(row["is_present"] for row in after.observations)
    assert [row["content_id"] for row in after.observations] == [row["content_id"] for row in before]


def test_places():
    from pec import places

    assert places.archive({"PEC_WAREHOUSE": "/a/b.duckdb"}) == "/a/b.archive"
    assert places.archive({"PEC_WAREHOUSE": "/a/b.duckdb", "PEC_ARCHIVE": "/c"}) == "/c"
    assert places.archive({}) == os.path.abspath("warehouse.archive")
    assert places.landing_zone({}) == os.path.abspath("seeds/landing_zone")


def test_needed_columns_are_those_of_the_project():
    """kinds.py repeats dbt_project.yml as long as that still says which columns are needed."""
    import re

    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    with open(f"{root}/dbt_project.yml") as file:
        text = file.read()
    if "needed_columns" not in text:
        pytest.skip("kinds.py alone says it now")
    for name, columns in re.findall(r"^    (\w+):\s*\[([^\]]*)\]", text.split("needed_columns:")[1].split("on-run-start")[0], re.MULTILINE):
        needed = {"|".join(re.sub("[^a-z0-9]", "", part.lower()) for part in column.split("|")) for column in re.split(r",\s*", columns)}
        assert {"|".join(names) for names in kinds.KINDS[name].needed} == needed, name


def test_threads_side_by_side(zone):
    for number in range(40):
        zone.put(f"daily_rated_usage/n{number}.csv", usage(number % 10))
        zone.put(f"role_assignments/n{number}.json", b"[{}]" * (number % 3 == 0) or b"[]")
    found = zone.update(threads=2)
    assert found.quarantined == 0
    assert found.new_contents == 10 + 1 + 2
    for number in range(40):
        assert zone.newest(f"daily_rated_usage/n{number}.csv")["archived"] == number % 10


def test_rejected_records_of_a_content_are_held_once(zone):
    bad = usage(1) + b"short\n"
    found = zone.see(NAME, bad)
    os.remove(os.path.join(zone.archive, found["archive_file"]))
    zone.update()
    zone.see("daily_rated_usage/y.csv", bad)
    assert len(zone.rejected(found)) == 1
    for kind in ("role_assignments", "deny_assignments"):
        found = zone.see(f"{kind}/x.json", b"[1]")
        assert len(zone.rejected(found)) == 1
    zone.put("role_assignments/y.json", b"[1,2]")
    zone.put("deny_assignments/y.json", b"[1,2]")
    zone.update()
    assert len(zone.rejected(zone.newest("deny_assignments/y.json"))) == 2
