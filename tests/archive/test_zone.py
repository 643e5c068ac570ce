"""Whatever stands in the landing zone is named, and nothing stops the update."""

import datetime as dt
import io
import os
import socket
import time
import zipfile

import pytest
from archive_zone import csv_bytes, usage

from pec import archive, kinds
from pec.archive import names, store

FOLDER = "daily_rated_usage/"


def test_the_columns_of_an_observation(zone):
    name = "daily_rated_usage/42BB99B3-346e-5179-ba6e-f15abc9d6163/x_2026-02-03T040506Z.csv"
    zone.put(name, usage(2), mtime=1_700_000_000.25)
    zone.update()
    found = zone.newest(name)
    assert list(found) == [*archive.COLUMNS, "is_present"]
    assert found["kind"] == found["folder"] == "daily_rated_usage"
    assert (found["reader"], found["size_bytes"], found["parser_version"]) == ("csv", len(usage(2)), store.PARSER_VERSION)
    assert found["modified_at"] == dt.datetime(2023, 11, 14, 22, 13, 20, 250000)
    assert (found["exported_at"], found["is_date_from_name"]) == (dt.datetime(2026, 2, 3, 4, 5, 6), True)
    assert found["ids_in_path"] == ["42bb99b3-346e-5179-ba6e-f15abc9d6163"]
    assert found["content_id"] == found["content_digest"][:16]
    assert (found["is_whole_document"], found["has_next_page"]) == (None, None)
    assert found["archive_file"] == f"contents/daily_rated_usage/{found['content_id']}.parquet"


@pytest.mark.parametrize(
    "name, date",
    [
        ("x_2026-02-30_20260301.csv", dt.datetime(2026, 3, 1)),
        ("x_2026-02-28_2026-03-01.csv", dt.datetime(2026, 2, 28)),
        ("20260301.csv", dt.datetime(2026, 3, 1)),
        ("2026-03-01T235959Z.csv", dt.datetime(2026, 3, 1, 23, 59, 59)),
        ("2026-03-01T236159Z.csv", None),
        ("123456789.csv", None),
        ("9999-12-31_20260301.csv", dt.datetime(2026, 3, 1)),
        ("21010101.csv", None),
        ("20091231_21001231.csv", dt.datetime(2100, 12, 31)),
        ("2026030100.csv", None),
        ("00000000-0000-2026-0301-000020260301.csv", None),
        ("azure_consumption_DE_202608.csv", None),
    ],
)
def test_dates_in_names(name, date):
    assert names.date_in_name(name) == date


def test_headers():
    assert names.header_names(["Partner Id", "", "Größe!", "\ufeff\"ID\""]) == ["partnerid", "column1", "gre", "id"]
    assert names.column_names(["a", "b", "a", "a", "column1"]) == ["a", "b", "a_2", "a_3", "column1"]


def test_what_is_no_file_is_quarantined_and_never_opened(zone):
    os.mkfifo(zone.at(FOLDER + "pipe.csv"))
    os.symlink("/nowhere/at/all", zone.at(FOLDER + "dangling.csv"))
    os.symlink("/dev/zero", zone.at(FOLDER + "device.csv"))
    listener = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(zone.at(FOLDER))
    try:
        listener.bind("socket.csv")
    finally:
        os.chdir(here)
    zone.update()
    for name, problem in {"pipe": "a named pipe", "dangling": "a link to nothing", "device": "a device", "socket": "a socket"}.items():
        found = zone.newest(f"{FOLDER}{name}.csv")
        assert problem in found["problem"] and found["is_present"]
    assert zone.update().new_observations == 0
    listener.close()


def test_links_and_folders(zone):
    outside = zone.at("..") + "/outside.csv"
    with open(outside, "wb") as file:
        file.write(usage(4))
    os.symlink(outside, zone.at(FOLDER + "linked.csv"))
    zone.put(FOLDER + "x.csv/inner.csv", usage(5))
    os.symlink(zone.at(FOLDER), zone.at(FOLDER + "x.csv/loop"))
    os.symlink(zone.at(FOLDER + "x.csv"), zone.at(FOLDER + "again"))
    os.symlink("self", zone.at(FOLDER + "self"))
    zone.update()
    assert zone.newest(FOLDER + "linked.csv")["archived"] == 4
    assert zone.newest(FOLDER + "x.csv/inner.csv")["archived"] == 5
    assert sum(row["archived"] == 5 for row in zone.last.observations) == 1


