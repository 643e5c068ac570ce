"""Every hostile file in the archive: no exception, no hang, each record archived or rejected by name, or the file set aside with what it is."""

import contextlib
import faulthandler
import io
import sys

from archive_zone import Zone
from hostile import corpus, told
import pytest

LONGEST = 600  # seconds: what takes longer hangs


@pytest.fixture(autouse=True)
def no_hang():
    faulthandler.dump_traceback_later(LONGEST, exit=True, file=sys.__stderr__)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture(scope="module")
def layouts(tmp_path_factory):
    """(files, zone) of all files whose form is at fault, archived once."""
    zone, files = Zone(tmp_path_factory.mktemp("layouts")), list(corpus.layouts())
    corpus.write(zone.path, files)
    zone.update()
    return files, zone


def test_the_corpus_is_broad(layouts):
    files, _ = layouts
    assert len(files) >= 2000 and len({file.path for file in files}) == len(files)
    assert len({file.path.split("/")[0] for file in files}) >= 12


def test_each_file_is_told_for_what_it_is(layouts):
    files, zone = layouts
    assert told.wrong_in_archive(files, zone.last.observations, zone.archive)[:20] == []


def test_what_is_no_table_is_not_told_by_its_columns(layouts):
    """«lacks the column» is for tables that lack a column: not for a page, a workbook, another separator, encoding or wrapping."""
    files, zone = layouts
    tables = ("/blank", "/other_names", "/lacks_a_column", "/parquet_other", "/json_other_keys")
    told_so = [
        row["source_file"] for row in zone.last.observations
        if "lacks the column" in (row["problem"] or "") and not any(name in row["source_file"] for name in tables)
    ]  # fmt: skip
    assert told_so == []


def test_a_second_look_says_the_same(layouts):
    _, zone = layouts
    assert zone.update().new_observations == 0


def test_values_stay_as_they_are(tmp_path):
    zone, files = Zone(tmp_path), list(corpus.values())
    corpus.write(zone.path, files)
    zone.update()
    assert told.wrong_in_archive(files, zone.last.observations, zone.archive)[:20] == []


def test_pec_check_names_them_too(layouts):
    from pec import check

    _, zone = layouts
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert check.check(zone.path, zone.archive, "/nowhere") == 1
    assert "an HTML page" in said.getvalue() and " wrong" in said.getvalue().splitlines()[-1]
