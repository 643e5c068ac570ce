"""Which file of marts a report is made of (`pec report`), and whether it must say that they are held."""

import os

from pec import last_build


class NoReport(Exception):
    """There is nothing that a report can be made of. The text says why, and what to do."""


def choose(warehouse, archive, published):
    """The file of marts of the newest whole build: (path, held, is_published); held is of report.write().

    It is the publication if that build was published, else the working file, unless its last build was not green.
    warehouse, archive, published: paths, of places.  NoReport: there is none.
    """
    publication = os.path.join(os.path.realpath(published), "pec.duckdb")
    has_publication = os.path.exists(publication)
    if not os.path.exists(warehouse):
        if has_publication:
            return publication, None, True
        raise NoReport(f"there is neither {published} nor {warehouse}; run make build")
    months = last_build.asked(warehouse, "select count(*) from build_state.settled_months")
    if months is None and not has_publication:
        raise NoReport(f"{warehouse} cannot be read: a build may be running, or no build was whole; run make build")
    is_green = bool(months) and months[0][0] > 0
    if has_publication and (not is_green or last_build.is_published(warehouse, archive)):
        return publication, None, True
    if not is_green:
        raise NoReport(f"the last build of {warehouse} was not green, and nothing is published; repair it and run make build")
    checks = last_build.held_by(warehouse, archive)
    return warehouse, f"Held by {', '.join(checks)}." if checks else "They could not be published: see what the last build said.", False
