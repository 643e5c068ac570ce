"""The audit of locked packages fails for what nobody has judged, and says what it could not look up."""

import email.message
import importlib.util

import pytest
from project import warehouse as w

SPEC = importlib.util.spec_from_file_location("audit", w.PROJECT / "scripts" / "audit.py")
audit = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(audit)

MIT = "Copyright (c) 2013 Somebody\n\nPermission is hereby granted, free of charge, to any\n person obtaining a copy of this software"
BSD = "Copyright 2023 Somebody\n\nRedistribution and use in source and binary forms, with or without\nmodification, are permitted provided that"


class Package:
    """Stands for an installed package: its metadata as (header, value) pairs."""

    version, files = "1.0", []

    def __init__(self, *headers):
        self.metadata = email.message.Message()
        for name, value in headers:
            self.metadata.add_header(name, value)


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ([("License-Expression", "MIT")], None),
        ([("License-Expression", "Apache-2.0 AND CNRI-Python")], None),
        ([("License-Expression", "BSD-3-Clause AND CC0-1.0")], None),
        ([("License-Expression", "BSD-3-Clause AND CC-BY-NC-4.0")], "nobody has judged"),
        ([("License-Expression", "GPL-3.0-only OR BSD-2-Clause")], None),
        ([("License-Expression", "MIT AND GPL-3.0-only")], "nobody has judged"),
        ([("License-Expression", "AGPL-3.0-or-later")], "nobody has judged"),
        ([("Classifier", "License :: OSI Approved :: Artistic License"), ("Classifier", "License :: OSI Approved :: GNU General Public License (GPL)")], None),
        ([("Classifier", "License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)")], "nobody has judged"),
        ([("Classifier", "License :: OSI Approved"), ("License", "BSD license")], None),
        ([("License", MIT)], None),
        ([("License", BSD)], None),
        ([("License", "Copyright (c) 2013 Somebody\n\nAll rights reserved.")], "nobody has judged"),
        ([("License", "Commons Clause, MIT")], "nobody has judged"),
        ([], "names no licence"),
    ],
)  # fmt: skip
def test_a_licence_is_allowed_or_a_problem(headers, problem, monkeypatch):
    monkeypatch.setattr(audit.importlib.metadata, "distribution", lambda name: Package(*headers))
    found = audit.licence_of("package", "1.0")[1]
    assert found is None if problem is None else problem in found


def test_another_version_than_the_locked_one_and_a_missing_package_are_problems(monkeypatch):
    assert "not as locked" in audit.licence_of("duckdb", "0.1")[1]
    assert audit.licence_of("no-such-package", "1.0")[1] == "is not installed"


def test_every_locked_package_is_read_and_fails_the_audit_when_one_is_wrong(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(audit.shutil, "which", lambda name: None)
    text = (w.PROJECT / "requirements.lock").read_text()
    listed = audit.packages(text)
    assert len(listed) == text.count("==") >= 60 and ("mashumaro", "3.14") in listed
    assert audit.main([str(w.PROJECT / "requirements.lock")]) == 0
    assert "known vulnerabilities: not looked up, pip-audit is not installed" in capsys.readouterr().out
    (tmp_path / "x.lock").write_text("no-such-package==1.0 \\\n    --hash=sha256:00\n")
    assert audit.main([str(tmp_path / "x.lock")]) == 1
    assert audit.main([]) == 1


@pytest.mark.parametrize(
    ("script", "said", "problems"),
    [
        ("echo '{\"dependencies\": [{\"name\": \"a\", \"version\": \"1\", \"vulns\": []}]}'", "known vulnerabilities: 0", []),
        ("echo '{\"dependencies\": [{\"name\": \"a\", \"version\": \"1\", \"vulns\": [{\"id\": \"X-1\"}]}]}'; exit 1", "known vulnerabilities: 1", ["a 1: X-1"]),
        ("echo no connection >&2; exit 1", "known vulnerabilities: not looked up, pip-audit had no answer", []),
    ],
)  # fmt: skip
def test_known_vulnerabilities_are_problems_and_no_answer_is_said(script, said, problems, tmp_path, monkeypatch):
    tool = tmp_path / "pip-audit"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setattr(audit.shutil, "which", lambda name: str(tool))
    assert audit.vulnerabilities("requirements.lock") == (said, problems)
