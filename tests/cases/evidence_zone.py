"""A landing zone whose evidence arrives as it does in the field: one subscription for each case, with the same grant and six days of usage at 10 USD."""

import csv
import io
import json
import uuid

GROUP, TENANT, PARTNER = "853b6410-8af7-5b71-b69b-d8dda201d836", "bf07084a-509f-5377-b400-5f422c0cd2f7", "6055501"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
EVERYONE = "00000000-0000-0000-0000-000000000000"
METER = str(uuid.uuid5(uuid.NAMESPACE_URL, "meter"))
NEXT = "https://management.azure.com/more?$skiptoken=abc"


def id_of(case):
    """The subscription of a case."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"subscription of {case}"))


def grant(case, **changes):
    """The case's grant, as the CLI lists it."""
    scope = f"/subscriptions/{id_of(case)}"
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid5(uuid.NAMESPACE_URL, case)}", "principalId": GROUP,
        "principalType": "ForeignGroup", "roleDefinitionId": f"/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/{OWNER}",
        "scope": scope, "type": "Microsoft.Authorization/roleAssignments", "createdOn": "2026-01-10T08:00:00.123456+00:00",
    } | changes  # fmt: skip


def other_grant(case):
    """A grant of the customer's own."""
    one = grant(case, principalId=str(uuid.uuid5(uuid.NAMESPACE_URL, "customer")), principalType="User")
    return one | {"id": one["id"][:-1] + ("0" if one["id"][-1] != "0" else "1")}


def event(case, verb, at, **changes):
    """The success of an operation on the case's grant, as the REST API gives it."""
    return {
        "operationName": {"value": f"Microsoft.Authorization/roleAssignments/{verb}"}, "status": {"value": "Succeeded"}, "eventTimestamp": at,
        "operationId": f"operation of {case}", "correlationId": f"correlation of {case}", "resourceId": grant(case)["id"],
        "properties": {"entity": grant(case)["id"]},
    } | changes  # fmt: skip


def lists_of_one(second):
    """Files of a case: a list of 1 August with the grant, and something of 4 August."""
    return lambda case: {"role_assignments/{id}/2026-08-01.json": [grant(case)], "role_assignments/{id}/2026-08-04.json": second(case)}


def with_log(*records, has_list=True):
    """Files of a case: a list of 1 August with the grant, if it has one, and records of the log. records: called with the case."""

    def files(case):
        lists = {"role_assignments/{id}/2026-08-01.json": [grant(case)]} if has_list else {"role_assignments/{id}/2026-08-06.json": []}
        return lists | {"activity_log/{id}.json": [record(case) for record in records]}

    return files


def deny(case, shape, *excluded):
    """A deny assignment of everyone, as PowerShell gives it (flat), or nested under other names of its own. excluded: ids of principals."""
    scope = f"/subscriptions/{id_of(case)}"
    who = [{"DisplayName": "All Principals", "ObjectType": "SystemDefined", "ObjectId": EVERYONE}]
    flat = {"Scope": scope, "DoNotApplyToChildScopes": False, "Principals": who, "ExcludePrincipals": [{"ObjectId": id} for id in excluded]}
    if shape == "flat":
        return {"Id": str(uuid.uuid5(uuid.NAMESPACE_URL, case)), "DenyAssignmentName": "d", "Actions": ["*"], "NotActions": ["*/read"], **flat}
    path = f"{scope}/providers/Microsoft.Authorization/denyAssignments/{uuid.uuid5(uuid.NAMESPACE_URL, case)}"
    return {"Id": path, "Properties": {"Permissions": [{"Actions": ["*"]}], **flat}}


def unseen(created):
    """The record of a deletion on 5 August 00:00 of what nobody saw begin. created: in its response, or None."""
    inner = {key: value for key, value in grant("").items() if key in ("principalId", "principalType", "roleDefinitionId")}

    def record(case):
        told = inner | {"scope": grant(case)["scope"]} | ({"createdOn": created} if created else {})
        return event(case, "delete", "2026-08-05T00:00:00Z", properties={"responseBody": json.dumps({"properties": told})})

    return record


