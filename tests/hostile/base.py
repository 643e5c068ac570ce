"""Plain files of every kind, of an invented partner that nobody else is: what hostile files say of it changes nothing of others.

Every id of it contains `hostile`, or is a GUID that begins with `ffffffff`, so that the marts can be told apart.
"""

import csv
import io
import json

from pec import kinds

SUBSCRIPTION = "ffffffff-0000-0000-0000-00000000000a"
PLAN = "ffffffff-0000-0000-0000-000000000001"
PRINCIPAL = "ffffffff-0000-0000-0000-0000000000c1"
ROLE = "/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
PARTNER = "hostile-9990001"
DAY = "2026-07-01"

GOOD = {
    "daily_rated_usage": {
        "partnerid": "hostile-tenant", "customerid": "hostile-customer", "customername": "Hostile GmbH", "customercountry": "ZZ", "mpnid": PARTNER,
        "tier2mpnid": "", "invoicenumber": "", "productid": "HOSTILE00001", "skuid": "0001", "skuname": "Hostile", "productname": "Hostile", "publishername": "Microsoft",
        "subscriptionid": PLAN, "chargestartdate": "7/1/2026", "chargeenddate": "7/31/2026", "usagedate": "7/5/2026", "meterid": "ffffffff-0000-0000-0000-00000000000e",
        "metercategory": "Storage", "metername": "Hostile", "meterregion": "EU", "unit": "1 GB", "resourcelocation": "EU West", "resourcegroup": "rg",
        "resourceuri": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/hostile", "unitprice": "1.5", "quantity": "2",
        "billingpretaxtotal": "3", "billingcurrency": "EUR", "pricingpretaxtotal": "3", "tags": "", "additionalinfo": "", "effectiveunitprice": "1.5",
        "pctobcexchangerate": "1", "pctobcexchangeratedate": "7/1/2026", "entitlementid": SUBSCRIPTION, "entitlementdescription": "Hostile",
        "partnerearnedcreditpercentage": "15", "creditpercentage": "0", "credittype": "", "benefitorderid": "", "benefitid": "", "benefittype": "",
    },
    "cost_management": {
        "invoiceid": "", "partnertenantid": "hostile-tenant", "customertenantid": "hostile-customer", "customername": "Hostile GmbH", "billingperiodstartdate": "2026-07-01",
        "date": "2026-07-05", "productid": "HOSTILE000010001", "productname": "Hostile", "subscriptionid": "ffffffff-0000-0000-0000-00000000000b", "subscriptionname": "Hostile",
        "publishertype": "Azure", "publishername": "Microsoft", "resourcegroupname": "rg", "resourceid": "/subscriptions/ffffffff-0000-0000-0000-00000000000b/resourceGroups/rg",
        "resourcelocation": "EU", "meterid": "ffffffff-0000-0000-0000-00000000000e", "metername": "Hostile", "metercategory": "Storage", "meterregion": "EU",
        "unitofmeasure": "1 GB", "chargetype": "Usage", "quantity": "2", "unitprice": "1.5", "paygprice": "1.5", "effectiveprice": "1.5", "costinbillingcurrency": "3",
        "costinpricingcurrency": "3", "billingcurrency": "EUR", "pricingcurrency": "USD", "exchangeratepricingtobilling": "1", "partnerearnedcreditrate": "15",
        "partnerearnedcreditapplied": "1", "pricingmodel": "OnDemand", "productorderid": "", "reservationid": "", "benefitid": "", "tags": "", "additionalinfo": "",
    },
    "price_sheet": {
        "productid": "HOSTILE00001", "skuid": "0001", "meterids": "", "market": "ZZ", "currency": "USD", "termduration": "", "tags": "", "publisher": "Microsoft",
        "unitprice": "1.5", "pricingtierrangemin": "", "pricingtierrangemax": "", "effectivestartdate": "7/1/2026", "effectiveenddate": "12/31/9999",
    },
    "fx_rates": {"currencycode": "XTS", "usdperunit": "1.1", "month": "202607"},
    "invoice_reconciliation": {
        "invoicenumber": "GHOSTILE1", "customerid": "hostile-customer", "subscriptionid": PLAN, "productid": "HOSTILE00001", "skuid": "0001", "skuname": "Hostile",
        "chargetype": "new", "priceadjustmentdescription": "", "creditreasoncode": "", "currency": "EUR", "unitprice": "1.5", "effectiveunitprice": "1.5",
        "billablequantity": "2", "subtotal": "3.00", "pctobcexchangerate": "1", "quantity": "2", "promotionid": "", "reservationorderid": "", "orderdate": "2026-07-05",
        "chargestartdate": "2026-07-01",
    },
    "partner_locations": {"partnerid": PARTNER, "partnerglobalid": "hostile-global", "name": "Hostile"},
    "agent_groups": {"groupobjectid": "hostile-group", "groupname": "AdminAgents", "partnertenantid": "hostile-tenant", "partnerid": PARTNER},
    "partner_id_links": {"principalid": PRINCIPAL, "partnerid": PARTNER, "validfrom": "2026-07-01", "validto": "2026-07-09"},
    "partner_principals": {"principalid": PRINCIPAL, "partnerid": PARTNER, "name": "Hostile"},
    "group_members": {"groupobjectid": "hostile-group", "memberprincipalid": PRINCIPAL, "validfrom": "2026-07-01", "validto": ""},
    "agreements": {"partnerglobalid": "hostile-global", "validfrom": "", "validto": "2026-07-20"},
    "subscription_partners": {
        "subscriptionid": "ffffffff-0000-0000-0000-00000000000b", "transactingpartnerid": PARTNER, "resellerpartnerid": "", "validfrom": "", "validto": "",
        "plansubscriptionid": PLAN,
    },
    "management_groups": {"managementgroupid": "hostile-mg", "subscriptionid": SUBSCRIPTION},
    "claims": {"claimid": "hostile-claim", "submittedon": "2026-08-01", "ticket": "1", "settledon": "2026-09-01", "settledusd": "1", "note": ""},
}  # fmt: skip

