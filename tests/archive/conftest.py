"""Fixtures of the tests of the archive. No dbt is needed to run them: pytest tests/archive."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from archive_zone import Zone  # noqa: E402


@pytest.fixture
def zone(tmp_path):
    return Zone(tmp_path)
