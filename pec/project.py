"""Fingerprints of the project's own files. The model project_version reads them as SQL variables (pec/dbt_plugin.py).

A warehouse keeps what earlier builds made. It may do so only while the rules that made it stand: models, macros, dbt's tests, this package, the
locked versions of what runs them, and the seeds of reference data. A build compares these fingerprints with those of the last green one.
"""

import hashlib
import importlib.metadata
import json
import pathlib

import pec

RULES = (
    "models/**/*.sql", "models/**/*.py", "models/**/*.yml", "macros/*.sql", "tests/generic/*.sql", "tests/invariants/*.sql", "pec/**/*.py",
    "dbt_project.yml", "requirements.lock",
)  # fmt: skip
REFERENCE_DATA = ("seeds/reference/*",)
# Variables that change numbers, and how their values are compared.
SETTINGS = {
    "access_gap_tolerance_seconds": None, "invoice_tolerance_cents": None,
    "marketplace_offers_are_linked_automatically": lambda value: str(value).lower(),
}  # fmt: skip


class ProjectError(Exception):
    """This is not the folder of the project; the text says what to do."""


def rules_version(root="."):
    """A digest (16 hex characters) of the files that say how numbers are made. root: the project's folder."""
    return _digest(pathlib.Path(root), RULES)


def reference_data_version(root="."):
    """A digest (16 hex characters) of the seeds: rates, roles, exclusions, stages. root: as of rules_version()."""
    return _digest(pathlib.Path(root), REFERENCE_DATA)


def versions(root=".", variables=None):
    """What made a publication, as a dictionary of texts: the project's version, its fingerprints, and the packages that computed.

    root: as of rules_version().  variables: as of settings_version(), default none.
    """
    packages = {f"{name}_version": importlib.metadata.version(name) for name in ("dbt-core", "dbt-duckdb", "duckdb")}
    return {
        "pec_version": pec.__version__, "rules_version": rules_version(root),
        "reference_data_version": reference_data_version(root), "settings_version": settings_version(variables or {}, root), **packages,
    }  # fmt: skip


def variables(text):
    """Variables of a command line, {name: value}. text: YAML as of dbt's --vars, or None.  ValueError: it holds no variables."""
    import yaml  # of dbt's requirements; the archive alone needs none of them

    try:
        found = yaml.safe_load(text or "{}")
    except yaml.YAMLError as error:
        raise ValueError(f"--vars is no YAML: {' '.join(str(error).split())}; write it such as '{{claim_days: 90}}'") from error
    if not isinstance(found, dict):
        raise ValueError("--vars must hold names and values, such as '{claim_days: 90}'")
    return found


def settings_version(variables, root="."):
    """A digest (16 hex characters) of the settings that change numbers.

    variables: of the command line, which go before those of dbt_project.yml.  root: as of rules_version().
    """
    import yaml

    declared = yaml.safe_load((pathlib.Path(root) / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    values = [(compared or (lambda value: value))((declared | variables)[name]) for name, compared in SETTINGS.items()]
    return hashlib.md5(json.dumps(values).encode()).hexdigest()[:16]


def _digest(root, patterns):
    """A digest over path and content of all files that match, in the order of their paths. ProjectError: root is no folder of a project."""
    if not (root / "dbt_project.yml").exists():
        raise ProjectError(f"{root.resolve()} is not the folder of this project: it has no dbt_project.yml; change to that folder first (cd)")
    paths = {path.relative_to(root).as_posix(): path for pattern in patterns for path in root.glob(pattern) if path.is_file()}
    lines = (f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n" for name, path in sorted(paths.items()) if "__pycache__" not in name)
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]
