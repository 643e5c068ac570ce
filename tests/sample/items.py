"""Access: who may do what, and how exports show it."""

import uuid
from dataclasses import dataclass, field

from .text import iso
from .who import ALDERSBRUNN, CUSTOMERS, KIESELBRUECK, ORVELLE, Customer, Partner, Subscription, guid


@dataclass(frozen=True)
class Principal:
    """Somebody with an object id: `name` is what Azure shows, and empty for a group of another tenant."""

    who: str
    type: str
    name: str = ""

    @property
    def id(self) -> str:
        return guid(f"principal {self.who}")


def guest(first: str, last: str, home: str, customer: Customer) -> Principal:
    """A partner's employee, invited into a customer's directory."""
    return Principal(f"{first} {last}", "User", f"{first}.{last}_{home}.example".lower() + f"#EXT#@{customer.domain}")


FJELLBLICK_ADMINS = Principal("AdminAgents of Fjellblick", "ForeignGroup")
FJELLBLICK_HELPDESK = Principal("HelpdeskAgents of Fjellblick", "ForeignGroup")
NUVELLE_ADMINS = Principal("AdminAgents of Nuvelle", "ForeignGroup")
GREYMARSH_ADMINS = Principal("AdminAgents of Greymarsh", "ForeignGroup")
SKERRANE_ADMINS = Principal("AdminAgents of Skerrane", "ForeignGroup")

FJELLBLICK_OPERATIONS = Principal("Fjellblick Cloud Operations", "Group", "Fjellblick Cloud Operations")
OPERATIONS_AUTOMATION = Principal("Fjellblick operations automation", "ServicePrincipal", "fjellblick-ops-automation")
MONITORING = Principal("Fjellblick monitoring", "ServicePrincipal", "fjellblick-monitoring")
LAB_OPERATORS = Principal("Kieselbrück lab operators", "Group", "Fjellblick Lab Operators")
MARA = guest("Mara", "Holm", "fjellblick", KIESELBRUECK)
JONAS = guest("Jonas", "Brandt", "fjellblick", KIESELBRUECK)
NUVELLE_OPERATIONS = Principal("Nuvelle operations", "Group", "Nuvelle Exploitation")
NUVELLE_AUTOMATION = Principal("Nuvelle automation", "ServicePrincipal", "nuvelle-exploitation-auto")
NUVELLE_STUDIO = Principal("Nuvelle studio", "Group", "Nuvelle Studio 3D")
FROSTQUELL_DEPLOYMENT = Principal("Fjellblick deployment at Frostquell", "ServicePrincipal", "fjellblick-deploy-frostquell")
BACKUP = Principal("Fjellblick backup at Aldersbrunn", "ServicePrincipal", "fjellblick-backup")
ELKE = guest("Elke", "Sander", "fjellblick", ALDERSBRUNN)
LUC = guest("Luc", "Marchand", "nuvelle", ORVELLE)
CAMILLE = guest("Camille", "Roy", "nuvelle", ORVELLE)
INES = guest("Ines", "Faure", "nuvelle", ORVELLE)
GREYMARSH_OPERATIONS = Principal("Greymarsh operations", "Group", "Greymarsh NOC")

ADMINS = {
    customer.name: Principal(f"administrator of {customer.name}", "User", f"admin@{customer.domain}")
    for customer in CUSTOMERS
}

ROLES = {
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Monitoring Contributor": "749f88d5-cbae-40b8-bcfc-e573ddc772fa",
    "User Access Administrator": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "Aldersbrunn Backup Operator": "5b1f3f0e-6a57-4f0c-9a83-2f5d1c7e9b64",  # a custom role: the list of roles lacks it
    "Virtual Machine Contributor": "9980e02c-c2be-4d73-94e8-173b1dc7cf3c",
}


@dataclass(frozen=True)
class Item:
    """Anything that Azure keeps at a scope and logs: when it came, when it went, and the texts about it."""

    subscription: Subscription
    scope: str
    created: str
    gone: str = field(default="", kw_only=True)

    KIND = ""

    @property
    def name(self) -> str:
        return guid(f"{self.KIND} at {self.scope} since {self.created}")

    @property
    def id(self) -> str:
        return f"{self.scope}/providers/{self.KIND}/{self.name}"

    def stands_at(self, instant: str) -> bool:
        return self.created <= instant and (not self.gone or instant < self.gone)

    def write_body(self) -> dict:
        raise NotImplementedError

    def delete_body(self) -> dict:
        return {**self.write_body(), "id": self.id, "type": self.KIND, "name": self.name}


@dataclass(frozen=True)
class Grant(Item):
    """A role assignment."""

    principal: Principal
    role: str

    KIND = "Microsoft.Authorization/roleAssignments"

    @property
    def role_definition_id(self) -> str:
        return f"{self.subscription.scope}/providers/Microsoft.Authorization/roleDefinitions/{ROLES[self.role]}"

    def write_body(self) -> dict:
        return {
            "Id": self.name,
            "Properties": {
                "PrincipalId": self.principal.id,
                "PrincipalType": self.principal.type,
                "RoleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{ROLES[self.role]}",
                "Scope": self.scope or "/",
            },
        }

    def delete_body(self) -> dict:
        properties = {
            "roleDefinitionId": self.role_definition_id,
            "principalId": self.principal.id,
            "principalType": self.principal.type,
            "scope": self.scope,
            "createdOn": self.created,
        }
        return {"properties": properties, "id": self.id, "type": self.KIND, "name": self.name}

    def exported(self) -> dict:
        """As `az role assignment list --all --include-inherited` prints it."""
        created = iso(self.created)
        return {
            "condition": None,
            "createdBy": ADMINS[self.subscription.customer.name].id,
            "createdOn": created,
            "description": None,
            "id": self.id,
            "name": self.name,
            "principalId": self.principal.id,
            "principalName": self.principal.name,
            "principalType": self.principal.type,
            "roleDefinitionId": self.role_definition_id,
            "roleDefinitionName": self.role,
            "scope": self.scope,
            "type": self.KIND,
            "updatedOn": created,
        }


