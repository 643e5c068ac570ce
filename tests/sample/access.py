"""Access: what stood where, since when, and the snapshots that show it."""

from dataclasses import dataclass

from .items import (
    ADMINS, BACKUP, CAMILLE, ELKE, FJELLBLICK_ADMINS, FJELLBLICK_HELPDESK, FJELLBLICK_OPERATIONS,
    FROSTQUELL_DEPLOYMENT, GREYMARSH_ADMINS, GREYMARSH_OPERATIONS, INES, JONAS, LAB_OPERATORS, LUC, MARA, MONITORING,
    NUVELLE_OPERATIONS, NUVELLE_STUDIO, SKERRANE_ADMINS, Activation, Delegation, Denial, Grant, group, schedule_instance,
)  # fmt: skip
from .used import TILL
from .who import (
    ALDERSBRUNN, DEPOT, FACTORY, FJELLBLICK, FLEET, FROSTQUELL, FROSTQUELL_MANAGEMENT_GROUP_SCOPE, GREYMARSH, IMAGING,
    KIESELBRUECK, LAB, LAB_MANAGEMENT_GROUP_SCOPE, LIFTS, NUVELLE, ORVELLE, PLATFORM, PRODUCTION, SHOPS, STUDIO,
    WEBSHOP, Subscription,
)  # fmt: skip

# Role assignments. Kieselbrück Production: AOBO, interrupted for an hour on 19 August.
AOBO = Grant(
    PRODUCTION, PRODUCTION.scope, "2025-10-06T08:14:27Z", FJELLBLICK_ADMINS, "Owner", gone="2026-08-19T10:00:00Z"
)
AOBO_AGAIN = Grant(PRODUCTION, PRODUCTION.scope, "2026-08-19T11:00:00Z", FJELLBLICK_ADMINS, "Owner")
AOBO_ATTEMPT = Grant(PRODUCTION, PRODUCTION.scope, "2026-08-19T10:42:00Z", FJELLBLICK_ADMINS, "Owner")

# Kieselbrück Lab: Jonas' role exists for the eight hours of his activation only.
JONAS_ELIGIBLE = Grant(LAB, group(LAB, "rg-sim"), "2026-03-02T09:00:00Z", JONAS, "Contributor")
JONAS_ACTIVE = Grant(
    LAB, group(LAB, "rg-sim"), "2026-08-06T09:00:00Z", JONAS, "Contributor", gone="2026-08-06T17:00:00Z"
)
JONAS_ACTIVATION = Activation(LAB, group(LAB, "rg-sim"), "2026-08-06T09:00:00Z", JONAS_ACTIVE)

# Orvelle Shops: Luc loses the till on 4 September.
LUC_AT_THE_TILL = Grant(
    SHOPS, TILL.uri, "2026-05-18T07:45:10Z", LUC, "Virtual Machine Contributor", gone="2026-09-04T16:30:00Z"
)

# Aldersbrunn Platform: the leak of four weeks.
PLATFORM_AOBO = Grant(
    PLATFORM, PLATFORM.scope, "2024-11-12T09:20:05Z", FJELLBLICK_ADMINS, "Owner", gone="2026-07-14T10:00:00Z"
)
PLATFORM_AOBO_AGAIN = Grant(PLATFORM, PLATFORM.scope, "2026-08-11T11:00:00Z", FJELLBLICK_ADMINS, "Owner")

# What evidence cannot decide, each in another way: a role at the customer's root that no list shows, an assignment of
# which only the success was logged, a delegation that no list defines, a schedule of an assignment that nobody saw.
AT_THE_ROOT = Grant(PLATFORM, "", "2026-08-11T10:45:00Z", ADMINS[ALDERSBRUNN.name], "User Access Administrator")
UNSEEN_ASSIGNMENT = Grant(WEBSHOP, WEBSHOP.scope, "2026-08-28T12:30:00Z", FROSTQUELL_DEPLOYMENT, "Owner")
UNDEFINED_DELEGATION = Delegation(
    FACTORY, group(FACTORY, "rg-iot"), "2026-08-25T13:10:00Z", "Fjellblick factory", FJELLBLICK,
    ((FJELLBLICK_OPERATIONS, "Contributor"),),
)
UNSEEN_ACTIVATION = Grant(
    IMAGING, group(IMAGING, "rg-pacs"), "2026-08-19T08:00:00Z", ELKE, "Contributor", gone="2026-08-19T16:00:00Z"
)