def delegation(case, *versions):
    """Records of the log that write the case's delegation, each with a definition of its own. versions: (time, role definition id)."""
    scope = f"/subscriptions/{id_of(case)}/providers/Microsoft.ManagedServices"
    records = []
    for at, role in versions:
        definition = f"{scope}/registrationDefinitions/{uuid.uuid5(uuid.NAMESPACE_URL, case + role)}"
        said = {"managedByTenantId": TENANT, "authorizations": [{"principalId": GROUP, "roleDefinitionId": role}]}
        for entity, body in ((definition, said), (f"{scope}/registrationAssignments/{uuid.uuid5(uuid.NAMESPACE_URL, case)}",
                                                  {"registrationDefinitionId": definition})):  # fmt: skip
            records.append({
                "operationName": {"value": f"Microsoft.ManagedServices/{entity.split('/')[-2]}/write"}, "status": {"value": "Succeeded"},
                "eventTimestamp": at, "operationId": f"{entity} {at}", "correlationId": f"{entity} {at}", "resourceId": entity,
                "properties": {"entity": entity, "requestbody": json.dumps({"properties": body})},
            })  # fmt: skip
    return records


def untyped(case):
    """The record of the writing of a foreign group's grant, which does not tell its type, and a list that does."""
    said = {"principalId": str(uuid.uuid5(uuid.NAMESPACE_URL, "foreign group")), "roleDefinitionId": OWNER}
    written = event(case, "write", "2026-08-01T00:00:00Z", properties={"requestbody": json.dumps({"properties": said})})
    return {"activity_log/{id}.json": [written], "role_assignments/{id}/2026-08-03.json": [grant(case, principalId=said["principalId"], createdOn=None)]}


def csv_text(rows):
    """Rows (dicts) as Windows PowerShell's Export-Csv writes them: all in quotes, with its type before; lists and objects as JSON."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({key: json.dumps(value) if isinstance(value, (dict, list)) else value for key, value in row.items()} for row in rows)
    return "#TYPE Selected.System.Object\r\n" + out.getvalue()


def of_powershell(item):
    """A grant by the names of Get-AzRoleAssignment, which tells no creation."""
    names = {"RoleAssignmentId": "id", "Scope": "scope", "RoleDefinitionId": "roleDefinitionId", "ObjectId": "principalId", "ObjectType": "principalType"}
    return {name: item[key] for name, key in names.items()} | {"RoleDefinitionId": OWNER, "CanDelegate": "False", "Description": ""}


def activity(case):
    """The grant's deletion as a row of AzureActivity."""
    return {
        "TimeGenerated": "2026-08-04T10:00:00.765432Z", "OperationNameValue": "MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/DELETE",
        "ActivityStatusValue": "Success", "Properties": json.dumps({"entity": grant(case)["id"]}), "_ResourceId": grant(case)["id"].lower(),
    }  # fmt: skip


def answer(*rows):
    """Rows as Log Analytics answers with them."""
    columns = [{"name": name, "type": "string"} for name in rows[0]]
    return {"tables": [{"name": "PrimaryResult", "columns": columns, "rows": [list(row.values()) for row in rows]}]}


def other(case, kind, **properties):
    """An item of another kind than role assignments, in the case's subscription. kind: provider and type."""
    return {"id": f"/subscriptions/{id_of(case)}/providers/{kind}/{uuid.uuid5(uuid.NAMESPACE_URL, case + kind)}", "type": kind, "properties": properties}


def of_lighthouse(case, *files):
    """Files of a case that is delegated to the partner's group, linked to it by its object id; then more. files: (name, what the list holds) each."""
    about = {"managedByTenantId": TENANT, "authorizations": [{"principalId": LINKED, "roleDefinitionId": CONTRIBUTOR}]}
    definition = other(case, DEFINITION, **about)
    delegated = other(case, DELEGATION, registrationDefinitionId=definition["id"])
    names = {"all": [delegated | {"properties": delegated["properties"] | {"registrationDefinition": definition}}], "delegations": [delegated],
             "definitions": [definition], "none": []}  # fmt: skip
    return {f"lighthouse/{{id}}/{name}.json": names[holds] for name, holds in files}


def csv_of_lists(*rows, kind="role_assignments", day=4):
    """Files of a case: a list of 1 August with the grant, and a CSV list. rows: called with the case."""
    return lambda case: {
        "role_assignments/{id}/2026-08-01.json": [grant(case)], f"{kind}/{{id}}/2026-08-0{day}.csv": csv_text([row(case) for row in rows])
    }  # fmt: skip


