"""The build as a user meets it: the sample, twice the same; little input; bad input."""

import csv
import decimal
import gzip
import shutil

import duckdb
from project import warehouse as w
import pytest

ACCESS_REASONS = {
    "full_day", "no_agreement", "no_access", "other_partner", "ineligible_role", "not_linked", "not_permanent", "denied", "partial_day",
}  # fmt: skip
# What says of each line what it costs, or why it was rejected.
LINES = ("--indirect-selection", "cautious", "--select", "+fct_pec_charges_daily", "+pec_monthly_statement", "+rejected_rows")
PRODUCT_REASONS = {"reservation", "savings_plan", "third_party", "marketplace", "spot", "azure_credit", "not_on_price_list"}


def test_sample_shows_everything(sample):
    charges = w.query(sample, "select distinct pec_status, pec_reason from marts.fct_pec_charges_daily")
    assert {row["pec_status"] for row in charges} == {"earned", "missed", "unexpected", "not_earned"}
    assert {row["pec_reason"] for row in charges} >= PRODUCT_REASONS | ACCESS_REASONS - {"full_day"} | {"eligible"}
    days = w.query(sample, "select distinct access_reason, covering_access_path, covering_scope_level from marts.fct_pec_eligibility_daily")
    assert {row["access_reason"] for row in days} == ACCESS_REASONS
    assert {row["covering_access_path"] for row in days} == {"aobo", "lighthouse", "direct", None}
    assert {row["covering_scope_level"] for row in days} == {"management_group", "subscription", "resource_group", "resource", None}
    assert len(w.query(sample, "from marts.rejected_rows")) == 3
    assert w.query(sample, "select sum(recoverable_credit_usd) as usd from marts.pec_monthly_statement")[0]["usd"] > 0


def test_sample_is_decided_as_its_story_tells(sample):
    """Microsoft's flag in the sample is the truth but for the differences that the generator names: ours must be the truth."""
    missed = w.query(sample, "select resource_id, first_date, last_date from marts.pec_missed_credit order by 1, 2")
    assert {(row["resource_id"].rsplit("/", 1)[1], str(row["first_date"]), str(row["last_date"])) for row in missed} == {
        ("vm-pacs-db-01", "2026-07-18", "2026-07-26"),  # claimed and paid
        *((name, "2026-08-12", "2026-08-14") for name in ("aks-clinic-nodes", "sqlmi-records", "aldersbrunnrecords", "afw-clinic", "log-clinic")),
        ("vm-boutique-01", "2026-08-10", "2026-08-12"),
        ("vm-sim-07", "2026-08-13", "2026-08-14"),
        ("kieselbruecklab", "2026-08-13", "2026-08-14"),
        ("orvelleplatform", "2026-09-03", "2026-09-03"),
    }
    famous = w.query(
        sample,
        "select covered_seconds, access_reason from marts.fct_pec_eligibility_daily "
        "where resource_id like '%/vm-erp-01' and usage_date = date '2026-08-19'",
    )
    assert [(int(row["covered_seconds"]), row["access_reason"]) for row in famous] == [(82800, "partial_day")]
    leak = w.query(
        sample,
        "select gap_end::varchar as repaired, lost_days, count(*) as resources, round(sum(lost_credit_usd), 2)::varchar as usd "
        "from marts.pec_access_gaps where gap_start = timestamp '2026-07-14 10:00:00' group by all",
    )
    assert leak == [{"repaired": "2026-08-11 11:00:00", "lost_days": 29, "resources": 5, "usd": "2253.30"}]


def test_sample_invoices_are_right_to_the_cent_but_for_named_causes(sample):
    """A credit that failed or that our evidence does not show, an Azure credit, a price of before, and a claim that was paid."""
    rows = w.query(
        sample,
        """select invoice_number, charge_type = 'customerCredit' as is_settlement, within_tolerance, difference_credit_billing != 0 as credit,
            difference_azure_credit_billing != 0 as azure_credit, difference_price_billing != 0 as price, count(*) as lines,
            sum(difference_billing)::varchar as billing
        from marts.invoice_reconciliation where not within_tolerance or difference_billing != 0 group by all""",
    )
    settled = [row for row in rows if row["is_settlement"]]
    others = [row for row in rows if not row["is_settlement"]]
    assert [(row["invoice_number"], row["lines"], row["billing"]) for row in settled] == [("G087650801", 1, "-173.67")]
    assert all(row["credit"] + row["azure_credit"] + row["price"] == 1 for row in others), others
    assert {(row["invoice_number"], row["azure_credit"], row["price"]): row["lines"] for row in others} == {
        ("G087650701", False, False): 1, ("G087650801", False, False): 8, ("G087650801", True, False): 1, ("G087650801", False, True): 1,
        ("G087650802", False, False): 3,
    }  # fmt: skip
    assert w.query(sample, "select count(*) as n from marts.invoice_reconciliation where within_tolerance")[0]["n"] > 90


