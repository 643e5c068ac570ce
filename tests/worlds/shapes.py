"""The same evidence in other shapes: what other tools export of the access of a landing zone that is already written."""

import json
import os
import pathlib
import random

PAIRS = {"operationName": "OperationName", "status": "Status", "subStatus": "SubStatus", "category": "Category", "eventName": "EventName"}
WORDS = {"Started": "Start", "Accepted": "Accept", "Succeeded": "Success", "Failed": "Failure"}


def as_azureactivity(rng: random.Random, record: dict) -> dict:
    """A record of the REST API as the table AzureActivity has it: texts, and JSON inside texts."""
    out = {
        "TimeGenerated": record["eventTimestamp"],
        "OperationNameValue": record["operationName"]["value"].upper(),
        "OperationName": "Rollenzuweisung bearbeiten",
        "ActivityStatusValue": WORDS[record["status"]["value"]],
        "ActivityStatus": record["status"]["value"],
        "CorrelationId": record["correlationId"],
        "OperationId": record["operationId"],
        "Authorization": json.dumps(record["authorization"]),
        "_ResourceId": record["resourceId"].lower(),
        "SubscriptionId": record["subscriptionId"],
        "Type": "AzureActivity",
    }
    if rng.random() < 0.5:
        return out | {"Properties": json.dumps(record["properties"])}
    return out | {"Properties": "", "Properties_d": record["properties"]}


def as_powershell(rng: random.Random, record: dict) -> dict:
    """A record of the REST API as Get-AzActivityLog gives it: nested pairs, or flat since Az.Monitor 5; the operation may be translated."""
    common = {
        "EventTimestamp": record["eventTimestamp"],
        "CorrelationId": record["correlationId"],
        "OperationId": record["operationId"],
        "ResourceId": record["resourceId"],
        "Authorization": {name.capitalize(): value for name, value in record["authorization"].items()},
        "SubscriptionId": record["subscriptionId"],
    }
    form = rng.choice(("nested", "flat", "translated"))
    if form == "nested":
        pairs = {PAIRS[name]: {"Value": record[name]["value"], "LocalizedValue": "Übersetzt"} for name in PAIRS}
        return common | pairs | {"Properties": {"Content": record["properties"]}}
    if form == "flat":
        return common | {
            "OperationName": "Übersetzt", "OperationNameValue": record["operationName"]["value"],
            "Status": "Übersetzt", "StatusValue": record["status"]["value"], "Property": record["properties"],
        }  # fmt: skip
    return common | {"OperationName": "Übersetzt", "Status": record["status"]["value"], "Properties": {"Content": record["properties"]}}


def blanked(record: dict) -> dict:
    """The record with empty texts for the bodies that it does not have."""
    if isinstance(record["properties"], dict):
        record["properties"] = {"requestbody": "", "responseBody": ""} | record["properties"]
    return record


def reshaped_log(rng: random.Random, records: list[dict]) -> list[dict]:
    """Records of the REST API, each in a shape that is drawn."""
    change = rng.choice((as_azureactivity, as_powershell, as_powershell, lambda _, record: record))
    return [change(rng, blanked(record)) for record in records]


def reshaped_denies(rng: random.Random, entries: list[dict]) -> list[dict]:
    """Deny assignments as Get-AzDenyAssignment lifts and names them, or with everything lifted and REST's names, or as Resource Graph has them."""
    form = rng.choice(("powershell", "lifted", "graph"))
    out = []
    for entry in entries:
        inner = entry["properties"]
        if form == "graph":
            out.append({**entry, "type": entry["type"].lower(), "properties": json.dumps(inner), "tenantId": "", "tags": None})
        elif form == "lifted":
            out.append({name: value for name, value in entry.items() if name != "properties"} | inner)
        else:
            who = {name: [{"DisplayName": "x", "ObjectType": one["type"], "ObjectId": one["id"]} for one in inner.get(name) or []] for name in
                   ("principals", "excludePrincipals")}  # fmt: skip
            out.append(
                {
                    "Id": entry["id"], "DenyAssignmentName": "deny", "NotActions": [], "DataActions": [],
                    "Actions": [action for one in inner["permissions"] for action in one.get("actions", [])], "Scope": inner["scope"],
                    "DoNotApplyToChildScopes": inner.get("doNotApplyToChildScopes", False), "CreatedOn": inner.get("createdOn"),
                    "Principals": who["principals"], "ExcludePrincipals": who["excludePrincipals"],
                }
            )  # fmt: skip
    return out


def reshaped_delegations(rng: random.Random, entries: list[dict]) -> list[dict]:
    """Delegations as Resource Graph has them: definitions are rows of their own."""
    out = []
    for entry in entries:
        inner = dict(entry["properties"])
        definition = inner.pop("registrationDefinition")
        out += [{**entry, "type": entry["type"].lower(), "properties": inner}, definition]
    unique = {json.dumps(one, sort_keys=True): one for one in out}
    found = list(unique.values())
    rng.shuffle(found)
    return found


def wrapped(rng: random.Random, entries: list[dict]) -> object:
    """A list as the REST API, Resource Graph, or a command line wraps it."""
    return rng.choice((entries, {"value": entries}, {"count": len(entries), "data": entries, "skip_token": None, "total_records": len(entries)}))


def reshape(seed: int, zone: pathlib.Path) -> int:
    """Gives the evidence of a landing zone other shapes; how many files. Lists that are not complete, and blobs, stay as they are."""
    rng, changed = random.Random(f"{seed}-shapes"), 0
    for file in sorted(zone.rglob("*.json")):
        folder = file.relative_to(zone).parts[0]
        try:
            content = json.loads(file.read_text())
        except ValueError:
            continue
        is_wrapped = isinstance(content, dict) and isinstance(content.get("value"), list)
        if is_wrapped and any(content.get(name) for name in ("nextLink", "@odata.nextLink")):
            continue
        entries = content["value"] if is_wrapped else content
        if not isinstance(entries, list) or any(not str(entry.get("id") or "").startswith("/") for entry in entries):
            continue
        if folder == "activity_log":
            entries = reshaped_log(rng, entries)
        elif folder == "deny_assignments":
            entries = reshaped_denies(rng, entries)
        elif folder == "lighthouse":
            entries = reshaped_delegations(rng, entries)
        elif folder != "role_assignments":
            continue
        when = file.stat()
        file.write_text(json.dumps(wrapped(rng, entries), ensure_ascii=False))
        os.utime(file, ns=(when.st_atime_ns, when.st_mtime_ns))
        changed += 1
    return changed
