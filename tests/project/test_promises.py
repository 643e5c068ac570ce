"""docs/promises.md names tests that exist, and every promise has one."""

import re

from project import warehouse as w

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (w.PROJECT / "docs" / "promises.md").read_text().splitlines() if line.startswith("|") and not re.match(r"\|( promise |-)", line)
]  # fmt: skip


def test_every_promise_has_a_test_that_exists():
    assert len(ROWS) > 20
    for promise, tests, figure in ROWS:
        files = re.findall(r"`(tests/[\w/.]+)`", tests)
        assert files and figure, promise
        assert [file for file in files if not (w.PROJECT / file).is_file()] == [], promise


def test_every_folder_of_tests_keeps_a_promise():
    named = {file.split("/")[1] for _, tests, _ in ROWS for file in re.findall(r"`(tests/[\w/.]+)`", tests)}
    helpers = {"sample", "generic"}
    folders = {path.name for path in (w.PROJECT / "tests").iterdir() if path.is_dir() and not path.name.startswith((".", "_"))}
    assert folders - helpers - named == set()
