"""`python -m spark generate FOLDER` writes the project for dbt-spark into FOLDER/project (spark/prepare.py has prepared FOLDER)."""

import sys

from spark.dialect import Unsupported
from spark.project import generate


def main(arguments):
    """Runs the command; returns its exit code. arguments: of the process, without its name."""
    if len(arguments) != 2 or arguments[0] != "generate":
        print(__doc__, file=sys.stderr)
        return 2
    try:
        counts = generate(arguments[1])
    except Unsupported as problem:
        print(f"spark: this cannot be generated:\n{problem}", file=sys.stderr)
        return 1
    print(f"{arguments[1]}/project: {', '.join(f'{count} {kind}' for kind, count in counts.items() if count)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