DEFINITION, DELEGATION = "Microsoft.ManagedServices/registrationDefinitions", "Microsoft.ManagedServices/registrationAssignments"
LINKED = str(uuid.uuid5(uuid.NAMESPACE_URL, "linked"))
FULL, NONE, PART, DENIED = "full_day", "no_access", "partial_day", "denied"
CONTRIBUTOR, READER = "b24988ac-6180-42a0-ab88-20f7382dd24c", "acdd72a7-3385-48ef-bd42-f606fba81ae7"
ERROR = {"error": {"code": "AuthorizationFailed", "message": "no"}}
ABOVE = "/providers/Microsoft.Management/managementGroups/path-of-subscription"
NO_BODIES = {"requestbody": "", "responseBody": ""}
# case -> (its files, what its six days are)
CASES = {
    "empty list file": (lists_of_one(lambda case: ""), [FULL] * 6),
    "list file of a newline": (lists_of_one(lambda case: "\n"), [FULL] * 6),
    "null": (lists_of_one(lambda case: None), [FULL] * 6),
    "error": (lists_of_one(lambda case: ERROR), [FULL] * 6),
    "error beside an empty list": (lists_of_one(lambda case: {"value": [], **ERROR}), [FULL] * 6),
    "status beside an empty list": (lists_of_one(lambda case: {"statusCode": 403, "value": []}), [FULL] * 6),
    "cut list": (lists_of_one(lambda case: json.dumps([other_grant(case)])[:-40]), [FULL] * 6),
    "mapping by path": (
        lambda case: {"role_assignments/{id}/2026-08-01.json": [grant(case, scope=ABOVE, id=ABOVE + "/" + grant(case)["id"].split("/", 3)[3])]},
        [FULL] * 6,
    ),
    "empty list": (lists_of_one(lambda case: []), [NONE] * 6),
    "first page": (lists_of_one(lambda case: {"value": [other_grant(case)], "nextLink": NEXT}), [FULL] * 6),
    "first page of Resource Graph": (lists_of_one(lambda case: {"count": 1, "data": [other_grant(case)], "skip_token": "abc"}), [FULL] * 6),
    "all pages": (
        lambda case: lists_of_one(lambda case: {"value": [other_grant(case)], "nextLink": NEXT})(case)
        | {"role_assignments/{id}/2026-08-04_2.json": {"value": []}},
        [NONE] * 6,
    ),
    "a page is cut": (
        lambda case: lists_of_one(lambda case: {"value": [other_grant(case)], "nextLink": NEXT})(case)
        | {"role_assignments/{id}/2026-08-04_2.json": '{"value": [{"id": "/sub', "role_assignments/{id}/2026-08-04_3.json": {"value": []}},
        [FULL] * 6,
    ),
    "classic administrators": (
        lists_of_one(lambda case: [{"id": "NA(classic admins)", "principalId": None, "scope": grant(case)["scope"]}]), [NONE] * 6,
    ),
    "item without id": (lists_of_one(lambda case: [{"id": "", "scope": grant(case)["scope"]}]), [FULL] * 6),
    "grant without its role": (lists_of_one(lambda case: [grant(case, roleDefinitionId=None)]), [FULL] * 6),
    "grant of an unreadable creation": (lists_of_one(lambda case: [grant(case, createdOn="10 January")]), [FULL] * 6),
    "deletion with empty bodies": (
        with_log(lambda case: event(case, "delete", "2026-08-04T10:00:00.765432Z", properties=NO_BODIES)), [FULL] * 3 + [PART] + [NONE] * 2,
    ),
    "deletion with an unreadable body": (
        with_log(lambda case: event(case, "delete", "2026-08-04T10:00:00Z", properties={"responseBody": "{cut"})), [FULL] * 3 + [PART] + [NONE] * 2,
    ),
    "writing with empty bodies": (
        lambda case: {
            "role_assignments/{id}/2026-08-06.json": [grant(case, createdOn=None)],
            "activity_log/{id}.json": [event(case, "write", "2026-08-03T00:00:00Z", properties=NO_BODIES)],
        },
        [NONE] * 2 + [FULL] * 4,
    ),
    "writing without its content": (
        lambda case: {
            "role_assignments/{id}/2026-08-06.json": [grant(case, createdOn=None)],
            "activity_log/{id}.json": [event(case, "write", "2026-08-03T00:00:00Z", properties={"requestbody": '{"properties": null}'})],
        },
        [NONE] * 2 + [FULL] * 4,
    ),
    "writing without a principal": (
        lambda case: {
            "activity_log/{id}.json": [
                event(case, "write", "2026-08-03T00:00:00Z", properties={"requestbody": json.dumps({"properties": {"roleDefinitionId": OWNER}})})
            ]
        },
        [NONE] * 6,
    ),
    "AzureActivity": (with_log(activity), [FULL] * 3 + [PART] + [NONE] * 2),
    "Get-AzActivityLog": (
        with_log(
            lambda case: {
                "EventTimestamp": "/Date(1785837600765)/", "OperationName": {"Value": "Microsoft.Authorization/roleAssignments/delete"},
                "Status": {"Value": "Succeeded", "LocalizedValue": "Erfolgreich"}, "ResourceId": grant(case)["id"], "Properties": {"Content": {}},
            }
        ),
        [FULL] * 3 + [PART] + [NONE] * 2,
    ),
    "unknown shape": (with_log(lambda case: {"was": "roleAssignments/delete", "am": "2026-08-04"}), [FULL] * 6),
    "Get-AzDenyAssignment": (
        lambda case: {"role_assignments/{id}/2026-08-01.json": [grant(case)], "deny_assignments/{id}/2026-08-03.json": [deny(case, "flat")]},
        [FULL] * 2 + [DENIED] * 4,
    ),
    **{
        f"deny of {name}": (
            lambda case, change=change: {
                "role_assignments/{id}/2026-08-01.json": [grant(case)], "deny_assignments/{id}/2026-08-02.json": [deny(case, "flat")],
                "deny_assignments/{id}/2026-08-04.json": [deny(case, "flat") | change], "deny_assignments/{id}/2026-08-06.json": [],
            },
            [FULL] + [DENIED] * 4 + [FULL],
        )
        for name, change in (
            ("principals as text", {"Principals": [EVERYONE]}), ("a principal without id", {"Principals": [{"ObjectId": EVERYONE}, {"ObjectId": None}]}),
            ("excluded as text", {"ExcludePrincipals": [GROUP]}), ("permissions of null", {"Actions": None, "Permissions": [None]}),
        )
    },
    "nested deny of PowerShell": (
        lambda case: {"role_assignments/{id}/2026-08-01.json": [grant(case)], "deny_assignments/{id}/2026-08-03.json": [deny(case, "nested")]},
        [FULL] * 2 + [DENIED] * 4,
    ),
    "list as CSV": (csv_of_lists(lambda case: of_powershell(other_grant(case))), [NONE] * 6),
    "grant in a CSV alone": (lambda case: {"role_assignments/{id}/2026-08-01.csv": csv_text([of_powershell(grant(case))])}, [FULL] * 6),
    "CSV of as many rows as a page": (csv_of_lists(*[lambda case: of_powershell(other_grant(case))] * 100), [FULL] * 6),
    "CSV without a record": (
        lambda case: {"role_assignments/{id}/2026-08-01.json": [grant(case)], "role_assignments/{id}/2026-08-04.csv": "RoleAssignmentId,ObjectId\r\n"},
        [FULL] * 6,
    ),
    "AzureActivity as CSV": (
        lambda case: {"role_assignments/{id}/2026-08-01.json": [grant(case)], "activity_log/{id}.csv": csv_text([activity(case)])},
        [FULL] * 3 + [PART] + [NONE] * 2,
    ),
    "answer of Log Analytics": (
        lambda case: {"role_assignments/{id}/2026-08-01.json": [grant(case)], "activity_log/{id}.json": answer(activity(case))},
        [FULL] * 3 + [PART] + [NONE] * 2,
    ),
    "Get-AzDenyAssignment as CSV": (
        csv_of_lists(lambda case: deny(case, "flat") | dict.fromkeys(("Actions", "Principals"), "System.Object[]"), kind="deny_assignments"), [FULL] * 6,
    ),
    "denies of Resource Graph as CSV": (
        csv_of_lists(lambda case: deny(case, "nested") | {"TYPE": "microsoft.authorization/denyassignments"}, kind="deny_assignments", day=3),
        [FULL] * 2 + [DENIED] * 4,
    ),
    "pages in a list": (
        lists_of_one(lambda case: [{"value": [other_grant(case)], "nextLink": NEXT}, {"value": []}]), [NONE] * 6,
    ),
    "a deny that excludes the partner later": (
        lambda case: {
            "role_assignments/{id}/2026-08-01.json": [grant(case)], "deny_assignments/{id}/2026-08-03.json": [deny(case, "nested")],
            "deny_assignments/{id}/2026-08-05.json": [deny(case, "nested", GROUP)],
        },
        [FULL] * 2 + [DENIED] * 2 + [FULL] * 2,
    ),
    **{
        f"{kind.split('/')[-1]} among role assignments": (lists_of_one(lambda case, kind=kind: [other(case, kind)]), [FULL] * 6)
        for kind in ("Microsoft.Authorization/denyAssignments", "Microsoft.Authorization/roleDefinitions",
                     "Microsoft.Authorization/roleEligibilityScheduleInstances", DELEGATION)
    },
    "other types beside a role assignment": (lists_of_one(lambda case: [other(case, "Microsoft.Authorization/roleDefinitions"), other_grant(case)]), [NONE] * 6),
    "role assignments among denies": (
        lambda case: {
            "role_assignments/{id}/2026-08-01.json": [grant(case)], "deny_assignments/{id}/2026-08-03.json": [deny(case, "nested")],
            "deny_assignments/{id}/2026-08-05.json": [grant(case)],
        },
        [FULL] * 2 + [DENIED] * 4,
    ),
    "definitions among delegations": (lambda case: of_lighthouse(case, ("2026-08-01", "all"), ("2026-08-04", "definitions")), [FULL] * 6),
    "definitions beside delegations": (
        lambda case: of_lighthouse(
            case, ("2026-08-01", "delegations"), ("definitions_2026-08-01", "definitions"), ("2026-08-04", "delegations"),
            ("definitions_2026-08-04", "definitions"), ("2026-08-05", "none"), ("definitions_2026-08-05", "definitions"),
        ),
        [FULL] * 3 + [NONE] * 3,
    ),
    "list of another subscription": (lists_of_one(lambda case: [grant("elsewhere")]), [FULL] * 6),
    "a delegation written again": (
        lambda case: {"activity_log/{id}.json": delegation(case, ("2026-08-01T00:00:00Z", CONTRIBUTOR), ("2026-08-04T00:00:00Z", READER))},
        ["not_linked"] * 3 + ["ineligible_role"] * 3,
    ),
    "deletion of what a page shows": (
        lambda case: {
            "role_assignments/{id}/2026-08-03.json": {"value": [grant(case, createdOn=None)], "nextLink": NEXT},
            "activity_log/{id}.json": [event(case, "delete", "2026-08-05T00:00:00Z")],
        },
        [FULL] * 4 + [NONE] * 2,
    ),
    "a foreign group whose type the log lacks": (untyped, ["other_partner"] * 6),
    "deletion begun unseen": (with_log(unseen(None), has_list=False), [NONE] * 6),
    "deletion that tells its creation": (with_log(unseen("2026-08-02T00:00:00Z"), has_list=False), [NONE] + [FULL] * 3 + [NONE] * 2),
}  # fmt: skip

