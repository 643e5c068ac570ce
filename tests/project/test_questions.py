"""pec explain, claim, leaks and compare on what is published: exact, whole, read-only, and with errors that lead on."""

import collections
import csv
import datetime
import io
import json
import pathlib
import re
import shutil
from decimal import Decimal

import duckdb
from pec import cli
from pec.questions import output, published
from project import explained
from project import warehouse as w
import pytest

ERP, CATALOGUE = "vm-erp-01", "databases/catalogue"


@pytest.fixture(name="ask")
def fixture_ask(sample, monkeypatch, capsys):
    """A function of a command's arguments that runs pec on the sample; its exit code, and what it printed on both streams."""
    monkeypatch.setenv("PEC_LANDING_ZONE", str(w.SAMPLE))
    monkeypatch.setenv("PEC_WAREHOUSE", str(sample))
    monkeypatch.delenv("PEC_ARCHIVE", raising=False)

    def run(*arguments):
        code = cli.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture(name="answer")
def fixture_answer(ask):
    """A function of a command's arguments; its answer as {part: rows}."""

    def run(*arguments):
        code, out, err = ask(*arguments, "--format", "json")
        assert code == 0, err
        return json.loads(out)

    return run


@pytest.fixture(scope="module")
def database(sample):
    """Path of the sample's published file."""
    return w.archive_of(sample).with_suffix(".published") / "pec.duckdb"


@pytest.fixture(name="bent")
def fixture_bent(database, tmp_path, monkeypatch):
    """A function of SQL statements: publishes the sample's file, bent by them, for the commands; its path."""

    def bend(*statements):
        folder = tmp_path / "bent"
        folder.mkdir(exist_ok=True)
        copy = pathlib.Path(shutil.copy(database, folder / "pec.duckdb"))
        with duckdb.connect(str(copy)) as connection:
            for statement in statements:
                connection.execute(statement)
        monkeypatch.setenv("PEC_PUBLISHED", str(folder))
        return copy

    return bend



def test_the_grants_give_what_was_decided(database):
    """Covered seconds to the microsecond, and the reason, of every day of the sample; each reason is there, so that none is right by chance."""
    found, reasons = explained.disagreements(database)
    assert found[:10] == []
    assert reasons == {
        "full_day", "no_agreement", "no_access", "other_partner", "ineligible_role", "not_linked", "not_permanent", "denied", "partial_day",
    }  # fmt: skip


def test_explain_names_the_hour_that_lacks(answer):
    """Access was removed at 10:00 and came back at 11:00: that hour, both assignments, and the other role that would have helped."""
    found = answer("explain", ERP, "2026-08-19")
    (day,), (hour,) = found["day"], found["uncovered"]
    assert (day["access_reason"], day["covered_seconds"], day["covered_by_the_grants_below"]) == ("partial_day", "82800.000000", "23:00:00 of 24:00:00")
    assert (hour["from"], hour["to"]) == ("2026-08-19T10:00:00Z", "2026-08-19T11:00:00Z")
    counting = {row["from"]: row for row in found["grants"] if row["outcome"] == "counts"}
    assert [counting[begin]["to"] for begin in sorted(counting)] == ["2026-08-19T10:00:00Z", "2026-08-20T00:00:00Z"]
    assert {hour["ended_with"], hour["begins_with"]} == {row["item_id"] for row in counting.values()}
    texts = [row["what"] for row in found["changes"]]
    assert any("from 10:00:00 to 11:00:00" in text and hour["ended_with"] in text for text in texts)
    assert any("Reader of HelpdeskAgents" in text and text.endswith("That alone would have covered the whole day.") for text in texts)
    assert any("marketplace" in text for text in texts)


