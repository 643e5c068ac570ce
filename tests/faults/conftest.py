"""Grounds for faults: built once, and copied for each fault."""

import os
import shutil
import subprocess
import sys
import textwrap

from faults import ground as g
import pytest

READER = """
    import sys, time, duckdb
    path, stop = sys.argv[1:]
    import os
    query = "select count(*) from marts.landed_files"
    with duckdb.connect(path, read_only=True) as connection:
        print("open", flush=True)
        while not os.path.exists(stop):
            print(connection.execute(query).fetchone()[0], flush=True)
            time.sleep(0.1)
    with duckdb.connect(path, read_only=True) as connection:
        print(connection.execute(query).fetchone()[0], flush=True)
"""


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """A ground that was built and published once, and has news in its landing zone: a changed file, a new one, and a list."""
    folder = tmp_path_factory.mktemp("prepared")
    zone = folder / "zone"
    shutil.copytree(g.ZONE, zone)
    ground = g.Ground(folder / "ground", zone)
    ground.folder.mkdir()
    later = zone / "daily_rated_usage" / "unbilled_2026-08-20_12.csv"
    content = later.read_bytes()
    later.unlink()
    ground.recovered()
    later.write_bytes(content)
    directory = zone / "partner_directory" / "partner_locations.csv"
    directory.write_bytes(directory.read_bytes() + b"\n")
    ground.zone_before = g.stats_of(zone)
    return ground


@pytest.fixture(scope="session")
def built(prepared, tmp_path_factory):
    """((ground, number of steps), (what a reader of the old publication was told, and what after it)) of an undisturbed build of the news."""
    folder = tmp_path_factory.mktemp("undisturbed")
    ground, stop = prepared.copy(folder / "ground"), folder / "stop"
    command = [sys.executable, "-c", textwrap.dedent(READER), str(ground.places.link / "pec.duckdb"), str(stop)]
    reader = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert reader.stdout.readline() == "open\n"
    outcome = ground.recovered()
    stop.touch()
    *answers, after = [int(line) for line in reader.communicate()[0].split()]
    assert reader.returncode == 0
    return (ground, outcome.events), (answers, after)


@pytest.fixture(scope="session")
def undisturbed(built):
    """(ground, number of steps) of a build that nothing disturbed."""
    return built[0]


@pytest.fixture(scope="session")
def reader(built):
    """(what a reader of the old publication was told during a build, what it was told when it connected again)."""
    return built[1]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 120 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.getuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=120m", "tmpfs", disk], check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)