def test_hidden_files_are_no_exports(zone):
    for name in (".x.csv", ".git/x.csv", "sub/.x.csv"):
        zone.put(FOLDER + name, usage(9))
    zone.put(".DS_Store", b"x")
    assert zone.update().new_observations == 2


def test_a_name_that_is_not_utf_8(zone):
    path = zone.put(b"daily_rated_usage/caf\xe9_2026-01-05.csv", usage(6))
    zone.update()
    found = zone.newest("daily_rated_usage/caf\\xe9_2026-01-05.csv")
    assert (found["archived"], found["exported_at"]) == (6, dt.datetime(2026, 1, 5))
    os.remove(path)
    assert zone.update().new_observations == 0
    assert not zone.newest("daily_rated_usage/caf\\xe9_2026-01-05.csv")["is_present"]


@pytest.mark.parametrize("name", ["x.parquet", "x.xls", "x", "x.csv.bak", "x.gz", "csv"])
def test_unknown_endings_are_quarantined(zone, name):
    found = zone.see(FOLDER + name, usage(1))
    assert "not a kind of file that daily_rated_usage/ is read for (.csv" in found["problem"]
    assert (found["reader"], found["content_id"]) == (None, None)
    assert zone.update().new_observations == 0


@pytest.mark.parametrize("name", ["manifest.json", "_manifest.json", "Manifest_2026-08-01.json.gz", "_MANIFEST.JSON"])
@pytest.mark.parametrize("folder", [FOLDER, "role_assignments/", "cost_management/", "invoice_reconciliation/"])
def test_the_manifest_of_an_export_is_named_and_no_alarm(zone, folder, name):
    found = zone.see(f"{folder}run/{name}", b'{"blobs": [')
    assert (found["kind"], found["problem"], found["archive_file"], found["records"]) == ("manifest", None, None, None)
    assert zone.update().new_observations == 0 and zone.last.quarantined == 0


def test_a_manifest_in_a_zip_and_names_that_only_begin_like_one(zone):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("run/manifest.json", "{")
        packed.writestr("run/a.csv", usage(2))
    zone.put(FOLDER + "p.zip", out.getvalue())
    zone.put("role_assignments/manifests.json", b"[]")
    zone.update()
    assert zone.newest(FOLDER + "p.zip!run/manifest.json")["kind"] == "manifest"
    assert zone.newest(FOLDER + "p.zip!run/a.csv")["archived"] == 2
    assert zone.newest("role_assignments/manifests.json")["kind"] == "role_assignments"


@pytest.mark.parametrize(
    "name, advice",
    [
        ("role_assignment", "did you mean role_assignments/?"),
        ("Role Assignments", "did you mean role_assignments/?"),
        ("agentgroups.csv", "did you mean partner_directory/agent_groups.csv?"),
        ("usage.xlsx", "did you mean daily_rated_usage/?; save it as CSV"),
        ("pricesheet_DE_202608.csv", "did you mean price_sheet/?"),
        ("CostManagement", "did you mean cost_management/?"),
        ("partner_id_links.csv", "did you mean partner_directory/partner_id_links.csv?"),
        ("zzz", "move it to one of daily_rated_usage, "),
    ],
)
def test_what_no_kind_claims_is_named_with_what_it_may_have_meant(zone, name, advice):
    if "." in name:
        zone.put(name, b"x")
    else:
        zone.put(f"{name}/x.json", b"[]")
    zone.update()
    found = zone.newest(name)
    assert advice in found["problem"]
    assert found["size_bytes"] is not None and found["modified_at"] is not None


