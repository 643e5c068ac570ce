"""The month is the unit of recomputation: a build makes the changed months again, no others, until everything has passed."""

import json
import shutil

from cases import evidence_zone
import duckdb
from project import warehouse as w
import pytest

GROUP = "/subscriptions/42bb99b3-346e-5179-ba6e-f15abc9d6163/resourceGroups/rg-analytics"
ASSIGNMENT = f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/4039bcd9-7f18-5095-8ef8-8a648fc1ca60"
JULY, AUGUST, SEPTEMBER = "2026-07-01", "2026-08-01", "2026-09-01"
LINKED = "99ade4d9-9c48-55a4-afc1-c3e14fc4866f,6022222,2026-08-20T13:05:00Z,"


class Nights:
    """The sample's landing zone, and a warehouse of it that all builds of a test go on from."""

    def __init__(self, sample, folder):
        self.zone, self.folder = folder / "zone", folder / "nights"
        shutil.copytree(w.SAMPLE, self.zone)
        w.moved_copy(sample, self.zone, self.folder)
        self.warehouse = self.folder / "warehouse.duckdb"
        self.build()

    def build(self, *options, project=w.PROJECT):
        """A night with all data tests; the months that it made again, each with what changed."""
        w.build(self.zone, self.folder, "build", "--exclude-resource-type", "unit_test", *options, project=project)
        return self.changed()

    def changed(self):
        return {str(row["billing_month"]): row["changed"] for row in w.query(self.warehouse, "from intermediate.int_changed_months")}

    def settled(self):
        return {str(row["billing_month"]) for row in w.query(self.warehouse, "from build_state.settled_months")}


@pytest.fixture
def nights(sample, tmp_path):
    return Nights(sample, tmp_path)


def record(operation, instant):
    """A record of the Activity Log (CLI shape) of one operation on the assignment."""
    return {
        "eventTimestamp": instant, "operationId": instant[:13], "correlationId": instant[:13], "resourceId": ASSIGNMENT,
        "operationName": {"value": f"Microsoft.Authorization/roleAssignments/{operation}"}, "status": {"value": "Succeeded"},
    }  # fmt: skip


def bring_late_evidence(zone):
    """Access that was removed at 10:00 and given back at 11:00, in a log that arrives weeks later."""
    (zone / "activity_log" / "late.json").write_text(json.dumps([record("delete", "2026-08-27T10:00:00Z"), record("write", "2026-08-27T11:00:00Z")]))


def revoke_a_link(zone):
    links = zone / "partner_directory" / "partner_id_links.csv"
    links.write_text(links.read_text().replace(LINKED, f"{LINKED}2026-09-05T12:00:00Z"))


def raise_a_price(zone):
    sheet = zone / "price_sheet" / "GB" / "azure_consumption_GB_202609.csv"
    row = next(line for line in sheet.read_text().splitlines() if '"00G2"' in line)
    sheet.write_text(sheet.read_text().rstrip("\n") + "\n" + row.replace('"0.111"', '"0.222"').replace("3/1/2024", "9/10/2026") + "\n")


def correct_a_line(zone):
    export = zone / "daily_rated_usage" / "fjellblick" / "unbilled_gbp_2026-09-13.jsonl"
    export.write_text("".join(export.read_text().splitlines(keepends=True)[:-1]))


@pytest.mark.parametrize(
    ("news", "months"),
    [
        (lambda zone: None, {}),
        (bring_late_evidence, {AUGUST: "access"}),
        (revoke_a_link, {SEPTEMBER: "access"}),
        (raise_a_price, {SEPTEMBER: "price"}),
        (correct_a_line, {SEPTEMBER: "usage"}),
    ],
    ids=["nothing", "late evidence", "a revoked link", "a new price", "a corrected line"],
)
def test_news_changes_the_months_that_it_touches_and_no_others(nights, news, months):
    news(nights.zone)
    assert nights.build() == months
    assert nights.build() == {}, "a month that passed is settled"


def test_a_month_stays_changed_until_everything_has_passed(nights):
    """A part of a build, a build without tests and a red one settle nothing, also when the news was taken back before."""
    late = nights.zone / "activity_log" / "late.json"
    bring_late_evidence(nights.zone)
    w.build(nights.zone, nights.folder, "build", "--exclude-resource-type", "test", "unit_test")
    assert (nights.changed(), nights.settled()) == ({AUGUST: "access"}, {JULY, SEPTEMBER})
    late.write_text("[]")  # what was read stays in the archive
    assert nights.build() == {AUGUST: "usage, access, price, directory, reference_data, rules"}
    assert nights.settled() == {JULY, AUGUST, SEPTEMBER}


