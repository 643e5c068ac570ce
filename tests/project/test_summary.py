"""What a build prints at its end: figures of a sound run only, notes always, the next step last; and it fails no build."""

import duckdb
import pytest
from pec import summary
from project import warehouse as w

SOUND = {"model.pec_warehouse.pec_claims": "success", "test.pec_warehouse.some_test": "pass"}


def told(warehouse, results, change="select 1"):
    """The lines of the summary, and the next steps, that a run would print on a warehouse after a statement, which is taken back."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("set variable pec_archive = ?", [str(w.archive_of(warehouse))])
        connection.execute("begin")
        connection.execute(change)
        try:
            return summary.lines(connection, results, "there"), summary.next_steps(connection, results)
        finally:
            connection.execute("rollback")


def test_a_sound_run_tells_the_figures_of_the_marts_and_ends_with_the_most_valuable_claim(sample):
    lines, steps = told(sample, SOUND)
    (sums,) = w.query(sample, "select sum(list_cost_usd) as cost, sum(applied_credit_usd) as applied from marts.pec_monthly_statement")
    for name, usd in (("list cost", "cost"), ("credit applied", "applied")):
        (line,) = [line for line in lines if line.startswith(name)]
        assert line == f"{name:<16}{sums[usd]:>16,.2f} USD   {summary.MEANINGS[name]}"
    reasons = w.query(
        sample,
        "select pec_status, pec_reason, count(*) as lines, sum(round(list_cost_usd * applied_pec_rate, 18)) as applied "
        "from marts.fct_pec_charges_daily group by all",
    )
    rows = {tuple(line.split()[:3]): line.split()[5] for line in lines if line.startswith(summary.STATUSES) and "USD" not in line}
    assert {(row["pec_status"], row["pec_reason"], f"{row['lines']:,}"): f"{row['applied']:,.2f}" for row in reasons} == rows
    claims = w.query(sample, "from marts.pec_claims where claim_status = 'open' order by open_credit_usd desc, claim_id")
    assert len(claims) > 1
    warned = w.query(sample, "select check_name from marts.data_quality where status = 'warn' order by 1")
    assert [line.split()[1] for line in lines if line.startswith("Check ")] == [row["check_name"] for row in warned] != []
    assert lines[-1] == "Warehouse: there (schema marts)."
    (step,) = [step for step in steps if "claim" in step.split()[1]]
    assert step.split(": ", 1)[1].startswith(f"claim {claims[0]['open_credit_usd']:,.2f} USD, by {claims[0]['claim_by']}: ")
    assert not any(claim["customer_name"] in line for claim in claims for line in lines + steps), "what a build prints ends in logs and mails"
    assert f"{len(claims)} open claims" in step and claims[0]["claim_id"] in step


@pytest.mark.parametrize("results", [SOUND | {"test.pec_warehouse.some_test": "fail"}, SOUND | {"model.pec_warehouse.x": "skipped"}, {}])
def test_another_run_tells_notes_alone(sample, results):
    lines, steps = told(sample, results)
    assert steps == [] and lines and all(line.startswith(("Rejected: ", "Not counted: ", "Evidence lacks: ", "Check ")) for line in lines)


def test_what_is_missing_or_broken_fails_no_build(sample):
    assert not any("Rejected" in line for line in told(sample, SOUND, "drop table marts.rejected_rows")[0])
    broken, *_ = told(sample, SOUND, "alter table marts.pec_claims rename open_credit_usd to x")[1]
    assert broken.startswith("The summary is not whole: ")
    assert "open_credit_usd" in broken


def test_the_directory_is_told_where_it_lacks(sample):
    """Of zero bytes, renamed or without a row: tests/cases/test_coverage.py builds the first two."""
    others = "create temp table others as from staging.base_partner_directory where kind != 'agreements'; drop view staging.base_partner_directory"
    lines, _ = told(sample, {}, f"{others}; create view staging.base_partner_directory as from others")
    assert lines[0] == "WARNING: partner_directory/agreements.csv has no row that can be read: nobody has an agreement, and no line earns (D4)."


def test_a_character_that_the_screen_cannot_show_stops_nothing(monkeypatch, capsys):
    class Screen:
        encoding = "ascii"
        write = staticmethod(lambda text: text.encode("ascii"))
        flush = staticmethod(lambda: None)

    monkeypatch.setattr("sys.stdout", Screen)
    summary.show("Kieselbrück ×")


REPAIRS = """
create or replace table marts.pec_repairs as select * from (values
    ('r1', 2, {usd}, true, 'sub-1', 'grant_access'), ('r2', 1, 5.00, true, 'sub-2', 'link_partner_id'), ('r3', 3, 999999.00, false, 'sub-3', 'sign_agreement')
) as repairs (repair_id, repair_rank, win_per_month_usd, is_losing_now, subscription_id, action)
"""


@pytest.mark.parametrize("usd, words", [("9000.50", ["Next", "Then"]), ("6.00", ["Then", "Next"])])
def test_the_more_valuable_of_claim_and_repair_comes_first(sample, usd, words):
    _, steps = told(sample, SOUND, REPAIRS.format(usd=usd))
    repair, claim = steps if words[0] == "Next" else steps[::-1]
    assert repair.startswith(f"{words[0]}: win {float(usd):,.2f} USD a month in subscription sub-1: grant access. It is the first of 2 repairs, ")
    assert claim.startswith(f"{words[1]}: claim ")


def test_without_a_claim_and_a_repair_nothing_is_to_be_done(sample):
    _, steps = told(sample, SOUND, REPAIRS.format(usd="0.00") + "; delete from marts.pec_repairs; delete from marts.pec_claims")
    assert steps == ["Next: nothing. No claim is open, and no access is missing now."]


def test_where_nothing_shows_who_had_access_evidence_comes_before_repairs(sample):
    finding = """
    insert into marts.data_quality_findings by name (
        select * replace ('evidence_missing' as check_name, 'sub-1' as item) from marts.data_quality_findings limit 1
    );
    insert into marts.evidence_coverage by name (
        select * replace ('sub-1' as subscription_id, 12345 as credit_in_doubt_usd) from marts.evidence_coverage limit 1
    );
    """
    _, steps = told(sample, SOUND, REPAIRS.format(usd="9000.50") + ";" + finding)
    assert steps[0].startswith("Next: supply evidence: 1 subscription has no list or log of access, 12,345.00 USD in doubt.")
    assert not any("sub-1" in step for step in steps), "what is repaired there is not known"
