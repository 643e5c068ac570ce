"""The log of `pec night` for monitoring: one line of JSON per run, which a command of the user also gets."""

import fcntl
import json
import os
import shlex
import subprocess
import sys

from pec import places

NOTIFY_SECONDS = 60


def path(environ=os.environ):
    """The absolute path of the log: PEC_RUN_LOG, else the warehouse's path with .runs.jsonl behind it."""
    named = environ.get("PEC_RUN_LOG")
    return os.path.abspath(named) if named else places.warehouse(environ) + ".runs.jsonl"


def append(log, run):
    """Adds a run to the log, whole or not at all; returns the line. An error of the log is printed, and the night goes on.

    log: path.  run: dictionary, without names of files, customers or people: logs are read and sent by others than the marts.
    """
    line = json.dumps(run, ensure_ascii=False, default=str)
    try:
        descriptor = os.open(log, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # closing releases it
            size = os.fstat(descriptor).st_size
            torn = size and os.pread(descriptor, 1, size - 1) != b"\n"  # the disk was full, or the machine stopped
            os.write(descriptor, (b"\n" if torn else b"") + line.encode() + b"\n")  # one write: two runs never mix
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        print(f"pec: the run log {log} cannot be written: {error.strerror}; free disk space, or set PEC_RUN_LOG to another path", file=sys.stderr)
    return line


def runs(log):
    """The runs of a log (dictionaries), oldest first; lines that are none are left out. log: path, which need not exist."""
    found = []
    try:
        with open(log, encoding="utf-8", errors="replace") as file:
            for line in file:
                try:
                    run = json.loads(line)
                except ValueError:
                    continue
                if isinstance(run, dict):
                    found.append(run)
    except OSError:
        pass
    return found


def notify(line, environ=os.environ):
    """Runs the command PEC_NOTIFY, if there is one, with a line of the log as its input. Its failure is printed, and the night goes on."""
    command = environ.get("PEC_NOTIFY")
    if not command:
        return
    try:
        done = subprocess.run(shlex.split(command), input=line + "\n", text=True, timeout=NOTIFY_SECONDS, check=False)
        problem = done.returncode and f"it ended with {done.returncode}"
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        problem = f"it did not end within {NOTIFY_SECONDS} seconds" if isinstance(error, subprocess.TimeoutExpired) else str(error)
    if problem:
        print(f"pec: PEC_NOTIFY failed: {problem}; try the command by hand, with a line of the run log as its input", file=sys.stderr)
