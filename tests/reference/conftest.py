"""The landing zone that tests of the reference begin with."""

import pytest

from .zones import Zone


@pytest.fixture
def zone(tmp_path):
    """An empty landing zone with a directory, a price sheet and one usage line of 5 January 2026."""
    out = Zone(tmp_path)
    out.usage()
    return out
