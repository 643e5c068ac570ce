"""The report in Chromium, with the network off: a reader sees what the marts hold, at both widths, in light and dark, by keyboard and on paper.

`make test-report` sets up the browser (tests/report/browser).
"""

import collections
import decimal
import itertools
import json
import pathlib
import random
import re
import shutil
import subprocess

import duckdb
import pytest
from pec import report
from project import warehouse as w
from report import figures, many

BROWSER = pathlib.Path(__file__).parent / "browser"
LIST, DUE, APPLIED, MISSED, UNEXPECTED, LOST = range(6)


def tool(name):
    """The path of a program. The test fails when it is missing: what nobody opened is not proven."""
    found = shutil.which(name)
    assert found and (BROWSER / "node_modules").is_dir(), f"{name}, or {BROWSER}/node_modules, is missing: run make test-report"
    return found


def visit(page, **tasks):
    """What a reader sees of a page; see browser/visit.mjs. Nothing may be asked of the network, and nothing said in the console."""
    command = [tool("node"), str(BROWSER / "visit.mjs"), tool("chromium"), str(page), json.dumps(tasks)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["messages"] == [] and seen["requests"] == []
    return seen


@pytest.fixture(scope="module")
def page(sample, tmp_path_factory):
    """The published report of the sample."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    report.write(published(sample), path)
    return path


def published(sample):
    """The marts of the sample as they were published."""
    return pathlib.Path(sample).with_suffix(".published") / "pec.duckdb"


@pytest.fixture(scope="module")
def marts(sample):
    return figures.Marts(published(sample))


@pytest.fixture(scope="module")
def choices(page):
    """Choices of customer, subscription and month: ids for SQL, numbers for the page. All, each one, and each customer in each month."""
    data = figures.data_of(page.read_text(encoding="utf-8"))
    customers = [({"customer": row[0]}, {"customer": number}) for number, row in enumerate(data["customers"])]
    subscriptions = [({"subscription": row[0]}, {"subscription": number}) for number, row in enumerate(data["subscriptions"])]
    months = [({"month": row[0][:7]}, {"month": number}) for number, row in enumerate(data["months"])]
    both = [(one[0] | other[0], one[1] | other[1]) for one, other in itertools.product(customers, months)]
    return [({}, {}), *customers, *subscriptions, *months, *both]


@pytest.fixture(scope="module")
def seen(page, choices):
    """Pairs of a choice's ids and what the page then shows."""
    return list(zip([ids for ids, _ in choices], visit(page, choices=[numbers for _, numbers in choices])["choices"]))


def rows_of(found, key):
    """A table's rows: {first cell: the others}, the total's row as well."""
    return {row[0]: row[1:] for row in found["tables"].get(key, [])}


def without_month(ids):
    return {name: value for name, value in ids.items() if name != "month"}


def test_the_month_and_the_trend_are_the_statement(seen, marts):
    names = ["list", "due", "applied", "missed", "unexpected", "lost"]
    nothing = [figures.shown(0)] * 6
    ((newest,),) = marts.rows("select max(strftime(billing_month, '%Y-%m')) from marts.pec_monthly_statement")
    for ids, found in seen:
        months = marts.sums("strftime(billing_month, '%B %Y')", **without_month(ids))
        table = rows_of(found, "trend")
        (total,) = marts.sums("true", **without_month(ids)).values()
        assert table.pop("All months")[:6] == total, ids
        # A month in which the customer used nothing is a row of zeros. «open» stands beside its name.
        assert {month.removesuffix("open"): row[:6] for month, row in table.items() if row[:6] != nothing} == months
        (month,) = marts.sums("true", **without_month(ids), month=ids.get("month", newest)).values() or [nothing]
        tiles = {name: text.removesuffix(" USD") for name, text in found["figures"].items()}
        assert [tiles[name] for name in names] == month, ids


def test_customers_subscriptions_and_partners_add_up_to_the_statement(seen, marts):
    tables = {"who-customers": "customer_name", "who-partners": "transacting_partner_id", "who-subscriptions": "subscription_id"}
    for (ids, found), (key, by) in itertools.product(seen, tables.items()):
        table = found["tables"][key]
        amounts = collections.Counter(tuple(row[-6:]) for row in table[:-1])
        expected = marts.sums(by, **ids)
        assert amounts == collections.Counter(map(tuple, expected.values())), (ids, key)
        if key == "who-customers":
            assert {row[0]: row[1:] for row in table[:-1]} == expected
        assert table[-1][-6:] == ([*marts.sums("true", **ids).values()] or [[figures.shown(0)] * 6])[0]


def test_reasons_are_those_of_the_lines(seen, marts):
    for ids, found in seen:
        lost = marts.lines("pec_reason, sum(recoverable_credit_usd), count(distinct subscription_id)", **ids, where="recoverable_credit_usd != 0")
        names = dict(marts.rows("select code, text from marts.pec_texts where kind = 'pec_reason'"))
        expected = {names[reason]: [f"{count:,}", figures.shown(usd)] for reason, usd, count in lost}
        table = rows_of(found, "why")
        assert table.pop("All reasons")[2] == figures.shown(sum(usd for _, usd, _ in lost))
        assert {reason: row[1:3] for reason, row in table.items()} == expected


def test_the_calendar_shows_each_day_of_each_subscription(seen, marts):
    for ids, found in seen:
        expected = marts.days(**ids)
        assert set(found["strips"]) == set(expected), ids
        for subscription, states in expected.items():
            strip = found["strips"][subscription]
            days = {state: f" on {count} day{'s' * (count != 1)}" if count else "" for state, (count, _) in states.items()}
            assert strip["sums"] == [f"{state.title()} {usd}{days[state]}" for state, (_, usd) in states.items()], (ids, subscription)
            squares = collections.Counter(strip["squares"])
            for state, (count, _) in states.items():
                assert squares[state] == count
            ((days,),) = [marts.lines("count(distinct usage_date)", **ids | {"subscription": subscription})]
            assert squares.total() == days[0]


def test_leaks_claims_and_evidence_are_those_of_the_marts(seen, marts):
    chosen = "($customer is null or customer_id = $customer) and ($subscription is null or subscription_id = $subscription)"
    in_month = "($month is null or strftime(billing_month, '%Y-%m') = $month)"
    for ids, found in seen:
        values = {"customer": None, "subscription": None, "month": None} | ids
        ((usd, count),) = marts.rows(f"select sum(win_per_month_usd), count(*) from marts.pec_repairs where is_losing_now and {chosen}", **values)
        assert found["figures"].get("leaks", "none") == (f"{figures.shown(usd)} USD a month" if count else "none"), ids
        query = f"select sum(open_credit_usd), count(*) from marts.pec_claims where claim_status in ('open', 'late') and {chosen} and {in_month}"
        ((usd, count),) = marts.rows(query, **values)
        assert found["figures"].get("claims", "none") == (f"{figures.shown(usd)} USD" if count else "none"), ids
        query = f"select count(*), sum(missed_credit_usd), sum(open_credit_usd) from marts.pec_claims where {chosen} and {in_month}"
        ((count, missed, still_open),) = marts.rows(query, **values)
        assert len(found["tables"]["claims"]) == count + 1
        assert found["tables"]["claims"][-1][3:5] == [figures.shown(missed), figures.shown(still_open)]
        ((usd,),) = marts.rows(f"select sum(credit_in_doubt_usd) from marts.evidence_coverage where {chosen}", **values)
        assert found["figures"].get("doubt", "none") == (f"{figures.shown(usd)} USD" if usd else "none"), ids


def test_causes_explain_the_difference_of_the_invoices(seen, marts):
    described = marts.rows("select column_name from (describe marts.invoice_reconciliation)")
    causes = [name for (name,) in described if re.fullmatch("difference_.+_billing", name)]
    query = f"""
        with months as (
            select invoice_number, strftime(max(billing_month), '%Y-%m') as billing_month from marts.fct_pec_charges_daily group by all
        )
        select billing_currency, sum(difference_billing), {", ".join(f"sum({name})" for name in causes)}
        from marts.invoice_reconciliation left join months using (invoice_number)
        where ($month is null or billing_month = $month) and ($customer is null or customer_id = $customer) and ($subscription is null or
            customer_id = (select min(customer_id) from marts.pec_monthly_statement where subscription_id = $subscription))
        group by all
    """
    for ids, found in seen:
        rows = marts.rows(query, **{"customer": None, "subscription": None, "month": None} | ids)
        tables = {key.removeprefix("causes-"): table for key, table in found["tables"].items() if key.startswith("causes-")}
        assert set(tables) == {row[0] for row in rows}, ids
        for currency, difference, *parts in rows:
            assert tables[currency][-1] == ["Difference", figures.shown(difference)]
            assert sorted(row[1] for row in tables[currency][:-1]) == sorted(figures.shown(part) for part in parts if part)


def test_no_width_cuts_anything_and_axe_finds_no_barrier(page):
    """At 1280 and 390 pixels, in light and dark, with all details open."""
    looks = [{"width": width, "scheme": scheme} for width in (1280, 390) for scheme in ("light", "dark")]
    for look in visit(page, looks=looks)["looks"]:
        assert (look["overflow"], look["cut"], look["violations"]) == (0, [], []), look
        assert look["passes"] > 20


def test_every_control_is_reached_and_works_by_keyboard(page):
    keys = visit(page, keys=True)["keys"]
    assert len(keys["reached"]) >= keys["expected"] > 20
    assert [row["name"] for row in keys["reached"] if not row["outline"]] == [], "where the keyboard is, can be seen"
    assert [row["name"] for row in keys["reached"]][1:6] == ["filter-customer", "filter-subscription", "filter-month", "filter-reset", "theme"]
    assert keys["month"].startswith("September 2026") and keys["isOpen"]


def test_a_held_report_says_so_on_every_page(sample, tmp_path):
    report.write(sample, tmp_path / "held.html", "Held by export_shrank.")
    seen = visit(tmp_path / "held.html", choices=[{}], looks=[{"width": 390, "scheme": "light"}], pdf=str(tmp_path / "held.pdf"))
    assert "HELD" in seen["choices"][0]["text"] and "Held by export_shrank." in seen["choices"][0]["text"]
    assert (seen["looks"][0]["overflow"], seen["looks"][0]["violations"]) == (0, [])
    text = subprocess.run([tool("pdftotext"), str(tmp_path / "held.pdf"), "-"], capture_output=True, text=True, check=True).stdout
    pages = text.split("\f")[:-1]
    assert len(pages) > 4 and [number for number, content in enumerate(pages, 1) if "HELD: not published" not in content] == []
    assert "This month: September 2026" in text


HOSTILE = """</script><img src=x onerror=alert(1)><b>"&'{{ 7 * 7 }}</b>\u2028=1+1"""


def test_a_name_is_text_whatever_it_holds(sample, tmp_path):
    shutil.copyfile(published(sample), tmp_path / "hostile.duckdb")
    with duckdb.connect(str(tmp_path / "hostile.duckdb")) as connection:
        for table, column in connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'marts' and internal = false and column_name in "
            "('customer_name', 'subscription_name', 'partner_name', 'found', 'what_to_do', 'az_command', 'ticket', 'to_supply') "
            "and table_name in (select table_name from duckdb_tables())"
        ).fetchall():
            connection.execute(f"update marts.{table} set {column} = $name where {column} is not null", {"name": HOSTILE})
    report.write(tmp_path / "hostile.duckdb", tmp_path / "hostile.html")
    seen = visit(tmp_path / "hostile.html", choices=[{}, {"customer": 0}], looks=[{"width": 390, "scheme": "light"}])
    assert [row[0] for row in seen["choices"][0]["tables"]["who-customers"]][0] == HOSTILE
    assert seen["looks"][0]["overflow"] == 0 and seen["looks"][0]["cut"] == []