@pytest.mark.parametrize(
    "resource, day, reason, outcome, change",
    [
        (CATALOGUE, "2026-08-06", "denied", "denied", "Exclude the principal from the deny assignment"),
        ("disk-print-01", "2026-08-20", "not_permanent", "linked, not permanent", "Make the eligible assignment"),
        ("vm-wifi-01", "2026-07-20", "other_partner", "another partner's", "Grant a group, user or delegation of the transacting partner"),
        ("vm-analytics-01", "2026-08-14", "not_linked", "eligible role, not linked", "Link the partner ID (PAL)"),
        ("vm-fleet-01", "2026-07-01", "no_agreement", "counts", "An agreement in force for the whole day"),
        ("vm-depot-01", "2026-08-24", "no_access", None, "Access was removed on 2026-08-24"),
        ("vm-pacs-db-01", "2026-07-02", "full_day", "counts", "Without aobo Owner of AdminAgents"),
    ],
)  # fmt: skip
def test_explain_says_how_far_each_grant_gets_and_what_would_have_changed_it(answer, resource, day, reason, outcome, change):
    found = answer("explain", resource, day)
    assert [row["access_reason"] for row in found["day"]] == [reason]
    assert outcome in {row["outcome"] for row in found["grants"]} or (outcome is None and not found["grants"])
    assert any(row["what"].startswith(change) for row in found["changes"]), found["changes"]
    assert found["charges"]


def test_explain_of_a_denied_day_names_the_deny(answer, database):
    (grant,) = [row for row in answer("explain", CATALOGUE, "2026-08-06")["grants"] if row["outcome"] == "denied"]
    with duckdb.connect(str(database), read_only=True) as connection:
        denies = connection.execute("select distinct deny_assignment_id from marts.access_grants where effect = 'deny'").fetchall()
    assert (grant["deny_assignment_id"],) in denies


def test_a_grant_covers_whole_segments_of_a_path(bent, answer):
    """A1: what stands on rg-er covers nothing in rg-erp."""
    group = "/subscriptions/949cfc69-a93c-532d-99ea-f6d6f278c6a7/resourcegroups/rg-er"
    bent(f"update marts.access_grants set scope_id = '{group}' where subscription_id = '949cfc69-a93c-532d-99ea-f6d6f278c6a7'")
    assert answer("explain", ERP, "2026-08-18")["grants"] == []
    bent(f"update marts.access_grants set scope_id = '{group}p' where subscription_id = '949cfc69-a93c-532d-99ea-f6d6f278c6a7'")
    assert {row["outcome"] for row in answer("explain", ERP, "2026-08-18")["grants"]} >= {"counts"}


def test_explain_tells_of_access_that_nobody_saw_begin(bent, answer):
    """A7: what a later deletion ended may have stood on the day; an older list would show it."""
    bent(
        "update marts.access_grants set begin_evidence = 'unseen', valid_from = '2026-09-01', valid_to = '2026-09-01' "
        "where subscription_id = '949cfc69-a93c-532d-99ea-f6d6f278c6a7' and principal_name ilike 'helpdesk%'"
    )
    found = answer("explain", ERP, "2026-08-19")
    assert any(row["outcome"].startswith("begun unseen") for row in found["grants"])
    assert any(row["what"].startswith("A list older than its deletion at 2026-09-01") for row in found["changes"])


@pytest.mark.parametrize("command", [("explain", ERP, "2026-08-19"), ("claim", "2026-08"), ("leaks",)])
def test_nothing_is_cut_off(ask, answer, monkeypatch, command):
    """Tables on a narrow screen have all characters that they have on a wide one, where every text of the answer can be read."""
    monkeypatch.setenv("COLUMNS", "5000")
    _, wide, _ = ask(*command)
    texts = [value for rows in answer(*command).values() for row in rows for name, value in row.items() if isinstance(value, str) and name != "access_scope_id"]
    shown = wide.replace("\n", "")
    missing = [text for text in texts if not re.fullmatch(r"[-\d.:TZ]+", text) and text.replace("\n", "") not in shown]
    assert len(texts) > 20 and [text for text in missing if text not in ("6011111",)] == []


@pytest.mark.parametrize("width", range(45, 125, 8))
def test_a_narrow_table_wraps_and_keeps_every_character(width):
    part = output.Part("p", "P", [{"a": "x" * 70, "b": "words of a text that is long", "c_usd": Decimal("1234.5")}, {"a": None, "b": "1", "c_usd": None}])
    narrow, wide = output.as_tables([part], width), output.as_tables([part], 500)
    assert max(map(len, narrow.splitlines())) <= width
    assert collections.Counter("".join(narrow.split())) == collections.Counter("".join(wide.split()))


