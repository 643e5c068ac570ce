"""A whole build as `dbt build` does it, of a project that was parsed before: parsing is half of the time of a small build.

python build.py PARTIAL_PARSE ARGUMENTS: the manifest that `dbt` left in target/partial_parse.msgpack, and dbt's arguments.
"""

import pathlib
import sys

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.parser.manifest import extended_mashumuro_decoder


def main(parsed, *arguments):
    """Runs dbt; returns 0 when all passed, 1 when something failed, 2 when dbt could not begin. parsed: path.  arguments: of dbt."""
    manifest = Manifest.from_msgpack(pathlib.Path(parsed).read_bytes(), decoder=extended_mashumuro_decoder)
    manifest.build_flat_graph()
    done = dbtRunner(manifest=manifest).invoke(list(arguments))
    if done.exception:
        print(f"{type(done.exception).__name__}: {done.exception}", flush=True)
        return 2
    return 0 if done.success else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
