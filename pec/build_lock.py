"""One build at a time: a lock beside the warehouse, and the name of the process that is in the way.

The lock is the kernel's (flock) on `<warehouse>.lock`. It ends with its process, so a lock file that was left behind stops nobody. The file says
who holds the lock. It is never deleted: a process that waits for a deleted file and one that makes a new file would both go on.
"""

import fcntl
import json
import os
import re
import subprocess
import sys
import weakref
from datetime import datetime, timezone

import duckdb

from pec import places
from pec.archive.problems import reason_of

# Set by `pec night` for dbt, which shares its lock: the number of the open lock file.
SHARED = "PEC_BUILD_LOCK"

_held = weakref.WeakValueDictionary()  # path of a lock file -> the Lock that this process holds


class WarehouseError(Exception):
    """The warehouse cannot be built. The text says why, and what to do."""


class Busy(WarehouseError):
    """Another process builds the warehouse, or has its file open. The text names the process, and what to do."""


class Lock:
    """A lock that is held until it is closed, or nothing refers to it any more."""

    def __init__(self, path, descriptor):
        """path: of the lock file.  descriptor: of the open file, on which the lock is held."""
        self.path, self.file = path, os.fdopen(descriptor, "rb+", buffering=0)

    def say_who(self):
        """Writes into the file which process holds the lock."""
        text = json.dumps({
            "pid": os.getpid(), "command": command_line(), "started_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        })  # fmt: skip
        try:
            self.file.truncate(0)
            self.file.seek(0)
            self.file.write(text.encode() + b"\n")
        except OSError:
            pass  # a full disk: the lock holds without a name

    def close(self):
        """Ends the lock, unless a child process shares it and still runs."""
        _held.pop(self.path, None)
        self.file.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


def take(warehouse):
    """Takes the lock of a warehouse, and returns it (Lock). A process that holds it already gets the same one.

    warehouse: its path.  Busy: another process holds the lock.  WarehouseError: the lock file cannot be written.
    """
    path = os.path.realpath(warehouse) + ".lock"
    lock = _held.get(path)
    if lock is not None:
        return lock
    descriptor = shared_descriptor(path)
    if descriptor is None:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise WarehouseError(
                f"the lock {path} cannot be written: {reason_of(error)}; make the folder of the warehouse, with the right to write there, "
                "or set PEC_WAREHOUSE to another path"
            ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Busy(f"another build is running: {holder(path)}. Wait for its end, or stop it; the lock {path} ends with it.") from None
    except OSError:
        pass  # some network file systems have no locks; there DuckDB's own lock is all there is
    lock = _held[path] = Lock(path, descriptor)
    lock.say_who()
    return lock


def shared_descriptor(path):
    """The open lock file that the parent process shares with this one, or None. path: of the lock file."""
    number = os.environ.pop(SHARED, "")
    try:
        if number and os.path.samestat(os.fstat(int(number)), os.stat(path)):
            os.set_inheritable(int(number), False)
            return int(number)
    except (OSError, ValueError):
        pass
    return None


def holder(path):
    """Which process holds a lock, as text. path: of the lock file."""
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
        since = datetime.fromisoformat(found["started_at"])
        return f"process {found['pid']} ({found['command']}) since {since:%Y-%m-%d %H:%M:%S} UTC"
    except (OSError, ValueError, KeyError, TypeError):
        return "a process that has not said its name yet"


def open_warehouse(path, config=None):
    """Opens a warehouse for writing; returns DuckDB's connection.

    path: of the file, which need not exist.  config: of DuckDB.  Busy: another process has the file open.  WarehouseError: it cannot be opened.
    """
    try:
        return duckdb.connect(path, config=dict(config or {}))
    except duckdb.Error as error:
        said = reason_of(error)
        if "Could not set lock" not in said:
            raise WarehouseError(
                f"the warehouse {path} cannot be opened: {said}. Repair what is wrong there; a damaged file may be deleted, the next build makes "
                "it again from the archive."
            ) from error
        found = re.search(r"\(PID (\d+)\)", said)
        who = f"process {found[1]} ({command_line(int(found[1]))})" if found else "another process"
        raise Busy(
            f"the warehouse {path} is open in {who}. Close it there, and build again. Readers should open "
            f"{os.path.join(places.published(), 'pec.duckdb')} (PEC_PUBLISHED): a build never needs that file."
        ) from None


def command_line(pid=None):
    """The command line of a process, 120 characters at most. pid: default, this process."""
    if pid is None:
        words = [os.path.basename(sys.argv[0]) or "python", *sys.argv[1:]]
        return " ".join(words)[:120]
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().decode(errors="replace").split("\0")
        return " ".join(" ".join(words).split())[:120] or "?"
    except OSError:
        pass
    try:  # no /proc, as on macOS
        found = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False, timeout=5)
        return found.stdout.strip()[:120] or "?"
    except (OSError, subprocess.SubprocessError):
        return "?"