def test_sample_leaves_each_kind_of_question_open(sample):
    reasons = w.query(sample, "select distinct reason from marts.pec_unresolved_access")
    assert {row["reason"] for row in reasons} >= {
        "management_group_not_mapped", "root_seen_in_no_snapshot", "role_not_listed", "delegation_without_definition",
        "assignment_without_content", "schedule_without_assignment",
    }  # fmt: skip


def test_readme_says_what_the_sample_says(sample):
    """README's table of the sample: a row per month, in whole dollars. When a rule changes a figure on purpose, change README too."""
    rows = w.query(
        sample,
        "select billing_month, round(sum(list_cost_usd)) as list_cost, round(sum(pec_credit_usd)) as due, round(sum(applied_credit_usd)) as applied, "
        "round(sum(missed_credit_usd)) as missed, round(sum(unexpected_credit_usd)) as unexpected, round(sum(recoverable_credit_usd)) as recoverable "
        "from marts.pec_monthly_statement group by 1 order by 1",
    )
    readme = (w.PROJECT / "README.md").read_text()
    told = [f"| {row.pop('billing_month'):%B} | " + " | ".join(f"{amount:,.0f}" for amount in row.values()) + " |" for row in rows]
    assert len(told) == 3 and [line for line in told if line not in readme] == []


def test_net_cost_is_what_microsoft_charges_where_both_agree(sample):
    """Against the vendor's own column: on lines where credit due and applied are the same, the net cost is PricingPreTaxTotal."""
    rows = w.query(
        sample,
        "select net_cost_usd, applied_net_cost_usd from marts.fct_pec_charges_daily "
        "where pec_rate = applied_pec_rate and pec_reason not in ('azure_credit') "
        # Microsoft's price is not that of the sheet; a benefit pays.
        "and not (resource_id like '%/vm-erp-01' and usage_date in ('2026-08-26', '2026-08-27')) and resource_id not like '%/vm-intranet-01'",
    )
    assert len(rows) > 2000
    off = [row for row in rows if abs(row["net_cost_usd"] - row["applied_net_cost_usd"]) > 0]
    assert [row for row in off if abs(row["net_cost_usd"] - row["applied_net_cost_usd"]) > 1e-12] == []


def test_two_folders_are_enough(tmp_path):
    zone = tmp_path / "zone"
    for folder in ("daily_rated_usage", "price_sheet"):
        shutil.copytree(w.SAMPLE / folder, zone / folder)
    warehouse = w.build(zone, tmp_path / "build")
    rows = w.query(warehouse, "select access_reason, count(*) as days from marts.fct_pec_eligibility_daily group by 1")
    assert [row["access_reason"] for row in rows] == ["no_access"]
    assert w.query(warehouse, "select sum(pec_credit_usd) as usd from marts.pec_monthly_statement")[0]["usd"] == 0


def a_usage_line():
    """The first line of a usage file of the sample, by column."""
    with open(w.SAMPLE / "daily_rated_usage" / "fjellblick" / "unbilled_eur_2026-09-13.csv", newline="", encoding="utf-8-sig") as lines:
        return next(csv.DictReader(lines))


def without_column(zone, column):
    """Cuts a column's name out of the header of one usage file of a zone; the file's name."""
    path = zone / "daily_rated_usage" / "fjellblick" / "unbilled_eur_2026-09-13.csv"
    header, rest = path.read_bytes().split(b"\n", 1)
    path.write_bytes(header.replace(column.encode(), b"Renamed") + b"\n" + rest)
    return path.name