SCOPE = f"/subscriptions/{SUBSCRIPTION}"
AUTHORIZATION = {"principalId": PRINCIPAL, "roleDefinitionId": ROLE.rsplit("/", 1)[1], "principalIdDisplayName": "Hostile"}
ITEMS = {
    "role_assignments": {
        "id": f"{SCOPE}/providers/Microsoft.Authorization/roleAssignments/hostile-1", "name": "hostile-1", "type": "Microsoft.Authorization/roleAssignments",
        "principalId": PRINCIPAL, "principalType": "ServicePrincipal", "principalName": "hostile", "roleDefinitionId": SCOPE + ROLE, "roleDefinitionName": "User Access Administrator",
        "scope": SCOPE, "createdOn": "2026-07-01T10:00:00Z",
    },
    "deny_assignments": {
        "id": f"{SCOPE}/providers/Microsoft.Authorization/denyAssignments/hostile-1", "type": "Microsoft.Authorization/denyAssignments",
        "properties": {
            "scope": SCOPE, "permissions": [{"actions": ["*/write"], "notActions": []}], "principals": [{"id": PRINCIPAL, "type": "ServicePrincipal"}],
            "excludePrincipals": [{"id": "hostile-2"}], "doNotApplyToChildScopes": False, "createdOn": "2026-07-01T10:00:00Z",
        },
    },
    "lighthouse": {
        "id": f"{SCOPE}/providers/Microsoft.ManagedServices/registrationAssignments/hostile-1",
        "properties": {
            "provisioningState": "Succeeded", "registrationDefinitionId": f"{SCOPE}/providers/Microsoft.ManagedServices/registrationDefinitions/hostile-d",
            "registrationDefinition": {
                "id": "hostile-d", "plan": {"name": "", "publisher": "", "product": ""},
                "properties": {"managedByTenantId": "hostile-tenant", "authorizations": [AUTHORIZATION], "eligibleAuthorizations": []},
            },
        },
    },
    "role_schedules": {
        "id": f"{SCOPE}/providers/Microsoft.Authorization/roleAssignmentScheduleInstances/hostile-1", "type": "Microsoft.Authorization/roleAssignmentScheduleInstances",
        "properties": {
            "scope": SCOPE, "principalId": PRINCIPAL, "roleDefinitionId": ROLE, "assignmentType": "Activated", "startDateTime": "2026-07-01T10:00:00Z",
            "endDateTime": "2026-07-01T18:00:00Z", "originRoleAssignmentId": f"{SCOPE}/providers/Microsoft.Authorization/roleAssignments/hostile-1", "principalType": "User",
        },
    },
    "activity_log": {
        "eventTimestamp": "2026-07-02T10:00:00.1234567Z", "operationName": {"value": "Microsoft.Authorization/roleAssignments/write", "localizedValue": "x"},
        "resourceId": f"{SCOPE}/providers/Microsoft.Authorization/roleAssignments/hostile-2", "status": {"value": "Succeeded"}, "operationId": "hostile-o",
        "correlationId": "hostile-c", "authorization": {"action": "Microsoft.Authorization/roleAssignments/write", "scope": SCOPE},
        "properties": {
            "requestbody": json.dumps({"Properties": {"PrincipalId": PRINCIPAL, "RoleDefinitionId": ROLE, "Scope": SCOPE}}), "responseBody": "", "statusCode": "Created",
        },
    },
    "partner_id_links": {
        "objectId": PRINCIPAL, "tenantId": "hostile-tenant", "partnerId": PARTNER, "state": "Active", "createdTime": "2026-07-01T10:00:00Z", "updatedTime": "2026-07-01T10:00:00Z",
        "version": 1, "name": PARTNER,
    },
}  # fmt: skip


def table(kind, *changes):
    """The bytes of a CSV file of a kind: a header, and a row for each dict of changed values; none: three plain rows."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(GOOD[kind])
    writer.writerows((GOOD[kind] | change).values() for change in changes or ({}, {}, {}))
    return out.getvalue().encode()


def records(kind, *changes):
    """The bytes of a file of JSON lines of a kind of table; changes: as of table()."""
    return "".join(json.dumps(GOOD[kind] | change) + "\n" for change in changes or ({}, {}, {})).encode()


def items(folder, *changes):
    """The bytes of a JSON list of a kind of document, changed at the top level."""
    return json.dumps([ITEMS[folder] | change for change in changes or ({}, {"x": 1}, {"x": 2})]).encode()


def place(kind, fault, ending="csv"):
    """The path of a table's file with a fault: names in the directory are fixed, elsewhere the name says the fault and a date."""
    folder = kinds.KINDS[kind].folder
    name = f"{fault}/{kind}.{ending}" if folder == "partner_directory" else f"{fault}_{DAY}.{ending}"
    return f"{folder}/hostile/{name}"


def document_place(folder, fault, ending="json"):
    """The path of a document with a fault."""
    return f"{folder}/hostile/{SUBSCRIPTION}/{fault}_{DAY}.{ending}"
