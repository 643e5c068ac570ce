"""What files do in the field (issue 14, kinds 9 and 10), in one landing zone and two nights, with the right values."""

import shutil
from decimal import Decimal

import duckdb
from cases import files_zone as z
from project import warehouse as w
import pytest


def write_parquet(rows, path):
    """Rows (dicts of texts) as a Parquet file with types: dates, doubles, texts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("create table rows as select " + ", ".join(f"unnest(?::varchar[]) as \"{name}\"" for name in rows[0]), [list(v) for v in zip(*(r.values() for r in rows))])
        connection.execute(
            "copy (select * replace (strptime(\"date\", '%m/%d/%Y')::date as \"date\", quantity::double as quantity, unitPrice::decimal(38, 18) as unitPrice, "
            f"partnerEarnedCreditRate::double as partnerEarnedCreditRate) from rows) to '{path}' (format parquet)"
        )


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """(warehouse of the second night, rows of rejected_rows of the first)."""
    folder = tmp_path_factory.mktemp("files")
    z.write(folder / "zone")
    warehouse = w.build(folder / "zone", folder / "build")
    first = w.query(warehouse, "select source_file, line_number, reason from marts.rejected_rows")
    z.write_second_night(folder / "zone", write_parquet)
    return w.build(folder / "zone", folder / "build"), first


def money(warehouse):
    """subscription's name -> (lines, list cost, credit, credit that was applied)."""
    rows = w.query(
        warehouse,
        "select customer_name, count(*) as n, sum(list_cost_usd) as list, sum(pec_credit_usd) as credit, sum(list_cost_usd * applied_pec_rate) as applied "
        "from marts.fct_pec_charges_daily group by 1",
    )
    return {row["customer_name"]: (row["n"], row["list"], row["credit"], row["applied"]) for row in rows}


def test_cost_management_alone_is_enough(tmp_path):
    """Without a daily line nobody knows a customer's country (M1): what each line costs is its own price, and the reason says so."""
    z.write(tmp_path / "zone")
    shutil.rmtree(tmp_path / "zone" / "daily_rated_usage")
    warehouse = w.build(tmp_path / "zone", tmp_path / "build")
    rows = w.query(warehouse, "select pec_reason, count(*) as lines, sum(list_cost_usd) as usd from marts.fct_pec_charges_daily group by all order by 1")
    assert rows == [{"pec_reason": "no_market", "lines": 5, "usd": 38}, {"pec_reason": "reservation", "lines": 1, "usd": 0}]


def test_wrappings_change_no_number(nights):
    found = money(nights[0])
    assert found["plain-gz"] == (6, Decimal(60), Decimal(9), Decimal(9))
    assert found["mark"] == (3, Decimal(30), Decimal("4.5"), Decimal("4.5"))
    assert {row["invoice_number"] for row in w.query(nights[0], "from marts.fct_pec_charges_daily where customer_name = 'mark'")} == {"G055000011"}


def test_cost_management_counts_where_the_daily_file_is_missing_and_never_beside_it(nights):
    """The newer run alone; a purchase is no usage; the day before the link was changed is not proven."""
    found = money(nights[0])
    # 10 on 1, 10 on 2, -2 on 3, a reservation, 10 on 3 to which nothing was applied; and the daily file's 10 of another subscription
    assert {name: row[:2] for name, row in found.items()} == {
        "plain-gz": (6, 60), "mark": (3, 30), "both": (2, 20), "cost": (6, 38), "parquet": (3, 30),
    }  # fmt: skip
    assert (found["cost"][3], found["parquet"][3], found["both"][2:]) == (Decimal("4.2"), Decimal("4.5"), (3, 3)), "both: of the daily file"
    landed = {row["source_file"]: row["left_out_count"] for row in w.query(nights[0], "from marts.landed_files where left_out_count > 0")}
    assert [count for name, count in landed.items() if z.guid("run 2") in name] == [1] and len(landed) == 1
    plans = w.query(nights[0], "select customer_name, plan_subscription_id as plan from intermediate.int_enriched_charges where source_file like 'cost%'")
    assert {(row["customer_name"], row["plan"]) for row in plans} == {("cost", z.guid("cost")), ("parquet", z.guid("plan"))}
    assert {row["product_id"] + row["sku_id"] for row in w.query(nights[0], "from marts.fct_pec_charges_daily")} == {"qzt0000000010001"}


def test_a_link_as_json_is_proven_from_its_last_change_on(nights):
    days = w.query(
        nights[0],
        "select day(usage_date) as day, is_access_eligible, access_reason from marts.fct_pec_eligibility_daily "
        f"where subscription_id = '{z.guid('cost')}' order by 1",
    )
    assert [tuple(row.values()) for row in days] == [(1, False, "not_linked"), (2, True, "full_day"), (3, True, "full_day")]


def test_credit_of_a_second_source(nights):
    """M1: Cost Management names no country; the customer's other lines do."""
    found = money(nights[0])
    assert found["cost"][2] == Decimal("4.2") and found["parquet"][2] == Decimal("4.5")
    lines = w.query(
        nights[0],
        "from marts.fct_pec_charges_daily where customer_name = 'cost' and source_file like 'cost%' order by usage_date, quantity, pec_status, pec_reason",
    )
    assert [(row["pec_status"], row["pec_reason"], row["applied_pec_rate"]) for row in lines] == [
        ("unexpected", "not_linked", Decimal("0.15")), ("earned", "eligible", Decimal("0.15")), ("earned", "eligible", Decimal("0.15")),
        ("missed", "eligible", 0), ("not_earned", "reservation", 0),
    ]  # fmt: skip


def test_what_is_not_read_is_named(nights):
    warehouse, first = nights
    cut = [row for row in first if row["source_file"] == "activity_log/h=10/PT1H.json"]
    assert [(row["line_number"], row["reason"][:17]) for row in cut] == [(3, "not a JSON object")]
    rejected = {(row["source_file"], row["line_number"]): row["reason"] for row in w.query(warehouse, "from marts.rejected_rows")}
    run = f"cost_management/mpa/20260801-20260831/{z.guid('run 2')}/part_0_0001.csv.gz"
    expected = {
        ("activity_log/nothing.json", 0): "a link to nothing", ("role_assignment", 0): "did you mean role_assignments/?", ("usage.xlsx", 0): "save it as CSV",
        ("partner_directory/agentgroups.csv", 0): "did you mean agent_groups.csv?", (run, 6): "add the subscription to partner_directory/subscription_partners.csv",
        (run, 8): "«twelve»", (f"partner_id_links/{z.guid('a')}_{z.guid('b')}.json", 1): "no identity",
    }  # fmt: skip
    assert set(rejected) == set(expected), "and nothing of the log's line that was cut"
    assert [key for key, text in expected.items() if text not in rejected[key]] == []
    landed = {row["source_file"]: row for row in w.query(warehouse, "from marts.landed_files where is_present")}
    assert [name for name, row in landed.items() if row["kind"] == "manifest" and not row["is_in_force"] and row["problem"] is None] != []
    assert {name for name, _ in expected} <= set(landed)