USAGE = (
    "CustomerId CustomerCountry MpnId ProductId SkuId SubscriptionId UsageDate MeterId ResourceURI UnitPrice Quantity PricingPreTaxTotal "
    "BillingCurrency EntitlementId PartnerEarnedCreditPercentage InvoiceNumber PublisherName PCToBCExchangeRate"
).split()
PRICES = "ProductId SkuId Market Currency UnitPrice PricingTierRangeMin PricingTierRangeMax EffectiveStartDate EffectiveEndDate Publisher".split()
DIRECTORY = {
    "agent_groups": [("group_object_id", "group_name", "partner_tenant_id", "partner_id"), (GROUP, "AdminAgents", TENANT, PARTNER)],
    "management_groups": [
        ("management_group_id", "subscription_id"), ("path-of-subscription", f"/subscriptions/{id_of('mapping by path').upper()}/"),
    ],
    "partner_id_links": [("principal_id", "partner_id", "valid_from", "valid_to"), (LINKED, PARTNER, "", "")],
    "partner_locations": [("partner_id", "partner_global_id", "name"), (PARTNER, "6055000", "Lumen Harbour")],
}


def write_rows(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def write(zone):
    """Writes the landing zone into a folder."""
    usage = [USAGE]
    for case, (files, _) in CASES.items():
        subscription = id_of(case)
        resource = f"/subscriptions/{subscription}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm"
        for day in range(1, 7):
            usage.append(
                ["c0000000-0000-0000-0000-000000000001", "DE", PARTNER, "P1", "0001", "p0000000-0000-0000-0000-000000000001", f"2026-08-0{day}", METER,
                 resource, "1", "10", "8.5", "USD", subscription, "15", "", "Microsoft", "1"]
            )  # fmt: skip
        for path, content in files(case).items():
            file = zone / path.replace("{id}", subscription)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content if isinstance(content, str) else json.dumps(content))
    write_rows(zone / "daily_rated_usage" / "unbilled_2026-08-20.csv", usage)
    write_rows(
        zone / "price_sheet" / "DE_202608.csv",
        [PRICES, ["P1", "0001", "DE", "USD", "1", "", "", "2026-08-01", "2026-08-31", "Microsoft Corporation"]],
    )
    for name, rows in DIRECTORY.items():
        write_rows(zone / "partner_directory" / f"{name}.csv", rows)
