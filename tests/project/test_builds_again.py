"""Builds after builds, and from nothing: they say the same."""

import shutil

from project import warehouse as w


def test_builds_say_the_same_twice(sample, tmp_path):
    first = w.contents(sample)
    w.build(w.SAMPLE, sample.parent)
    assert w.contents(sample) == first, "built again in place"
    assert w.contents(w.build(w.SAMPLE, tmp_path)) == first, "built from nothing"


def test_corrected_files_replace_their_earlier_version(sample, tmp_path):
    """A file that was put right under its own name is read again: the mended line counts, and a directory emptied of rows links nobody."""
    zone, folder = tmp_path / "zone", tmp_path / "build"
    shutil.copytree(w.SAMPLE, zone)
    w.moved_copy(sample, zone, folder)
    usage = zone / "daily_rated_usage" / "fjellblick" / "unbilled_eur_2026-09-13.csv"
    content = usage.read_bytes()
    assert content.count(b"9/31/2026") == 1
    usage.write_bytes(content.replace(b"9/31/2026", b"9/12/2026"))
    links = zone / "partner_directory" / "partner_id_links.csv"
    links.write_text(links.read_text().splitlines()[0] + "\n")
    warehouse = w.build(zone, folder)
    assert w.query(warehouse, "select count(*) as n from marts.fct_pec_charges_daily")[0]["n"] == 2555
    assert w.query(warehouse, "select count(*) as n from marts.rejected_rows")[0]["n"] == 2
    paths = w.query(warehouse, "select distinct covering_access_path from marts.fct_pec_eligibility_daily where is_access_eligible")
    assert "direct" not in {row["covering_access_path"] for row in paths}
    anew = w.contents(w.build(zone, tmp_path / "anew"))
    assert {mart for mart, rows in w.contents(warehouse).items() if rows != anew[mart]} == {"pec_restatements", "landed_files"}, "which know what was before"
