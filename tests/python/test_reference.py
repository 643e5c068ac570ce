"""The reference itself, on the published examples of `domain.md`, in tiny landing zones."""

import csv
import gzip
import json
from datetime import date, datetime
from decimal import Decimal

import pytest
import reference

SUB = "11111111-0000-0000-0000-000000000001"
SUB_2 = "11111111-0000-0000-0000-000000000002"
PLAN = "22222222-0000-0000-0000-000000000001"
CUSTOMER = "33333333-0000-0000-0000-000000000001"
PROVIDER = "44444444-0000-0000-0000-000000000001"
METER = "55555555-0000-0000-0000-000000000001"
OWNER, READER, UNLISTED = (f"66666666-0000-0000-0000-00000000000{n}" for n in (1, 2, 3))
VM = f"/subscriptions/{SUB}/resourceGroups/RG-App/providers/Microsoft.Compute/virtualMachines/vm1"
EVERYONE = "00000000-0000-0000-0000-000000000000"
MPN = {"MPN1": "1000001", "MPN2": "1000002", "MPN3": "1000003"}
USERS = {name: f"77777777-0000-0000-0000-00000000000{name[-1]}" for name in MPN}
AGENTS = {name: f"88888888-0000-0000-0000-00000000000{name[-1]}" for name in MPN}
TENANTS = {name: f"99999999-0000-0000-0000-00000000000{name[-1]}" for name in MPN}

USAGE = {
    "PartnerId": PROVIDER, "CustomerId": CUSTOMER, "CustomerName": "Alder", "CustomerCountry": "de", "MpnId": "1000001",
    "Tier2MpnId": "", "InvoiceNumber": "", "ProductId": "PROD", "SkuId": "0001", "PublisherName": "Microsoft",
    "SubscriptionId": PLAN, "UsageDate": "1/5/2026", "MeterCategory": "Storage", "MeterId": METER, "MeterName": "Hot",
    "ResourceGroup": "RG-App", "ResourceURI": VM, "UnitPrice": "1", "Quantity": "10", "BillingCurrency": "EUR",
    "PricingPreTaxTotal": "10", "PCToBCExchangeRate": "0.9", "EntitlementId": SUB,
    "PartnerEarnedCreditPercentage": "0", "CreditPercentage": "0", "CreditType": "Credit Not Applied",
    "BenefitType": "",
}  # fmt: skip
PRICE = {
    "ProductId": "PROD", "SkuId": "0001", "Publisher": "Microsoft", "TermDuration": "payG-1", "Market": "DE",
    "Currency": "USD", "UnitPrice": "1", "PricingTierRangeMin": "", "PricingTierRangeMax": "",
    "EffectiveStartDate": "1/1/2026 12:00:00 AM", "EffectiveEndDate": "11/30/9999 11:59:59 PM", "MeterIds": METER,
    "Tags": "Azure",
}  # fmt: skip
DIRECTORY = {
    "partner_locations": [{"partner_id": MPN[n], "partner_global_id": f"org-{n}", "name": n} for n in MPN],
    "agent_groups": [
        {"group_object_id": AGENTS[n], "group_name": "AdminAgents", "partner_tenant_id": TENANTS[n], "partner_id": id_}
        for n, id_ in MPN.items()
    ],
    "partner_id_links": [
        {"principal_id": USERS[n], "partner_id": MPN[n], "valid_from": "", "valid_to": ""} for n in MPN
    ],
}


