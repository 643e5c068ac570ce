"""What a long build says while it works: where it is, now and then; a short one says little, and nothing that goes wrong there fails a model."""

import time
import types

import duckdb
import pytest
from pec import progress, summary
from project import warehouse as w


@pytest.fixture
def own(monkeypatch):
    """(progress, lines): a progress of this test's own, not begun, whose waits are 0.05 seconds, and the lines that were said."""
    lines = []
    monkeypatch.setattr(progress, "CURRENT", progress.Progress(lines.append, first=0.05, longest=0.05))
    monkeypatch.setattr(summary, "show", lines.append)
    yield progress.CURRENT, lines
    progress.CURRENT.stop()


def event(name, node=None, total=0):
    """An event as dbt sends it."""
    info = types.SimpleNamespace(unique_id=f"model.pec_warehouse.{node}", node_name=node)
    return types.SimpleNamespace(info=types.SimpleNamespace(name=name), data=types.SimpleNamespace(total=total, node_info=info))


def test_it_is_said_now_and_then_where_the_build_is_and_nothing_after_its_end(own):
    current, lines = own
    current.start()
    time.sleep(0.12)
    assert lines == [], "nothing to say yet"
    progress.reading(3, 10, 1_234_567, 2_000_000_000)
    until = time.monotonic() + 10
    while len(lines) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    progress.stop()
    said = list(lines)
    assert set(said) == {"0 s: archiving, 3 of 10 new files read, 1.2 MB of 2.0 GB."}
    time.sleep(0.12)
    assert len(lines) <= len(said) + 1


def test_a_short_build_says_nothing_and_an_hour_does_not_fill_a_log(monkeypatch):
    waits = []
    lines = []
    current = progress.Progress(lines.append)
    current.text, current.longest = "at work", progress.LONGEST_IN_A_LOG
    current.is_over = types.SimpleNamespace(wait=lambda seconds: waits.append(seconds) or sum(waits) > 3600)
    current.print_now_and_then()
    assert waits[0] == progress.FIRST >= 10
    assert 10 <= len(lines) <= 20 and waits[-1] == progress.LONGEST_IN_A_LOG


def test_models_and_tests_are_counted_and_the_one_at_work_for_longest_is_named(own):
    current, lines = own
    nodes = progress.Nodes(lambda: pytest.fail("no months yet"))
    for name in ("int_rated_lines", "int_charge_lines"):
        nodes(event("LogStartLine", name, 265))
    assert current.text() == "0 of 265 models and tests are done, now int_rated_lines"
    nodes(event("NodeFinished", "int_rated_lines"))
    nodes(event("AnotherEvent"))
    assert current.text() == "1 of 265 models and tests are done, now int_charge_lines"
    nodes.LONG = 0
    assert current.text() == "1 of 265 models and tests are done, now int_charge_lines for 0 s"
    nodes(event("NodeFinished", "int_charge_lines"))
    assert current.text() == "2 of 265 models and tests are done" and lines == []


def test_what_goes_wrong_in_a_line_of_progress_fails_no_model(own):
    def refuse():
        raise RuntimeError("no connection")

    nodes = progress.Nodes(refuse)
    nodes(event("NodeFinished", "int_changed_months"))
    nodes(types.SimpleNamespace(info=types.SimpleNamespace(name="LogStartLine"), data=None))
    progress.Nodes(duckdb.connect)(event("NodeFinished", "int_changed_months"))  # a warehouse without the relation
    assert own[1] == []


@pytest.mark.parametrize(
    "changed, said",
    [
        ([], "Computing: no month (none has changed)."),
        ([("2026-08-01", "usage"), ("2026-07-01", "usage")], "Computing: 2 months from 2026-07 to 2026-08 (usage changed)."),
        ([("2026-08-01", "usage, access, price, directory, reference_data, rules")], "Computing: 2026-08 (new)."),
        ([("2026-01-01", "usage, access, price, directory, reference_data, rules")], "Computing: 2026-01 (usage has gone)."),
        (
            [("2026-07-01", "usage, access, price, directory, reference_data, rules"), ("2026-08-01", "reference_data, rules")],
            "Computing: 2 months from 2026-07 to 2026-08 (new; reference data, rules changed).",
        ),
    ],
)
def test_the_months_that_are_computed_are_named_with_the_reason(own, changed, said):
    with duckdb.connect() as connection:
        connection.execute("create schema intermediate; create table intermediate.int_changed_months (billing_month date, changed varchar)")
        connection.execute("create table intermediate.int_month_fingerprints as select unnest([date '2026-07-01', date '2026-08-01']) as billing_month")
        for row in changed:
            connection.execute("insert into intermediate.int_changed_months values (?, ?)", row)
        progress.Nodes(lambda: connection)(event("NodeFinished", "int_changed_months"))
    assert own[1] == [said]


def test_a_build_says_what_it_archives_and_computes(own, tmp_path):
    """In dbt, with --quiet: the plugin hears dbt's events."""
    w.build(w.SAMPLE, tmp_path, "run", "--select", "archived_files", "stg_archive__files")
    assert own[1][0].endswith(" 69 with new content: 2.9 MB unpacked, 3,371 records, 1 of them rejected.")