def test_a_red_staging_test_leaves_what_was_rejected(nights, tmp_path):
    """rejected_rows and landed_files are of this night, although a test of staging stops what follows; nothing is settled that changed."""
    project = w.copy_of_project(tmp_path / "project", with_tests=True)
    (project / "tests" / "invariants" / "staging_is_red.sql").write_text(
        "-- depends_on: {{ ref('landed_files') }}\nselect * from {{ ref('stg_partner_center__usage_lines') }} limit 1\n"
    )
    (nights.zone / "daily_rated_usage" / "damaged_2026-09-14.csv").write_text("not,usage\n1,2\n")
    with pytest.raises(AssertionError, match="staging_is_red"):
        nights.build(project=project)
    rejected = {row["source_file"] for row in w.query(nights.warehouse, "from marts.rejected_rows")}
    landed = {row["source_file"] for row in w.query(nights.warehouse, "from marts.landed_files")}
    assert "daily_rated_usage/damaged_2026-09-14.csv" in rejected & landed
    assert nights.settled() == set()


def test_a_row_of_a_month_that_has_gone_does_not_stay(nights):
    """What somebody left in a model for a month without usage goes with the next build of that month."""
    with duckdb.connect(str(nights.warehouse)) as connection:
        connection.execute("insert into build_state.settled_months (billing_month, usage_version) values ('2026-06-01', 'gone')")
        connection.execute(
            "insert into intermediate.int_charge_lines by name select * replace (date '2026-06-01' as billing_month) from intermediate.int_charge_lines limit 1"
        )
    assert set(nights.build()) == {"2026-06-01"}
    assert w.query(nights.warehouse, "select count(*) as n from intermediate.int_charge_lines where billing_month = date '2026-06-01'")[0]["n"] == 0


FIRST_USER, SECOND_USER, DENIED_GROUP = ("11111111-aaaa-4000-8000-000000000001", "11111111-aaaa-4000-8000-000000000002", "11111111-aaaa-4000-8000-000000000003")
ONE, OTHER = "a delegation written again", "null"  # cases of tests/cases/evidence_zone.py


def test_what_changes_only_whose_it_is_changes_the_month(tmp_path):
    """Whom a deny hits of two who have the same access (A5), and which of two relationships is the earlier (D5), both before the month."""
    zone, one = tmp_path / "zone", evidence_zone.id_of(ONE)
    evidence_zone.write(zone)
    directory, scope = zone / "partner_directory", f"/subscriptions/{one}"

    def tell(name, columns, *rows):
        evidence_zone.write_rows(directory / f"{name}.csv", [(*columns.split(), "valid_from", "valid_to"), *rows])

    def say(member, later_begin):
        other, partner = evidence_zone.id_of(OTHER), evidence_zone.PARTNER
        tell("group_members", "group_object_id member_principal_id", (DENIED_GROUP, member, "", ""))
        tell(
            "subscription_partners", "subscription_id transacting_partner_id reseller_partner_id",
            (other, partner, "200", "2025-01-01", ""), (other, partner, "300", later_begin, ""),
        )  # fmt: skip
        warehouse = w.build(zone, tmp_path / "nights", "build", "--exclude-resource-type", "unit_test")
        days = w.query(warehouse, "select distinct subscription_id, access_reason, reseller_partner_id from marts.fct_pec_eligibility_daily")
        return [
            [row["access_reason"] for row in days if row["subscription_id"] == one],
            [row["reseller_partner_id"] for row in days if row["subscription_id"] == evidence_zone.id_of(OTHER)],
        ]

    tell("partner_id_links", "principal_id partner_id", *((user, evidence_zone.PARTNER, "", "") for user in (FIRST_USER, SECOND_USER)))
    grants = [evidence_zone.grant(ONE, principalId=user, principalType="User") for user in (FIRST_USER, SECOND_USER)]
    grants[1]["id"] = grants[1]["id"][:-3] + "fff"
    deny = {
        "id": f"{scope}/providers/Microsoft.Authorization/denyAssignments/11111111-aaaa-4000-8000-000000000004",
        "properties": {
            "scope": scope, "permissions": [{"actions": ["*"]}], "principals": [{"id": FIRST_USER}, {"id": DENIED_GROUP}], "excludePrincipals": [],
            "createdOn": "2026-01-01T00:00:00Z",
        },
    }  # fmt: skip
    for folder, items in (("role_assignments", grants), ("deny_assignments", [deny])):
        (zone / folder / one).mkdir(parents=True)
        (zone / folder / one / "2026-08-01.json").write_text(json.dumps(items))
    assert say(FIRST_USER, "2026-01-01") == [["full_day"], ["200"]]
    assert say(SECOND_USER, "2026-01-01") == [["denied"], ["200"]]
    assert say(SECOND_USER, "") == [["denied"], ["300"]]