def test_a_zone_that_cannot_be_built_from_is_named_and_touches_nothing(sample, tmp_path):
    """No zone, no usage in it, or the zone of another archive: what is wrong, with the remedy, and no mart is touched."""
    shutil.copytree(sample.parent, tmp_path / "build", symlinks=True)
    warehouse = tmp_path / "build" / "warehouse.duckdb"
    before = w.contents(warehouse)
    missing, empty, another = (tmp_path / name for name in ("missing", "empty", "another"))
    (empty / "daily_rated_usage").mkdir(parents=True)
    shutil.copytree(w.SAMPLE, another)
    for zone, expected in (
        (missing, ["PEC_LANDING_ZONE"]), (empty, ["PEC_LANDING_ZONE"]), (another, [str(w.SAMPLE), "PEC_ARCHIVE", "pec archive move"]),
    ):  # fmt: skip
        done = w.run_as_user(
            w.PROJECT, "dbt", "build", "--target-path", str(tmp_path / "t"), "--log-path", str(tmp_path / "l"),
            PEC_LANDING_ZONE=str(zone), PEC_WAREHOUSE=str(warehouse),
        )  # fmt: skip
        assert done.returncode != 0
        assert [text for text in [str(zone), *expected] if text not in done.stdout] == [], done.stdout
        assert w.contents(warehouse) == before


def test_a_file_without_a_needed_column_is_put_aside_and_its_last_good_version_stays(sample, tmp_path):
    zone, folder = tmp_path / "zone", tmp_path / "build"
    shutil.copytree(w.SAMPLE, zone)
    before = w.contents(w.moved_copy(sample, zone, folder))
    name = without_column(zone, "Quantity")
    warehouse = w.build(zone, folder)
    (rejected,) = w.query(warehouse, f"from marts.rejected_rows where source_file like '%{name}' and line_number = 0")
    assert "quantity" in rejected["reason"] and "export it with all columns" in rejected["reason"]
    after = w.contents(warehouse)
    assert {mart for mart in before if after[mart] != before[mart]} == {"rejected_rows", "landed_files"}


NUMBERS = [  # quantity, unit price (not on the list: it is the price), list cost, or None when the line must be rejected
    ("999999999999.999999999999999", "0.05", "49999999999.99999999999999995"),
    ("0.000000000000001", "0.001", "0.000000000000000001"),
    ("0.000000000000001", "0.0005", "0.000000000000000001"),  # half a unit of the 18th decimal: away from zero
    ("0.000000000000001", "0.0004999999999999999999", "0"),
    ("-0.000000000000001", "0.0005", "-0.000000000000000001"),
    ("999999999999", "999.999999999999999999", "999999999998999.999999000000000001"),
    ("999999999999", "1001", None),  # a line of 10^15 USD and more
    ("10000000", "99999999.9999999999999999999999", "999999999999999.999999999999999000"),
    ("1000000000000", "0.01", None),  # a thirteenth digit
    ("1", "100000000", None),  # a price beyond what the types hold
    ("1.1234567890123456", "0.01", "0.01123456789012346"),  # a quantity is rounded to 15 decimals
    ("1.123456780000000000", "1", "1.12345678"),
    ("22.9276737383009", "0.3264", "7.48359270818141376"),  # published
    ("23.200004", "0.0209496384791679", "0.486031696515249197"),  # of the API: 0.4860316965152491966716
    ("1.5e2", "2", "300"),
    ("1e-9", "1", "0.000000001"),
    ("1e-16", "1", "0"),
    ("4.18163836002505E-05", "1000", "0.0418163836"),
    ("1,234.5", "1", None),
    ("24", "0.1835431430074643112595", "4.405035432179143470"),
    ("nan", "1", None),
    ("", "1", None),
]


