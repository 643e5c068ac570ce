"""Archives the landing zone of the environment, as a build does before anything else, and nothing more."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from pec import archive, places  # noqa: E402

if __name__ == "__main__":
    found = archive.update(places.landing_zone(), places.archive())
    print(found.records, "records,", found.rejected, "rejected,", found.quarantined, "files with a problem")
