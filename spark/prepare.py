"""What Spark needs of the Python package and of DuckDB, in the project's own environment: the archive, its manifest, and the compiled project.

    .venv/bin/python -m spark.prepare target/spark

The archive is made as by a build on DuckDB, by the same code. Into the folder go:

    compiled/                 the project as dbt compiles it for DuckDB: manifest.json
    manifest/*.parquet        the archive's manifest, which the model archived_files returns
    inputs.json               paths, columns of the archive's folders, and the project's fingerprints
"""

import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys

import duckdb

from pec import places, project

# DuckDB's types in the archive's Parquet files, as Spark reads them.
SPARK_TYPES = {
    "VARCHAR": "string", "BIGINT": "bigint", "INTEGER": "int", "UINTEGER": "bigint", "UBIGINT": "decimal(20, 0)", "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp_ntz", "DOUBLE": "double", "VARCHAR[]": "array<string>",
}  # fmt: skip
FOLDERS = ("contents/*", "documents/*", "rejected", "acknowledgements", "history")


def main(folder, *options):
    """Prepares the folder. folder: a path.  options: of dbt, such as --vars.  RuntimeError: dbt could not compile the project."""
    folder = pathlib.Path(folder).absolute()
    shutil.rmtree(folder / "compiled", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    archive = pathlib.Path(places.archive())
    write_manifest(folder)
    columns = {
        path.relative_to(archive).as_posix(): columns_of(path) for pattern in FOLDERS for path in sorted(archive.glob(pattern)) if path.is_dir()
    }
    versions = project.versions(".", None)
    inputs = {
        "archive": str(archive), "manifest": str(folder / "manifest"), "columns": columns | {"manifest": columns_of(folder / "manifest")},
        "versions": {name: versions[name] for name in ("rules_version", "reference_data_version", "settings_version")},
    }  # fmt: skip
    (folder / "inputs.json").write_text(json.dumps(inputs, indent=1), encoding="utf-8")
    compile_project(folder, options)


def write_manifest(folder):
    """Archives what is new, and writes the archive's manifest. folder: of main()."""
    model = importlib.util.spec_from_file_location("archived_files", "models/staging/archive/archived_files.py")
    archived_files = importlib.util.module_from_spec(model)
    model.loader.exec_module(archived_files)
    shutil.rmtree(folder / "manifest", ignore_errors=True)
    (folder / "manifest").mkdir()
    with duckdb.connect() as session:
        session.execute("set TimeZone = 'UTC'")
        archived_files.model(None, session).write_parquet(str(folder / "manifest" / "manifest.parquet"))


def columns_of(folder):
    """{column: Spark's type} of a folder of Parquet files, as DuckDB unites them by name. folder: a path.  KeyError: a type that is not known."""
    found = duckdb.execute("describe select * from read_parquet(?, union_by_name = true)", [f"{folder}/*.parquet"]).fetchall()
    return {name: kind.lower() if kind.startswith("DECIMAL(") else SPARK_TYPES[kind] for name, kind, *_ in found}


def compile_project(folder, options):
    """Compiles the project as for an empty warehouse: the whole of each model, not what a next build would add.

    folder, options: of main().  RuntimeError: dbt could not; its words were printed.
    """
    database = folder / "compile.duckdb"
    for path in folder.glob("compile.duckdb*"):
        path.unlink()
    environ = os.environ | {"PEC_WAREHOUSE": str(database), "PEC_ARCHIVE": places.archive()}
    command = [pathlib.Path(sys.executable).parent / "dbt", "compile", "--quiet", "--target-path", folder / "compiled", "--log-path", folder / "logs"]
    done = subprocess.run([*map(str, command), *options], env=environ, check=False)
    if done.returncode:
        raise RuntimeError("dbt could not compile the project")


if __name__ == "__main__":
    main(*sys.argv[1:])
