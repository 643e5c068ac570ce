"""Commands of the generator, in the environment of requirements-spark.lock. FOLDER is one that spark/prepare.py has prepared.

python -m spark generate FOLDER            writes the project for dbt-spark into FOLDER/project
python -m spark build FOLDER [ARGUMENTS]   builds and tests it in a local session, into FOLDER/tables; arguments go to dbt (default: build)
"""

import os
import pathlib
import shutil
import subprocess
import sys

from spark import settings
from spark.dialect import Unsupported
from spark.project import generate


def main(arguments):
    """Runs a command; returns its exit code. arguments: of the process, without its name."""
    if len(arguments) < 2 or arguments[0] not in ("generate", "build"):
        print(__doc__, file=sys.stderr)
        return 2
    command, folder, *rest = arguments
    return generated(folder) if command == "generate" else built(folder, rest or ["build"])


def generated(folder):
    """Generates the project; returns the exit code. folder: of generate()."""
    try:
        counts = generate(folder)
    except Unsupported as problem:
        print(f"spark: this cannot be generated:\n{problem}", file=sys.stderr)
        return 1
    print(f"{folder}/project: {', '.join(f'{count} {kind}' for kind, count in counts.items())}")
    return 0


def built(folder, arguments):
    """Runs dbt in a local session; returns dbt's exit code. folder: as above, with what the last build left.  arguments: of dbt.

    --full-refresh removes what earlier builds left, also what a killed one left half written.
    """
    folder = pathlib.Path(folder).absolute()
    if "--full-refresh" in arguments:
        for name in ("tables", "catalog"):
            shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "events").mkdir(parents=True, exist_ok=True)
    project = folder / "project"
    places = ["--project-dir", project, "--profiles-dir", project, "--log-path", folder / "logs", "--target-path", folder / "target"]
    command = [pathlib.Path(sys.executable).parent / "dbt", "--no-use-colors", *arguments, *places]
    return subprocess.run([str(part) for part in command], env=settings.with_java(dict(os.environ)), cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
