"""What stands in the snapshots and logs."""

import json
import random
from collections import defaultdict
from datetime import datetime, timedelta

from .knobs import FOREVER, IN_BOTH_LOGS, REST_SHAPE, ROLES, chance, guid, iso, other_case, resource_group_of
from .operations import TYPES, Operation, definition_id, deny_properties, entity_of, role_id
from .people import Principal
from .records import Record, records_of, rest_record, storage_record
from .snapshots import Snapshot
from .truth import Item, ScheduleInstance, Span, World
from .zone import Zone, packed


def role_entry(rng: random.Random, item: Item, span: Span, snapshot: Snapshot, is_rest: bool) -> dict:
    """A role assignment as the CLI lists it, flat, or as the REST interface does, with properties."""
    principal = item.body["principal"]
    properties = {
        "condition": None,
        "conditionVersion": None,
        "description": None,
        "principalId": other_case(rng, principal.id),
        "principalName": "" if principal.type == "ForeignGroup" else f"{principal.type.lower()}@customer.example",
        "principalType": principal.type,
        "roleDefinitionId": role_id(rng, item.body["role"], snapshot.subscription.id),
        "roleDefinitionName": item.body["role"],
        "scope": other_case(rng, item.scope),
    }
    if resource_group_of(item.scope):
        properties["resourceGroup"] = resource_group_of(item.scope)
    if snapshot.with_created:
        created = iso(span.created, "Z" if is_rest else "+00:00")
        creator = snapshot.subscription.customer.tenant_id
        properties |= {"createdOn": created, "updatedOn": created, "createdBy": creator}
    elif chance(rng, 0.5):
        properties |= {"createdOn": None, "updatedOn": None}
    identity = {"id": entity_of(item), "name": item.id, "type": TYPES["role"]}
    if is_rest:
        for lifted in ("principalName", "roleDefinitionName", "resourceGroup"):
            properties.pop(lifted, None)
        return identity | {"properties": properties}
    return dict(sorted((identity | properties).items()))


def deny_entry(item: Item, span: Span, snapshot: Snapshot) -> dict:
    properties = deny_properties(item)
    if snapshot.with_created:
        properties |= {"createdOn": iso(span.created), "updatedOn": iso(span.created)}
    return {"id": entity_of(item), "name": item.id, "type": TYPES["deny"], "properties": properties}


def delegation_entry(rng: random.Random, item: Item, snapshot: Snapshot) -> dict:
    """A delegation with its definition. It has no creation time; a plan only if it came from the Marketplace."""
    definition = item.body["definition"]

    def authorization(principal: Principal, role: str) -> dict:
        return {
            "principalId": other_case(rng, principal.id),
            "principalIdDisplayName": f"Operations {principal.type}",
            "roleDefinitionId": ROLES[role],
        }

    inner = {
        "description": None,
        "registrationDefinitionName": f"Offer {definition['id'][:4]}",
        "managedByTenantId": definition["tenant"],
        "managedByTenantName": "Managing partner",
        "manageeTenantId": snapshot.subscription.customer.tenant_id,
        "manageeTenantName": snapshot.subscription.customer.name,
        "provisioningState": "Succeeded",
        "authorizations": [authorization(*entry) for entry in definition["standing"]],
    }
    if definition["eligible"]:
        policy = {"multiFactorAuthProvider": "Azure", "maximumActivationDuration": "PT8H"}
        inner["eligibleAuthorizations"] = [
            {"justInTimeAccessPolicy": policy, **authorization(*entry)} for entry in definition["eligible"]
        ]
    registration = {
        "id": definition_id(item),
        "name": definition["id"],
        "type": "Microsoft.ManagedServices/registrationDefinitions",
        "properties": inner,
    }
    if definition["plan"]:
        registration["plan"] = {
            "name": "managed-basic", "publisher": "examplecloud", "product": "managed-azure", "version": "1.2.0",
        }  # fmt: skip
    elif chance(rng, 0.3):
        registration["plan"] = None
    elif definition["id"][0] in "0123":  # an object of nulls is no plan; told by the id, so that no draw of other worlds moves
        registration["plan"] = dict.fromkeys(("name", "publisher", "product", "version"))
    return {
        "id": entity_of(item),
        "name": item.id,
        "type": TYPES["delegation"],
        "properties": {
            "registrationDefinitionId": definition_id(item),
            "provisioningState": "Succeeded",
            "registrationDefinition": registration,
        },
    }


def instance_entry(rng: random.Random, instance: ScheduleInstance) -> dict:
    kind = "roleAssignmentScheduleInstances" if instance.assignment else "roleEligibilityScheduleInstances"
    properties = {
        "scope": instance.scope,
        "roleDefinitionId": role_id(rng, instance.role, instance.subscription),
        "principalId": instance.principal.id,
        "principalType": instance.principal.type,
        "memberType": "Direct",
        "status": "Provisioned",
        "startDateTime": iso(instance.begin),
        "endDateTime": iso(instance.end) if instance.end else None,
        "createdOn": iso(instance.requested),
    }
    if instance.assignment:
        properties |= {
            "assignmentType": "Activated" if instance.end and chance(rng, 0.5) else "Assigned",
            "originRoleAssignmentId": other_case(rng, entity_of(instance.assignment)),
        }
    identity = f"{instance.scope}/providers/Microsoft.Authorization/{kind}/{instance.id}"
    return {
        "id": identity, "name": instance.id, "type": f"Microsoft.Authorization/{kind}", "properties": properties,
    }  # fmt: skip


