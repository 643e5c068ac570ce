"""The activity log: what was done, and noise that changes nothing."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from .customers import VM
from .knobs import ROLES, TOLD_BY_DELETION, chance, guid, iso, other_case
from .snapshots import settle_evidence
from .truth import Item, Span, World


@dataclass
class Operation:
    """Something that somebody asked Azure to do, and what became of it."""

    type: str  # Microsoft.Authorization/roleAssignments/write
    entity: str
    at: datetime  # when it ended, or was asked for if it never ended
    subscription: str
    tenant: str
    outcome: str = "Succeeded"  # Succeeded | Failed | nothing: only started
    request: dict | None = None
    response: dict | None = None
    sub_status: str = "OK"


TYPES = {
    "role": "Microsoft.Authorization/roleAssignments",
    "deny": "Microsoft.Authorization/denyAssignments",
    "delegation": "Microsoft.ManagedServices/registrationAssignments",
}


def entity_of(item: Item) -> str:
    return f"{item.scope.rstrip('/')}/providers/{TYPES[item.kind]}/{item.id}"


def role_id(rng: random.Random, role: str, subscription: str) -> str:
    """A role definition id, with one of its prefixes."""
    prefix = rng.choice(("", f"/subscriptions/{subscription}" if subscription else ""))
    return f"{prefix}/providers/Microsoft.Authorization/roleDefinitions/{other_case(rng, ROLES[role])}"


def deny_properties(item: Item, at: datetime) -> dict:
    """What a deny assignment says at a time."""
    body = item.said(at)
    return {
        "denyAssignmentName": f"Lock {item.id[:4]}",
        "description": None,
        "permissions": body["permissions"],
        "scope": item.scope,
        "doNotApplyToChildScopes": body["own_only"],
        "principals": [{"id": principal.id, "type": principal.type} for principal in body["principals"]],
        "excludePrincipals": [{"id": principal.id, "type": principal.type} for principal in body["excluded"]],
        "isSystemProtected": True,
    }


def definition_id(item: Item) -> str:
    return (
        f"/subscriptions/{item.homes[0]}/providers/Microsoft.ManagedServices/registrationDefinitions/"
        f"{item.body['definition']['id']}"
    )


def write_request(rng: random.Random, item: Item, at: datetime) -> dict:
    """The body of a writing request at a time, as different clients send it."""
    if item.kind == "delegation":
        return {"properties": {"registrationDefinitionId": definition_id(item)}}
    if item.kind == "deny":
        properties = deny_properties(item, at)
        if chance(rng, 0.3):
            del properties["scope"]
        return {"properties": properties}
    principal, home = item.body["principal"], item.homes[0]
    if chance(rng, 0.6):
        properties = {
            "PrincipalId": other_case(rng, principal.id),
            "PrincipalType": principal.type,
            "RoleDefinitionId": role_id(rng, item.body["role"], home),
            "Scope": item.scope,
        }
        return {"Id": item.id, "Properties": properties}
    properties = {"roleDefinitionId": role_id(rng, item.body["role"], home), "principalId": principal.id}
    if principal.type == "ForeignGroup" or chance(rng, 0.6):
        properties["principalType"] = principal.type
    return {"properties": properties}


def delete_response(rng: random.Random, item: Item, span: Span, tells_creation: bool) -> dict | None:
    """The body that answers a deletion. It tells the creation where the log knows it, too, or where it is made to."""
    if item.kind == "delegation" or (item.kind == "deny" and chance(rng, 0.5)):
        return None
    if item.kind == "deny":
        properties = deny_properties(item, span.end)
    else:
        principal = item.body["principal"]
        properties = {
            "roleDefinitionId": role_id(rng, item.body["role"], item.homes[0]),
            "principalId": principal.id,
            "principalType": principal.type,
            "scope": item.scope,
            "condition": None,
        }
    if span.write_logged or tells_creation:
        properties |= {"createdOn": iso(span.created), "updatedOn": iso(span.created)}
    return {"properties": properties, "id": entity_of(item), "type": TYPES[item.kind], "name": item.id}


def log_changes(world: World) -> None:
    """Turn what was logged of all items into operations."""
    rng = world.rngs["log"]
    tenants = {subscription.id: subscription.customer.tenant_id for subscription in world.subscriptions}
    for item in world.items:
        settle_evidence(world, item)
        home = item.homes[0] if item.scope.lower().startswith("/subscriptions") else ""
        entity, tenant = entity_of(item), tenants[item.homes[0]]
        written = [span.begin for span in item.spans if span.write_logged]
        for at in written + item.updates:
            status = "OK" if at in item.updates else "Created"
            request = write_request(rng, item, at)
            world.operations.append(
                Operation(f"{TYPES[item.kind]}/write", entity, at, home, tenant, "Succeeded", request, None, status)
            )
        for span in item.spans:
            if span.delete_logged and span.end:
                tells_creation = world.has("told_by_deletion") and chance(world.rngs["answers"], TOLD_BY_DELETION)
                response = delete_response(rng, item, span, tells_creation)
                world.operations.append(
                    Operation(f"{TYPES[item.kind]}/delete", entity, span.end, home, tenant, response=response)
                )


def log_noise(world: World) -> None:
    """Operations that change nothing: failed, only started, deleting what is not there, other services' business."""
    rng, ids, calendar = world.rngs["noise"], world.rngs["ids"], world.calendar
    for subscription in world.subscriptions:
        home, tenant = subscription.id, subscription.customer.tenant_id
        own = [item for item in world.items if item.homes == [home] and item.scope.lower().startswith("/sub")]
        admins = world.people.staff["own"]["admins"]
        for _ in range(rng.randint(0, 2)):  # would have given access to everything
            body = {"principal": admins, "role": "Owner"}
            wanted = Item("role", guid(ids), subscription.scope, [], body, [home])
            operation = Operation(f"{TYPES['role']}/write", entity_of(wanted), calendar.edge(rng), home, tenant)
            operation.outcome, operation.sub_status = rng.choice((("Failed", "Forbidden"), ("", "")))
            operation.request = write_request(rng, wanted, operation.at)
            world.operations.append(operation)
        for item in rng.sample(own, min(len(own), rng.randint(0, 2))):  # would have taken it away
            span = rng.choice(item.spans)
            at = max(span.begin, calendar.log_begins) + timedelta(seconds=rng.randrange(2, 400_000))
            if span.holds(at) and (span.end is None or at + timedelta(seconds=5) < span.end):
                operation = Operation(f"{TYPES[item.kind]}/delete", entity_of(item), at, home, tenant)
                operation.outcome, operation.sub_status = rng.choice((("Failed", "Conflict"), ("", "")))
                world.operations.append(operation)
        if chance(rng, 0.4):
            missing = f"{subscription.scope}/providers/{TYPES['role']}/{guid(ids)}"
            operation = Operation(f"{TYPES['role']}/delete", missing, calendar.edge(rng), home, tenant)
            operation.sub_status = "NoContent"
            world.operations.append(operation)
        if chance(rng, 0.5):
            machine = f"{subscription.scope}/resourceGroups/rg-app/providers/{VM}/vm1"
            request = {"properties": {"hardwareProfile": {"vmSize": "Standard_D2s_v5"}}, "location": "westeurope"}
            world.operations.append(
                Operation(f"{VM}/write", machine, calendar.edge(rng), home, tenant, request=request)
            )
        if chance(rng, 0.15):
            world.operations.append(
                Operation(
                    "Microsoft.Authorization/elevateAccess/action", "/providers/Microsoft.Authorization",
                    calendar.edge(rng), "", tenant,
                )  # fmt: skip
            )
    for instance in world.instances:
        if instance.assignment and instance.begin > calendar.log_begins and chance(rng, 0.4):
            scope = f"{instance.scope}/providers/Microsoft.Authorization/roleAssignmentScheduleRequests/{guid(ids)}"
            request = {
                "Properties": {
                    "PrincipalId": instance.principal.id,
                    "RoleDefinitionId": role_id(rng, instance.role, instance.subscription),
                    "RequestType": "SelfActivate",
                    "ScheduleInfo": {"StartDateTime": iso(instance.begin), "Expiration": {"Type": "AfterDateTime"}},
                }
            }
            tenant = next(s.customer.tenant_id for s in world.subscriptions if s.id == instance.subscription)
            world.operations.append(
                Operation(
                    "Microsoft.Authorization/roleAssignmentScheduleRequests/write", scope, instance.requested,
                    instance.subscription, tenant, request=request, sub_status="Created",
                )  # fmt: skip
            )
