"""Whole landing zones under fuzz: in the archive each record is archived or rejected, or its file set aside; a build of them is green and balanced.

More: PEC_HOSTILE_ZONES=500 PEC_HOSTILE_FROM=1000 .venv/bin/python -m pytest tests/hostile/test_fuzz_zones.py; with builds: PEC_HOSTILE_BUILDS=20
"""

import os

from hostile import fuzzer, told
from pec import archive
from pec.archive import store
from project import warehouse as w
import pytest

FIRST = int(os.environ.get("PEC_HOSTILE_FROM", "1"))
ZONES = range(FIRST, FIRST + int(os.environ.get("PEC_HOSTILE_ZONES", "6")))
BUILDS = range(FIRST, FIRST + int(os.environ.get("PEC_HOSTILE_BUILDS", "2")))


@pytest.mark.parametrize("seed", ZONES)
def test_each_record_is_archived_or_rejected(seed, tmp_path):
    done = fuzzer.damaged_zone(seed, tmp_path / "zone")
    assert len(done) > 3
    update = archive.update(tmp_path / "zone", tmp_path / "archive")
    assert [row for row in update.observations if told.uncounted(row)] == []
    unexplained = [row["problem"] for row in update.observations if row["problem"] and ("please report" in row["problem"] or ";" not in row["problem"])]
    assert unexplained == []
    rejected = told.rejected_by_content(tmp_path / "archive")
    contents = {row["content_id"]: row["rejected"] for row in update.observations if row["archive_file"]}
    assert {content: len(records) for content, records in rejected.items()} == {content: count for content, count in contents.items() if count}
    assert archive.verify(store.Store(tmp_path / "archive").path) == []
    assert archive.update(tmp_path / "zone", tmp_path / "archive").new_observations == 0


@pytest.mark.parametrize("seed", BUILDS)
def test_a_build_is_green_and_balanced(seed, tmp_path):
    done = fuzzer.damaged_zone(seed, tmp_path / "zone")
    warehouse = w.build(tmp_path / "zone", tmp_path / "build")
    assert told.unbalanced(warehouse, w.archive_of(warehouse)) == [], done