@dataclass(frozen=True)
class Delegation(Item):
    """An Azure Lighthouse registration assignment; `plan` is set when it came from the marketplace."""

    title: str
    partner: Partner
    authorizations: tuple[tuple[Principal, str], ...]
    eligible: tuple[tuple[Principal, str], ...] = ()
    plan: str = ""

    KIND = "Microsoft.ManagedServices/registrationAssignments"

    @property
    def definition_id(self) -> str:
        name = guid(f"definition {self.title} {self.subscription.id}")
        return f"{self.subscription.scope}/providers/Microsoft.ManagedServices/registrationDefinitions/{name}"

    def write_body(self) -> dict:
        return {"properties": {"registrationDefinitionId": self.definition_id}}

    def exported(self) -> dict:
        """As the REST API returns it with its definition expanded."""
        properties = {
            "registrationDefinitionName": self.title,
            "managedByTenantId": self.partner.tenant_id,
            "managedByTenantName": self.partner.organisation,
            "manageeTenantId": self.subscription.customer.tenant_id,
            "provisioningState": "Succeeded",
            "authorizations": [authorization(principal, role) for principal, role in self.authorizations],
        }
        if self.eligible:
            policy = {"multiFactorAuthProvider": "Azure", "maximumActivationDuration": "PT8H"}
            properties["eligibleAuthorizations"] = [
                {"justInTimeAccessPolicy": policy} | authorization(principal, role) for principal, role in self.eligible
            ]
        definition = {"id": self.definition_id, "properties": properties}
        if self.plan:
            definition["plan"] = {
                "name": self.plan,
                "publisher": self.partner.organisation.lower().replace(" ", "-"),
                "product": "managed-azure",
                "version": "1.2.0",
            }
        return {
            "id": self.id,
            "name": self.name,
            "type": self.KIND,
            "properties": {
                "registrationDefinitionId": self.definition_id,
                "provisioningState": "Succeeded",
                "registrationDefinition": definition,
            },
        }


def authorization(principal: Principal, role: str) -> dict:
    return {"principalId": principal.id, "principalIdDisplayName": principal.name, "roleDefinitionId": ROLES[role]}


@dataclass(frozen=True)
class Denial(Item):
    """A deny assignment for everyone."""

    title: str
    actions: tuple[str, ...]
    data_actions: tuple[str, ...] = ()
    own_scope_only: bool = False

    KIND = "Microsoft.Authorization/denyAssignments"

    def write_body(self) -> dict:
        return {"properties": self.properties()}

    def properties(self) -> dict:
        permission = {"actions": self.actions, "notActions": ["*/read"] if self.actions else []}
        permission |= {"dataActions": self.data_actions, "notDataActions": []}
        return {
            "denyAssignmentName": self.title,
            "permissions": [permission],
            "scope": self.scope,
            "doNotApplyToChildScopes": self.own_scope_only,
            "principals": [{"id": str(uuid.UUID(int=0)), "type": "SystemDefined"}],
            "excludePrincipals": [{"id": guid("catalogue publisher"), "type": "ServicePrincipal"}],
            "isSystemProtected": True,
        }

    def exported(self) -> dict:
        properties = self.properties() | {"createdOn": self.created, "updatedOn": self.created}
        return {"id": self.id, "name": self.name, "type": self.KIND, "properties": properties}


@dataclass(frozen=True)
class Activation(Item):
    """A PIM request that turns an eligibility into a role assignment for some hours."""

    grant: Grant

    KIND = "Microsoft.Authorization/roleAssignmentScheduleRequests"

    def write_body(self) -> dict:
        expiration = {"Type": "AfterDuration", "EndDateTime": None, "Duration": "PT8H"}
        return {"Properties": {
            "PrincipalId": self.grant.principal.id,
            "RoleDefinitionId": self.grant.role_definition_id,
            "RequestType": "SelfActivate",
            "ScheduleInfo": {"StartDateTime": self.created, "Expiration": expiration},
        }}


def schedule_instance(kind: str, grant: Grant, **properties: object) -> dict:
    """A PIM schedule instance, of an assignment or of an eligibility."""
    full_kind = f"Microsoft.Authorization/{kind}ScheduleInstances"
    name = guid(f"{full_kind} of {grant.id}")
    return {
        "id": f"{grant.scope}/providers/{full_kind}/{name}",
        "name": name,
        "type": full_kind,
        "properties": {
            "scope": grant.scope,
            "roleDefinitionId": grant.role_definition_id,
            "principalId": grant.principal.id,
            "principalType": grant.principal.type,
            "memberType": "Direct",
            "status": "Provisioned",
            "startDateTime": grant.created,
            "endDateTime": grant.gone or None,
            **properties,
        },
    }


def group(subscription: Subscription, name: str) -> str:
    return f"{subscription.scope}/resourceGroups/{name}"
