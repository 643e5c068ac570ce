"""Audits the packages of lock files: each has a licence that permits use at work, and, where pip-audit can be used, no known vulnerability.

    python scripts/audit.py requirements.lock [MORE.lock ...]

Run it with the Python whose environment was installed from the lock files: licences are read from the installed packages.
"""

import importlib.metadata
import json
import pathlib
import re
import shutil
import subprocess
import sys

# Licences that ask for no more than their text, or (MPL) for changes of their own files. By SPDX id, by the name of the classifier, or as written.
ALLOWED = re.compile(
    r"\b(0BSD|MIT|BSD|ISC|Apache|MPL|Mozilla Public License|PSF|Python Software Foundation|CNRI-Python|Artistic|Unlicense|Zlib|CC0-1\.0)\b", re.IGNORECASE
)  # fmt: skip
COPYLEFT = re.compile(r"GPL|GNU|SSPL|EUPL|Commons Clause|Business Source|proprietary", re.IGNORECASE)

# What licences say, for packages that name none.
TEXTS = {
    "MIT, by its text": "Permission is hereby granted, free of charge, to any person obtaining a copy",
    "BSD, by its text": "Redistribution and use in source and binary forms, with or without modification, are permitted",
}


def packages(text):
    """[(name, version)] of a lock file, sorted. text: its content."""
    return sorted(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", text, re.MULTILINE))


def choices(package):
    """The licences of a package, one of which the user may choose: texts. package: a Distribution of importlib.metadata."""
    metadata = package.metadata
    expression = metadata.get("License-Expression")
    if expression:
        return [part.strip(" ()") for part in re.split(r"\s+OR\s+", expression)]
    classified = [line.split(" :: ")[-1] for line in metadata.get_all("Classifier") or [] if line.startswith("License :: ") and line.count("::") > 1]
    if classified:
        return classified
    said = (metadata.get("License") or "").strip()
    texts = [said, *(file.read_text(encoding="utf-8") for file in package.files or [] if "licen" in str(file).lower())]
    known = [name for name, words in TEXTS.items() if any(words in " ".join(text.split()) for text in texts)]
    return known[:1] or [said.split("\n")[0]]


def is_allowed(licence):
    """Whether every part of a licence is in the list. licence: text of choices()."""
    return all(ALLOWED.search(part) and not COPYLEFT.search(part) for part in re.split(r"\s+AND\s+", licence))


def licence_of(name, version):
    """(licences as one text, problem or None) of an installed package. name, version: of the lock file."""
    try:
        found = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return "", "is not installed"
    if found.version != version:
        return "", f"is installed as {found.version}, not as locked"
    licences = choices(found)
    said = " OR ".join(licences)
    if not said:
        return said, "names no licence"
    if not any(is_allowed(licence) for licence in licences):
        return said, f"has a licence that nobody has judged: {said}"
    return said, None


def vulnerabilities(lock):
    """(what is said, problems) about known vulnerabilities of a lock file. Without pip-audit, or a service that answers, nothing is known."""
    tool = shutil.which("pip-audit")
    if not tool:
        return "known vulnerabilities: not looked up, pip-audit is not installed", []
    command = [tool, "--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json", "--requirement", lock]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        rows = json.loads(done.stdout)["dependencies"]
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
        return "known vulnerabilities: not looked up, pip-audit had no answer", []
    found = [f"{row['name']} {row['version']}: {one['id']}" for row in rows for one in row.get("vulns") or []]
    return f"known vulnerabilities: {len(found)}", found


def main(locks):
    """Prints what was found; returns 1 if something is wrong, else 0. locks: paths."""
    problems = []
    for lock in locks:
        listed = packages(pathlib.Path(lock).read_text(encoding="utf-8"))
        print(f"{lock}: {len(listed)} packages")
        for name, version in listed:
            licences, problem = licence_of(name, version)
            print(f"  {name} {version}: {licences or '?'}")
            problems += [f"{lock}: {name} {problem}"] if problem else []
        said, found = vulnerabilities(lock)
        print(f"  {said}")
        problems += [f"{lock}: {text}" for text in found]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems or not locks else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
