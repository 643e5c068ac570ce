"""A local Spark session for the tests, set as a build sets it."""

import os

import pytest

from spark import settings


@pytest.fixture(scope="session")
def session(tmp_path_factory):
    """A session of one core."""
    from pyspark.sql import SparkSession

    os.environ |= settings.with_java(dict(os.environ))
    builder = SparkSession.builder
    for name, value in settings.local(tmp_path_factory.mktemp("spark"), memory="1g").items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