def test_a_partner_with_3000_subscriptions_gets_a_page_that_works(sample, tmp_path):
    many.write(published(sample), tmp_path / "many.duckdb")
    report.write(tmp_path / "many.duckdb", tmp_path / "many.html")
    marts = figures.Marts(tmp_path / "many.duckdb")
    data = figures.data_of((tmp_path / "many.html").read_text(encoding="utf-8"))
    customer = len(data["customers"]) // 2
    looks = [{"width": width, "scheme": "light"} for width in (1280, 390)]
    seen = visit(tmp_path / "many.html", choices=[{}, {"customer": customer}], looks=looks)
    first = data["months"][0][0]
    for ids, found in zip(({}, {"customer": data["customers"][customer][0]}), seen["choices"]):
        months = marts.sums("billing_month::varchar", **ids)
        trend = rows_of(found, "trend")
        shown = sorted(row[:6] for name, row in trend.items() if name != "All months")
        assert shown == sorted(row for month, row in months.items() if month >= first)
        # Their lists are cut; the sums are not.
        customer_id = ids.get("customer")
        sums = {
            "leaks": "sum(win_per_month_usd) from marts.pec_repairs where is_losing_now and",
            "claims": "sum(open_credit_usd) from marts.pec_claims where claim_status in ('open', 'late') and billing_month >= $first and",
            "doubt": "sum(credit_in_doubt_usd) from marts.evidence_coverage where",
        }
        for name, query in sums.items():
            ((usd,),) = marts.rows(f"select {query} ($customer is null or customer_id = $customer)", customer=customer_id, first=first)
            assert found["figures"].get(name, "none").split(" ")[0] == (figures.shown(usd) if usd else "none"), (name, ids)
    assert [(look["overflow"], look["cut"], look["violations"]) for look in seen["looks"]] == [(0, [], [])] * 2
    print(f"opened in {seen['milliseconds']} ms at most")


def test_the_page_rounds_half_away_from_zero_and_adds_exactly():
    chance = random.Random(16)
    edges = ("0.005", "-0.005", "0.004999999999999999", "-0.004", "1234567.895", "-999.995", "0", "99999999999999999999.125")
    amounts = [decimal.Decimal(text) for text in edges]
    amounts += [decimal.Decimal(chance.randint(-(10**24), 10**24)).scaleb(-18) for _ in range(500)]
    texts = "\n".join(f"{amount:f}" for amount in amounts)
    script = report.page.FOLDER / "money.js"
    done = subprocess.run([tool("node"), str(BROWSER / "round.mjs"), str(script)], input=texts, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert told["shown"] == [figures.shown(amount) for amount in amounts]
    assert told["total"] == figures.shown(figures.exact_sum(texts.split("\n")), 18)
