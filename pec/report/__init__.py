"""The report: one HTML file with the figures of the marts, for people, that needs no network. See write()."""

import os
import pathlib

from pec import privacy
from pec.report import figures, page


def write(database, target, held=None, names=privacy.FULL, archive=None):
    """Writes the report of a file of marts. The same marts give the same bytes.

    database: path of a DuckDB file with schema marts: a published pec.duckdb, or the working file.  target: path of the HTML to write.
    held: why the marts are not published, a line that then stands on every page; None when they are.
    names, archive: of figures.opened(): the working file holds names in full, the published copy what it may.
    """
    with figures.opened(database, names, archive) as connection:
        content = page.html(figures.read(connection), held)
    target = pathlib.Path(target)
    part = target.with_name(f".{target.name}.part")
    part.write_text(content, encoding="utf-8", newline="\n")
    os.replace(part, target)
