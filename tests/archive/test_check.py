"""`pec check`: what a landing zone holds and lacks. No dbt: a warehouse is a file with the marts that are read."""

import json
import shutil

import duckdb
import pytest
from pec import archive, check, cli, kinds

SUB, BARE = (f"11111111-0000-0000-0000-00000000000{n}" for n in (1, 2))
USAGE = (
    "PartnerId,CustomerId,CustomerCountry,MpnId,ProductId,SkuId,SubscriptionId,UsageDate,MeterId,ResourceURI,UnitPrice,Quantity,PricingPreTaxTotal,"
    "EntitlementId,PartnerEarnedCreditPercentage\n"
)
PRICES = "ProductId,SkuId,Market,Currency,UnitPrice,PricingTierRangeMin,PricingTierRangeMax,EffectiveStartDate,EffectiveEndDate\n"


def write(root, files):
    """Writes files, {path: text or JSON}, below a folder; the folder."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return root


@pytest.fixture
def zone(tmp_path):
    """A landing zone in which nothing is wrong: usage of one subscription, and evidence of every kind."""
    assignment = {"id": f"/subscriptions/{SUB}/providers/Microsoft.Authorization/roleAssignments/a"}
    return write(tmp_path / "zone", {
        "daily_rated_usage/unbilled_2026-08-20.csv": USAGE + f"p,c,DE,1,P,S,plan,8/1/2026,M,,1,1,1,{SUB.upper()},0\n",
        "price_sheet/azure_DE_202608.csv": PRICES,
        "role_assignments/2026-08-01.json": [assignment],
        f"lighthouse/{SUB}/2026-08-02.json": [],
        f"deny_assignments/{SUB}/2026-08-02.json": [],
        "activity_log/2026-08-03.json": [{"eventTimestamp": "2026-08-01T00:00:00Z", "resourceId": f"/subscriptions/{SUB}"}],
        "partner_directory/agent_groups.csv": "group_object_id,group_name,partner_tenant_id,partner_id\n",
    })  # fmt: skip


def files_of(root):
    return {path.relative_to(root): (path.read_bytes(), path.stat().st_mtime_ns) for path in root.rglob("*") if path.is_file()}


def checked(zone, capsys, warehouse="none.duckdb"):
    """(exit code, what was printed) of pec check on a zone beside which the archive is."""
    code = check.check(str(zone), str(zone.parent / "w.archive"), str(zone.parent / warehouse))
    return code, capsys.readouterr().out


def test_nothing_is_wrong_and_nothing_is_changed(zone, capsys):
    before = files_of(zone.parent)
    code, said = checked(zone, capsys)
    assert (code, files_of(zone.parent)) == (0, before)
    assert "role_assignments/          1 files, of 2026-08-01, 1 records" in said
    assert "there: agent_groups; not there: agreements, " in said
    assert f"{SUB}: lacks nothing" in said and "nothing wrong" in said


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("role_assignment/2026-08-01.json", [], "did you mean role_assignments/?"),
        ("partner_directory/agentgroups.csv", "a\n", "did you mean agent_groups.csv?"),
        ("partner_directory/partner_links.csv", "a\n", "did you mean partner_id_links.csv?"),
        ("partner_directory/agreements.csv", "", "no header: the file is empty"),
        ("role_assignments/2026-08-04.csv", "a\n", "lacks the column id or roleassignmentid"),
        ("role_assignments/2026-08-04.txt", "a\n", "not a kind of file"),
        ("lighthouse/2026-08-04.json", {"value": [], "nextLink": "https://example.com"}, "not a whole list"),
        ("daily_rated_usage/unbilled_2026-08-21.csv", USAGE + "1,2\n", "1 of 1 records cannot be read"),
    ],
)
def test_what_is_wrong_is_named_with_what_it_may_have_meant(name, content, told, zone, capsys):
    write(zone, {name: content})
    code, said = checked(zone, capsys)
    assert code == 1 and any("wrong: " + name.split("/")[0] in line and told in line for line in said.splitlines()), said
    assert "1 wrong" in said.splitlines()[-1]


def test_a_name_in_another_case_is_understood(zone, capsys):
    write(zone, {"partner_directory/Claims.CSV": "claim_id\n"})
    code, said = checked(zone, capsys)
    assert code == 0 and "there: agent_groups, claims;" in said


def test_a_missing_folder_that_a_build_needs_is_wrong(zone, capsys):
    shutil.rmtree(zone / "price_sheet")
    code, said = checked(zone, capsys)
    assert code == 1 and "price_sheet/               nothing: a build needs it" in said
    shutil.rmtree(zone)
    code, said = checked(zone, capsys)
    assert code == 1 and "there is no landing zone at" in said


def test_cost_management_is_usage_too(zone, capsys):
    """It will do alone; its subscriptions are judged by the files, and what a build has priced by the warehouse."""
    header = [names[0] for names in kinds.KINDS["cost_management"].needed]
    row = ",".join(BARE if name == "subscriptionid" else "x" for name in header)
    write(zone, {"cost_management/part.csv": ",".join(header) + f"\n{row}\n"})
    shutil.rmtree(zone / "daily_rated_usage")
    code, said = checked(zone, capsys)
    assert code == 1 and f"{BARE}: lacks role_assignments/: a list; lighthouse/: a list" in said and SUB not in said
    assert said.splitlines()[0] == "daily_rated_usage/         nothing" and said.splitlines()[-1] == "1 wrong"
    archive.update(str(zone), str(zone.parent / "w.archive"))
    with duckdb.connect(str(zone.parent / "w.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute(
            f"create table marts.evidence_coverage as select '{BARE}' as subscription_id, null as customer_name, 3.5 as credit_in_doubt_usd, "
            "null as to_supply, null as newest_role_assignments_at, null as newest_delegations_at, now() as activity_log_first_at"
        )
    write(zone, {"daily_rated_usage/new_2026-08-20.csv": USAGE + f"p,c,DE,1,P,S,plan,8/1/2026,M,,1,1,1,{SUB},0\n"})
    code, said = checked(zone, capsys, "w.duckdb")
    assert code == 0 and f"{BARE}: 3.50 USD in doubt; lacks nothing" in said
    assert f"{SUB}: lacks nothing" in said.split("by the files alone")[1], "which the last build has not seen"
    for folder in ("daily_rated_usage", "cost_management"):
        shutil.rmtree(zone / folder)
    code, said = checked(zone, capsys)
    assert "daily_rated_usage/         nothing: a build needs daily_rated_usage/ or cost_management/" in said and said.splitlines()[-1] == "1 wrong"


def test_a_subscription_without_any_evidence_is_wrong(zone, capsys):
    write(zone, {"daily_rated_usage/more_2026-08-20.csv": USAGE + f"p,c,DE,1,P,S,plan,8/1/2026,M,,1,1,1,{BARE},0\n"})
    shutil.rmtree(zone / "deny_assignments")
    code, said = checked(zone, capsys)
    assert code == 1 and f"{BARE}: lacks role_assignments/: a list; lighthouse/: a list" in said
    assert f"{SUB}: lacks deny_assignments/: a list, also if it is empty" in said


def test_what_is_archived_is_not_read_again_and_the_warehouse_has_the_price(zone, capsys):
    folder = zone.parent / "w.archive"
    archive.update(str(zone), str(folder))
    with duckdb.connect(str(zone.parent / "w.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.evidence_coverage as select 's1' as subscription_id, 'Alder' as customer_name, 12.345 as credit_in_doubt_usd, "
            "'lighthouse/: a complete list' as to_supply, timestamp '2026-08-01' as newest_role_assignments_at, "
            "null::timestamp as newest_delegations_at, null::timestamp as activity_log_first_at"
        )
        connection.execute("create table marts.rejected_rows as select 'usage.csv' as source_file, 7 as line_number, 'no number' as reason")
        connection.execute("create table marts.pec_unresolved_access as select 'foreign_group_of_nobody' as reason")
    before = files_of(zone.parent)
    code, said = checked(zone, capsys, "w.duckdb")
    assert (code, files_of(zone.parent)) == (1, before)
    assert "daily_rated_usage/         1 files, of 2026-08-20, 1 records" in said
    assert "s1 (Alder): 12.35 USD in doubt; lacks lighthouse/: a complete list" in said
    assert "wrong: usage.csv: 1 rows, the first in line 7: no number" in said
    assert "1 × foreign_group_of_nobody" in said


def test_the_command(zone, capsys, monkeypatch):
    monkeypatch.setenv("PEC_WAREHOUSE", str(zone.parent / "w.duckdb"))
    monkeypatch.delenv("PEC_ARCHIVE", raising=False)
    assert cli.main(["check", "--zone", str(zone)]) == 0
    assert "nothing wrong" in capsys.readouterr().out


def test_a_manifest_is_no_export(zone, capsys):
    write(zone, {"daily_rated_usage/manifest.json": {"blobs": []}})
    code, said = checked(zone, capsys)
    assert code == 0 and "daily_rated_usage/         1 files, of 2026-08-20, 1 records\n" in said and "manifest" not in said


def test_a_usage_file_without_a_date_is_warned_of(zone, capsys):
    shutil.copy(zone / "daily_rated_usage" / "unbilled_2026-08-20.csv", zone / "daily_rated_usage" / "part-0.csv")
    assert "1 without a date in the name" in (said := checked(zone, capsys)[1]) and "replaces the older: give all parts of an export one date" in said


def test_pages_are_wrong_only_without_the_last(zone, capsys):
    item = {"id": f"/subscriptions/{SUB}/providers/Microsoft.Authorization/roleAssignments/b"}
    event = {"eventTimestamp": "2026-08-01T00:00:00Z", "resourceId": f"/subscriptions/{SUB}"}
    write(zone, {
        "role_assignments/pages/2026-08-01 page 1.json": {"value": [item], "nextLink": "x"}, "role_assignments/pages/2026-08-01 page 2.json": {"value": [item]},
        "role_assignments/2026-08-02.json": {"value": [item], "nextLink": "x"},
        "activity_log/2026-08-04.json": {"items": [event], "links": {"self": {"uri": "x"}, "next": {"uri": "y"}}},
    })  # fmt: skip
    code, said = checked(zone, capsys)
    assert code == 1 and "2 wrong" in said
    assert "role_assignments/2026-08-02.json: not a whole list" in said and "activity_log/2026-08-04.json: one page of several" in said
