"""Whole landing zones under fuzz, built: green, and each record in one place.

More: PEC_HOSTILE_BUILDS=20 PEC_HOSTILE_FROM=1000 .venv/bin/python -m pytest tests/hostile/test_fuzz_builds.py
"""

import os

from hostile import fuzzer, told
from project import warehouse as w
import pytest

FIRST = int(os.environ.get("PEC_HOSTILE_FROM", "1"))
# Of 15 an instance of PIM has two ids.
BUILDS = sorted({15} | set(range(FIRST, FIRST + int(os.environ.get("PEC_HOSTILE_BUILDS", "1")))))


@pytest.mark.parametrize("seed", BUILDS)
def test_a_build_is_green_and_balanced(seed, tmp_path):
    done = fuzzer.damaged_zone(seed, tmp_path / "zone")
    warehouse = w.build(tmp_path / "zone", tmp_path / "build")
    assert told.unbalanced(warehouse, w.archive_of(warehouse)) == [], done
