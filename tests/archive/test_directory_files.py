"""A file of the partner directory that is none takes nothing out of force (D4, A7)."""

import codecs

import pytest
from pec import archive

GOOD = b"partner_global_id,valid_from,valid_to\norg-1,,\n"


def newest(zone, folder):
    """The newest observation of agreements.csv."""
    return [row for row in archive.update(zone, folder).observations if row["kind"] == "agreements"][-1]


@pytest.fixture
def zone(tmp_path):
    """A landing zone with a good agreements.csv that the archive has read, its archive, and the file."""
    for folder in ("daily_rated_usage", "price_sheet", "partner_directory"):
        (tmp_path / "zone" / folder).mkdir(parents=True)
    for folder in ("daily_rated_usage", "price_sheet"):
        (tmp_path / "zone" / folder / "x_2026-01-01.csv").write_text("a\n")
    file = tmp_path / "zone" / "partner_directory" / "agreements.csv"
    file.write_bytes(GOOD)
    assert newest(tmp_path / "zone", tmp_path / "archive")["problem"] is None
    return tmp_path / "zone", tmp_path / "archive", file


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"   \r\n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, b"\0" * 50, b"org-1,,\n", b"org-1,2026-01-01T00:00:00Z,\norg-2,,\n", b",,\n"],
)
def test_without_a_header_it_is_no_file(zone, content):
    zone, folder, file = zone
    file.write_bytes(content)
    assert newest(zone, folder)["problem"]


@pytest.mark.parametrize("content", [b"partner_global_id,valid_from,valid_to\n", b"partner_global_id,valid_from,valid_to", codecs.BOM_UTF8 + GOOD])
def test_with_a_header_it_is_one_also_without_rows(zone, content):
    zone, folder, file = zone
    file.write_bytes(content)
    assert newest(zone, folder)["problem"] is None