def test_numbers_are_exact_or_rejected(tmp_path):
    """Either side of the widest line that the types hold (M3): exact to the last decimal of amounts, or in rejected_rows."""
    zone = tmp_path / "zone"
    shutil.copytree(w.SAMPLE / "price_sheet", zone / "price_sheet")
    template = a_usage_line()
    (zone / "daily_rated_usage").mkdir()
    with open(zone / "daily_rated_usage" / "usage_2026-09-13.csv", "w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, template)
        writer.writeheader()
        for number, (quantity, price, _) in enumerate(NUMBERS):
            writer.writerow(template | {"ProductId": "off", "SkuId": f"{number}", "Quantity": quantity, "UnitPrice": price})
    warehouse = w.build(zone, tmp_path / "build", "build", "--exclude-resource-type", "unit_test", *LINES)
    costs = {row["sku_id"]: row["list_cost_usd"] for row in w.query(warehouse, "select * from marts.fct_pec_charges_daily")}
    expected = {str(number): decimal.Decimal(cost) for number, (_, _, cost) in enumerate(NUMBERS) if cost is not None}
    assert costs == expected
    rejected = w.query(warehouse, "select line_number from marts.rejected_rows")
    assert {row["line_number"] for row in rejected} == {number + 2 for number, row in enumerate(NUMBERS) if row[2] is None}


def test_lines_keep_their_numbers_and_names_however_many_are_read_at_once(tmp_path):
    """Files that several threads share: each line has its own number, and leads to its own name, also when files come in two builds."""
    zone = tmp_path / "zone"
    shutil.copytree(w.SAMPLE / "price_sheet", zone / "price_sheet")
    template = a_usage_line()
    (zone / "daily_rated_usage").mkdir()
    # What each line says of itself is its own number. 70 MB are two buffers of DuckDB's reader.
    fields = {name: "" for name in template} | {name: template[name] for name in ("MpnId", "SubscriptionId", "UsageDate")}
    line = ",".join((fields | {"ResourceURI": "%d", "Quantity": "%d", "UnitPrice": "1", "Tags": "x" * 1500}).values()) + "\n"
    for name, count in (("a", 45_000), ("b", 20_000), ("c", 10)):
        content = "".join(line % (number, number) for number in range(2, count + 2))
        (zone / "daily_rated_usage" / f"{name}_2026-09-13.csv").write_text(",".join(template) + "\n" + content)
        if name in "bc":
            warehouse = w.build(zone, tmp_path / "build", "run", "--select", "+stg_partner_center__usage_resources")
    checked = w.query(
        warehouse,
        """select files.source_file, count(*) as n, count(*) filter (lines.line_number = lines.quantity) as numbered,
            count(*) filter (lines.record_number = lines.line_number - 1) as counted,
            count(*) filter (resources.resource_id = lines.line_number::varchar) as named
        from staging.stg_partner_center__usage_lines as lines
        inner join staging.stg_archive__files as files using (content_id)
        inner join staging.stg_partner_center__usage_resources as resources using (resource_key)
        group by all order by all""",
    )
    assert [row["n"] for row in checked] == [45_000, 20_000, 10]
    assert all(row["n"] == row["numbered"] == row["counted"] == row["named"] for row in checked)


def test_odd_files_are_read_or_named(tmp_path):
    """Mixed line ends, byte-order mark, blank lines, a cut gzip, a strange ending: read, or in rejected_rows, never in the way."""
    zone = tmp_path / "zone"
    shutil.copytree(w.SAMPLE, zone)
    path = zone / "daily_rated_usage" / "fjellblick" / "unbilled_eur_2026-09-13.csv"
    lines = path.read_bytes().replace(b"\r\n", b"\n").split(b"\n")
    path.write_bytes(b"\xef\xbb\xbf" + b"".join(line + (b"\r\n" if i % 3 else b"\n") for i, line in enumerate(lines) if line))
    (zone / "activity_log" / "cut.json.gz").write_bytes(gzip.compress(b'[{"time": 1}]' * 500)[:40])
    (zone / "activity_log" / "cut.json").write_text('[{"operationName": "Microsoft.Authorization/roleAssignments/write"')
    (zone / "role_assignments" / "notes.txt").write_text("not an export")
    warehouse = w.build(zone, tmp_path / "build", "build", "--exclude-resource-type", "unit_test", *LINES)
    rejected = {row["source_file"]: row for row in w.query(warehouse, "select * from marts.rejected_rows order by line_number desc")}
    assert {"activity_log/cut.json.gz", "activity_log/cut.json", "role_assignments/notes.txt"} <= set(rejected)
    assert "cut" in rejected["activity_log/cut.json"]["reason"]
    assert w.query(warehouse, "select count(*) as n from marts.fct_pec_charges_daily")[0]["n"] == 2554


def test_what_was_read_stays(sample, tmp_path):
    """Evidence outlives its files and the warehouse: log and snapshots gone, the warehouse deleted, the marts are the same."""
    zone, folder = tmp_path / "zone", tmp_path / "build"
    shutil.copytree(w.SAMPLE, zone)
    before = w.contents(w.moved_copy(sample, zone, folder))
    for gone in ("activity_log", "role_assignments", "lighthouse", "deny_assignments"):
        shutil.rmtree(zone / gone)
    (folder / "warehouse.duckdb").unlink()
    after = w.contents(w.build(zone, folder, *w.MODELS))
    assert {mart for mart in before if after[mart] != before[mart]} == {"landed_files"}, "which says that they are gone"
