"""Texts for people: every code that a mart may show has one, and the templates of repairs are filled in."""

import csv
import re
import subprocess

from project import warehouse as w
import pytest
import yaml

SEEDS = w.PROJECT / "seeds" / "reference"
# Columns whose codes are texts of another kind, and those that are words already.
KINDS = {
    "covering_scope_level": "scope_level", "finding": "claim_finding", "status": "check_status", "worst_status": "check_status", "reason": "unresolved_reason",
    "begin_evidence": "evidence", "end_evidence": "evidence", "item_kind": "grant_kind", "access_path": "covering_access_path",
}  # fmt: skip


def seed(name):
    """The rows of a seed as dictionaries."""
    with open(SEEDS / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def codes_of_marts():
    """[(mart, column, code)] that the marts may show, as their tests say."""
    found = []
    for path in sorted((w.PROJECT / "models" / "marts").rglob("*.yml")):
        for model in yaml.safe_load(path.read_text()).get("models") or []:
            for test in model.get("data_tests") or []:
                columns = test["column_values"]["arguments"].get("one_of", {}) if isinstance(test, dict) and "column_values" in test else {}
                found += [(model["name"], column, code) for column, codes in columns.items() for code in codes]
    assert len(found) > 80
    return found


def test_every_code_that_a_mart_may_show_has_a_text():
    texts = {(row["kind"], row["code"]) for row in seed("code_texts")}
    assert {(mart, column, code) for mart, column, code in codes_of_marts() if (KINDS.get(column, column), code) not in texts} == set()


def test_every_text_is_of_a_code_that_a_mart_may_show():
    codes = {(KINDS.get(column, column), code) for _, column, code in codes_of_marts()}
    # Causes are joined by commas, so that no list of values tests them.
    assert {(row["kind"], row["code"]) for row in seed("code_texts") if row["kind"] != "cause"} - codes == set()


def test_an_access_reason_is_called_the_same_on_a_line_and_on_a_day():
    texts = {(row["kind"], row["code"]): row["text"] for row in seed("code_texts")}
    reasons = [row["access_reason"] for row in seed("access_stages")]
    assert len(reasons) == 8
    assert [reason for reason in reasons if texts["pec_reason", reason] != texts["access_reason", reason]] == []


def test_every_repair_has_its_texts():
    actions = {row["action"] for row in seed("repair_actions")}
    assert {row[column] for row in seed("access_stages") for column in ("action", "delegation_action")} <= actions
    assert {row["code"] for row in seed("code_texts") if row["kind"] == "action"} == actions


@pytest.mark.parametrize("column", ["what_to_do", "az_command", "powershell_command", "how_to_check"])
def test_placeholders_of_repairs_are_known(column):
    """An unknown one would be filled in as nothing."""
    model = (w.PROJECT / "models/marts/access/pec_repairs.sql").read_text()
    known = set(re.findall(r"'(\w+)': ", model))
    used = {(row["action"], name) for row in seed("repair_actions") for name in re.findall(r"\{(\w*)\}", row[column])}
    assert {(action, name) for action, name in used if name not in known} == set()
    assert len(used) >= 2


def test_no_placeholder_stands_inside_quotes_of_a_command():
    """Ids are quoted when they are filled in: inside quotes of the template they would end them."""
    for row in seed("repair_actions"):
        for command in (row["az_command"], row["powershell_command"]):
            before = [command[: found.start()] for found in re.finditer(r"\{", command)]
            assert all(text.count('"') % 2 == 0 and "'" not in text and "`" not in text for text in before), row["action"]


def test_commands_run_in_a_shell_with_their_ids_as_whole_words(sample):
    """The az commands of the sample, in a real shell, with an az that says how it was called."""
    repairs = w.query(sample, "select * from marts.pec_repairs where az_command is not null")
    assert {row["action"] for row in repairs} >= {"grant_access", "give_eligible_role", "link_partner_id", "change_delegation"}
    for row in repairs:
        script = "az() { printf '[%s]' \"$@\" >&2; echo >&2; }; set -eu\n" + row["az_command"]
        done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
        calls = done.stderr.splitlines()
        assert calls[0] == f"[login][--tenant][{row['tenant']}]"
        expected = {
            "grant_access": f"[--assignee-principal-type][ForeignGroup][--role][Contributor][--scope][{row['scope_id']}]",
            "give_eligible_role": f"[--assignee-object-id][{row['principal_id']}][--assignee-principal-type][ForeignGroup][--role][Contributor]",
            "link_partner_id": "[managementpartner][create][--partner-id][60",
            "change_delegation": "[managedservices][assignment][create][--definition][][--resource-group][rg-print]",
        }  # fmt: skip
        assert expected[row["action"]] in calls[-1], row["action"]
