"""The activity log: records of an operation in two shapes."""

import json
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from .knobs import ROLES, chance, guid, iso, resource_group_of
from .operations import Operation
from .truth import World


@dataclass(frozen=True)
class Record:
    """One record of an operation: that it started, was accepted, or ended."""

    operation: Operation
    status: str  # Started | Accepted | Succeeded | Failed
    at: datetime
    seventh_digit: int
    event_id: str
    operation_id: str
    correlation_id: str
    request_text: str = ""
    response_text: str = ""

    def time(self, digits: str) -> str:
        """Write the time as `cli`, or with up to `seven` digits. The seventh is never what decides."""
        if digits == "cli":
            return iso(self.at, "+00:00")
        fraction = f"{self.at.microsecond:06d}{self.seventh_digit}".rstrip("0")
        return f"{self.at:%Y-%m-%dT%H:%M:%S}{'.' + fraction if fraction else ''}Z"


def records_of(world: World, operation: Operation, correlation_id: str) -> list[Record]:
    """The records of one operation, in order. What is asked for stands in the first, what was deleted in the last."""
    rng, ids = world.rngs["log"], world.rngs["ids"]
    operation_id = guid(ids)
    asked = operation.at - timedelta(microseconds=rng.choice((1, 250_000, 812_345, 2_100_007)))

    def record(status: str, at: datetime, request: str = "", response: str = "") -> Record:
        seventh = rng.randrange(10) if at.microsecond not in (0, 999_999) and chance(rng, 0.5) else 0
        return Record(operation, status, at, seventh, guid(ids), operation_id, correlation_id, request, response)

    request = json.dumps(operation.request, separators=(",", ":")) if operation.request else ""
    records = [record("Started", asked, request=request)]
    if not operation.outcome:
        return records
    if chance(rng, 0.1):
        records.append(record("Accepted", asked + (operation.at - asked) / 2))
    response = json.dumps(operation.response, separators=(",", ":")) if operation.response else ""
    records.append(record(operation.outcome, operation.at, response=response))
    return records


def log_properties(record: Record) -> dict:
    operation = record.operation
    properties = {
        "eventCategory": "Administrative",
        "entity": operation.entity,
        "message": operation.type,
        "hierarchy": "/".join(part for part in (operation.tenant, operation.subscription) if part),
    }
    if record.request_text:
        properties["requestbody"] = record.request_text
    if record.response_text:
        properties["responseBody"] = record.response_text
    if record.status in ("Succeeded", "Failed"):
        properties |= {"statusCode": operation.sub_status, "serviceRequestId": None}
    return properties


CLAIM = "http://schemas.microsoft.com/identity/claims/"


def rest_record(record: Record, digits: str) -> dict:
    """A record as `az monitor activity-log list` and the REST interface give it."""
    operation = record.operation

    def pair(value: str) -> dict:
        return {"value": value, "localizedValue": value}

    return {
        "authorization": {"action": operation.type, "role": None, "scope": operation.entity},
        "caller": "admin@customer.example",
        "claims": {f"{CLAIM}objectidentifier": operation.tenant, f"{CLAIM}tenantid": operation.tenant},
        "correlationId": record.correlation_id,
        "eventDataId": record.event_id,
        "eventName": pair("BeginRequest" if record.status == "Started" else "EndRequest"),
        "category": pair("Administrative"),
        "eventTimestamp": record.time(digits),
        "id": f"{operation.entity}/events/{record.event_id}/ticks/639033624008342177",
        "level": "Informational" if record.status != "Failed" else "Error",
        "operationId": record.operation_id,
        "operationName": pair(operation.type),
        "resourceGroupName": resource_group_of(operation.entity),
        "resourceProviderName": pair(operation.type.split("/")[0]),
        "resourceType": pair(operation.type.rsplit("/", 1)[0]),
        "resourceId": operation.entity,
        "status": pair(record.status),
        "subStatus": pair(operation.sub_status if record.status in ("Succeeded", "Failed") else ""),
        "submissionTimestamp": iso(record.at.replace(microsecond=0) + timedelta(minutes=7)),
        "subscriptionId": operation.subscription,
        "tenantId": operation.tenant,
        "properties": log_properties(record),
        "relatedEvents": [],
    }


RESULT_TYPES = {"Started": "Start", "Accepted": "Accept", "Succeeded": "Success", "Failed": "Failure"}


def storage_record(rng: random.Random, record: Record) -> dict:
    """A record as a diagnostic setting stores it: other names, other words, ids in upper case, the caller's role."""
    operation = record.operation
    detail = operation.sub_status if record.status in ("Succeeded", "Failed") else ""
    properties: dict | str = log_properties(record)
    if chance(rng, 0.15):
        properties = json.dumps(properties, separators=(",", ":"))
    evidence = {
        "role": "Owner",
        "roleAssignmentScope": f"/subscriptions/{operation.subscription}",
        "roleAssignmentId": operation.tenant.replace("-", ""),
        "roleDefinitionId": ROLES["Owner"].replace("-", ""),
        "principalId": operation.tenant.replace("-", ""),
        "principalType": "User",
    }
    return {
        "RoleLocation": "West Europe",
        "ReleaseVersion": "7.2026.1.3",
        "time": record.time("seven"),
        "resourceId": operation.entity.upper(),
        "operationName": operation.type.upper(),
        "category": "Administrative",
        "resultType": RESULT_TYPES[record.status],
        "resultSignature": f"{record.status}.{detail}",
        "durationMs": rng.choice(("0", 61)),
        "callerIpAddress": "203.0.113.24",
        "correlationId": record.correlation_id,
        "identity": {
            "authorization": {"scope": operation.entity, "action": operation.type, "evidence": evidence},
            "claims": {f"{CLAIM}tenantid": operation.tenant},
        },
        "level": "Information",
        "location": "global",
        "properties": properties,
        "tenantId": operation.tenant,
    }
