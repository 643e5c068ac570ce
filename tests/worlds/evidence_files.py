"""What stands in the snapshots and logs."""

import json
import random
from collections import defaultdict
from datetime import datetime, timedelta

from .knobs import FOREVER, IN_BOTH_LOGS, IN_PAGES, INCOMPLETE, REST_SHAPE, ROLES, chance, guid, iso, other_case, resource_group_of
from .operations import TYPES, Operation, definition_id, deny_properties, entity_of, role_id
from .people import Principal
from .records import Record, records_of, rest_record, storage_record
from .snapshots import FOLDERS, Snapshot
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
    properties = deny_properties(item, snapshot.at)
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


def entries_of(world: World, rng: random.Random, snapshot: Snapshot, is_rest: bool) -> list[dict]:
    """Exactly what stands at the instant of a list."""
    if snapshot.kind == "schedule":
        return [
            instance_entry(rng, instance)
            for instance in world.instances
            if instance.subscription == snapshot.subscription.id
            and instance.requested <= snapshot.at < (instance.end or FOREVER)
        ]
    standing = [
        (item, span)
        for item in world.items
        if item.kind == snapshot.kind and snapshot.subscription.id in item.homes
        if (span := item.standing(snapshot.at))
    ]
    rng.shuffle(standing)
    if snapshot.kind == "role":
        return [role_entry(rng, item, span, snapshot, is_rest) for item, span in standing]
    if snapshot.kind == "deny":
        return [deny_entry(item, span, snapshot) for item, span in standing]
    return [delegation_entry(rng, item, snapshot) for item, _ in standing]


def write_snapshots(world: World, zone: Zone) -> None:
    """Write every snapshot with exactly what stands at its instant."""
    rng, own = world.rngs["files"], world.rngs["incomplete"]
    for snapshot in world.snapshots:
        modified = None if snapshot.has_dated_name else snapshot.at
        is_rest = snapshot.kind == "role" and chance(rng, REST_SHAPE)
        entries = entries_of(world, rng, snapshot, is_rest)
        if snapshot.kind == "schedule" or is_rest:
            content = {"value": entries}
        elif snapshot.kind == "deny":
            content = {"value": entries, "nextLink": None}
        elif snapshot.kind == "delegation":
            content = entries if chance(rng, REST_SHAPE) else {"value": entries}
        else:
            content = entries
        if world.has("incomplete_lists") and snapshot.has_dated_name and chance(own, IN_PAGES):
            write_in_pages(own, zone, snapshot.path, entries)
        else:
            zone.write_json(rng, snapshot.path, content, modified)
    if world.has("incomplete_lists"):
        write_incomplete_lists(world, zone)


NEXT = "https://management.azure.com/subscriptions/more?$skiptoken=abc"


def write_in_pages(rng: random.Random, zone: Zone, path: str, entries: list[dict]) -> None:
    """Write a list as pages of one date, of which all but the last name the next."""
    cut = rng.randrange(len(entries) + 1)
    zone.write_json(rng, path, {"value": entries[:cut], rng.choice(("nextLink", "@odata.nextLink")): NEXT})
    zone.write_json(rng, path.replace(".json", "_page2.json"), {"value": entries[cut:]})


def write_incomplete_lists(world: World, zone: Zone) -> None:
    """Write, at instants of their own, lists that lack something of what stands, and show it: nobody's access may end by them."""
    rng = world.rngs["incomplete"]
    taken = {(snapshot.kind, snapshot.subscription.id, snapshot.at) for snapshot in world.snapshots}
    for snapshot in list(world.snapshots):
        at = snapshot.at + timedelta(hours=rng.randrange(1, 60), seconds=rng.randrange(60))
        key = (snapshot.kind, snapshot.subscription.id, at)
        if not chance(rng, INCOMPLETE) or key in taken:
            continue
        taken.add(key)
        later = Snapshot(snapshot.kind, snapshot.subscription, at, snapshot.with_created)
        entries = [entry for entry in entries_of(world, rng, later, False) if chance(rng, 0.5)]
        path = f"{FOLDERS[snapshot.kind]}/{snapshot.subscription.id}/{at:%Y-%m-%dT%H%M%SZ}.json"
        fault = rng.choice(("empty", "cut", "error", "null", "page", "page", "no_id", "no_id"))
        if fault == "page":
            pages = rng.choice(({"value": entries, "nextLink": NEXT}, {"count": len(entries), "data": entries, "skip_token": "abc"}))
            zone.write_json(rng, path, pages)
        elif fault == "no_id":
            nameless = {"type": "something", "properties": {}} if chance(rng, 0.5) else {"id": " ", "name": None}
            zone.write_json(rng, path, [*entries, nameless])
        else:
            text = json.dumps([*entries, {"id": "/subscriptions/x"}])
            error = json.dumps({"error": {"code": "AuthorizationFailed", "message": "no"}})
            zone.write(path, {"empty": "", "null": "null", "error": error, "cut": text[: len(text) // 2]}[fault].encode())


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