GRANTS = (
    AOBO,
    AOBO_AGAIN,
    PLATFORM_AOBO,
    PLATFORM_AOBO_AGAIN,
    Grant(PLATFORM, PLATFORM.scope, "2024-11-12T09:00:00Z", ADMINS[ALDERSBRUNN.name], "Owner"),
    Grant(IMAGING, IMAGING.scope, "2024-11-12T09:31:40Z", FJELLBLICK_ADMINS, "Owner"),
    Grant(IMAGING, group(IMAGING, "rg-pacs"), "2025-02-03T10:12:00Z", BACKUP, "Aldersbrunn Backup Operator"),
    Grant(WEBSHOP, WEBSHOP.scope, "2025-04-14T08:05:00Z", ADMINS[FROSTQUELL.name], "Owner"),
    Grant(WEBSHOP, group(WEBSHOP, "rg-shop"), "2025-04-14T08:41:19Z", FROSTQUELL_DEPLOYMENT, "Contributor"),
    Grant(FACTORY, FACTORY.scope, "2025-06-02T12:00:00Z", FJELLBLICK_ADMINS, "Reader"),
    Grant(FACTORY, FROSTQUELL_MANAGEMENT_GROUP_SCOPE, "2026-08-03T09:00:00Z", FJELLBLICK_ADMINS, "Contributor"),
    Grant(LIFTS, LIFTS.scope, "2025-10-20T07:30:00Z", FJELLBLICK_ADMINS, "Contributor"),
    Grant(STUDIO, STUDIO.scope, "2026-01-09T15:00:00Z", FJELLBLICK_ADMINS, "Contributor"),
    Grant(PRODUCTION, PRODUCTION.scope, "2025-10-06T08:14:31Z", FJELLBLICK_HELPDESK, "Reader"),
    Grant(PRODUCTION, PRODUCTION.scope, "2025-10-06T09:30:00Z", ADMINS[KIESELBRUECK.name], "Owner"),
    Grant(PRODUCTION, group(PRODUCTION, "rg-monitoring"), "2026-02-11T13:05:44Z", MONITORING, "Monitoring Contributor"),
    Grant(LAB, LAB.scope, "2026-02-16T10:20:03Z", MARA, "Reader"),
    Grant(LAB, LAB_MANAGEMENT_GROUP_SCOPE, "2026-08-12T14:20:00Z", LAB_OPERATORS, "Contributor"),
    JONAS_ACTIVE,
    LUC_AT_THE_TILL,
    Grant(SHOPS, SHOPS.scope, "2025-09-29T15:12:00Z", ADMINS[ORVELLE.name], "Owner"),
    Grant(SHOPS, group(SHOPS, "rg-analytics"), "2026-05-18T07:52:36Z", CAMILLE, "Contributor"),
    Grant(SHOPS, group(SHOPS, "rg-catalogue"), "2026-05-18T07:58:02Z", INES, "Contributor"),
    Grant(
        DEPOT, DEPOT.scope, "2025-11-03T09:21:44Z", FJELLBLICK_ADMINS, "Owner", gone="2026-08-26T15:40:00Z"
    ),
    Grant(FLEET, FLEET.scope, "2024-04-22T11:02:19Z", SKERRANE_ADMINS, "Owner"),
    Grant(FLEET, FLEET.scope, "2022-09-05T08:00:51Z", GREYMARSH_ADMINS, "Owner"),
)

# Delegations. Their creation time is in no export: only a log record or the first snapshot tells.
DEPOT_DELEGATION = Delegation(
    DEPOT, DEPOT.scope, "2026-08-27T08:12:00Z", "Fjellblick operations", FJELLBLICK,
    ((FJELLBLICK_OPERATIONS, "Contributor"),),
)
DELEGATIONS = (
    Delegation(
        SHOPS, group(SHOPS, "RG-Boutique"), "2026-05-20T09:00:00Z", "Nuvelle Azure managé", NUVELLE,
        ((NUVELLE_OPERATIONS, "Contributor"),), plan="managed-basic",
    ),
    Delegation(
        SHOPS, group(SHOPS, "rg-render"), "2026-05-27T11:00:00Z", "Nuvelle Studio", NUVELLE,
        ((NUVELLE_STUDIO, "Contributor"),), plan="studio-basic",
    ),
    Delegation(
        SHOPS, group(SHOPS, "rg-platform"), "2026-05-20T09:30:00Z", "Fjellblick operations", FJELLBLICK,
        ((FJELLBLICK_OPERATIONS, "Contributor"),),
    ),
    Delegation(
        SHOPS, group(SHOPS, "rg-print"), "2026-06-02T10:00:00Z", "Fjellblick on call", FJELLBLICK,
        ((FJELLBLICK_OPERATIONS, "Reader"),), eligible=((FJELLBLICK_OPERATIONS, "Contributor"),),
    ),
    Delegation(
        SHOPS, group(SHOPS, "rg-wifi"), "2026-01-13T14:00:00Z", "Greymarsh network", GREYMARSH,
        ((GREYMARSH_OPERATIONS, "Contributor"),),
    ),
    DEPOT_DELEGATION,
)

# Deny assignments: one that costs days, and two that cost nothing (data only; the group itself, not what is in it).
FREEZE = Denial(
    SHOPS, group(SHOPS, "rg-catalogue"), "2026-08-05T14:50:00Z", "Catalogue freeze", ("*",),
    gone="2026-08-13T09:30:00Z",
)
DENIALS = (
    FREEZE,
    Denial(
        SHOPS, group(SHOPS, "rg-platform"), "2026-06-15T12:00:00Z", "Keep blobs", (),
        ("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",),
    ),
    Denial(
        SHOPS, group(SHOPS, "rg-boutique"), "2026-06-15T12:05:00Z", "Keep the group", ("*/delete",),
        own_scope_only=True,
    ),
)


