"""The build as a user meets it: the sample, twice the same; little input; bad input."""

import csv
import decimal
import gzip
import hashlib
import shutil

import duckdb
import pytest
import warehouse as w

ACCESS_REASONS = {
    "full_day", "no_agreement", "no_access", "other_partner", "ineligible_role", "not_linked", "not_permanent", "denied", "partial_day",
}  # fmt: skip
PRODUCT_REASONS = {"reservation", "savings_plan", "third_party", "marketplace", "spot", "azure_credit", "not_on_price_list"}


def contents(warehouse):
    """All rows of all marts, in a fixed order, as text by mart."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        # The history of statements tells when builds ran: the one thing in the marts that is another each time.
        marts = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' and table_name != 'pec_statement_history' order by 1"
        ).fetchall()
        assert len(marts) >= 7
        return {mart: str(connection.execute(f"select * from marts.{mart} order by all").fetchall()) for (mart,) in marts}


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


def test_net_cost_is_what_microsoft_charges_where_both_agree(sample):
    """Against the vendor's own column: on lines where credit due and applied are the same, the net cost is PricingPreTaxTotal."""
    rows = w.query(
        sample,
        "select net_cost_usd, applied_net_cost_usd from marts.fct_pec_charges_daily "
        "where pec_rate = applied_pec_rate and pec_reason not in ('azure_credit')",
    )
    assert len(rows) > 500
    off = [row for row in rows if abs(row["net_cost_usd"] - row["applied_net_cost_usd"]) > 0]
    assert [row for row in off if abs(row["net_cost_usd"] - row["applied_net_cost_usd"]) > 1e-12] == []


def test_builds_say_the_same_twice(sample, tmp_path):
    first = contents(sample)
    w.build(w.SAMPLE, sample.parent)
    assert contents(sample) == first, "built again in place"
    assert contents(w.build(w.SAMPLE, tmp_path)) == first, "built from nothing"


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


@pytest.mark.parametrize("case", ["missing", "empty", "column", "slash", "earlier", "last"])
def test_bad_input_is_named_and_touches_nothing(case, sample, tmp_path):
    warehouse = shutil.copy(sample, tmp_path / "warehouse.duckdb")
    if case == "earlier":
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("alter table landing.landing_daily_rated_usage drop column bill_key cascade")
    if case == "last":
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("alter table intermediate.int_charge_lines drop column is_tiered cascade")
    before = hashlib.sha256(open(warehouse, "rb").read()).hexdigest()
    zone = tmp_path / "zone"
    expected = [str(zone), "PEC_LANDING_ZONE"]
    if case == "empty":
        (zone / "daily_rated_usage").mkdir(parents=True)
    if case in ("column", "slash"):
        shutil.copytree(w.SAMPLE, zone)
        expected = [without_column(zone, "Quantity"), "Quantity", "Export the file again"]
        zone = f"{zone}/" if case == "slash" else zone  # the same folder
    if case == "earlier":
        zone = w.SAMPLE
        expected = [str(warehouse), "earlier version", "PEC_WAREHOUSE"]
    if case == "last":
        zone = w.SAMPLE
        expected = [str(warehouse), "earlier version", "--full-refresh"]
    done = w.run_as_user(
        w.PROJECT, "dbt", "build", "--target-path", str(tmp_path / "t"), "--log-path", str(tmp_path / "l"),
        PEC_LANDING_ZONE=str(zone), PEC_WAREHOUSE=str(warehouse),
    )  # fmt: skip
    assert done.returncode != 0
    assert [text for text in expected if text not in done.stdout] == [], done.stdout
    assert hashlib.sha256(open(warehouse, "rb").read()).hexdigest() == before


NUMBERS = [  # quantity, unit price (not on the list: it is the price), list cost, or None when the line must be rejected
    ("9999999999.99999999", "0.05", "499999999.9999999995"),
    ("0.00000001", "0.0000000000000001", "0.000000000000000000000001"),
    ("-9999999999.99999999", "0.0999999999999999", "-999999999.999998999000000000000001"),
    ("9999999999.99999999", "0.1", "999999999.999999999"),
    ("10000000.00000001", "100", None),  # a billion USD and more: beyond what the marts hold
    ("10000000000", "0.01", None),
    ("1.123456789", "0.01", None),  # a ninth decimal would be rounded away
    ("1.123456780000", "1", "1.12345678"),
    ("1.5e2", "2", "300"),
    ("1e-9", "1", None),
    ("1,234.5", "1", None),
    ("24", "0.1835431430074643112595", "4.405035432179143470228"),
    ("nan", "1", None),
    ("", "1", None),
]