def test_names_of_the_directory_that_were_meant(zone):
    for name, advice in (("agentgroups.csv", "agent_groups.csv"), ("Partner-Id-Links.CSV", "partner_id_links.csv"), ("AGENT_GROUP.csv", "agent_groups.csv")):
        assert f"did you mean {advice}?" in zone.see(f"partner_directory/{name}", b"a,b\n")["problem"]
    found = zone.see("partner_directory/AGREEMENTS.CSV", csv_bytes(["partner_global_id", "valid_from", "valid_to"]))
    assert (found["kind"], found["problem"]) == ("agreements", None)


def test_files_of_the_partner_directory(zone):
    found = zone.see("partner_directory/agreements.csv", csv_bytes(["partner_global_id", "valid_from", "valid_to"], ["1", "", ""]))
    assert (found["kind"], found["folder"], found["problem"]) == ("agreements", "partner_directory", None)
    found = zone.see("partner_directory/agreement.csv", b"x")
    assert found["kind"] == "agreement"
    assert "did you mean agreements.csv?" in found["problem"]
    assert "known are" in zone.see("partner_directory/zzz.csv", b"x")["problem"]


def test_folders_that_no_kind_reads_are_named(zone):
    zone.put("activty_log/x.json", b"[]")
    zone.update()
    assert "did you mean activity_log/?" in zone.newest("activty_log")["problem"]


@pytest.mark.parametrize("folders", kinds.NEEDED_FOLDERS)
def test_a_needed_folder_without_files_is_refused(zone, folders):
    folder = folders[0]
    for name in os.listdir(zone.at(folder)):
        os.remove(zone.at(f"{folder}/{name}"))
    os.mkfifo(zone.at(f"{folder}/x.csv"))
    with pytest.raises(archive.ArchiveError, match=f"no file in .*{' or .*'.join(folders)}; put exports there, or set PEC_LANDING_ZONE"):
        archive.update(zone.path, zone.archive + ".other")
    assert not os.path.exists(zone.archive + ".other")


def test_either_source_of_usage_will_do(zone):
    os.remove(zone.at("daily_rated_usage/base_2026-01-01.csv"))
    header = [names[0] for names in kinds.KINDS["cost_management"].needed]
    assert zone.see("cost_management/a.csv", csv_bytes(header, header))["records"] == 1


def test_a_zone_that_does_not_exist_is_refused(zone):
    with pytest.raises(archive.ArchiveError, match="there is no landing zone at /nowhere"):
        archive.update("/nowhere", zone.archive)


def test_a_file_that_grows_while_it_is_read(zone, monkeypatch):
    name = FOLDER + "grows.csv"
    path = zone.put(name, usage(3))

    def grow(text):
        if "grows" in text:
            time.sleep(0.01)
            timer.append(os.stat(path))

    timer = []
    from pec.archive import wrapping

    take = wrapping.take_file

    def take_and_grow(given, *more):
        found = take(given, *more)
        if given == os.fsdecode(path) and not timer[1:]:
            timer.append(1)
            with open(path, "ab") as file:
                file.write(usage(1).splitlines()[1] + b"\n")
        return found

    monkeypatch.setattr(wrapping, "take_file", take_and_grow)
    zone.update(progress=grow)
    found = zone.newest(name)
    assert found["problem"] == "still being written; the next build reads it"
    assert not os.path.exists(f"{zone.archive}/contents/daily_rated_usage/{found['content_id']}.parquet")
    zone.update()
    assert zone.newest(name)["archived"] == 4


def test_a_file_that_vanishes_or_cannot_be_read(zone, monkeypatch):
    path = zone.put(FOLDER + "gone.csv", usage(3))
    from pec.archive import wrapping

    magic = wrapping.magic_of

    def vanish(given):
        if given == os.fsdecode(path):
            os.remove(path)
        return magic(given)

    monkeypatch.setattr(wrapping, "magic_of", vanish)
    zone.update()
    assert "cannot be opened" in zone.newest(FOLDER + "gone.csv")["problem"]
    assert zone.newest(FOLDER + "base_2026-01-01.csv")["archived"] == 1