def write_snapshots(world: World, zone: Zone) -> None:
    """Write every snapshot with exactly what stands at its instant."""
    rng = world.rngs["files"]
    for snapshot in world.snapshots:
        modified = None if snapshot.has_dated_name else snapshot.at
        if snapshot.kind == "schedule":
            current = [
                instance_entry(rng, instance)
                for instance in world.instances
                if instance.subscription == snapshot.subscription.id
                and instance.requested <= snapshot.at < (instance.end or FOREVER)
            ]
            zone.write_json(rng, snapshot.path, {"value": current}, modified)
            continue
        standing = [
            (item, span)
            for item in world.items
            if item.kind == snapshot.kind and snapshot.subscription.id in item.homes
            if (span := item.standing(snapshot.at))
        ]
        rng.shuffle(standing)
        if snapshot.kind == "role":
            is_rest = chance(rng, REST_SHAPE)
            entries = [role_entry(rng, item, span, snapshot, is_rest) for item, span in standing]
            content = {"value": entries} if is_rest else entries
        elif snapshot.kind == "deny":
            entries = [deny_entry(item, span, snapshot) for item, span in standing]
            content = {"value": entries, "nextLink": None}
        else:
            entries = [delegation_entry(rng, item, snapshot) for item, _ in standing]
            content = entries if chance(rng, REST_SHAPE) else {"value": entries}
        zone.write_json(rng, snapshot.path, content, modified)


def log_records(world: World) -> list[Record]:
    """All records. Operations of one deployment share a correlation id, never two on the same entity."""
    rng, ids = world.rngs["log"], world.rngs["ids"]
    records, used, previous = [], set(), guid(ids)
    for operation in sorted(world.operations, key=lambda operation: (operation.at, operation.entity, operation.type)):
        fresh = guid(ids)
        shared = chance(rng, 0.25) and (previous, operation.entity.lower()) not in used
        previous = previous if shared else fresh
        used.add((previous, operation.entity.lower()))
        records += records_of(world, operation, previous)
    return records


def storage_path(operation: Operation, at: datetime) -> str:
    """The blob of the hour of arrival."""
    if operation.subscription:
        owner = f"SUBSCRIPTIONS/{operation.subscription.upper()}"
    else:
        name = operation.entity.split("/")[4].upper()
        owner = f"PROVIDERS/MICROSOFT.MANAGEMENT/MANAGEMENTGROUPS/{name}"
    return (
        f"activity_log/insights-activity-logs/resourceId=/{owner}/"
        f"y={at:%Y}/m={at:%m}/d={at:%d}/h={at:%H}/m=00/PT1H.json"
    )


def write_activity_log(world: World, zone: Zone) -> None:
    """Write the log: arrays that overlap, and JSON lines by the hour of arrival; some records in both."""
    rng = world.rngs["log"]
    arrays: dict[str, list[Record]] = defaultdict(list)
    blobs: dict[str, list[str]] = defaultdict(list)
    shape: dict[int, str] = {}
    for record in log_records(world):
        operation = record.operation
        at_tenant = not operation.subscription and "managementgroups" not in operation.entity.lower()
        if id(operation) not in shape:
            shape[id(operation)] = "array" if at_tenant else rng.choice(("array", "array", "blob"))
            if not at_tenant and chance(rng, IN_BOTH_LOGS):
                shape[id(operation)] = "both"
        if shape[id(operation)] in ("array", "both"):
            names = ["first", "second"] if chance(rng, 0.15) else [rng.choice(("first", "first", "second"))]
            for name in names:
                arrays[f"activity_log/cli/{operation.tenant[:8]}-{name}.json"].append(record)
        if shape[id(operation)] in ("blob", "both"):
            arrival = record.at + timedelta(minutes=rng.choice((0, 5, 20)))
            line = json.dumps(storage_record(rng, record), separators=(",", ":"))
            blobs[storage_path(operation, arrival)] += [line] * (2 if chance(rng, 0.08) else 1)
    for path, records in arrays.items():
        digits = rng.choice(("cli", "seven"))
        records.sort(key=lambda record: (record.at, record.event_id), reverse=True)
        if chance(rng, 0.3):
            rng.shuffle(records)
        zone.write_json(rng, packed(world, path), [rest_record(record, digits) for record in records])
    for path, lines in blobs.items():
        if chance(rng, 0.3):
            rng.shuffle(lines)
        zone.write(packed(world, path, 0.1), ("\n".join(lines) + rng.choice(("\n", ""))).encode())
