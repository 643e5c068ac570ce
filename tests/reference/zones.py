"""Tiny landing zones, filled piece by piece, for tests of the reference."""

import csv
import json

import reference

SUB = "11111111-0000-0000-0000-000000000001"
SUB_2 = "11111111-0000-0000-0000-000000000002"
PLAN = "22222222-0000-0000-0000-000000000001"
CUSTOMER = "33333333-0000-0000-0000-000000000001"
PROVIDER = "44444444-0000-0000-0000-000000000001"
METER = "55555555-0000-0000-0000-000000000001"
OWNER, READER, UNLISTED = (f"66666666-0000-0000-0000-00000000000{n}" for n in (1, 2, 3))
VM = f"/subscriptions/{SUB}/resourceGroups/RG-App/providers/Microsoft.Compute/virtualMachines/vm1"
EVERYONE = "00000000-0000-0000-0000-000000000000"
MPN = {"MPN1": "1000001", "MPN2": "1000002", "MPN3": "1000003"}
USERS = {name: f"77777777-0000-0000-0000-00000000000{name[-1]}" for name in MPN}
AGENTS = {name: f"88888888-0000-0000-0000-00000000000{name[-1]}" for name in MPN}
TENANTS = {name: f"99999999-0000-0000-0000-00000000000{name[-1]}" for name in MPN}

USAGE = {
    "PartnerId": PROVIDER, "CustomerId": CUSTOMER, "CustomerName": "Alder", "CustomerCountry": "de", "MpnId": "1000001",
    "Tier2MpnId": "", "InvoiceNumber": "", "ProductId": "PROD", "SkuId": "0001", "PublisherName": "Microsoft",
    "SubscriptionId": PLAN, "UsageDate": "1/5/2026", "MeterCategory": "Storage", "MeterId": METER, "MeterName": "Hot",
    "ResourceGroup": "RG-App", "ResourceURI": VM, "UnitPrice": "1", "Quantity": "10", "BillingCurrency": "EUR",
    "AdditionalInfo": "", "ChargeEndDate": "", "PricingPreTaxTotal": "10", "PCToBCExchangeRate": "0.9",
    "EntitlementId": SUB,
    "PartnerEarnedCreditPercentage": "0", "CreditPercentage": "0", "CreditType": "Credit Not Applied",
    "BenefitType": "",
}  # fmt: skip
PRICE = {
    "ProductId": "PROD", "SkuId": "0001", "Publisher": "Microsoft", "TermDuration": "payG-1", "Market": "DE",
    "Currency": "USD", "UnitPrice": "1", "PricingTierRangeMin": "", "PricingTierRangeMax": "",
    "EffectiveStartDate": "1/1/2026 12:00:00 AM", "EffectiveEndDate": "11/30/9999 11:59:59 PM", "MeterIds": METER,
    "Tags": "Azure",
}  # fmt: skip
DIRECTORY = {
    "partner_locations": [{"partner_id": MPN[n], "partner_global_id": f"org-{n}", "name": n} for n in MPN],
    "agent_groups": [
        {"group_object_id": AGENTS[n], "group_name": "AdminAgents", "partner_tenant_id": TENANTS[n], "partner_id": id_}
        for n, id_ in MPN.items()
    ],
    "partner_id_links": [
        {"principal_id": USERS[n], "partner_id": MPN[n], "valid_from": "", "valid_to": ""} for n in MPN
    ],
}


class Zone:
    """A landing zone under a temporary folder, filled piece by piece."""

    def __init__(self, root):
        self.root = root / "zone"
        for name, rows in DIRECTORY.items():
            self.directory(name, rows)
        self.roles = root / "roles.csv"
        roles = {OWNER: "true", READER: "false"}
        self.rows(
            self.roles, [{"role_definition_id": r, "role_name": r, "is_pec_eligible": e} for r, e in roles.items()]
        )
        self.price()

    def rows(self, path, rows):
        """Writes rows as a CSV file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="") as out:
            writer = csv.DictWriter(out, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def directory(self, name, rows):
        """Writes a file of the partner directory."""
        self.rows(self.root / "partner_directory" / f"{name}.csv", rows)

    def price(self, *tiers, name="sheet"):
        """A price sheet; each tier a dict of differences."""
        self.rows(self.root / "price_sheet" / f"{name}.csv", [{**PRICE, **tier} for tier in tiers or ({},)])

    def usage(self, *lines, name="unbilled_2026-01-31"):
        """A usage export; each line a dict of differences."""
        self.rows(self.root / "daily_rated_usage" / f"{name}.csv", [{**USAGE, **line} for line in lines or ({},)])

    def snapshot(self, folder, when, entries, subscription=SUB):
        """A dated full snapshot."""
        path = self.root / folder / subscription / f"{when}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(entries))

    def events(self, *records, name="log"):
        """An Activity Log file as the command line writes it."""
        path = self.root / "activity_log" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(records))

    def run(self, **settings):
        """The recomputed marts. settings: of reference.recompute()."""
        return reference.recompute(self.root, self.roles, **settings)

    def decision(self, **settings):
        """The only row of the eligibility mart."""
        (row,) = self.run(**settings)["eligibility"].values()
        return row

    def reason(self, **settings):
        """The access reason of the only row."""
        return self.decision(**settings)["access_reason"]


def assignment(
    principal, role=OWNER, scope=f"/subscriptions/{SUB}", name="a1", kind="User", created="2025-06-01T00:00:00Z"
):
    """An entry of a role assignment snapshot."""
    prefix = scope if scope != "/" else ""
    return {
        "id": f"{prefix}/providers/Microsoft.Authorization/roleAssignments/{name}",
        "principalId": principal, "principalType": kind, "scope": scope, "createdOn": created,
        "roleDefinitionId": f"/subscriptions/{SUB}/providers/Microsoft.Authorization/roleDefinitions/{role}",
    }  # fmt: skip


def delegation(principal, tenant, plan=None, eligible=False, role=OWNER, name="d1", state="Succeeded"):
    """An entry of a Lighthouse snapshot."""
    authorization = [{"principalId": principal, "roleDefinitionId": role}]
    inner = {"managedByTenantId": tenant, "authorizations": [] if eligible else authorization}
    inner["eligibleAuthorizations"] = authorization if eligible else []
    return {
        "id": f"/subscriptions/{SUB}/providers/Microsoft.ManagedServices/registrationAssignments/{name}",
        "properties": {
            "provisioningState": state,
            "registrationDefinitionId": f"/subscriptions/{SUB}/providers/x/registrationDefinitions/def1",
            "registrationDefinition": {"properties": inner, "plan": plan},
        },
    }


def operation(kind, verb, when, entry, started=None, status="Succeeded", number="op1", body=True):
    """The two records of an operation in the REST shape: the start with the body, and the end."""
    common = {"operationName": {"value": f"Microsoft.Authorization/{kind}/{verb}"}, "operationId": number}
    content = {"properties": {k: v for k, v in entry.items() if k != "id"}}
    properties = {"entity": entry["id"]}
    begin = {**properties, "requestbody": json.dumps(content)} if verb == "write" and body else properties
    return [
        {**common, "eventTimestamp": when, "status": {"value": status}, "properties": properties},
        {**common, "eventTimestamp": started or when, "status": {"value": "Started"}, "properties": begin},
    ]