def test_numbers_are_exact_or_rejected(tmp_path):
    """Either side of the widest line that the types hold (M3): exact to the last decimal, or in rejected_rows, never rounded."""
    zone = tmp_path / "zone"
    shutil.copytree(w.SAMPLE / "price_sheet", zone / "price_sheet")
    template = a_usage_line()
    (zone / "daily_rated_usage").mkdir()
    with open(zone / "daily_rated_usage" / "usage_2026-09-13.csv", "w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, template)
        writer.writeheader()
        for number, (quantity, price, _) in enumerate(NUMBERS):
            writer.writerow(template | {"ProductId": "off", "SkuId": f"{number}", "Quantity": quantity, "UnitPrice": price})
    warehouse = w.build(zone, tmp_path / "build")
    costs = {row["sku_id"]: row["list_cost_usd"] for row in w.query(warehouse, "select * from marts.fct_pec_charges_daily")}
    expected = {str(number): decimal.Decimal(cost) for number, (_, _, cost) in enumerate(NUMBERS) if cost is not None}
    with decimal.localcontext() as context:
        context.prec = 50
        assert costs == {sku: +cost.quantize(decimal.Decimal(1).scaleb(-24)) for sku, cost in expected.items()}
    rejected = w.query(warehouse, "select line_number from marts.rejected_rows")
    assert {row["line_number"] for row in rejected} == {number + 2 for number, row in enumerate(NUMBERS) if row[2] is None}


def test_lines_keep_their_numbers_and_names_however_many_are_read_at_once(tmp_path):
    """Files that several threads share, more than one batch, and names of which the dictionaries know more than the file has lines."""
    zone = tmp_path / "zone"
    shutil.copytree(w.SAMPLE / "price_sheet", zone / "price_sheet")
    template = a_usage_line()
    (zone / "daily_rated_usage").mkdir()
    # What each line says of itself is its own number. 70 MB are two buffers of DuckDB's reader, and four files of them two batches.
    fields = {name: "" for name in template} | {name: template[name] for name in ("MpnId", "SubscriptionId", "UsageDate")}
    line = ",".join((fields | {"ResourceURI": "%d", "Quantity": "%d", "UnitPrice": "1", "Tags": "x" * 1500}).values()) + "\n"
    for name, count in (("a", 45_000), ("b", 45_000), ("c", 45_000), ("d", 45_000), ("e", 10)):
        content = "".join(line % (number, number) for number in range(2, count + 2))
        (zone / "daily_rated_usage" / f"{name}_2026-09-13.csv").write_text(",".join(template) + "\n" + content)
        if name in "de":
            warehouse = w.build(zone, tmp_path / "build", "run", "--select", "+stg_partner_center__usage_resources")
    checked = w.query(
        warehouse,
        """select files.source_file, count(*) as n, count(*) filter (lines.line_number = lines.quantity) as numbered,
            count(*) filter (resources.resource_uri = lines.line_number::varchar) as named
        from landing.landing_daily_rated_usage as lines
        inner join landing.landing_files as files using (file_id)
        inner join landing.usage_resources as resources using (resource_key)
        group by all order by all""",
    )
    assert [row["n"] for row in checked] == [45_000] * 4 + [10]
    assert all(row["n"] == row["numbered"] == row["named"] for row in checked)


def test_new_names_that_are_taken_for_known_ones_are_found_out(tmp_path):
    """A scan that takes all names for known ones as soon as there is one: the batch is read again, and says what one read rightly says."""
    project = w.copy_of_project(tmp_path / "project")
    macros = project / "macros" / "usage_landing.sql"
    length_of_marks = "least(length(bin(count(*))) + 3, 22)"
    assert macros.read_text().count(length_of_marks) == 1
    macros.write_text(macros.read_text().replace(length_of_marks, "0 * count(*)"))
    zone = tmp_path / "zone"
    shutil.copytree(w.SAMPLE / "price_sheet", zone / "price_sheet")
    first, *others = sorted((w.SAMPLE / "daily_rated_usage").rglob("*.*"))
    (zone / "daily_rated_usage").mkdir()
    shutil.copy(first, zone / "daily_rated_usage")
    for step in ("first", "others"):
        for path in others if step == "others" else ():
            copy = shutil.copy(path, zone / "daily_rated_usage")
            if path.suffix == ".csv":
                with open(copy, "ab") as usage:
                    usage.write(b"too,short\n")
        for name, root in (("right", w.PROJECT), ("mistaken", project)):
            done = w.invoke(
                root, zone, tmp_path / f"{name}.duckdb", "run", "--select", "landing_files", "landing_daily_rated_usage",
                "--target-path", str(tmp_path / name / "target"), "--log-path", str(tmp_path / name / step),
            )  # fmt: skip
            assert done.success, done.exception
            read_again = "create or replace temp table usage_batch" in (tmp_path / name / step / "dbt.log").read_text()
            assert read_again == ((name, step) == ("mistaken", "others"))
    tables = ("landing_daily_rated_usage", "rejected_lines", "usage_resources", "usage_products", "usage_bills", "usage_details")
    right, mistaken = (
        {table: w.query(tmp_path / f"{name}.duckdb", f"from landing.{table} order by all") for table in tables} for name in ("right", "mistaken")
    )
    assert all(right.values())
    assert mistaken == right


def test_what_a_build_that_broke_off_had_landed_goes(sample, tmp_path):
    """Batches of usage land one by one: lines of a file that was never told as read are read again, or forgotten when it has gone."""
    shutil.copytree(sample.parent, tmp_path / "build")
    before = contents(sample)
    with duckdb.connect(str(tmp_path / "build" / "warehouse.duckdb")) as connection:
        connection.execute("set variable file = (select min(file_id) from landing.landing_daily_rated_usage)")
        for file_id in ("'gone'", "file_id"):
            connection.execute(
                f"""insert into landing.landing_daily_rated_usage select * replace ({file_id} as file_id) from landing.landing_daily_rated_usage
                where file_id = getvariable('file')"""
            )
        connection.execute("delete from landing.files_read where file_id = getvariable('file')")
    assert contents(w.build(w.SAMPLE, tmp_path / "build")) == before


def test_a_correction_that_broke_off_and_is_taken_back_leaves_no_line(sample, tmp_path):
    """A batch of corrected files landed, the next did not, and the files are as they were again: so are the lines."""
    project = w.copy_of_project(tmp_path / "project")
    macros = project / "macros" / "usage_landing.sql"
    one_file_a_batch = macros.read_text().replace("67108864", "1").replace("536870912", "1")
    end_of_batch = "{% do adapter.commit() %}\n    {% endfor %}"
    assert one_file_a_batch.count(end_of_batch) == 1
    macros.write_text(one_file_a_batch.replace(end_of_batch, "{% do adapter.commit() %}{{ exceptions.raise_compiler_error('broke off') }}\n    {% endfor %}"))
    zone, warehouse = tmp_path / "zone", tmp_path / "build" / "warehouse.duckdb"
    shutil.copytree(w.SAMPLE, zone)
    shutil.copytree(sample.parent, warehouse.parent)
    landing = ("run", "--select", "landing_files", "landing_daily_rated_usage")
    w.build(zone, warehouse.parent, *landing)
    said = "select file_id, line_number, quantity, resource_key from landing.landing_daily_rated_usage order by all"
    before = w.query(warehouse, said)
    exports = sorted((zone / "daily_rated_usage").rglob("*.csv"))
    for path in exports:
        path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    done = w.invoke(project, zone, warehouse, *landing, "--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs"))
    assert not done.success and len(exports) > 1
    assert w.query(warehouse, said) != before
    for path in exports:
        shutil.copy2(w.SAMPLE / path.relative_to(zone), path)
    assert w.query(w.build(zone, warehouse.parent, *landing), said) == before


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
    warehouse = w.build(zone, tmp_path / "build")
    rejected = {row["source_file"]: row for row in w.query(warehouse, "select * from marts.rejected_rows order by line_number desc")}
    assert {"activity_log/cut.json.gz", "activity_log/cut.json", "role_assignments/notes.txt"} <= set(rejected)
    assert "cut off or damaged" in rejected["activity_log/cut.json"]["reason"]
    assert w.query(warehouse, "select count(*) as n from marts.fct_pec_charges_daily")[0]["n"] == 644


