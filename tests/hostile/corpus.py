"""The corpus: every kind of file times every fault, made by code, with what is to be said of each."""

import hashlib
import os
from dataclasses import replace

from pec import kinds

from . import base, contents, forms

WRITTEN_AT = 1_782_864_000  # 2026-07-01
# Files that speak of the same subscription and the same identity, so that some access of the corpus's partner counts.
COMMON = ("/semicolons", "/tabs", "/lines_", "/value_", "/mark_", "/text_0")


def of_its_own(hostile):
    """A hostile document of a subscription of its own, or directory file of an identity of its own: a subscription has few lists of a day, and an
    identity few links. Inside wrappings they stay the common ones.
    """
    if any(name in hostile.path for name in COMMON):
        return hostile
    guid = f"ffffffff-0000-0000-0000-{hashlib.sha256(hostile.path.encode()).hexdigest()[:12]}"
    common = base.PRINCIPAL if hostile.path.startswith(("partner_directory", "partner_id_links")) else base.SUBSCRIPTION
    content = hostile.content
    for encoding in ("ascii", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        content = content.replace(common.encode(encoding), guid.encode(encoding))
    return replace(hostile, path=hostile.path.replace(common, guid), content=content)


def layouts():
    """All hostile files whose form is at fault."""
    for kind in base.GOOD:
        yield from map(of_its_own, forms.csv_faults(kind)) if kinds.KINDS[kind].folder == "partner_directory" else forms.csv_faults(kind)
    for folder in base.ITEMS:
        yield from map(of_its_own, forms.document_faults(folder))
    for kind in contents.AS_JSON:
        yield from forms.record_faults(kind)
    yield from forms.parquet_faults()
    yield from map(of_its_own, forms.name_faults())


def values():
    """All hostile files whose values are at fault."""
    yield from (of_its_own(file) if file.path.startswith("partner_directory") else file for file in contents.value_faults())
    yield from map(of_its_own, contents.item_faults())
    yield from contents.extremes()


def write(zone, files):
    """Writes hostile files below the folder of a landing zone. Their time is fixed, and their date where the name has none."""
    for file in files:
        path = os.path.join(os.fsencode(zone), os.fsencode(file.path))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(file.content)
        os.utime(path, (WRITTEN_AT, WRITTEN_AT))
