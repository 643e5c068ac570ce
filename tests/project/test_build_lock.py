"""One build at a time: a second build names the first, and a reader of the working file is named."""

import json
import os
import signal
import subprocess
import sys
import time

import duckdb
import pytest
from pec import build_lock
from project import warehouse as w

# A process that holds a lock or a file until its input ends.
HOLD_LOCK = "import sys; from pec import build_lock; lock = build_lock.take(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
HOLD_FILE = "import sys, duckdb; file = duckdb.connect(sys.argv[1], read_only=True); print('held', flush=True); sys.stdin.read()"


def holding(program, path):
    """A process that runs a program on a path and has said that it holds it."""
    process = subprocess.Popen([sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=w.PROJECT)
    assert process.stdout.readline() == b"held\n"
    return process


def test_a_second_build_names_the_first_and_a_lock_that_was_left_behind_stops_nobody(tmp_path):
    warehouse = tmp_path / "w.duckdb"
    other = holding(HOLD_LOCK, warehouse)
    with pytest.raises(build_lock.Busy, match=rf"process {other.pid} \(-c .*w\.duckdb\) since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC"):
        build_lock.take(warehouse)
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert json.loads((tmp_path / "w.duckdb.lock").read_text())["pid"] == other.pid, "the file is still there"
    with build_lock.take(warehouse) as lock:
        assert build_lock.take(warehouse) is lock, "a process does not stop itself"
        assert f"process {os.getpid()} " in build_lock.holder(lock.path)
        found = subprocess.run([sys.executable, "-c", HOLD_LOCK, str(warehouse)], cwd=w.PROJECT, capture_output=True, text=True, check=False)
        assert found.returncode != 0 and f"process {os.getpid()} " in found.stderr
    (tmp_path / "w.duckdb.lock").write_text("no json")
    assert "not said its name" in build_lock.holder(tmp_path / "w.duckdb.lock")
    build_lock.take(warehouse).close()


def test_a_lock_that_nothing_refers_to_any_more_is_free(tmp_path):
    lock = build_lock.take(tmp_path / "w.duckdb")
    del lock
    process = holding(HOLD_LOCK, tmp_path / "w.duckdb")
    process.communicate()
    assert process.returncode == 0


def test_a_lock_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(build_lock.WarehouseError, match="No such file or directory; make the folder") as told:
        build_lock.take(tmp_path / "nowhere" / "w.duckdb")
    assert not isinstance(told.value, build_lock.Busy)


def test_a_reader_of_the_working_file_is_named_with_the_remedy(tmp_path):
    warehouse = tmp_path / "w.duckdb"
    duckdb.connect(str(warehouse)).close()
    reader = holding(HOLD_FILE, warehouse)
    with pytest.raises(build_lock.Busy, match=rf"is open in process {reader.pid} \(.*duckdb\.connect.*PEC_PUBLISHED"):
        build_lock.open_warehouse(str(warehouse))
    reader.communicate()
    build_lock.open_warehouse(str(warehouse)).close()
    warehouse.write_bytes(b"x" * 5000)
    with pytest.raises(build_lock.WarehouseError, match="not a valid DuckDB database.*may be deleted"):
        build_lock.open_warehouse(str(warehouse))


def test_plain_dbt_says_in_one_line_which_build_is_running(tmp_path):
    with build_lock.take(tmp_path / "w.duckdb"):
        done = w.run_as_user(
            w.PROJECT, "dbt", "build", "--quiet", "--select", "azure_role_pec_eligibility", "--target-path", str(tmp_path),
            "--log-path", str(tmp_path), PEC_WAREHOUSE=str(tmp_path / "w.duckdb"),
        )  # fmt: skip
    assert done.returncode != 0
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    assert len(lines) == 2, lines  # dbt's "Encountered an error:", and the message
    assert lines[1].startswith(f"another build is running: process {os.getpid()} (")


def test_a_build_whose_night_was_killed_keeps_the_lock_until_it_ends(tmp_path):
    """pec night shares its lock with dbt (night.py): when only the night is killed, dbt still builds, and is named."""
    night = (
        "import os, subprocess, sys; from pec import build_lock; lock = build_lock.take(sys.argv[1]); number = lock.file.fileno();"
        f"subprocess.Popen([sys.executable, '-c', {HOLD_LOCK!r}, sys.argv[1]], pass_fds=[number],"
        " env=os.environ | {build_lock.SHARED: str(number)});"
        "import signal; signal.pause()"
    )
    parent = holding(night, tmp_path / "w.duckdb")  # the child says that it holds the lock
    child = json.loads((tmp_path / "w.duckdb.lock").read_text())["pid"]
    assert child != parent.pid
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    with pytest.raises(build_lock.Busy, match=f"process {child} "):
        build_lock.take(tmp_path / "w.duckdb")
    parent.stdin.close()  # which the child waits for
    for _ in range(100):
        try:
            build_lock.take(tmp_path / "w.duckdb").close()
            break
        except build_lock.Busy:
            time.sleep(0.1)
    else:
        pytest.fail("the lock did not end with the build")
