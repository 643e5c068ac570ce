"""Each error that a user can meet names the thing and says what to do: the text goes on after a semicolon or a full stop."""

import ast
import os
import re

import pytest
from pec import cli, project, summary
from project import warehouse as w

# Exceptions whose text a user reads.
TOLD = {
    "ArchiveError", "BuildHeld", "Busy", "Changed", "NoReport", "PrivacyError", "ProjectError", "PublicationError", "Quarantine", "QuestionError", "UniteError",
    "WarehouseError",
}  # fmt: skip


def text_of(node):
    """The text of an argument, {} for what is put in; None when it is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def raised():
    """(file, line, text) of each text with which pec raises one of these exceptions."""
    for path in sorted((w.PROJECT / "pec").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and getattr(node.exc.func, "id", None) in TOLD and node.exc.args:
                text = text_of(node.exc.args[0])
                if text is not None:
                    yield path.relative_to(w.PROJECT).as_posix(), node.lineno, text


def test_each_error_says_what_to_do():
    found = list(raised())
    assert len(found) > 60
    assert [error for error in found if not re.search(r"[;.] \S", error[2])] == []


def test_a_command_outside_the_project_says_where_to_go(tmp_path, monkeypatch, capsys):
    for name in [name for name in os.environ if name.startswith("PEC_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PEC_LANDING_ZONE", str(w.SAMPLE))
    monkeypatch.setenv("PEC_RUN_LOG", str(tmp_path / "runs.jsonl"))
    monkeypatch.setattr("pec.night.changed_files", lambda *places: project.rules_version(tmp_path))
    assert cli.main(["night"]) == 1
    assert "change to that folder first (cd)" in capsys.readouterr().err
    assert cli.main(["publications"]) == 0
    assert "nothing is published" in capsys.readouterr().err


def test_a_red_run_names_what_is_red_and_how_to_see_it():
    assert summary.red({"model.pec_warehouse.a": "success", "test.pec_warehouse.b.1": "pass", "model.pec_warehouse.c": "skipped"}) == []
    said = summary.red({"model.pec_warehouse.a": "success", "test.pec_warehouse.unique_grain_x.1": "fail", "unit_test.pec_warehouse.int_x.y": "pass"})
    assert said[0].startswith("RED: 1 of 3 models and tests.") and "dbt show --select unique_grain_x" in said[1] and "report it" in said[-1]


@pytest.mark.parametrize("name, value", [("PEC_PRIVACY", "some"), ("PEC_UMASK", "abc")])
def test_a_wrong_setting_says_which_are_right(name, value, monkeypatch, capsys):
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        cli.main(["check"])
    assert f"{name} is {value}; set it to" in capsys.readouterr().err