def test_csv_is_the_answer_whole_and_exact(ask, answer):
    _, text, _ = ask("explain", ERP, "2026-08-19", "--format", "csv")
    blocks = [list(csv.DictReader(io.StringIO(block))) for block in text.split("\n\n")]
    found = answer("explain", ERP, "2026-08-19")
    assert {rows[0]["part"]: len(rows) for rows in blocks} == {name: len(rows) for name, rows in found.items() if rows}
    charges = next(rows for rows in blocks if rows[0]["part"] == "charges")
    assert [row["list_cost_usd"] for row in charges] == [row["list_cost_usd"] for row in found["charges"]]


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@x", "\tx"])
def test_no_name_is_a_formula(name):
    assert output.csv_of(["customer_name"], [{"customer_name": name}]).splitlines()[1] == "'" + name
    assert output.csv_of(["usd"], [{"usd": Decimal("-1.50")}]) == "usd\n-1.50\n"


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("explain", "vm-nowhere", "2026-08-19"), "no usage names a resource vm-nowhere"),
        (("explain", "vm-er", "2026-08-19"), "contain that text"),
        (("explain", ERP, "2027-01-01"), "it has usage from 2026-07-01 to 2026-09-12"),
        (("claim", "2027-01"), "2027-01 is not published; there is usage of 2026-07, 2026-08, 2026-09"),
        (("claim", "2026-08", "--customer", "nobody"), "no customer has the id or name nobody"),
        (("leaks", "--customer", "e"), "may be one of several customers"),
        (("compare", "current", "20200101T000000000000"), "is no publication"),
        (("compare", "previous", "current"), "there is no previous publication"),
    ],
)
def test_errors_lead_on(ask, arguments, said):
    code, out, err = ask(*arguments)
    assert (code, out) == (1, "") and said in err


def test_without_a_publication_the_error_says_what_to_do(ask, monkeypatch, tmp_path):
    monkeypatch.setenv("PEC_PUBLISHED", str(tmp_path / "none"))
    for command in (("explain", ERP, "2026-08-19"), ("claim", "2026-08"), ("leaks",)):
        code, _, err = ask(*command)
        assert code == 1 and "nothing is published" in err and "make night" in err


def test_several_resources_of_one_name_are_listed(ask, bent):
    bent("insert into marts.fct_pec_eligibility_daily by name select * replace ('/subscriptions/x/' || resource_id as resource_id) from marts.fct_pec_eligibility_daily where ends_with(resource_id, '/vm-erp-01')")
    code, _, err = ask("explain", ERP, "2026-08-19")
    assert code == 1 and "is the end of 2 resources" in err and err.count(ERP + "\n") == 2


def test_a_question_writes_nothing_and_reads_no_other_file(database):
    with published.connect(database) as connection:
        for statement in ("create table x as select 1", "copy (select 1) to '/tmp/x.csv'", "from read_csv('/etc/passwd')", "set enable_external_access = true"):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)