# Snapshots: when somebody exported everything that stands.
@dataclass(frozen=True)
class Snapshot:
    folder: str
    subscription: Subscription
    taken: str
    file: str = ""

    @property
    def path(self) -> str:
        return f"{self.folder}/" + (self.file or f"{self.subscription.id}/{self.taken}.json")

    def items(self) -> list[dict]:
        instant = self.taken if "T" in self.taken else f"{self.taken}T00:00:00Z"
        items = {"role_assignments": GRANTS, "lighthouse": DELEGATIONS, "deny_assignments": DENIALS}[self.folder]
        return [i.exported() for i in items if i.subscription == self.subscription and i.stands_at(instant)]


EVERYWHERE = (PRODUCTION, LAB, SHOPS, FLEET, PLATFORM, IMAGING, WEBSHOP, FACTORY, LIFTS, STUDIO)
SNAPSHOTS = (
    *(Snapshot("role_assignments", subscription, "2026-06-30") for subscription in EVERYWHERE),
    Snapshot("role_assignments", DEPOT, "2026-06-30", f"thornwick/2026-06-30_{DEPOT.id}.json"),
    Snapshot("lighthouse", SHOPS, "2026-06-30"),
    Snapshot("lighthouse", DEPOT, "2026-06-30"),  # an empty list
    Snapshot("deny_assignments", SHOPS, "2026-06-30"),
    Snapshot("role_assignments", PLATFORM, "2026-07-31"),
    Snapshot("role_assignments", PLATFORM, "2026-08-31"),
    Snapshot("role_assignments", IMAGING, "2026-08-31"),
    Snapshot("role_assignments", WEBSHOP, "2026-07-31"),
    Snapshot("role_assignments", FACTORY, "2026-08-31"),
    Snapshot("role_assignments", LIFTS, "2026-08-31"),
    Snapshot("role_assignments", STUDIO, "2026-08-31"),
    Snapshot("role_assignments", PRODUCTION, "2026-07-31"),
    Snapshot("role_assignments", PRODUCTION, "2026-08-31"),
    Snapshot("role_assignments", LAB, "2026-07-31"),
    Snapshot("role_assignments", LAB, "2026-08-31"),
    Snapshot("role_assignments", SHOPS, "2026-07-31"),
    Snapshot("role_assignments", SHOPS, "2026-08-31"),
    Snapshot("role_assignments", SHOPS, "2026-09-08"),
    Snapshot("role_assignments", DEPOT, "2026-07-31", f"thornwick/2026-07-31_{DEPOT.id}.json"),
    Snapshot("role_assignments", DEPOT, "2026-08-24", f"thornwick/2026-08-24_{DEPOT.id}.json"),
    Snapshot("role_assignments", DEPOT, "2026-09-08", f"thornwick/2026-09-08_{DEPOT.id}.json"),  # an empty list
    Snapshot("role_assignments", FLEET, "2026-07-31"),
    Snapshot("role_assignments", FLEET, "2026-09-08"),
    Snapshot("lighthouse", SHOPS, "2026-07-31"),
    Snapshot("lighthouse", SHOPS, "2026-09-08"),
    Snapshot("lighthouse", DEPOT, "2026-07-31"),  # an empty list
    Snapshot("lighthouse", DEPOT, "2026-08-31"),
    Snapshot("deny_assignments", SHOPS, "2026-07-31"),
    Snapshot("deny_assignments", SHOPS, "2026-08-10"),
    Snapshot("deny_assignments", SHOPS, "2026-08-31"),
)

ELIGIBILITY = schedule_instance("roleEligibility", JONAS_ELIGIBLE)
ACTIVATED = schedule_instance(
    "roleAssignment", JONAS_ACTIVE, assignmentType="Activated", originRoleAssignmentId=JONAS_ACTIVE.id,
    linkedRoleEligibilityScheduleInstanceId=ELIGIBILITY["id"],
)
UNSEEN = schedule_instance("roleAssignment", UNSEEN_ACTIVATION, assignmentType="Activated", originRoleAssignmentId=UNSEEN_ACTIVATION.id)
ROLE_SCHEDULES = {
    f"role_schedules/{LAB.id}/2026-06-30.json": [ELIGIBILITY],
    f"role_schedules/{IMAGING.id}/2026-08-19T120000Z.json": [UNSEEN],
    f"role_schedules/{LAB.id}/2026-07-31.json": [ELIGIBILITY],
    f"role_schedules/{LAB.id}/2026-08-06T120000Z.json": [ACTIVATED, ELIGIBILITY],
    f"role_schedules/{LAB.id}/2026-08-31.json": [ELIGIBILITY],
}
