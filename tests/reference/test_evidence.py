"""The reference on the rules of evidence (A7), in tiny landing zones."""

import gzip
import json

import pytest

from reference.zones import OWNER, SUB_2, TENANTS, USERS, assignment, delegation, operation


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


@pytest.mark.parametrize(
    "content",
    [
        {"value": [], "error": {"code": "Throttled"}},
        {"statusCode": 403, "value": []},
        [{"id": "/subscriptions/s/providers/Microsoft.Authorization/denyAssignments/d", "type": "Microsoft.Authorization/denyAssignments"}],
    ],
)
def test_a7_what_is_no_list_ends_nothing(zone, content):
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"])])
    zone.snapshot("role_assignments", "2026-01-04", content)
    assert zone.reason() == "full_day"


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
