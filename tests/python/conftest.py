"""The sample warehouse, built once for all tests that only read it."""

import pytest
import warehouse as w


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """Path of a warehouse built from the sample landing zone, all data tests green."""
    return w.build(w.SAMPLE, tmp_path_factory.mktemp("sample"))
