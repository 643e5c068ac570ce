"""The sample warehouse, built once for all tests that only read it."""

from project import warehouse as w
import pytest


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """Path of a warehouse built from the sample landing zone, all data tests green."""
    return w.build(w.SAMPLE, tmp_path_factory.mktemp("sample"))
