"""Damage to the archive's files is found before anything reads them: made again from files that the zone still has, or named with the remedy."""

import os
import shutil

import pytest
from archive_zone import usage
from pec import archive, cli
from pec.archive import health, names, store

USAGE, LIST, OTHER_LIST = "daily_rated_usage/x_2026-02-01.csv", "role_assignments/a_2026-02-01.json", "role_assignments/b_2026-02-01.json"


def flip(path, place=0.5):
    """Changes one bit of a file, as a disk may; its size stays."""
    with open(path, "r+b") as file:
        file.seek(int(os.path.getsize(path) * place))
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))


def in_archive(zone, relative):
    """The whole path of a file of the archive."""
    return os.path.join(zone.archive, relative)


def contents(zone):
    """Bytes of all files of the archive by path, but for the list of digests, which has times."""
    found = {path: open(in_archive(zone, path), "rb").read() for path in health.present_files(store.Store(zone.archive))}
    assert len(found) > 10
    return found


@pytest.fixture
def filled(zone):
    """A zone with a table, and two documents that share a file of the archive; archived."""
    zone.put(USAGE, usage(3))
    zone.put(LIST, b'[{"a": 1}, {"a": 2}]')
    zone.put(OTHER_LIST, b'[{"b": 1}]')
    zone.update()
    return zone


@pytest.mark.parametrize("name", [USAGE, LIST])
@pytest.mark.parametrize("place", [0.1, 0.5, 0.99])
def test_a_damaged_file_is_made_again_from_the_zone(filled, name, place):
    before, row = contents(filled), filled.newest(name)
    flip(in_archive(filled, row["archive_file"]), place)
    said = []
    assert filled.update(progress=said.append).new_observations == 0
    assert said[0] == f"{row['archive_file']} is damaged; it is made again"
    assert contents(filled) == before
    assert archive.verify(filled.archive) == []


@pytest.mark.parametrize("cut", [0, 1, 100])
def test_a_file_that_was_cut_off_is_made_again(filled, cut):
    before = contents(filled)
    for name in (USAGE, LIST):
        os.truncate(in_archive(filled, filled.newest(name)["archive_file"]), cut)
    filled.update()
    assert contents(filled) == before


def test_a_file_without_rows_is_made_again(filled):
    before = contents(filled)
    path = next(path for path in before if "_schema" in path)
    flip(in_archive(filled, path))
    filled.update()
    assert contents(filled) == before


@pytest.mark.parametrize("name", [USAGE, LIST])
def test_what_cannot_be_made_again_is_named_and_nothing_is_written(filled, name, tmp_path):
    shutil.copytree(filled.archive, tmp_path / "backup")
    row = filled.newest(name)
    os.rename(filled.at(name), tmp_path / "raw")
    flip(in_archive(filled, row["archive_file"]))
    filled.put("fx_rates/new_2026-02-01.csv", b"CurrencyCode,USDPerUnit,Month\nEUR,1.1,202602\n")
    for _ in range(2):
        with pytest.raises(archive.ArchiveError) as raised:
            filled.update()
        for text in (row["content_id"], name, row["archive_file"], "backup", "back into the landing zone", "pec archive forget"):
            assert text in str(raised.value)
        assert "lost 1 contents" in str(raised.value), "the other list is still in the zone"
    # The file from the backup, beside what the updates in vain left behind.
    shutil.copy(tmp_path / "backup" / row["archive_file"], in_archive(filled, row["archive_file"]))
    filled.update()
    assert archive.verify(filled.archive) == []
    assert len(filled.rows(row)) == row["archived"]
    items = [path for path in contents(filled) if path.startswith("documents/role_assignments/0")]
    assert items == ["documents/role_assignments/00000001.parquet"], "no list is there twice"


@pytest.mark.parametrize("name", [USAGE, LIST])
def test_the_same_content_under_another_name_brings_a_lost_one_back(filled, name):
    row = filled.newest(name)
    os.rename(filled.at(name), filled.at(name.replace("2026-02-01", "again_2026-02-02")))
    flip(in_archive(filled, row["archive_file"]))
    filled.update()
    assert archive.verify(filled.archive) == []
    assert len(filled.rows(row)) == row["archived"]


