"""What a month said stays readable, and each change of it is listed with its cause."""

import json
import shutil

from cases import files_zone as z
from project import warehouse as w
import pytest


def lose_a_link(zone):
    """A partner ID link turns out never to have been: a corrected directory."""
    path = zone / "partner_directory" / "partner_id_links.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:1] + lines[2:]))


def raise_a_price(zone):
    """A newer price sheet says another price for the same dates."""
    sheet = zone / "price_sheet" / "DE" / "azure_consumption_DE_202609.csv"
    content = sheet.read_text()
    assert '"0.2415"' in content
    (sheet.parent / "azure_consumption_2027-01-01.csv").write_text(content.replace('"0.2415"', '"0.2515"'))


def find_a_removal(zone):
    """A record of the log turns up late: access that every list seemed to show without a gap was away for some time."""
    item = (
        "/subscriptions/42bb99b3-346e-5179-ba6e-f15abc9d6163/resourceGroups/rg-analytics/providers/Microsoft.Authorization/"
        "roleAssignments/4039bcd9-7f18-5095-8ef8-8a648fc1ca60"
    )
    record = {
        "operationName": {"value": "Microsoft.Authorization/roleAssignments/delete"},
        "status": {"value": "Succeeded"},
        "eventTimestamp": "2026-08-25T10:00:00Z",
        "operationId": "d7b5",
        "correlationId": "d7b5",
        "resourceId": item,
        "properties": {"entity": item},
    }
    (zone / "activity_log" / "found.json").write_text(json.dumps([record]))


def correct_usage(zone):
    """The open month is exported again with one line more."""
    path = zone / "daily_rated_usage" / "fjellblick" / "unbilled_eur_2026-09-13.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:2] + lines[1:]))


CAUSES = [(lose_a_link, "directory"), (raise_a_price, "price_sheet"), (find_a_removal, "evidence"), (correct_usage, "usage")]


@pytest.mark.parametrize("change, cause", CAUSES)
def test_changes_are_listed_with_their_cause(change, cause, sample, tmp_path):
    zone, folder = tmp_path / "zone", tmp_path / "build"
    shutil.copytree(w.SAMPLE, zone)
    w.moved_copy(sample, zone, folder)
    change(zone)
    before = w.query(sample, "select * from marts.pec_monthly_statement order by all")
    warehouse = w.build(
        zone, folder, "build", "--exclude-resource-type", "unit_test",
        "--indirect-selection", "cautious", "--select", "+pec_restatements", "+pec_statement_history",
    )  # fmt: skip
    restated = w.query(warehouse, "select cause, count(*) as n, sum(net_cost_change_usd) as usd from marts.pec_restatements group by 1")
    assert [row["cause"] for row in restated] == [cause]
    after = w.query(warehouse, "select * from marts.pec_statement_history where as_of_until is null")
    moved = sum(row["net_cost_usd"] for row in after) - sum(row["net_cost_usd"] for row in before)
    assert moved == restated[0]["usd"] != 0
    told = w.query(
        warehouse,
        "select sum(net_cost_usd) as usd from marts.pec_statement_history where as_of = (select min(as_of) from marts.pec_statement_history)",
    )
    assert told[0]["usd"] == sum(row["net_cost_usd"] for row in before), "what was told first is still told"


RESELLER, RESELLER_AGENTS = "7055502", z.guid("agents of the reseller")
PRICE = {
    "ProductId": "QZT000000001", "SkuId": "0001", "TermDuration": "payG-1", "Market": "DE", "Currency": "USD", "UnitPrice": "1",
    "PricingTierRangeMin": "", "PricingTierRangeMax": "", "EffectiveStartDate": "8/1/2026", "EffectiveEndDate": "11/30/9999", "MeterIds": "", "Tags": "Azure",
}  # fmt: skip


def use(name, day=10, **more):
    """A line with no credit applied that is charged its list cost, so that only what else it says decides."""
    line = z.daily(name, day) | {"CreditType": "", "PartnerEarnedCreditPercentage": "0", "PricingPreTaxTotal": "10", "BillingPreTaxTotal": "10"}
    return line | more


def of_reseller(name, **more):
    """The same in the reseller's tenant, whose unbilled lines do not name the reseller."""
    return use(name, PartnerId=z.guid("reseller"), **more)


def give_access(zone, name, principal=z.AGENTS):
    z.put(zone, f"role_assignments/{z.guid(name)}/2026-06-01.json", json.dumps([z.assignment(name, principal, "ForeignGroup")]))