def test_claims_of_a_month_are_files_that_add_up(ask, database, tmp_path):
    """Each claim that is not registered has its folder: the mart's ticket text, its lines to the last decimal, the grants of its days; and a row."""
    zone = {path: path.stat().st_mtime_ns for path in w.SAMPLE.rglob("*")}
    folder = tmp_path / "new" / "claims"
    code, out, err = ask("claim", "2026-08", "--output", folder)
    assert code == 0, err
    with duckdb.connect(str(database), read_only=True) as connection:
        claims = connection.execute(
            "select c.claim_id, c.missed_credit_usd, string_agg(m.ticket_text, chr(10) || chr(10) order by m.first_date) || chr(10) "
            "from marts.pec_claims as c join marts.pec_missed_credit as m using (claim_id) "
            "where c.billing_month = '2026-08-01' and not c.is_registered group by all"
        ).fetchall()  # fmt: skip
        names = connection.execute("select distinct customer_name from marts.pec_claims").fetchall()
        (registered,) = connection.execute("select count(*) from marts.pec_claims where billing_month = '2026-08-01' and is_registered").fetchone()
    assert len(claims) > 5 and registered == 1
    rows = list(csv.DictReader((folder / "claims.csv").open()))
    assert {row["claim_id"] for row in rows} == {claim[0] for claim in claims} and len(rows) == len(claims)
    own = (w.SAMPLE / "partner_directory" / "claims.csv").read_text().splitlines()[0]
    assert (folder / "claims.csv").read_text().splitlines()[0] == own
    for claim_id, missed, ticket in claims:
        (place,) = folder.glob(f"*_{claim_id[:8]}")
        assert (place / "ticket.txt").read_text() == ticket
        days = list(csv.DictReader((place / "days.csv").open()))
        assert sum(Decimal(row["missed_credit_usd"]) for row in days) == missed
        assert {row["covered_seconds"] for row in days} == {"86400.000000"}
        grants = list(csv.DictReader((place / "grants.csv").open()))
        assert grants and all(row["item_id"] in ticket for row in grants)
    assert f"{len(claims)} claims of 2026-08" in out and "partner_directory/claims.csv" in out
    assert [name for (name,) in names if name and name in out] == [], "what is printed may end in a log"
    assert {path: path.stat().st_mtime_ns for path in w.SAMPLE.rglob("*")} == zone

    code, _, err = ask("claim", "2026-08", "--output", folder)
    assert code == 1 and "name a new folder" in err
    code, _, err = ask("claim", "2026-08", "--output", w.SAMPLE / "claims")
    assert code == 1 and "in the landing zone" in err
    assert not (w.SAMPLE / "claims").exists()


def test_a_registered_claim_is_not_claimed_again(ask, bent, tmp_path, answer):
    bent("update marts.pec_claims set is_registered = true where billing_month = '2026-08-01'")
    assert answer("claim", "2026-08")["claims"] == []
    code, _, err = ask("claim", "2026-08", "--output", tmp_path / "claims")
    assert code == 1 and "nothing is left to claim of 2026-08" in err and not (tmp_path / "claims").exists()


def test_claims_without_ticket_texts_are_not_written(ask, bent, tmp_path):
    """A publication without names has no ticket text (PEC_PRIVACY)."""
    bent("update marts.pec_missed_credit set ticket_text = null")
    code, _, err = ask("claim", "2026-08", "--output", tmp_path / "claims")
    assert code == 1 and "PEC_PRIVACY" in err and not (tmp_path / "claims").exists()


def test_claims_and_leaks_of_one_customer_are_its_own(answer, database):
    with duckdb.connect(str(database), read_only=True) as connection:
        claims = dict(connection.execute("select customer_id, count(*) from marts.pec_claims where not is_registered and billing_month = '2026-08-01' group by all").fetchall())
        leaks = dict(connection.execute("select customer_id, count(*) from marts.pec_repairs where is_losing_now group by all").fetchall())
    assert len(claims) > 1 and len(leaks) > 1
    for command, expected in (("claim", claims), ("leaks", leaks)):
        for customer, count in expected.items():
            found = answer(*{"claim": ("claim", "2026-08"), "leaks": ("leaks",)}[command], "--customer", customer)
            rows = found["claims" if command == "claim" else "repairs"]
            assert [row["customer_id"] for row in rows] == [customer] * count


def test_leaks_are_what_is_lost_now_the_largest_first(ask, answer, database):
    found = answer("leaks")
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute("select repair_id, az_command from marts.pec_repairs where is_losing_now order by win_per_month_usd desc").fetchall()
        (total,) = connection.execute("select sum(win_per_month_usd) from marts.pec_repairs where is_losing_now").fetchone()
    assert [row["repair_id"] for row in found["repairs"]] == [row[0] for row in rows] and len(rows) > 1
    assert Decimal(found["totals"][0]["win_per_month_usd"]) == total
    _, table, _ = ask("leaks")
    assert all(line in table.splitlines() for _, command in rows for line in command.splitlines()), "a command is copied as it is"