@pytest.mark.parametrize("name", [USAGE, LIST])
def test_a_loss_can_be_accepted_and_taken_back(filled, name, tmp_path, capsys):
    row = filled.newest(name)
    with pytest.raises(archive.ArchiveError, match="has not lost"):
        archive.forget(filled.archive, [row["content_id"]])
    os.rename(filled.at(name), tmp_path / "raw")
    os.remove(in_archive(filled, row["archive_file"]))
    with pytest.raises(archive.ArchiveError, match="has lost 1 contents"):
        filled.update()
    assert cli.main(["archive", "forget", "--archive", filled.archive, row["content_id"]]) == 0
    assert "goes on without" in capsys.readouterr().out
    filled.update()
    assert archive.verify(filled.archive) == []
    held = {row["source_file"]: row["is_held"] for row in archive.listing(filled.archive)}
    assert [name for name, is_held in held.items() if not is_held] == [name], "a list without its items would say that all access ended"
    os.rename(tmp_path / "raw", filled.at(name))
    filled.update()
    assert len(filled.rows(filled.newest(name))) == row["archived"]
    assert archive.verify(filled.archive) == []
    assert filled.update().new_contents == 0


@pytest.mark.parametrize("folder", ["manifest", "rejected", "pruned"])
def test_records_that_cannot_be_made_again_are_named(filled, folder):
    filled.see(USAGE, usage(1) + b"short\n")
    archive.prune(filled.archive, [filled.newest("daily_rated_usage/base_2026-01-01.csv")["content_id"]])
    filled.update()
    path = next(path for path in reversed(contents(filled)) if path.startswith(f"{folder}/0"))
    flip(in_archive(filled, path))
    with pytest.raises(archive.ArchiveError, match=f"{path} is damaged.*from a backup"):
        filled.update()
    assert f"{path} is damaged" in archive.verify(filled.archive)[0]
    os.remove(in_archive(filled, path))
    with pytest.raises(archive.ArchiveError, match=f"{path} is missing.*from a backup"):
        filled.update()


def test_damage_that_leaves_the_time_as_it_was_is_found_by_verify(filled):
    path = filled.newest(USAGE)["archive_file"]
    flip(in_archive(filled, path))
    ledger = health.Ledger(store.Store(filled.archive))
    ledger.files[path][1] = os.stat(in_archive(filled, path)).st_ctime_ns
    ledger.write()
    assert filled.update().new_contents == 0
    assert f"{path} is damaged" in archive.verify(filled.archive)[0]


@pytest.mark.parametrize("said", [None, "", "{", "[]", '{"files": [], "zone": 1}', '{"files": {"contents/x": null}, "zone": {}}'])
def test_without_a_readable_list_all_files_are_compared_with_the_manifest(filled, said):
    before = contents(filled)
    flip(in_archive(filled, filled.newest(USAGE)["archive_file"]))
    os.remove(in_archive(filled, health.NAME))
    if said is not None:
        filled.put("../archive/digests.json", said.encode())
    assert filled.update().new_observations == 0
    assert contents(filled) == before
    assert archive.verify(filled.archive) == []


def test_an_untouched_archive_is_not_read(filled, monkeypatch):
    monkeypatch.setattr(health.wrapping, "digest_of", lambda path: pytest.fail(f"{path} is read"))
    assert filled.update().new_observations == 0


# -- the landing zone ----------------------------------------------------------------------------------------------------


def test_other_content_of_the_same_size_and_date_is_read(filled):
    path, before = filled.at(USAGE), os.stat(filled.at(USAGE))
    text = usage(3).replace(b"-3", b"-4")
    assert len(text) == before.st_size
    with open(path, "r+b") as file:
        file.write(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert names.modified_at(os.stat(path)) == names.modified_at(before)
    old = filled.newest(USAGE)
    assert filled.update().new_observations == 1
    assert filled.newest(USAGE)["content_id"] != old["content_id"]
    assert filled.update().new_observations == 0


def test_a_file_whose_rights_changed_is_the_same_file(filled, monkeypatch):
    os.chmod(filled.at(USAGE), 0o600)
    assert filled.update().new_observations == 0
    monkeypatch.setattr(health.wrapping, "take_file", lambda path, *_: pytest.fail(f"{path} is read"))
    assert filled.update().new_observations == 0


def test_a_zone_that_was_moved_is_not_read_again(filled, monkeypatch):
    os.rename(filled.path, filled.path + "2")
    shutil.copytree(filled.path + "2", filled.path + "3")
    filled.path += "3"
    filled.put(OTHER_LIST, b'[{"b": 2}]')
    archive.move(filled.archive, filled.path)
    real, read = health.wrapping.take_file, []
    monkeypatch.setattr(health.wrapping, "take_file", lambda path, *more: read.append(os.path.relpath(path, filled.path)) or real(path, *more))
    assert filled.update().new_observations == 1
    assert read == [OTHER_LIST]
