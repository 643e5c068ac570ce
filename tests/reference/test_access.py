"""The reference on the published examples of `domain.md`: who earns on which day (D, A1-A6, gaps)."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from reference.zones import (
    AGENTS, EVERYONE, MPN, OWNER, READER, SUB, SUB_2, TENANTS, UNLISTED, USERS, VM, assignment, delegation,
)  # fmt: skip

D2 = [
    (user, aobo, expected)
    for users, aobos, expected in [
        (["MPN1"], [None], True),
        ([None], ["MPN1"], True),
        (["MPN2"], [None], True),
        ([None], ["MPN2"], True),
        (["MPN3"], ["MPN1", "MPN2"], True),
        (["MPN1", "MPN2"], ["MPN3"], True),
        (["MPN3"], [None, "MPN3"], False),
        ([None], ["MPN3", None], False),
    ]
    for user in users
    for aobo in aobos
]


@pytest.mark.parametrize("by", ["user", "lighthouse by link", "lighthouse by offer"])
@pytest.mark.parametrize(("who", "aobo", "expected"), D2)
def test_d2_table(zone, by, who, aobo, expected):
    zone.usage({"Tier2MpnId": MPN["MPN2"], "InvoiceNumber": "G1"})
    roles = [assignment(AGENTS[aobo], name="aobo", kind="ForeignGroup")] if aobo else []
    if who and by == "user":
        roles.append(assignment(USERS[who], name="user"))
    elif who:
        plan = {"name": "offer"} if by == "lighthouse by offer" else None
        zone.snapshot("lighthouse", "2026-01-01", {"value": [delegation(USERS[who], TENANTS[who], plan)]})
    zone.snapshot("role_assignments", "2026-01-01", roles)
    row = zone.decision()
    assert row["is_access_eligible"] is expected
    anybody = who or aobo
    assert row["access_reason"] == ("full_day" if expected else "other_partner" if anybody else "no_access")


@pytest.mark.parametrize(
    ("plan", "principal", "tenant", "older", "reason"),
    [
        ({"name": "offer"}, "nobody-we-know", TENANTS["MPN1"], False, "not_linked"),
        ({"name": "offer"}, "nobody-we-know", TENANTS["MPN1"], True, "full_day"),
        ({"name": "offer"}, USERS["MPN1"], TENANTS["MPN1"], False, "full_day"),
        ({"name": "offer"}, USERS["MPN1"], "unknown tenant", False, "full_day"),
        ({"name": "offer"}, USERS["MPN1"], "unknown tenant", True, "not_linked"),  # ours by the link, which then says nothing
        ({"name": None, "publisher": None}, "nobody-we-know", TENANTS["MPN1"], True, "not_linked"),
        ({"name": None, "publisher": None}, USERS["MPN1"], TENANTS["MPN1"], True, "full_day"),
    ],
)
def test_a3_a_marketplace_offer_needs_a_link_unless_the_older_reading_is_set(zone, plan, principal, tenant, older, reason):
    zone.snapshot("lighthouse", "2026-01-01", {"value": [delegation(principal, tenant, plan)]})
    assert zone.reason(offers_need_no_link=older) == reason


def test_d3_other_location_of_the_same_organisation(zone):
    locations = [{"partner_id": p, "partner_global_id": "org", "name": ""} for p in (MPN["MPN1"], MPN["MPN3"])]
    zone.directory("partner_locations", locations)
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN3"])])
    assert zone.reason() == "full_day"


@pytest.mark.parametrize(
    ("since", "reason"), [("2026-01-05T00:00:00Z", "full_day"), ("2026-01-05T00:00:01Z", "no_agreement")]
)
def test_d4_agreement_for_the_whole_day(zone, since, reason):
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"])])
    zone.directory("agreements", [{"partner_global_id": "org-MPN1", "valid_from": since, "valid_to": ""}])
    row = zone.decision()
    assert (row["access_reason"], row["covered_seconds"]) == (reason, 86400)
    assert row["covering_access_path"] == "direct"


def test_d5_unbilled_reseller_from_the_history(zone):
    rows = [("", "2026-01-05T10:00:00Z", MPN["MPN2"]), ("2026-01-05T10:00:00Z", "", MPN["MPN3"])]
    zone.directory(
        "subscription_partners",
        [
            {
                "subscription_id": SUB,
                "transacting_partner_id": MPN["MPN1"],
                "reseller_partner_id": r,
                "valid_from": f,
                "valid_to": t,
            }
            for f, t, r in rows
        ],
    )
    assert zone.decision()["reseller_partner_id"] == MPN["MPN2"]
    zone.usage({"InvoiceNumber": "G1"})
    assert zone.decision()["reseller_partner_id"] is None


def test_a1_whole_path_segments_and_parents(zone):
    for scope, reason in [(VM[:-1], "no_access"), (VM.upper(), "full_day"), (VM + "/extensions/x", "no_access")]:
        zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"], scope=scope)])
        assert zone.reason() == reason


def test_a1_management_group_and_root(zone):
    group = "/providers/Microsoft.Management/managementGroups/MG"
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"], scope=group)])
    assert zone.reason() == "no_access"
    zone.directory("management_groups", [{"management_group_id": "mg", "subscription_id": SUB}])
    assert zone.decision()["covering_scope_level"] == "management_group"
    zone.directory("management_groups", [{"management_group_id": "mg", "subscription_id": SUB_2}])
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"], scope="/")], SUB_2)
    zone.usage({}, {"EntitlementId": SUB_2, "ResourceURI": "", "ResourceGroup": ""})
    assert {row["access_reason"] for row in zone.run()["eligibility"].values()} == {"full_day"}
    zone.usage({}, {"EntitlementId": SUB_2, "ResourceURI": "", "ResourceGroup": "", "CustomerId": "another"})
    assert {key[1]: row["access_reason"] for key, row in zone.run()["eligibility"].items()} == {
        SUB: "no_access",
        SUB_2: "full_day",
    }


def test_a2_and_the_ladder(zone):
    zone.directory("partner_principals", [{"principal_id": "ours", "partner_id": MPN["MPN1"], "name": ""}])
    for principal, role, kind, reason in [
        ("stranger", OWNER, "User", "no_access"),
        ("stranger", OWNER, "ForeignGroup", "other_partner"),
        (USERS["MPN3"], OWNER, "User", "other_partner"),
        (USERS["MPN1"], READER, "User", "ineligible_role"),
        (USERS["MPN1"], UNLISTED, "User", "ineligible_role"),
        ("ours", OWNER, "User", "not_linked"),
        (USERS["MPN1"], OWNER, "User", "full_day"),
    ]:
        zone.snapshot("role_assignments", "2026-01-01", [assignment(principal, role, kind=kind)])
        assert zone.reason() == reason


def test_a3_group_members(zone):
    member = {"group_object_id": "group", "member_principal_id": USERS["MPN1"], "valid_from": ""}
    zone.snapshot("role_assignments", "2026-01-01", [assignment("group", kind="Group")])
    for until, reason in [
        ("", "full_day"),
        ("2026-01-06T00:00:00Z", "full_day"),
        ("2026-01-05T12:00:00Z", "partial_day"),
        ("2026-01-05T00:00:00Z", "not_linked"),
    ]:
        zone.directory("group_members", [{**member, "valid_to": until}])
        assert zone.reason() == reason


def test_a4_pim_and_just_in_time(zone):
    entry = assignment(USERS["MPN1"])
    instance = {
        "id": f"/subscriptions/{SUB}/providers/Microsoft.Authorization/roleAssignmentScheduleInstances/i1",
        "properties": {
            "originRoleAssignmentId": entry["id"],
            "startDateTime": "2026-01-05T00:00:00Z",
            "endDateTime": "2026-01-06T00:00:00Z",
        },
    }
    zone.snapshot("role_assignments", "2026-01-01", [entry])
    zone.snapshot("role_schedules", "2026-01-01", {"value": [instance]})
    assert zone.reason() == "full_day"
    instance["properties"]["endDateTime"] = "2026-01-05T08:00:00Z"
    zone.snapshot("role_schedules", "2026-01-01", {"value": [instance]})
    assert (zone.decision()["covered_seconds"], zone.reason()) == (28800, "partial_day")
    eligible = {**entry, "id": entry["id"].replace("roleAssignments", "roleEligibilityScheduleInstances")}
    zone.snapshot("role_assignments", "2026-01-01", [])
    zone.snapshot("role_schedules", "2026-01-01", {"value": [{**eligible, "startDateTime": "2025-01-01T00:00:00Z"}]})
    assert zone.reason() == "not_permanent"
    zone.snapshot("role_schedules", "2026-01-01", {"value": []})
    zone.snapshot("lighthouse", "2026-01-01", [delegation(USERS["MPN1"], TENANTS["MPN1"], eligible=True)])
    assert zone.reason() == "not_permanent"


def test_a5_deny_assignments(zone):
    deny = {
        "id": f"/subscriptions/{SUB}/providers/Microsoft.Authorization/denyAssignments/n1",
        "permissions": [{"actions": ["*"]}],
        "principals": [{"id": EVERYONE}],
        "excludePrincipals": [],
        "scope": f"/subscriptions/{SUB}",
    }
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"])])
    for change, reason in [
        ({}, "denied"),
        ({"createdOn": "2026-01-05T12:00:00Z"}, "partial_day"),
        ({"principals": [{"id": USERS["MPN2"]}]}, "full_day"),
        ({"excludePrincipals": [{"id": USERS["MPN1"]}]}, "full_day"),
        ({"doNotApplyToChildScopes": True}, "full_day"),
        ({"doNotApplyToChildScopes": True, "scope": VM}, "denied"),
        ({"permissions": [{"actions": [], "dataActions": ["*"]}]}, "full_day"),
        ({"principals": [{"id": EVERYONE}, {"id": None}]}, "full_day"),
        ({"excludePrincipals": [USERS["MPN2"]]}, "full_day"),
    ]:
        zone.snapshot("deny_assignments", "2026-01-01", {"value": [{**deny, **change}]})
        assert zone.reason() == reason, change
    zone.snapshot("deny_assignments", "2026-01-01", {"value": [deny]})
    zone.snapshot("deny_assignments", "2026-01-05", {"value": []})
    assert zone.reason() == "full_day"
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"]), assignment(USERS["MPN2"], name="a2")])
    zone.usage({"Tier2MpnId": MPN["MPN2"]})
    zone.snapshot("deny_assignments", "2026-01-05", {"value": [{**deny, "principals": [{"id": USERS["MPN1"]}]}]})
    assert zone.reason() == "full_day"


def test_a6_union_and_reported_cell(zone):
    windows = [("", "2026-01-05T12:00:00Z", USERS["MPN1"]), ("2026-01-05T12:00:00Z", "", "second")]
    zone.directory(
        "partner_id_links",
        [{"principal_id": p, "partner_id": MPN["MPN1"], "valid_from": f, "valid_to": t} for f, t, p in windows],
    )
    scopes = [(USERS["MPN1"], f"/subscriptions/{SUB}", "a1"), ("second", VM, "a2")]
    zone.snapshot("role_assignments", "2026-01-01", [assignment(p, scope=s, name=n) for p, s, n in scopes])
    row = zone.decision()
    assert (row["covering_scope_level"], row["covering_access_path"]) == ("resource", "direct")
    group = f"/subscriptions/{SUB}/resourcegroups/rg-app"
    aobo = assignment(AGENTS["MPN1"], scope=group, kind="ForeignGroup", name="a3")
    zone.snapshot("role_assignments", "2026-01-01", [aobo] + [assignment(p, scope=s, name=n) for p, s, n in scopes])
    row = zone.decision()
    assert (row["covering_scope_level"], row["covering_access_path"]) == ("resource_group", "aobo")


def gaps(result):
    """The gaps of a result as (start, end, reason, lost credit), in order of time."""
    return [(key[3], row["gap_end"], row["access_reason"], row["lost_credit_usd"]) for key, row in sorted(result["gaps"].items())]


def losing(result):
    """The gaps of a result as (newest day of usage, whether they lose now, what they lose per day), in order of time."""
    columns = ("last_usage_date", "is_losing_now", "lost_credit_per_day_usd")
    return [tuple(row[column] for column in columns) for _, row in sorted(result["gaps"].items())]


def test_gaps(zone):
    windows = [("", "2026-01-04T00:00:00Z"), ("2026-01-05T06:00:00Z", "2026-01-05T18:00:00Z")]
    windows += [("2026-01-06T00:00:00Z", "2026-01-08T12:00:00Z")]
    common = {"principal_id": USERS["MPN1"], "partner_id": MPN["MPN1"]}
    zone.directory("partner_id_links", [{**common, "valid_from": f, "valid_to": t} for f, t in windows])
    zone.usage(*({"UsageDate": f"1/{day}/2026"} for day in (3, 4, 5, 5, 6, 7, 9)))
    assert gaps(zone.run()) == [(datetime(2026, 1, 3), None, "no_access", Decimal("10.5"))]
    assert losing(zone.run()) == [(date(2026, 1, 9), True, Decimal("1.5"))]
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"])])
    expected = [
        (datetime(2026, 1, 4), datetime(2026, 1, 5, 6), "not_linked", Decimal("4.5")),
        (datetime(2026, 1, 5, 18), datetime(2026, 1, 6), "not_linked", 0),
        (datetime(2026, 1, 8, 12), None, "not_linked", Decimal("1.5")),
    ]
    assert gaps(zone.run()) == expected
    # Closed gaps lose nothing now; the open one has two days so far.
    assert losing(zone.run()) == [(date(2026, 1, 9), False, 0), (date(2026, 1, 9), False, 0), (date(2026, 1, 9), True, Decimal("0.75"))]
    zone.directory("agreements", [{"partner_global_id": "org-MPN2", "valid_from": "", "valid_to": ""}])
    assert gaps(zone.run()) == expected
    zone.directory("partner_id_links", [{**common, "valid_from": "", "valid_to": ""}])
    assert gaps(zone.run()) == []


def test_gaps_with_a_reseller_from_its_first_usage_day_to_the_next_that_names_another(zone):
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN2"])])
    resellers = [(3, "MPN3"), (5, "MPN2"), (8, "MPN2"), (10, None)]
    zone.usage(*({"UsageDate": f"1/{day}/2026", "Tier2MpnId": MPN.get(who, "")} for day, who in resellers))
    assert gaps(zone.run()) == [
        (datetime(2026, 1, 3), datetime(2026, 1, 5), "other_partner", Decimal("1.5")),
        (datetime(2026, 1, 10), None, "other_partner", Decimal("1.5")),
    ]
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN2"], READER)])
    assert gaps(zone.run()) == [(datetime(2026, 1, 3), None, "ineligible_role", 6)]