def test_leaks_leave_out_what_is_not_lost_any_more(bent, answer):
    bent("update marts.pec_repairs set is_losing_now = repair_rank = 2")
    assert [row["repair_rank"] for row in answer("leaks")["repairs"]] == [2]


def test_compare_tells_each_change_and_no_other(bent, answer, database):
    later = bent(
        "update marts.pec_monthly_statement set missed_credit_usd = missed_credit_usd + 0.000000000000000001, line_count = 1 "
        "where billing_month = '2026-08-01' and subscription_id = (select min(subscription_id) from marts.pec_monthly_statement where billing_month = '2026-08-01')",
        "delete from marts.pec_monthly_statement where billing_month = '2026-07-01' and subscription_id = (select max(subscription_id) from marts.pec_monthly_statement where billing_month = '2026-07-01' and list_cost_usd > 0)",
        "delete from marts.pec_claims where claim_id = (select min(claim_id) from marts.pec_claims)",
        "update marts.pec_claims set claim_status = 'late' where claim_id = (select min(claim_id) from marts.pec_claims)",
        "update marts.pec_repairs set repair_id = 'another' where repair_rank = 1",
    )
    found = answer("compare", database, later)
    (august,) = [row for row in found["statement"] if row["billing_month"] == "2026-08-01"]
    assert (august["measure"], august["change_usd"]) == ("missed", "0.000000000000000001")
    july = [row for row in found["statement"] if row["billing_month"] == "2026-07-01"]
    assert july and {row["after_usd"] for row in july} == {"0.000000000000000000"} and july[0]["measure"] == "list cost"
    assert len(found["months"]) == len(found["statement"])
    assert sorted(row["change"] for row in found["claims"]) == ["changed", "gone"]
    assert sorted(row["change"] for row in found["repairs"]) == ["gone", "new"]
    same = answer("compare", later, later.parent)
    assert {name: rows for name, rows in same.items() if rows} == {}


def test_compare_finds_publications_by_id_and_by_their_order(ask, answer, database, tmp_path, monkeypatch):
    """previous is the newest before the current one that counts and is kept: neither a later one that was rolled back, nor one that was removed."""
    ids = [f"2026091{n}T000000000000" for n in range(5)]
    folders, history = tmp_path / "w.publications", tmp_path / "w.archive" / "history"
    (history / "withdrawn").mkdir(parents=True)
    for publication_id in (ids[0], ids[2], ids[3], ids[4]):
        (folders / publication_id).mkdir(parents=True)
        shutil.copy(database, folders / publication_id / "pec.duckdb")
    for publication_id in ids[:4]:
        (history / f"{publication_id}.parquet").touch()
    (history / "withdrawn" / f"{ids[4]}.parquet").touch()
    with duckdb.connect(str(folders / ids[2] / "pec.duckdb")) as connection:
        connection.execute("delete from marts.pec_claims")
    (tmp_path / "w.published").symlink_to(folders / ids[3])
    monkeypatch.setenv("PEC_WAREHOUSE", str(tmp_path / "w.duckdb"))
    gone = answer("compare", "current", "previous")["claims"]
    assert gone and {row["change"] for row in gone} == {"gone"}
    assert answer("compare", ids[0], "current")["claims"] == []
    code, _, err = ask("compare", ids[1], "current")
    assert code == 1 and "publications_kept" in err


def test_compare_with_an_older_version_says_what_it_leaves_out(bent, ask, database):
    older = bent("drop table marts.pec_repairs")
    code, out, err = ask("compare", older, database)
    assert code == 0 and "has no marts.pec_repairs" in out, err


def test_amounts_for_people_are_cents_and_for_programs_exact():
    part = output.Part("p", "P", [{"x_usd": Decimal("1234.567000000000000001"), "at": datetime.datetime(2026, 8, 1), "day": datetime.date(2026, 8, 1)}])
    assert "1,234.57" in output.as_tables([part], 100)
    assert json.loads(output.as_json([part]))["p"] == [{"x_usd": "1234.567000000000000001", "at": "2026-08-01T00:00:00Z", "day": "2026-08-01"}]