class Zone:
    """A landing zone under a temporary folder, filled piece by piece."""

    def __init__(self, root):
        self.root = root / "zone"
        for name, rows in DIRECTORY.items():
            self.directory(name, rows)
        self.roles = root / "roles.csv"
        roles = {OWNER: "true", READER: "false"}
        self.rows(
            self.roles, [{"role_definition_id": r, "role_name": r, "is_pec_eligible": e} for r, e in roles.items()]
        )
        self.price()

    def rows(self, path, rows):
        """Writes rows as a CSV file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="") as out:
            writer = csv.DictWriter(out, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def directory(self, name, rows):
        """Writes a file of the partner directory."""
        self.rows(self.root / "partner_directory" / f"{name}.csv", rows)

    def price(self, *tiers, name="sheet"):
        """A price sheet; each tier a dict of differences."""
        self.rows(self.root / "price_sheet" / f"{name}.csv", [{**PRICE, **tier} for tier in tiers or ({},)])

    def usage(self, *lines, name="unbilled_2026-01-31"):
        """A usage export; each line a dict of differences."""
        self.rows(self.root / "daily_rated_usage" / f"{name}.csv", [{**USAGE, **line} for line in lines or ({},)])

    def snapshot(self, folder, when, entries, subscription=SUB):
        """A dated full snapshot."""
        path = self.root / folder / subscription / f"{when}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(entries))

    def events(self, *records, name="log"):
        """An Activity Log file as the command line writes it."""
        path = self.root / "activity_log" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(records))

    def run(self):
        """The recomputed marts."""
        return reference.recompute(self.root, self.roles)

    def decision(self):
        """The only row of the eligibility mart."""
        (row,) = self.run()["eligibility"].values()
        return row

    def reason(self):
        """The access reason of the only row."""
        return self.decision()["access_reason"]


@pytest.fixture
def zone(tmp_path):
    """An empty landing zone with a directory, a price sheet and one usage line of 5 January 2026."""
    out = Zone(tmp_path)
    out.usage()
    return out


def assignment(
    principal, role=OWNER, scope=f"/subscriptions/{SUB}", name="a1", kind="User", created="2025-06-01T00:00:00Z"
):
    """An entry of a role assignment snapshot."""
    prefix = scope if scope != "/" else ""
    return {
        "id": f"{prefix}/providers/Microsoft.Authorization/roleAssignments/{name}",
        "principalId": principal, "principalType": kind, "scope": scope, "createdOn": created,
        "roleDefinitionId": f"/subscriptions/{SUB}/providers/Microsoft.Authorization/roleDefinitions/{role}",
    }  # fmt: skip


def delegation(principal, tenant, plan=None, eligible=False, role=OWNER, name="d1", state="Succeeded"):
    """An entry of a Lighthouse snapshot."""
    authorization = [{"principalId": principal, "roleDefinitionId": role}]
    inner = {"managedByTenantId": tenant, "authorizations": [] if eligible else authorization}
    inner["eligibleAuthorizations"] = authorization if eligible else []
    return {
        "id": f"/subscriptions/{SUB}/providers/Microsoft.ManagedServices/registrationAssignments/{name}",
        "properties": {
            "provisioningState": state,
            "registrationDefinitionId": f"/subscriptions/{SUB}/providers/x/registrationDefinitions/def1",
            "registrationDefinition": {"properties": inner, "plan": plan},
        },
    }


def operation(kind, verb, when, entry, started=None, status="Succeeded", number="op1", body=True):
    """The two records of an operation in the REST shape: the start with the body, and the end."""
    common = {"operationName": {"value": f"Microsoft.Authorization/{kind}/{verb}"}, "operationId": number}
    content = {"properties": {k: v for k, v in entry.items() if k != "id"}}
    properties = {"entity": entry["id"]}
    begin = {**properties, "requestbody": json.dumps(content)} if verb == "write" and body else properties
    return [
        {**common, "eventTimestamp": when, "status": {"value": status}, "properties": properties},
        {**common, "eventTimestamp": started or when, "status": {"value": "Started"}, "properties": begin},
    ]


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
        principal = "nobody-we-know" if plan else USERS[who]
        zone.snapshot("lighthouse", "2026-01-01", {"value": [delegation(principal, TENANTS[who], plan)]})
    zone.snapshot("role_assignments", "2026-01-01", roles)
    row = zone.decision()
    assert row["is_access_eligible"] is expected
    anybody = who or aobo
    assert row["access_reason"] == ("full_day" if expected else "other_partner" if anybody else "no_access")


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


def test_a7_events(zone):
    entry = assignment(USERS["MPN1"], created=None)
    for when, reason in [("2026-01-05T00:00:00Z", "full_day"), ("2026-01-05T00:00:00.0000019Z", "partial_day")]:
        zone.events(*operation("roleAssignments", "write", when, entry, started="2026-01-04T23:59:59.9Z"))
        assert zone.reason() == reason
    zone.events(*operation("roleAssignments", "write", "2026-01-02T00:00:00Z", entry, status="Failed"))
    assert zone.reason() == "no_access"
    zone.events(*operation("roleAssignments", "write", "2026-01-02T00:00:00Z", entry)[1:])
    assert zone.reason() == "no_access"
    write = operation("roleAssignments", "write", "2026-01-02T00:00:00Z", entry)
    delete = operation("roleAssignments", "delete", "2026-01-06T00:00:00Z", entry, number="op2")
    zone.events(*delete, *write, *write)
    assert zone.reason() == "full_day"
    delete = operation("roleAssignments", "delete", "2026-01-05T18:00:00Z", entry, number="op2")
    zone.events(*delete, *write)
    assert zone.decision()["covered_seconds"] == 18 * 3600
    zone.events(*delete)
    assert zone.reason() == "no_access"


def test_a7_storage_shape(zone):
    entry = assignment(USERS["MPN1"])
    body = {"Id": "a1", "Properties": {"PrincipalId": USERS["MPN1"], "RoleDefinitionId": f"/x/{OWNER}"}}
    common = {
        "operationName": "MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE",
        "correlationId": "c1",
        "resourceId": entry["id"].upper(),
    }
    end = {"entity": entry["id"], "statusCode": "Created"}
    start = {"entity": entry["id"], "requestbody": json.dumps(body)}
    lines = [
        {**common, "time": "2026-01-04T10:00:01.5329521Z", "resultType": "Success", "properties": json.dumps(end)},
        {**common, "time": "2026-01-04T10:00:00.1000001Z", "resultType": "Start", "properties": start},
    ]
    path = zone.root / "activity_log" / "PT1H.json.gz"
    path.parent.mkdir()
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, lines)).encode()))
    assert zone.reason() == "full_day"


def test_a7_snapshots(zone):
    entry = assignment(USERS["MPN1"])
    zone.snapshot("role_assignments", "2026-01-20", [entry])
    assert zone.reason() == "full_day"
    zone.snapshot("role_assignments", "2026-01-20", [{**entry, "createdOn": None}])
    assert zone.reason() == "no_access"
    zone.snapshot("role_assignments", "2026-01-05T060000Z", [{**entry, "createdOn": None}])
    assert zone.decision()["covered_seconds"] == 18 * 3600


@pytest.mark.parametrize(
    ("last_seen", "later", "seconds"),
    [("2026-01-04", [], 0), ("2026-01-05T060000Z", [], 6 * 3600), ("2026-01-04", ["2026-01-05T200000Z"], 4 * 3600)],
)
def test_a7_vanished_and_shown_again(zone, last_seen, later, seconds):
    zone.snapshot("role_assignments", last_seen, [assignment(USERS["MPN1"])])
    zone.snapshot("role_assignments", "2026-01-05T100000Z", [])
    for when in later:
        zone.snapshot("role_assignments", when, [assignment(USERS["MPN1"])])
    assert zone.decision()["covered_seconds"] == seconds


def test_a7_a_delete_event_is_believed_after_a_snapshot_that_lacks_it(zone):
    entry = assignment(USERS["MPN1"])
    zone.snapshot("role_assignments", "2026-01-01", [entry])
    zone.snapshot("role_assignments", "2026-01-06", [])
    zone.events(*operation("roleAssignments", "delete", "2026-01-06T15:00:00Z", entry))
    assert zone.reason() == "full_day"


def test_a7_empty_snapshot_speaks_only_for_its_subscription(zone):
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"])])
    zone.snapshot("role_assignments", "2026-01-04", [], SUB_2)
    assert zone.reason() == "full_day"
    zone.snapshot("role_assignments", "2026-01-04", [])
    assert zone.reason() == "no_access"


def test_lighthouse_event_without_principals(zone):
    entry = delegation(USERS["MPN1"], TENANTS["MPN1"])
    zone.snapshot("lighthouse", "2026-01-20", {"value": [entry]})
    assert zone.reason() == "no_access"
    records = operation("x", "write", "2026-01-04T00:00:00Z", entry)
    for record in records:
        record["operationName"]["value"] = "Microsoft.ManagedServices/registrationAssignments/write"
    body = {"properties": {"registrationDefinitionId": entry["properties"]["registrationDefinitionId"]}}
    records[1]["properties"]["requestbody"] = json.dumps(body)
    zone.events(*records)
    assert zone.reason() == "full_day"
    assert zone.decision()["covering_access_path"] == "lighthouse"


@pytest.mark.parametrize(
    ("change", "tags", "reason"),
    [
        ({"BenefitType": "Reservation", "CreditPercentage": "100"}, "Azure;ThirdParty", "reservation"),
        ({"BenefitType": "SavingsPlan"}, "Azure;ThirdParty", "savings_plan"),
        ({"BenefitType": "Charge"}, "Azure", "eligible"),
        ({"PublisherName": "Invented"}, "Azure;ThirdParty", "third_party"),
        ({"PublisherName": "Invented"}, "Azure", "marketplace"),
        ({"PublisherName": "NA"}, "Azure", "eligible"),
        ({"PublisherName": ""}, "Azure", "eligible"),
        ({"MeterCategory": "Virtual Machines", "MeterName": "D4s v3 Spot", "ProductId": "?"}, "Azure", "spot"),
        ({"MeterCategory": "Virtual Machines", "MeterName": "HotSpot"}, "Azure", "eligible"),
        ({"MeterCategory": "Storage", "MeterName": "Hot Spot"}, "Azure", "eligible"),
        ({"CreditType": "Azure Credit Applied", "CreditPercentage": "100"}, "Azure", "azure_credit"),
        ({"SkuId": "0002"}, "Azure", "not_on_price_list"),
        ({"MeterId": "other"}, "Azure", "not_on_price_list"),
        ({"CustomerCountry": "FR"}, "Azure", "not_on_price_list"),
        ({"InvoiceNumber": "D123"}, "Azure", "not_on_price_list"),
    ],
)
def test_p2_product_reasons(zone, change, tags, reason):
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"])])
    zone.price({"Tags": tags})
    zone.usage(change)
    (row,) = zone.run()["charges"]
    assert row["pec_reason"] == reason
    assert row["recoverable_credit_usd"] == 0
    assert row["list_cost_usd"] == (0 if reason in ("reservation", "savings_plan") else 10)


TIERS = [
    {"UnitPrice": "1.00", "PricingTierRangeMin": "1", "PricingTierRangeMax": "100"},
    {"UnitPrice": "0.80", "PricingTierRangeMin": "101", "PricingTierRangeMax": "100000"},
    {"UnitPrice": "0.50", "PricingTierRangeMin": "100001", "PricingTierRangeMax": "9223372036854780000"},
]


def test_m2_graduated_tiers(zone):
    zone.price(*TIERS)
    zone.usage({"Quantity": "101"})
    assert zone.run()["charges"][0]["list_cost_usd"] == Decimal("100.80")
    zone.usage({"Quantity": "100.5"})
    assert zone.run()["charges"][0]["list_cost_usd"] == Decimal("100.40")
    zone.usage({"Quantity": "99", "UsageDate": "1/5/2026"}, {"Quantity": "2", "UsageDate": "1/6/2026"})
    assert [row["list_cost_usd"] for row in zone.run()["charges"]] == [99, Decimal("1.80")]


def test_m6_corrections_unwind(zone):
    zone.price(*TIERS)
    zone.usage({"Quantity": "101", "UsageDate": "1/5/2026"}, {"Quantity": "-2", "UsageDate": "1/6/2026"})
    assert [row["list_cost_usd"] for row in zone.run()["charges"]] == [Decimal("100.80"), Decimal("-1.80")]


def test_m1_newest_start_wins_and_the_end_day_counts(zone):
    zone.price(
        {"UnitPrice": "2", "EffectiveEndDate": "1/5/2026 12:00:00 AM"},
        {"UnitPrice": "3", "EffectiveStartDate": "1/5/2026 12:00:00 AM", "EffectiveEndDate": "1/5/2026 11:59:59 PM"},
    )
    zone.usage(*({"UsageDate": f"1/{day}/2026", "Quantity": "1", "UnitPrice": "7"} for day in (4, 5, 6)))
    assert [row["list_cost_usd"] for row in zone.run()["charges"]] == [2, 3, 7]
    zone.price({}, name="again")
    assert [row["list_cost_usd"] for row in zone.run()["charges"]][1] == 3


def test_m1_a_price_that_was_replaced_does_not_come_back(zone):
    zone.price(
        {"UnitPrice": "1", "PricingTierRangeMin": "0", "PricingTierRangeMax": "10"},
        {"UnitPrice": "2", "PricingTierRangeMin": "11", "PricingTierRangeMax": "60"},
        {"UnitPrice": "3", "PricingTierRangeMin": "61"},
        {"UnitPrice": "4", "PricingTierRangeMin": "0", "PricingTierRangeMax": "10", "EffectiveStartDate": "1/4/2026"},
        {"UnitPrice": "5", "PricingTierRangeMin": "11", "PricingTierRangeMax": "100", "EffectiveStartDate": "1/4/2026"},
        {"UnitPrice": "6", "PricingTierRangeMin": "101", "EffectiveStartDate": "1/4/2026"},
        {"UnitPrice": "7", "PricingTierRangeMin": "61", "EffectiveStartDate": "1/6/2026"},  # instead of 5 and 6; 2 was replaced by 5
    )
    for day, cost in ((3, 10 + 50 * 2 + 50 * 3), (5, 10 * 4 + 90 * 5 + 10 * 6), (6, 10 * 4 + 100 * 7)):
        zone.usage({"UsageDate": f"1/{day}/2026", "Quantity": "110"})
        assert zone.run()["charges"][0]["list_cost_usd"] == cost


@pytest.mark.parametrize(
    ("quantity", "cost", "price"),
    [
        ("29", "21.39", "0.737586206896552"),
        ("210.950039", "155.63", "0.737757626107858"),
        ("555.950039", "410.17", "0.737782122900436"),
    ],
)
def test_m4_month_to_date(zone, quantity, cost, price):
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"])])
    zone.price({"UnitPrice": "0.868"})
    zone.usage({"Quantity": quantity})
    (row,) = zone.run()["month_to_date"].values()
    assert (row["billable_cost_usd"], row["effective_unit_price"]) == (Decimal(cost), Decimal(price))


def test_m4_free_tier(zone):
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"])])
    free = {"UnitPrice": "0", "PricingTierRangeMin": "1", "PricingTierRangeMax": "5"}
    paid = {"UnitPrice": "2.99", "PricingTierRangeMin": "6", "PricingTierRangeMax": "9223372036854780000"}
    zone.price(free, paid)
    zone.usage({"Quantity": "4"}, {"Quantity": "33", "UsageDate": "1/6/2026"})
    first, second = zone.run()["month_to_date"].values()
    assert first["effective_unit_price"] is None
    assert second["cumulative_net_cost_usd"] == Decimal("81.328")
    assert second["effective_unit_price"] == Decimal("81.32") / 32


def test_status_and_statement(zone):
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"], scope=VM)])
    other = VM.replace("vm1", "vm10")
    zone.usage(
        {"PartnerEarnedCreditPercentage": "15"},
        {},
        {"ResourceURI": other, "PartnerEarnedCreditPercentage": "15"},
        {"ResourceURI": other},
    )
    result = zone.run()
    assert [row["pec_status"] for row in result["charges"]] == ["earned", "missed", "unexpected", "not_earned"]
    (total,) = result["statement"].values()
    assert {name: str(value.normalize()) for name, value in total.items()} == {
        "list_cost_usd": "4E+1",
        "pec_credit_usd": "3",
        "net_cost_usd": "37",
        "applied_credit_usd": "3",
        "missed_credit_usd": "1.5",
        "unexpected_credit_usd": "1.5",
        "recoverable_credit_usd": "1.5",
    }


def gaps(result):
    """The gaps of a result as (start, end, reason, lost credit), in order of time."""
    return [(key[3], *row.values()) for key, row in sorted(result["gaps"].items())]


def test_gaps(zone):
    windows = [("", "2026-01-04T00:00:00Z"), ("2026-01-05T06:00:00Z", "2026-01-05T18:00:00Z")]
    windows += [("2026-01-06T00:00:00Z", "2026-01-08T12:00:00Z")]
    common = {"principal_id": USERS["MPN1"], "partner_id": MPN["MPN1"]}
    zone.directory("partner_id_links", [{**common, "valid_from": f, "valid_to": t} for f, t in windows])
    zone.usage(*({"UsageDate": f"1/{day}/2026"} for day in (3, 4, 5, 5, 6, 7, 9)))
    assert gaps(zone.run()) == [(datetime(2026, 1, 3), None, "no_access", Decimal("10.5"))]
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"])])
    expected = [
        (datetime(2026, 1, 4), datetime(2026, 1, 5, 6), "not_linked", Decimal("4.5")),
        (datetime(2026, 1, 5, 18), datetime(2026, 1, 6), "not_linked", 0),
        (datetime(2026, 1, 8, 12), None, "not_linked", Decimal("1.5")),
    ]
    assert gaps(zone.run()) == expected
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


def test_missed_runs_of_days(zone):
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"])])
    earned = {"UsageDate": "1/29/2026", "PartnerEarnedCreditPercentage": "15"}
    days = ["1/27/2026", "1/28/2026", "1/28/2026", "1/30/2026", "1/31/2026", "2/1/2026"]
    zone.usage({**earned, "UsageDate": "1/28/2026"}, earned, *({"UsageDate": day} for day in days))
    january, february = date(2026, 1, 1), date(2026, 2, 1)
    assert {(key[0], key[3]): tuple(row.values()) for key, row in zone.run()["missed"].items()} == {
        (january, date(2026, 1, 27)): (date(2026, 1, 28), Decimal("4.5"), 3),
        (january, date(2026, 1, 30)): (date(2026, 1, 31), 3, 2),
        (february, february): (february, Decimal("1.5"), 1),
    }


def test_export_lifecycle(zone):
    zone.usage({"Quantity": "1"}, {"Quantity": "1"}, name="part1_2026-01-31")
    zone.usage({"Quantity": "2"}, name="part2_20260131")
    zone.usage({"Quantity": "9"}, name="unbilled_2026-01-30")
    zone.usage({"Quantity": "4", "BillingCurrency": "GBP"}, name="gbp_2026-01-30")
    zone.usage({"Quantity": "3", "UsageDate": "2026-02-01"}, name="feb_2026-02-02")
    result = zone.run()
    assert sorted(row["quantity"] for row in result["charges"]) == [1, 1, 2, 3, 4, 10]
    assert result["superseded"] == 1
    zone.usage({"Quantity": "7", "InvoiceNumber": "G1"}, name="billed_2026-02-08_G120250101")
    zone.usage({"Quantity": "8", "InvoiceNumber": "G1"}, name="billed_2026-02-09")
    zone.usage({"Quantity": "-1", "InvoiceNumber": "G2"}, name="billed_2026-03-08")
    result = zone.run()
    assert sorted(row["quantity"] for row in result["charges"]) == [-1, 3, 4, 8]


def test_json_lines_and_rejected_rows(zone):
    lower = {name[0].lower() + name[1:]: value for name, value in USAGE.items()}
    lower |= {"rateOfPartnerEarnedCredit": 0.15, "resellerMpnId": 0, "invoiceNumber": "G7"}
    lower |= {"usageDate": "2026-01-05T00:00:00Z", "quantity": 2.5}
    for name in ("partnerEarnedCreditPercentage", "tier2MpnId"):
        del lower[name]
    path = zone.root / "daily_rated_usage" / "api_2026-02-08.jsonl"
    path.write_text("\n".join([json.dumps(lower), "{broken", json.dumps({**lower, "mpnId": None})]) + "\n")
    zone.usage({"UsageDate": "13/31/2026"}, {"Quantity": "1,5"}, {"MpnId": ""}, {"BillingCurrency": "GBP"})
    broken = zone.root / "daily_rated_usage" / "unbilled_2026-01-31.csv"
    broken.write_text(broken.read_text() + "too,few\r\n")
    result = zone.run()
    csv_name, json_name = "daily_rated_usage/unbilled_2026-01-31.csv", "daily_rated_usage/api_2026-02-08.jsonl"
    assert result["rejected"] == {(csv_name, n) for n in (2, 3, 4, 6)} | {(json_name, 2), (json_name, 3)}
    rows = {row["source_file"]: row for row in result["charges"]}
    assert rows[csv_name]["line_number"] == 5
    row = rows[json_name]
    assert (row["quantity"], row["applied_pec_rate"], row["usage_date"]) == (
        Decimal("2.5"),
        Decimal("0.15"),
        date(2026, 1, 5),
    )
