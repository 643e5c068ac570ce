"""What is missing, and what the partner directory says (issue 14, kinds 1 and 2, «Say what is missing»): one landing zone, one subscription each."""

import json
from decimal import Decimal

import pytest
from project import warehouse as w
from reference import comparison
from reference.zones import AGENTS, MPN, SUB, TENANTS, USERS, VM, Zone, assignment, delegation

CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
AOBO, OFFER, LINKED_OFFER, FOREIGN, BARE, SALES, NULL_PLAN = SUBSCRIPTIONS = [f"11111111-0000-0000-0000-0000000001{n:02d}" for n in range(7)]
NOBODYS_GROUP, SALES_GROUP, TEAM = (f"aaaaaaaa-0000-0000-0000-00000000000{n}" for n in (1, 2, 3))
PLAN = {"name": "managed", "publisher": "examplecloud", "product": "managed-azure", "version": "1.0.0"}
GROUPS = [
    (AGENTS["MPN1"], "Admin Agents"),  # as users write it
    (SALES_GROUP, "SalesAgents"),  # no group that counts
]
FILES = {
    "agent_groups": [
        {"group_object_id": group, "group_name": name, "partner_tenant_id": TENANTS["MPN1"], "partner_id": MPN["MPN1"]} for group, name in GROUPS
    ],
    "group_members": [{"group_object_id": TEAM, "member_principal_id": USERS["MPN1"], "valid_from": "", "valid_to": ""}],
    "agreements": [{"partner_global_id": "org-MPN1", "valid_from": "", "valid_to": ""}],
}
CREDIT = "select subscription_id, sum(pec_credit_usd) as credit from marts.fct_pec_charges_daily group by all having credit != 0"
EARNED = {AOBO: Decimal("1.5"), LINKED_OFFER: Decimal("1.5"), NULL_PLAN: Decimal("1.5")}


