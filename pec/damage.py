"""A warehouse file that is damaged is set aside, and the build makes a new one from the archive.

DuckDB has a checksum in each block, so it never takes a damaged block for a value: opening the file fails, or a query does. What fails when the file is
opened is set aside at once. What fails later makes that build red and leaves a mark, by which the next build sets the file aside.
"""

import os

import duckdb

from pec.archive.problems import reason_of

SIGNS = ("Corrupt database file", "not a valid DuckDB database file")
CUT_OFF = "Could not read enough bytes from file"
ASIDE, MARK, WAL = ".damaged", ".is_damaged", ".wal"


def is_damage(warehouse, text):
    """Whether an error says that the warehouse is damaged. warehouse: its path.  text: what DuckDB said."""
    return any(sign in text for sign in SIGNS) or CUT_OFF in text and os.path.basename(warehouse) in text


def note(warehouse, texts):
    """Leaves a mark for the next build if one of some errors says that the warehouse is damaged; returns what to tell, or None.

    warehouse: path.  texts: what DuckDB said.
    """
    found = next((text for text in texts if is_damage(warehouse, text)), None)
    if found is None:
        return None
    reason = next(line for line in found.splitlines() if is_damage(warehouse, line)).strip()
    with open(warehouse + MARK, "w", encoding="utf-8") as file:
        file.write(reason + "\n")
    return f"the warehouse {warehouse} is damaged: {reason}. Build again: the next build sets it aside, and makes a new one from the archive"


def set_aside(warehouse, archive):
    """Renames a damaged warehouse; returns what to tell, or None when it is not damaged, or when there is no archive to make a new one from.

    warehouse, archive: paths. An earlier damaged file is replaced.
    """
    if not os.path.isfile(warehouse) or not os.path.exists(os.path.join(archive, "archive.json")):
        return None
    reason = marked(warehouse) or reason_not_to_open(warehouse)
    if reason is None:
        return None
    if os.path.exists(warehouse + WAL):
        os.replace(warehouse + WAL, warehouse + ASIDE + WAL)
    os.replace(warehouse, warehouse + ASIDE)
    if os.path.exists(warehouse + MARK):
        os.remove(warehouse + MARK)
    return f"the warehouse {warehouse} is damaged ({reason}). It is {warehouse}{ASIDE} now; this build makes a new one from the archive"


def marked(warehouse):
    """The reason that an earlier build wrote beside a warehouse, or None. warehouse: path."""
    try:
        with open(warehouse + MARK, encoding="utf-8", errors="replace") as file:
            return file.read().strip() or "as an earlier build found"
    except OSError:
        return None


def reason_not_to_open(warehouse):
    """Why a warehouse cannot be opened, if that is damage, or None. warehouse: path."""
    try:
        duckdb.connect(warehouse, read_only=True).close()
    except duckdb.Error as error:
        return reason_of(error) if is_damage(warehouse, str(error)) else None
    return None


def tell(kind, text):
    """Prints what note() or set_aside() returned. kind: "WARNING" or "ERROR".  text: None prints nothing."""
    if text:
        print(f"{kind}: {text}.", flush=True)
