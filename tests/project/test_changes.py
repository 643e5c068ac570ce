"""A change of the code, of reference data or of a month as a whole: the next plain `dbt build` makes everything again that hangs on it, or goes red."""

import contextlib
import gzip
import re
import shutil

import duckdb
from arrivals.files import Table, day_of, read_text
from arrivals.nights import bent_macro, file_of_macro
from project import warehouse as w
import pytest

# What a build adds to and never takes back, and what compares with it.
HISTORY = {"pec_restatements", "pec_statement_history", "landed_files", "data_quality", "data_quality_findings"}
DATA_TESTS = ("build", "--exclude-resource-type", "unit_test")  # a bent macro must not go unseen by those that look at the data
RATES = "seeds/reference/pec_rates.csv"


class House:
    """The sample's landing zone, a copy of the project with all its tests, and a warehouse of both: built once, green."""

    def __init__(self, folder):
        self.zone, self.folder = folder / "zone", folder / "built"
        shutil.copytree(w.SAMPLE, self.zone)
        self.project = w.copy_of_project(folder / "project", with_tests=True)
        self.build(self.folder)

    def build(self, folder):
        """A plain build but for unit tests, in a folder; the warehouse. AssertionError: it was red."""
        return w.build(self.zone, folder, *DATA_TESTS, project=self.project)

    @contextlib.contextmanager
    def changed(self, change, *files):
        """For a time, files of the project or of the zone have another text. change: called with a text, gives the other one."""
        before = {file: file.read_bytes() for file in files}
        for file, content in before.items():
            text = change(read_text(file))
            assert text != read_text(file), f"{file.name} has changed: mend the change"
            file.write_bytes(gzip.compress(text.encode(), mtime=0) if file.suffix == ".gz" else text.encode())
        try:
            yield
        finally:
            for file, content in before.items():
                file.write_bytes(content)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return House(tmp_path_factory.mktemp("changes"))


@pytest.fixture
def folder(house, tmp_path):
    """A folder with a copy of the house's warehouse and archive."""
    return shutil.copytree(house.folder, tmp_path / "night", symlinks=True, ignore=shutil.ignore_patterns("target", "logs"))


