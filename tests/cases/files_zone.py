"""A small landing zone of what files do in the field: wrappings, names, a second source of usage, links as JSON. Days cost 10 USD each."""

import csv
import gzip
import io
import json
import os
import uuid

TENANT, PARTNER = "bf07084a-509f-5377-b400-5f422c0cd2f7", "6055501"
AGENTS, GUEST = "853b6410-8af7-5b71-b69b-d8dda201d836", "60590331-e285-596e-8899-1336e61314ca"
METER = "e7e771e0-5705-5216-b244-d0363aaafaf6"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
MARK = "\ufeff"


def guid(name):
    """An id of a name."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def csv_text(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def daily(name, day, **more):
    """A line of the daily file: 10 hours at 1 USD, credit applied."""
    subscription = guid(name)
    return {
        "PartnerId": TENANT, "CustomerId": guid(f"{name} customer"), "CustomerName": name, "CustomerCountry": "DE", "MpnId": PARTNER, "Tier2MpnId": "",
        "InvoiceNumber": "", "ProductId": "QZT000000001", "SkuId": "0001", "SubscriptionId": guid("plan"), "ChargeStartDate": "2026-08-01",
        "UsageDate": f"2026-08-{day:02}", "MeterCategory": "Virtual Machines", "MeterId": METER, "MeterName": "T1", "Unit": "1 Hour",
        "ResourceGroup": "rg-a", "ResourceURI": f"/subscriptions/{subscription}/resourceGroups/rg-a/providers/Microsoft.Compute/virtualMachines/vm1",
        "UnitPrice": "1", "Quantity": "10", "BillingPreTaxTotal": "8.5", "BillingCurrency": "USD", "PricingPreTaxTotal": "8.5", "PublisherName": "Microsoft",
        "EffectiveUnitPrice": "0.85", "PCToBCExchangeRate": "1", "EntitlementId": subscription, "PartnerEarnedCreditPercentage": "15",
    } | more  # fmt: skip


def cost(name, day, **more):
    """The same line as Cost Management tells it (formats.md, section 5)."""
    line = daily(name, day)
    return {
        "invoiceId": "", "partnerTenantId": TENANT, "customerTenantId": line["CustomerId"], "customerName": name, "billingPeriodStartDate": "08/01/2026",
        "date": f"08/{day:02}/2026", "meterId": METER, "meterName": "T1", "meterCategory": "Virtual Machines", "ProductId": "QZT0000000010001",
        "ProductName": "Test VM", "SubscriptionId": line["EntitlementId"], "subscriptionName": name, "publisherType": "Azure", "publisherName": "Microsoft",
        "resourceGroupName": "RG-A", "ResourceId": line["ResourceURI"], "quantity": "10", "unitOfMeasure": "1 Hour", "chargeType": "Usage",
        "billingCurrency": "USD", "pricingCurrency": "USD", "costInBillingCurrency": "8.5", "costInPricingCurrency": "8.5", "unitPrice": "1",
        "PayGPrice": "1", "exchangeRatePricingToBilling": "1", "partnerEarnedCreditRate": "0.15", "partnerEarnedCreditApplied": "1", "PricingModel": "OnDemand",
    } | more  # fmt: skip


def assignment(name, principal, kind):
    scope = f"/subscriptions/{guid(name)}"
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{guid(name + kind)}", "name": guid(name + kind), "principalId": principal,
        "principalType": kind, "roleDefinitionId": f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}", "scope": scope,
        "createdOn": "2026-02-01T00:00:00+00:00", "type": "Microsoft.Authorization/roleAssignments",
    }  # fmt: skip


def put(zone, name, content, mtime=None):
    path = zone / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    if mtime:
        os.utime(path, (mtime, mtime))


def log_record(number):
    return json.dumps({"time": f"2026-08-1{number}T10:00:00Z", "operationName": "MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE", "n": "é" * number}, ensure_ascii=False)


def write(zone):
    """The zone of the first night. Subscriptions: plain-gz, mark, cost, both, parquet, stranger (no relationship), linked by JSON alone: cost."""
    price = {
        "ProductId": "QZT000000001", "SkuId": "0001", "TermDuration": "payG-1", "Market": "DE", "Currency": "USD", "UnitPrice": "1",
        "PricingTierRangeMin": "", "PricingTierRangeMax": "", "EffectiveStartDate": "8/1/2026 12:00:00 AM",
        "EffectiveEndDate": "11/30/9999 11:59:59 PM", "MeterIds": METER, "Tags": "Azure;ReservationEligible",
    }  # fmt: skip
    # The newest sheet says again what the oldest said, and not what stands between them.
    for month, changed in ((202606, {}), (202607, {"UnitPrice": "9"}), (202608, {})):
        put(zone, f"price_sheet/DE/azure_consumption_DE_{month}.CSV", csv_text([price | changed]).encode("utf-16-le"))
    # Of these customers the daily file has one subscription, which tells their country; Cost Management has another.
    others = [daily(f"{name} elsewhere", 1, CustomerId=guid(f"{name} customer"), CustomerName=name) for name in ("cost", "parquet")]
    # case 23: a part of an export under a .gz name with plain content
    put(zone, "daily_rated_usage/unbilled_2026-08-20.csv", csv_text([daily("plain-gz", 1), daily("plain-gz", 2), *(daily("both", day) for day in (1, 2)), *others]))
    put(zone, "daily_rated_usage/part2_2026-08-20.json.gz", "\n".join(json.dumps(daily("plain-gz", day)) for day in (3, 4, 5, 6)))
    put(zone, "daily_rated_usage/_manifest.json", '{"blobs": [')
    # case 11: a mark before the first data line, in UTF-16; and on every line of the billed export that replaces it
    other = {"PartnerId": guid("another tenant"), "MpnId": PARTNER}
    first = csv_text([daily("mark", day) | other for day in (1, 2, 3)])
    put(zone, "daily_rated_usage/other/unbilled_2026-08-20.csv", first.replace("\n", "\n" + MARK, 1).encode("utf-16"))
    billed = csv_text([daily("mark", day, InvoiceNumber="G055000011") | other for day in (1, 2, 3)])
    put(zone, "daily_rated_usage/other/billed_2026-09-10.csv", MARK + billed.replace("\n", "\n" + MARK))
    # a second source: the older of two runs says more than the newer one; one subscription is in the daily file as well
    older = [cost("cost", day) for day in (1, 2, 3, 4)] + [cost("both", day) for day in (1, 2, 3)]
    newer = [
        cost("cost", 1), cost("cost", 2), cost("cost", 3, quantity="-2", costInPricingCurrency="-1.7", costInBillingCurrency="-1.7"), cost("both", 3),
        cost("stranger", 1), cost("cost", 3, chargeType="Purchase", quantity="1"), cost("cost", 2, quantity="twelve"),
        cost("cost", 3, PricingModel="Reservation", reservationId="r", costInPricingCurrency="0", costInBillingCurrency="0", partnerEarnedCreditRate="0"),
        cost("cost", 3, partnerEarnedCreditRate="15", partnerEarnedCreditApplied="0", costInPricingCurrency="10", costInBillingCurrency="10"),
    ]  # fmt: skip
    newer = [{"reservationId": ""} | row for row in newer]
    put(zone, f"cost_management/mpa/20260801-20260831/{guid('run 1')}/part_0_0001.csv", csv_text(older), 1_787_300_000)
    put(zone, f"cost_management/mpa/20260801-20260831/{guid('run 2')}/part_0_0001.csv.gz", gzip.compress(csv_text(newer).encode("utf-16")), 1_787_301_000)
    put(zone, f"cost_management/mpa/20260801-20260831/{guid('run 2')}/manifest.json", "{}", 1_787_301_000)
    put(zone, "cost_management/amortized_2026-08-21.csv", csv_text([cost("cost", 1), cost("amortized", 1)]))
    for name in ("plain-gz", "mark", "both", "parquet", "stranger", "cost elsewhere", "parquet elsewhere"):
        put(zone, f"role_assignments/{guid(name)}/2026-08-01.json.gz", gzip.compress(json.dumps([assignment(name, AGENTS, "ForeignGroup")]).encode("utf-16-be")))
    put(zone, f"role_assignments/{guid('cost')}/2026-08-01.json", json.dumps([assignment("cost", GUEST, "User")]))
    link = {
        "id": f"/providers/microsoft.managementpartner/partners/{PARTNER}", "name": PARTNER, "partnerId": PARTNER, "tenantId": TENANT, "state": "Active",
        "version": 2, "createdTime": "2026-02-01T08:15:30.1234567Z", "updatedTime": "2026-08-02T00:00:00Z",
    }  # fmt: skip
    put(zone, f"partner_id_links/{GUEST}/2026-09-01.json", json.dumps(link).encode("utf-16"))
    put(zone, f"partner_id_links/{guid('a')}_{guid('b')}.json", json.dumps(link))
    put(zone, "partner_directory/agent_groups.csv.gz", gzip.compress(
        f"group_object_id,group_name,partner_tenant_id,partner_id\n{AGENTS},AdminAgents,{TENANT},{PARTNER}\n".encode()
    ))  # fmt: skip
    relations = [f"{guid(name)},{PARTNER},,,,{guid('plan')}" for name in ("parquet", "both")] + [f"{guid(name)},{PARTNER},,,," for name in ("cost", "amortized")]
    header = "subscription_id,transacting_partner_id,reseller_partner_id,valid_from,valid_to,plan_subscription_id"
    put(zone, "partner_directory/subscription_partners.csv", "\n".join([header, *relations, ""]).encode("utf-16-le"))
    # names that nobody claims
    put(zone, "role_assignment/x.json", "[]")
    put(zone, "partner_directory/agentgroups.csv", "group_object_id\n")
    put(zone, "usage.xlsx", b"PK\3\4")
    (zone / "activity_log").mkdir()
    (zone / "activity_log" / "nothing.json").symlink_to("nowhere")
    put(zone, "activity_log/h=10/PT1H.json", (log_record(1) + "\n" + log_record(2) + "\n" + log_record(3)).encode()[:-3])


def write_second_night(zone, parquet):
    """The log has grown, and Cost Management tells of another subscription, as Parquet. parquet: writes rows to a path."""
    put(zone, "activity_log/h=10/PT1H.json", "".join(log_record(number) + "\n" for number in (1, 2, 3, 4)))
    parquet([cost("parquet", day) for day in (1, 2)], zone / "cost_management" / "parquet_2026-08-22.PARQUET")
