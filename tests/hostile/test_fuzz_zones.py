"""Whole landing zones under fuzz: in the archive each record is archived or rejected, or its file is set aside with a reason.

More: PEC_HOSTILE_ZONES=500 PEC_HOSTILE_FROM=1000 .venv/bin/python -m pytest tests/hostile/test_fuzz_zones.py
"""

import os

from hostile import fuzzer, told
from pec import archive
from pec.archive import store
import pytest

FIRST = int(os.environ.get("PEC_HOSTILE_FROM", "1"))
ZONES = range(FIRST, FIRST + int(os.environ.get("PEC_HOSTILE_ZONES", "6")))


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