def contents(warehouse):
    """All rows of all marts but history, in a fixed order, as text by mart."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        marts = connection.execute("select table_name from information_schema.tables where table_schema = 'marts' order by 1").fetchall()
        return {mart: str(connection.execute(f"select * from marts.{mart} order by all").fetchall()) for (mart,) in marts if mart not in HISTORY}


def disagreements(warehouse):
    """Months of which two marts say another net cost, with what they say; and lines whose net cost is not what list cost and credit leave."""
    return w.query(
        warehouse,
        """
        with lines as (select date_trunc('month', usage_date)::date as month, sum(net_cost_usd) as usd from marts.fct_pec_charges_daily group by 1),
        statement as (select billing_month as month, sum(net_cost_usd) as usd from marts.pec_monthly_statement group by 1),
        meters as (
            select billing_month as month, arg_max(cumulative_net_cost_usd, usage_date) as usd
            from marts.fct_meter_month_to_date group by billing_month, plan_subscription_id, product_id, sku_id, meter_id
        ),
        to_date as (select month, sum(usd) as usd from meters group by 1)
        select month, lines.usd as lines_usd, statement.usd as statement_usd, to_date.usd as to_date_usd
        from lines full join statement using (month) full join to_date using (month)
        where lines.usd is distinct from statement.usd or lines.usd is distinct from to_date.usd
        """,
    )  # fmt: skip


def halved_credit(text):
    """The net cost with half of the credit given: a rule that is wrong, and that no hash of data can know."""
    return bent_macro(text, "net_cost", "(({} + lines.list_cost_usd) * 0.5)::decimal(38, 18)".replace("lines.", "{{{{ lines }}}}."))


def net_cost(warehouse):
    return w.query(warehouse, "select sum(net_cost_usd) as usd from marts.pec_monthly_statement")[0]["usd"]


def causes(warehouse):
    return {row["cause"] for row in w.query(warehouse, "select distinct cause from marts.pec_restatements")}


# -- the code ------------------------------------------------------------------------------------------------------------


def test_a_bent_macro_is_seen(house, folder):
    """Rebuilt accordingly, all marts alike, or red: but never green with marts that say two things, or what they said before."""
    before = contents(house.folder / "warehouse.duckdb")
    with house.changed(halved_credit, file_of_macro(house.project, "net_cost")):
        try:
            warehouse = house.build(folder)
        except AssertionError as red:
            assert "m3_credit_and_net_are_list" in str(red), "red for this reason"
        else:
            assert disagreements(warehouse) == []
            assert net_cost(warehouse) != net_cost(house.folder / "warehouse.duckdb")
            assert causes(warehouse) == {"rules"}
    warehouse = house.build(folder)
    assert contents(warehouse) == before, "a rule that is back makes what it made"


@pytest.mark.parametrize(
    ("file", "before", "after", "possible"),
    [
        ("dbt_project.yml", "access_gap_tolerance_seconds: 0", "access_gap_tolerance_seconds: 43200", {"rules", "reference_data"}),
        (RATES, ",0.15,", ",0.1234,", {"reference_data"}),
    ],
)
def test_another_rule_makes_all_months_again(house, folder, tmp_path, file, before, after, possible):
    """What was built with the old rule and what is built with the new one from nothing say the same, and the change is told."""
    with house.changed(lambda text: text.replace(before, after), house.project / file):
        warehouse = house.build(folder)
        assert contents(warehouse) == contents(house.build(tmp_path / "from_nothing"))
        assert disagreements(warehouse) == []
        assert net_cost(warehouse) != net_cost(house.folder / "warehouse.duckdb")
        assert causes(warehouse) and causes(warehouse) <= possible


def test_a_comment_changes_no_row(house, folder):
    with house.changed(lambda text: text + "\n{# Nothing. #}\n", file_of_macro(house.project, "net_cost")):
        warehouse = house.build(folder)
    assert contents(warehouse) == contents(house.folder / "warehouse.duckdb")
    assert w.query(warehouse, "from marts.pec_restatements") == []


def test_a_new_column_is_filled_for_old_files(house, folder):
    """The archive has all columns: one that staging never read is there for files that no longer are."""
    (staging,) = (house.project / "models" / "staging" / "partner_center").rglob("stg_*usage_lines.sql")

    def one_more(text):
        before, last_from, after = text.rpartition("\nfrom ")
        return f"{before.rstrip().rstrip(',')},\n    consumedservice as consumed_service{last_from}{after}"

    def read_too(text):
        return text.replace('"publishername ', '"consumedservice publishername ', 1)

    with house.changed(one_more, staging), house.changed(read_too, house.project / "pec" / "kinds.py"), w.unreadable(house.zone, folder / "warehouse.duckdb"):
        done = w.run_as_user(
            house.project, "dbt", "build", "--exclude-resource-type", "test", "unit_test", PEC_LANDING_ZONE=str(house.zone),
            PEC_WAREHOUSE=str(folder / "warehouse.duckdb"), PYTHONPATH=str(house.project),
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
    found = w.query(folder / "warehouse.duckdb", f"select count(*) as lines, count(consumed_service) as filled from staging.{staging.stem}")
    assert found[0]["filled"] == found[0]["lines"] > 600


# -- reference data ------------------------------------------------------------------------------------------------------


def rates(*rows):
    """Another text of the rates: their periods, each (from, to), to not included."""
    return lambda text: "\n".join([text.splitlines()[0], *(f'{begin},{end},0.15,"moved"' for begin, end in rows), ""])


@pytest.mark.parametrize(
    "periods",
    [
        [("", "2026-09-12")],  # the newest day of usage has none
        [("2026-08-02", "")],  # the first has none
        [("", "2026-08-15"), ("2026-08-16", "")],  # a day between has none
        [("", "2026-08-16"), ("2026-08-15", "")],  # a day has two
    ],
)
def test_a_day_without_its_one_rate_is_red(house, folder, periods):
    with house.changed(rates(*periods), house.project / RATES), pytest.raises(AssertionError, match="rate"):
        house.build(folder)


def test_rates_that_follow_each_other_are_green_and_change_nothing(house, folder):
    with house.changed(rates(("", "2026-08-16"), ("2026-08-16", "")), house.project / RATES):
        assert contents(house.build(folder)) == contents(house.folder / "warehouse.duckdb")


# -- a month -------------------------------------------------------------------------------------------------------------


def without_september(file):
    """The text of a usage file whose lines of September turn out to be of August: a month that has been invoiced, so that they do not count."""
    table = Table.read(file)
    for position, row in table.usage():
        if day_of(row["usagedate"][:10]).month == 9:
            day = row["usagedate"].replace("2026-09", "2026-08").replace("9/", "8/", 1 if row["usagedate"].startswith("9/") else 0)
            table.lines[position] = table.changed(table.lines[position], {"usagedate": day})
    return table.text


def months(warehouse):
    """By mart, the months of what it says, where a column tells. The calendar has whole years, whatever was used."""
    columns = w.query(
        warehouse,
        "select table_name as mart, min(column_name) as name from information_schema.columns "
        "where table_schema = 'marts' and column_name in ('usage_date', 'billing_month', 'ChargePeriodStart') and table_name != 'dim_date' group by 1",
    )  # fmt: skip
    return {
        c["mart"]: {row["month"] for row in w.query(warehouse, f"select distinct strftime({c['name']}, '%Y-%m') as month from marts.{c['mart']}")}
        for c in columns if c["mart"] not in HISTORY
    }  # fmt: skip


def test_a_month_that_becomes_empty_is_empty_in_all_marts(house, folder, tmp_path):
    """No export holds a line of it any longer: no mart has a row of it, and what was restated tells that it went. It comes back whole."""
    before = contents(house.folder / "warehouse.duckdb")
    files = [file for file in (house.zone / "daily_rated_usage").rglob("*") if file.is_file()]
    changed = [file for file in files if without_september(file) != read_text(file)]
    assert sum("2026-09" in found for found in months(house.folder / "warehouse.duckdb").values()) >= 5
    with contextlib.ExitStack() as stack:
        for file in changed:
            stack.enter_context(house.changed(lambda text, file=file: without_september(file), file))
        warehouse = house.build(folder)
        assert {mart: found for mart, found in months(warehouse).items() if "2026-09" in found} == {}
        assert contents(warehouse) == contents(house.build(tmp_path / "from_zone"))
        assert causes(warehouse) == {"usage"}
    assert contents(house.build(folder)) == before