def write_first_night(zone):
    z.put(zone, "price_sheet/DE/azure_consumption_DE_202608.csv", z.csv_text([PRICE]))
    z.put(zone, "daily_rated_usage/unbilled_2026-08-20.csv", z.csv_text([use("credit")]))
    give_access(zone, "credit")
    z.put(zone, "daily_rated_usage/reseller/unbilled_2026-08-20.csv", z.csv_text([of_reseller(name) for name in ("named", "billed", "billed and listed")]))
    give_access(zone, "named", RESELLER_AGENTS)
    give_access(zone, "billed", RESELLER_AGENTS)
    groups = ["group_object_id,group_name,partner_tenant_id,partner_id", f"{z.AGENTS},AdminAgents,{z.TENANT},{z.PARTNER}"]
    groups.append(f"{RESELLER_AGENTS},AdminAgents,{z.guid('tenant of the reseller')},{RESELLER}")
    z.put(zone, "partner_directory/agent_groups.csv", "\n".join(groups))
    relations = ["subscription_id,transacting_partner_id,reseller_partner_id,valid_from,valid_to,plan_subscription_id"]
    relations += [f"{z.guid(name)},{z.PARTNER},{RESELLER},,,{z.guid('plan')}" for name in ("billed", "billed and listed")]
    z.put(zone, "partner_directory/subscription_partners.csv", "\n".join(relations))
    z.put(zone, "partner_directory/partner_principals.csv", "principal_id,partner_id,name\n")
    lines = [use(name, day) for name in ("bounded", "bounded and used", "linked") for day in (10, 11)]
    z.put(zone, "daily_rated_usage/more/unbilled_2026-08-20.csv", z.csv_text([line | {"PartnerId": z.guid("more")} for line in lines]))
    give_access(zone, "bounded")
    give_access(zone, "bounded and used")
    z.put(zone, f"role_assignments/{z.guid('linked')}/2026-06-01.json", json.dumps([z.assignment("linked", z.GUEST, "User")]))


def bound_by_pim(name):
    """PIM's list says that the assignment counts from the second day on."""
    item, instance = z.assignment(name, z.AGENTS, "ForeignGroup"), z.guid(f"instance of {name}")
    kind = "Microsoft.Authorization/roleAssignmentScheduleInstances"
    properties = {key: item[key] for key in ("scope", "principalId", "principalType", "roleDefinitionId")} | {
        "originRoleAssignmentId": item["id"], "startDateTime": "2026-08-11T00:00:00Z", "endDateTime": None, "assignmentType": "Assigned",
        "memberType": "Direct", "status": "Accepted",
    }  # fmt: skip
    return json.dumps([{"id": f"{item['scope']}/providers/{kind}/{instance}", "name": instance, "type": kind, "properties": properties}])


def write_second_night(zone):
    """The directory changes with the rest, so that it is named for whatever moved, and no other cause is what is left over."""
    z.put(zone, "partner_directory/partner_principals.csv", f"principal_id,partner_id,name\n{z.guid('nobody')},{z.PARTNER},Colleague\n")
    z.put(zone, "daily_rated_usage/unbilled_2026-08-21.csv", z.csv_text([use("credit", CreditType="Azure Credit Applied")]))
    billed = {"InvoiceNumber": "G055000011", "Tier2MpnId": RESELLER}
    lines = [of_reseller(name, **billed) for name in ("named", "billed", "billed and listed")]
    z.put(zone, "daily_rated_usage/reseller/billed_2026-09-10.csv", z.csv_text(lines))
    give_access(zone, "billed and listed", RESELLER_AGENTS)
    for name in ("bounded", "bounded and used"):
        z.put(zone, f"role_schedules/{z.guid(name)}/2026-08-21.json", bound_by_pim(name))
    lines = [use(name, day) for name in ("bounded", "bounded and used", "linked") for day in (10, 11)]
    lines += [use(name, 12) for name in ("bounded and used", "linked")]
    z.put(zone, "daily_rated_usage/more/unbilled_2026-08-21.csv", z.csv_text([line | {"PartnerId": z.guid("more")} for line in lines]))


def write_third_night(zone):
    """Nothing comes but the link that an identity shows of itself: evidence, and no file of the directory."""
    link = {"partnerId": z.PARTNER, "tenantId": z.TENANT, "state": "Active", "version": 1, "createdTime": "2026-02-01T08:15:30Z"}
    z.put(zone, f"partner_id_links/{z.GUEST}/2026-08-22.json", json.dumps(link))


def causes(warehouse):
    """What the newest build restated: name of the subscription -> cause, credit before and now."""
    names = {z.guid(name): name for name in ("credit", "named", "billed", "billed and listed", "bounded", "bounded and used", "linked")}
    rows = w.query(
        warehouse,
        "select * from marts.pec_restatements where restated_at = (select max(as_of) from intermediate.int_resource_month_changes)",
    )
    return {names[row["subscription_id"]]: (row["cause"], float(row["previous_pec_credit_usd"]), float(row["pec_credit_usd"])) for row in rows}


def test_a_cause_is_what_changed_and_could_have_changed_the_amount(tmp_path):
    zone, folder = tmp_path / "zone", tmp_path / "build"
    write_first_night(zone)
    w.build(zone, folder)
    write_second_night(zone)
    assert causes(w.build(zone, folder)) == {
        # a line says now that an Azure credit paid it; the reseller that a billed line names has access
        "credit": ("usage, directory", 1.5, 0),
        "named": ("usage, directory", 0, 1.5),
        # billed, and it names the reseller that the directory named: only a list that arrived changed the amount, and without one nothing did
        "billed and listed": ("evidence, directory", 0, 1.5),
        # PIM takes a day; where another came with it, the credit is the same
        "bounded": ("evidence, directory", 3, 1.5),
        "bounded and used": ("usage, evidence, directory", 3, 3),
        # what earns nothing, before and now, is its usage's alone
        "linked": ("usage", 0, 0),
    }
    write_third_night(zone)
    assert causes(w.build(zone, folder)) == {"linked": ("evidence", 0, 4.5)}
