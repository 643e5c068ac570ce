"""The archive: each version of each exported file, once, as immutable Parquet with a manifest.

    found = update("exports", "warehouse.archive")     # archives what is new
    relation = as_relation(connection, found.observations)

Nothing vanishes: records are counted over the bytes, apart from DuckDB's reader, and records = archived + rejected for each file, or
the file is quarantined: it has a problem. How the archive stands on disk: store.py. Which kinds of file there are: pec/kinds.py.
"""

from pec.archive.care import export, forget, listing, move, prune, verify, with_is_held
from pec.archive.problems import ArchiveError
from pec.archive.store import COLUMNS, Store, as_relation
from pec.archive.run import Update, update

__all__ = ["COLUMNS", "ArchiveError", "Store", "Update", "as_relation", "export", "forget", "listing", "move", "prune", "update", "verify", "with_is_held"]