def write_zone(root):
    """The landing zone: a day's usage of 10.00 USD in each subscription, and lists of 1 January 2026 for all but one."""
    zone = Zone(root)
    for name, rows in FILES.items():
        zone.directory(name, rows)
    zone.usage(*({"EntitlementId": sub, "ResourceURI": VM.replace(SUB, sub)} for sub in SUBSCRIPTIONS))

    def lists(subscription, roles=(), delegations=()):
        for folder, entries in (("role_assignments", roles), ("lighthouse", delegations), ("deny_assignments", ())):
            zone.snapshot(folder, "2026-01-05", json.loads(json.dumps(list(entries)).replace(SUB, subscription)), subscription)

    def group(principal):
        return assignment(principal, role=CONTRIBUTOR, kind="ForeignGroup")

    def offer(principal, plan):
        return delegation(principal, TENANTS["MPN1"], plan, role=CONTRIBUTOR)

    lists(AOBO, [group(AGENTS["MPN1"])])
    lists(OFFER, delegations=[offer("bbbbbbbb-0000-0000-0000-000000000001", PLAN)])
    lists(LINKED_OFFER, delegations=[offer(TEAM, PLAN)])
    lists(FOREIGN, [group(NOBODYS_GROUP)])
    lists(SALES, [group(SALES_GROUP)])
    lists(NULL_PLAN, delegations=[offer(USERS["MPN1"], dict.fromkeys(PLAN))])
    return zone


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The zone and its warehouse."""
    folder = tmp_path_factory.mktemp("coverage")
    zone = write_zone(folder)
    return zone.root, w.build(zone.root, folder / "build")


def credits(warehouse):
    return {row["subscription_id"]: row["credit"] for row in w.query(warehouse, CREDIT)}


def test_decisions_are_what_the_reference_says(built):
    zone, warehouse = built
    assert comparison.against_reference(zone, warehouse) == []
    assert credits(warehouse) == EARNED
    reasons = {row["subscription_id"]: row["access_reason"] for row in w.query(warehouse, "from marts.fct_pec_eligibility_daily")}
    assert reasons == dict.fromkeys(EARNED, "full_day") | {
        OFFER: "not_linked", FOREIGN: "other_partner", SALES: "other_partner", BARE: "no_access",
    }  # fmt: skip


def test_what_is_missing_is_named_with_its_subscription(built):
    rows = w.query(built[1], "from marts.pec_unresolved_access")
    assert {(row["reason"], row["subscription_id"], row["principal_id"]) for row in rows} == {
        ("marketplace_delegation_not_linked", OFFER, "bbbbbbbb-0000-0000-0000-000000000001"),
        ("foreign_group_of_nobody", FOREIGN, NOBODYS_GROUP),
        ("unknown_group_name", SALES, SALES_GROUP),
    }
    assert all(row["repair"] for row in rows)
    assert {str(row["unresolved_from"]) for row in rows} == {"2025-06-01 00:00:00", "2026-01-05 00:00:00"}


def test_what_is_missing_has_its_price(built):
    rows = {row["subscription_id"]: row for row in w.query(built[1], "from marts.evidence_coverage")}
    assert set(rows) == set(SUBSCRIPTIONS)
    worth = {sub: row["credit_in_doubt_usd"] for sub, row in rows.items() if row["credit_in_doubt_usd"]}
    assert worth == dict.fromkeys((OFFER, FOREIGN, SALES, BARE), Decimal("1.5"))
    assert rows[FOREIGN]["foreign_groups_of_nobody"] == 1 and NOBODYS_GROUP in rows[FOREIGN]["to_supply"]
    assert rows[BARE]["days_without_evidence"] == 1 and "role_assignments/" in rows[BARE]["to_supply"]
    assert "role_assignments/" not in rows[AOBO]["to_supply"]


def test_a_directory_file_that_is_none_leaves_its_last_good_version(built):
    """The three files whose loss takes most: nobody loses access or agreement, and each is named. (More contents: tests/archive.)"""
    zone, warehouse = built
    files = [zone / "partner_directory" / f"{name}.csv" for name in ("agreements", "partner_id_links", "agent_groups")]
    kept = {file: file.read_bytes() for file in files}
    try:
        for file in files:
            file.write_bytes(b"")
        w.build(zone, warehouse.parent)
        assert credits(warehouse) == EARNED
        named = {row["source_file"] for row in w.query(warehouse, "from marts.rejected_rows where line_number = 0")}
        assert named == {f"partner_directory/{file.name}" for file in files}
    finally:
        for file, content in kept.items():
            file.write_bytes(content)


def test_the_end_of_a_build_says_what_is_missing(tmp_path):
    """A first agreements.csv of zero bytes is no file: everyone is taken to have an agreement, and the build says so loudly (D4)."""
    zone = write_zone(tmp_path)
    (zone.root / "partner_directory" / "agreements.csv").write_bytes(b"")
    (zone.root / "partner_directory" / "group_members.csv").rename(zone.root / "partner_directory" / "groupmembers.csv")
    done = w.run_as_user(
        w.PROJECT, "dbt", "build", "--exclude-resource-type", "unit_test", "test", "--target-path", str(tmp_path / "target"),
        "--log-path", str(tmp_path), PEC_LANDING_ZONE=str(zone.root), PEC_WAREHOUSE=str(tmp_path / "w.duckdb"),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    said = [line.split("  ", 1)[-1] for line in done.stdout.splitlines()]

    def told(*words):
        return [line for line in said if all(word in line for word in words)]

    assert told("Archived: ", " records.") and told("Computing: ", "(new)."), "what it works on, before the summary"
    assert done.stdout.index("Computing: ") < done.stdout.index("WARNING: assumed: ")
    assert told("WARNING: assumed: every partner has an agreement", "agreements.csv", "the file is empty")
    assert told("Put aside: partner_directory/groupmembers.csv", "did you mean group_members.csv?")
    assert told("Rejected: 2 rows of 2 files, 2 of them whole files")
    assert told("Not counted: 1 × foreign_group_of_nobody")
    assert len(told("Evidence lacks: 1.50 USD in doubt")) == 5
    assert told("Evidence lacks", BARE, "role_assignments/: a complete list")
    assert credits(tmp_path / "w.duckdb") == {sub: credit for sub, credit in EARNED.items() if sub != LINKED_OFFER}
