"""The published folder that all clients read, built once from the sample."""

import pathlib

import pytest


@pytest.fixture(scope="session")
def published(sample):
    """Path of the published folder of the sample, the link that people open."""
    return pathlib.Path(sample).with_suffix(".published")
