"""The activity log."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .access import (
    AOBO, AOBO_AGAIN, AOBO_ATTEMPT, AT_THE_ROOT, DEPOT_DELEGATION, FREEZE, JONAS_ACTIVATION, JONAS_ACTIVE,
    LUC_AT_THE_TILL, PLATFORM_AOBO, PLATFORM_AOBO_AGAIN, UNDEFINED_DELEGATION, UNSEEN_ASSIGNMENT,
)  # fmt: skip
from .items import ADMINS, Item, Principal
from .text import compact, pretty
from .who import guid


@dataclass(frozen=True)
class Logged:
    """An operation on an item. It starts a moment before it ends; `outcome` is Succeeded or Failed.

    `only_the_end`: the record of the start got lost, and with it what was granted.
    """

    item: Item
    verb: str
    outcome: str = "Succeeded"
    only_the_end: bool = False

    @property
    def operation(self) -> str:
        return f"{self.item.KIND}/{self.verb}"

    @property
    def ended(self) -> datetime:
        return datetime.fromisoformat(self.item.created if self.verb == "write" else self.item.gone)

    @property
    def started(self) -> datetime:
        return self.ended - timedelta(milliseconds=600)

    @property
    def status_code(self) -> str:
        return "Forbidden" if self.outcome == "Failed" else "Created" if self.verb == "write" else "OK"

    @property
    def admin(self) -> Principal:
        return ADMINS[self.item.subscription.customer.name]

    def properties(self, status: str) -> dict:
        """What was granted stands in the record of the start, what was removed in that of the success."""
        subscription = self.item.subscription
        properties = {
            "eventCategory": "Administrative",
            "entity": self.item.id,
            "message": self.operation,
            "hierarchy": f"{subscription.customer.tenant_id}/{subscription.id}",
        }
        if status == "Started" and self.verb == "write":
            properties["requestbody"] = compact(self.item.write_body())
        if status != "Started":
            properties["statusCode"] = self.status_code
        if status == "Succeeded" and self.verb == "delete":
            properties["responseBody"] = compact(self.item.delete_body())
        return properties

    def claims(self) -> dict:
        schema = "http://schemas.microsoft.com/identity/claims"
        return {
            f"{schema}/objectidentifier": self.admin.id,
            f"{schema}/tenantid": self.item.subscription.customer.tenant_id,
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": self.admin.name,
        }

    def key(self, *parts: str) -> str:
        return guid(" ".join([self.operation, self.item.id, self.outcome, *parts]))


CLI_LOGS = {
    "aldersbrunn-platform_2026-08-12.json": (
        Logged(PLATFORM_AOBO, "delete"),
        Logged(AT_THE_ROOT, "write"),
        Logged(PLATFORM_AOBO_AGAIN, "write"),
    ),
    "kieselbrueck-production_2026-08-20.json": (
        Logged(AOBO, "delete"),
        Logged(AOBO_ATTEMPT, "write", "Failed"),
        Logged(AOBO_AGAIN, "write"),
    ),
    "kieselbrueck-lab_2026-08-07.json": (
        Logged(JONAS_ACTIVATION, "write"),
        Logged(JONAS_ACTIVE, "write"),
        Logged(JONAS_ACTIVE, "delete"),
    ),
}

DIAGNOSTIC_LOGS = (
    Logged(FREEZE, "write"),
    Logged(FREEZE, "delete"),
    Logged(DEPOT_DELEGATION, "write"),
    Logged(LUC_AT_THE_TILL, "delete"),
    Logged(UNDEFINED_DELEGATION, "write"),
    Logged(UNSEEN_ASSIGNMENT, "write", only_the_end=True),
)
# A file holds the hour in which records arrive, which may be the hour after they happened.
ARRIVAL_DELAY = timedelta(minutes=12)


def value_pair(value: str) -> dict:
    return {"value": value, "localizedValue": value}


def cli_records(logged: Logged) -> list[dict]:
    """As `az monitor activity-log list` prints an operation, the newest first."""
    steps = (
        ("EndRequest", logged.outcome, logged.status_code, logged.ended),
        ("BeginRequest", "Started", "", logged.started),
    )
    provider, kind = logged.item.KIND.split("/")
    return [
        {
            "authorization": {"action": logged.operation, "role": None, "scope": logged.item.id},
            "caller": logged.admin.name,
            "category": value_pair("Administrative"),
            "claims": logged.claims(),
            "correlationId": logged.key("correlation"),
            "eventDataId": logged.key("event", status),
            "eventName": value_pair(event),
            "eventTimestamp": instant.isoformat(),
            "level": "Informational",
            "operationId": logged.key("operation"),
            "operationName": value_pair(logged.operation),
            "properties": logged.properties(status),
            "resourceId": logged.item.id,
            "resourceProviderName": value_pair(provider),
            "resourceType": value_pair(f"{provider}/{kind}"),
            "status": value_pair(status),
            "subStatus": value_pair(sub_status),
            "submissionTimestamp": (instant + ARRIVAL_DELAY).isoformat(),
            "subscriptionId": logged.item.subscription.id,
            "tenantId": logged.item.subscription.customer.tenant_id,
        }
        for event, status, sub_status, instant in steps
    ]


def cli_log(operations: tuple[Logged, ...]) -> str:
    records = [record for logged in operations for record in cli_records(logged)]
    return pretty(sorted(records, key=lambda record: record["eventTimestamp"], reverse=True))


def diagnostic_records(logged: Logged) -> list[dict]:
    """As a diagnostic setting writes an operation into a storage account: upper case, other words."""
    steps = (
        ("Started", "Start", "Started.", logged.started),
        ("Succeeded", "Success", f"Succeeded.{logged.status_code}", logged.ended),
    )[logged.only_the_end:]
    return [
        {
            "RoleLocation": "West Europe",
            "time": instant.strftime("%Y-%m-%dT%H:%M:%S.%f0Z"),
            "resourceId": logged.item.id.upper(),
            "operationName": logged.operation.upper(),
            "category": "Administrative",
            "resultType": result,
            "resultSignature": signature,
            "durationMs": "600",
            "callerIpAddress": "203.0.113.24",
            "correlationId": logged.key("correlation"),
            "identity": {
                "authorization": {"scope": logged.item.id, "action": logged.operation},
                "claims": logged.claims(),
            },
            "level": "Information",
            "properties": logged.properties(status),
            "tenantId": logged.item.subscription.customer.tenant_id,
        }
        for status, result, signature, instant in steps
    ]


def diagnostic_path(logged: Logged) -> str:
    arrived = logged.ended + ARRIVAL_DELAY
    return (
        f"activity_log/insights-activity-logs/resourceId=/SUBSCRIPTIONS/{logged.item.subscription.id.upper()}/"
        f"{arrived:y=%Y/m=%m/d=%d/h=%H}/m=00/PT1H.json"
    )