def test_what_was_read_stays(sample, tmp_path):
    """Evidence outlives its files: the log and the snapshots gone, and all models refreshed, the decisions are the same."""
    zone, folder = tmp_path / "zone", tmp_path / "build"
    shutil.copytree(w.SAMPLE, zone)
    before = contents(w.build(zone, folder))
    for gone in ("activity_log", "role_assignments", "lighthouse", "deny_assignments"):
        shutil.rmtree(zone / gone)
    after = contents(w.build(zone, folder, "build", "--full-refresh", "--exclude-resource-type", "unit_test"))
    assert after == before


def test_corrected_files_replace_their_earlier_version(sample, tmp_path):
    """A file that was put right under its own name is read again: the mended line counts, and a directory emptied of rows links nobody."""
    zone, folder = tmp_path / "zone", tmp_path / "build"
    shutil.copytree(w.SAMPLE, zone)
    shutil.copytree(sample.parent, folder)
    usage = zone / "daily_rated_usage" / "fjellblick" / "unbilled_eur_2026-09-13.csv"
    content = usage.read_bytes()
    assert content.count(b"9/31/2026") == 1
    usage.write_bytes(content.replace(b"9/31/2026", b"9/12/2026"))
    links = zone / "partner_directory" / "partner_id_links.csv"
    links.write_text(links.read_text().splitlines()[0] + "\n")
    warehouse = w.build(zone, folder)
    assert w.query(warehouse, "select count(*) as n from marts.fct_pec_charges_daily")[0]["n"] == 645
    assert w.query(warehouse, "select count(*) as n from marts.rejected_rows")[0]["n"] == 2
    paths = w.query(warehouse, "select distinct covering_access_path from marts.fct_pec_eligibility_daily where is_access_eligible")
    assert "direct" not in {row["covering_access_path"] for row in paths}
    assert contents(warehouse) == contents(w.build(zone, tmp_path / "anew")) | {"pec_restatements": contents(warehouse)["pec_restatements"]}
