"""Exports of usage: how their files look."""

import csv
import io
import json
import random
import uuid
from datetime import date, timedelta
from decimal import Decimal, localcontext

from .copies import copy_now_and_then, spoil_now_and_then
from .field import in_the_field, marked, write_day_first_now_and_then
from .exports import Export, billed_exports, unbilled_exports
from .knobs import DAY, chance, iso, midnight, next_month, plain, us_date
from .numbers import spelled, total
from .price_sheets import EXCHANGE_RATES
from .truth import World
from .usage import Line
from .zone import Zone, packed

COLUMNS = (
    "PartnerId,PartnerName,CustomerId,CustomerName,CustomerDomainName,CustomerCountry,MpnId,Tier2MpnId,InvoiceNumber,"
    "ProductId,SkuId,AvailabilityId,SkuName,ProductName,PublisherName,PublisherId,SubscriptionDescription,"
    "SubscriptionId,ChargeStartDate,ChargeEndDate,UsageDate,MeterType,MeterCategory,MeterId,MeterSubCategory,"
    "MeterName,MeterRegion,Unit,ResourceLocation,ConsumedService,ResourceGroup,ResourceURI,ChargeType,UnitPrice,"
    "Quantity,UnitType,BillingPreTaxTotal,BillingCurrency,PricingPreTaxTotal,PricingCurrency,ServiceInfo1,"
    "ServiceInfo2,Tags,AdditionalInfo,EffectiveUnitPrice,PCToBCExchangeRate,PCToBCExchangeRateDate,EntitlementId,"
    "EntitlementDescription,PartnerEarnedCreditPercentage,CreditPercentage,CreditType,BenefitOrderId,BenefitId,"
    "BenefitType"
).split(",")
SPELLED_COLUMNS = {
    "Quantity", "UnitPrice", "EffectiveUnitPrice", "PricingPreTaxTotal", "BillingPreTaxTotal", "PCToBCExchangeRate",
}  # fmt: skip
BENEFIT_COLUMNS = ("BenefitOrderId", "BenefitId", "BenefitType")
CREDIT = Decimal("0.15")  # what Microsoft writes in its lines; worlds decide nothing by it


def looking(line: Line, identity: str) -> str:
    """An id of this line in the letter case that this line happens to have."""
    return (identity, identity, identity.lower(), identity.upper())[line.looks]


def line_values(world: World, line: Line, quantity: Decimal, invoice: str) -> dict[str, object]:
    """The columns of a line. Dates are dates, numbers are numbers; the file decides how they look."""
    organisation, customer, product = world.partners[line.role], line.customer, line.product
    rate = EXCHANGE_RATES[customer.currency]
    paid = Decimal(0) if line.has_credit or line.is_paid_by_benefit or not line.fills_tiers else line.unit_price
    with localcontext(prec=80):
        net_price = paid * (1 - CREDIT) if line.is_applied else paid
        net = quantity * net_price
        billed = net * rate
    credit_type = "Partner Earned Credit Applied" if line.is_applied else "Credit Not Applied"
    benefit_id = "" if line.fills_tiers else str(uuid.uuid5(uuid.NAMESPACE_OID, line.plan))
    title = f"{product.category} - {product.meter_name}"
    values = {
        "PartnerId": organisation.tenant_id, "PartnerName": organisation.name, "CustomerId": customer.tenant_id,
        "CustomerName": customer.name, "CustomerDomainName": customer.domain, "CustomerCountry": customer.country,
        "MpnId": line.partner_id, "Tier2MpnId": line.reseller_id if invoice else "", "InvoiceNumber": invoice,
        "ProductId": product.product_id, "SkuId": product.sku_id,
        "AvailabilityId": f"{product.product_id}A" if product.product_id else "", "SkuName": title,
        "ProductName": product.category, "PublisherName": product.publisher, "PublisherId": "",
        "SubscriptionDescription": "Azure plan", "SubscriptionId": line.plan, "ChargeStartDate": line.invoice_month,
        "ChargeEndDate": next_month(line.invoice_month) - DAY, "UsageDate": line.day, "MeterType": "1 Hour",
        "MeterCategory": product.category, "MeterId": line.meter, "MeterSubCategory": product.name.title(),
        "MeterName": product.meter_name, "MeterRegion": "EU West", "Unit": "1 Hour", "ResourceLocation": "EUWest",
        "ConsumedService": line.resource.type, "ResourceGroup": looking(line, line.resource.group),
        "ResourceURI": looking(line, line.resource.uri), "ChargeType": line.charge_type,
        "UnitPrice": line.unit_price, "Quantity": quantity, "UnitType": "1 Hour",
        "BillingPreTaxTotal": total(billed, 22),
        "BillingCurrency": customer.currency, "PricingPreTaxTotal": total(net, 18), "PricingCurrency": "USD",
        "ServiceInfo1": "", "ServiceInfo2": "", "Tags": '{"env":"prod","owner":"a, b"}' if line.looks == 1 else "",
        "AdditionalInfo": '{"ServiceType":"Standard_D2s_v5","VMName":""}' if line.looks == 2 else "",
        "EffectiveUnitPrice": total(net_price, 22), "PCToBCExchangeRate": rate,
        "PCToBCExchangeRateDate": line.invoice_month, "EntitlementId": looking(line, line.subscription.id),
        "EntitlementDescription": line.subscription.name,
        "PartnerEarnedCreditPercentage": 100 * CREDIT if line.is_applied else Decimal(0),
        "CreditPercentage": Decimal(100 if line.has_credit else 0),
        "CreditType": "Azure Credit Applied" if line.has_credit else credit_type,
        "BenefitOrderId": benefit_id, "BenefitId": benefit_id, "BenefitType": line.benefit,
    }  # fmt: skip
    return in_the_field(world, line, values)


def malformed(rng: random.Random, row: dict[str, str]) -> dict[str, str]:
    """Break the date or the quantity of a row."""
    if chance(rng, 0.5):
        return row | {"UsageDate": rng.choice(("13/45/2026", "2/30/2026", "2026-02-30", "soon"))}
    return row | {"Quantity": rng.choice(("twelve", "1.2.3", "-"))}


def csv_content(world: World, rows: list[dict[str, object]]) -> bytes:
    """A file as Partner Center delivers it: columns in any order, unknown ones, US or ISO dates, perhaps a BOM."""
    rng, reject = world.rngs["files"], world.rngs["rejects"]
    columns = list(COLUMNS)
    if chance(rng, 0.2) and not any(row["BenefitType"] for row in rows):
        columns = [column for column in columns if column not in BENEFIT_COLUMNS]  # an older layout
    if chance(rng, 0.5):
        columns[rng.randrange(len(columns)) : 0] = rng.sample(("SettlementGroup", "PriceBenefits", "Neue Spalte"), 2)
    if chance(rng, 0.5):
        rng.shuffle(columns)
    renamed = {"MpnId": "MPNID", "Tier2MpnId": "ResellerMPNID"} if chance(rng, 0.3) else {}
    write_date = rng.choice((us_date, date.isoformat, lambda day: f"{day.isoformat()}T00:00:00Z"))
    percent, no_reseller, shouts = rng.choice(("15", "15.0", "15")), rng.choice(("", "0")), chance(rng, 0.1)

    def text(column: str, value: object) -> str:
        if column == "PartnerEarnedCreditPercentage":
            return percent if value else "0"
        if column == "Tier2MpnId":
            return str(value) or no_reseller
        if isinstance(value, date):
            return write_date(value)
        if column == "MeterId" and shouts:
            return str(value).upper()
        if column in SPELLED_COLUMNS:
            return spelled(world, value)
        return plain(value) if isinstance(value, Decimal) else str(value)

    texts = [{column: marked(world, column, text(column, value)) for column, value in row.items()} for row in rows]
    lines = [[row.get(column, "new") for column in columns] for row in texts]
    broken = []
    if chance(reject, 0.45):
        for row in reject.sample(texts, min(len(texts), reject.randint(1, 3))):
            values = [malformed(reject, row).get(column, "new") for column in columns]
            too_short = [row.get(column, "new") for column in columns][: reject.randint(2, 30)]
            broken.append((reject.randint(0, len(lines)), values if chance(reject, 0.7) else too_short))
    for position, values in broken if world.has("rejects") else ():
        lines.insert(position, values)
    buffer = io.StringIO()
    quoting = rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    writer = csv.writer(buffer, quoting=quoting, lineterminator=rng.choice(("\r\n", "\n")))
    writer.writerow([renamed.get(column, column) for column in columns])
    writer.writerows(lines)
    return buffer.getvalue().encode("utf-8-sig" if chance(rng, 0.3) else "utf-8")


API_NAMES = {
    "Unit": "unitOfMeasure", "ResourceURI": "resourceUri", "Tier2MpnId": "resellerMpnId",
    "PCToBCExchangeRate": "pcToBCExchangeRate", "PCToBCExchangeRateDate": "pcToBCExchangeRateDate",
}  # fmt: skip
GRAPH_NAMES = {"BenefitOrderId": "BenefitOrderID", "BenefitId": "BenefitID"}


def json_line(row: dict[str, object], written=lambda _, number: plain(number)) -> str:
    """One object. Numbers are written digit by digit, never as binary fractions; written: how, by their name."""
    pairs = [
        f"{json.dumps(name)}:{written(name, value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)}"
        for name, value in row.items()
    ]
    return "{" + ",".join(pairs) + "}"


def json_content(world: World, rows: list[dict[str, object]]) -> bytes:
    """The same lines as JSON: of the REST interface (credit as a rate) or of the newer export (percent)."""
    rng, reject = world.rngs["json"], world.rngs["rejects"]
    is_api = chance(rng, 0.7)
    lines = []

    def written(name: str, number: Decimal) -> str:
        return spelled(world, number) if name.lower() in map(str.lower, SPELLED_COLUMNS) else plain(number)

    for row in rows:
        row = {name: iso(midnight(value)) if isinstance(value, date) else value for name, value in row.items()}
        if is_api:
            applied = row.pop("PartnerEarnedCreditPercentage") / 100
            credit = row.pop("CreditPercentage") / 100
            row["Tier2MpnId"] = int(row["Tier2MpnId"] or 0)
            row = {API_NAMES.get(name, name[0].lower() + name[1:]): value for name, value in row.items()}
            row["rateOfPartnerEarnedCredit"], row["hasPartnerEarnedCredit"] = applied, bool(applied)
            row["rateOfCredit"] = applied if applied and not credit and chance(rng, 0.5) else credit
            row |= {"invoiceLineItemType": "usage_line_items", "attributes": {"objectType": "DailyRatedUsageLineItem"}}
        else:
            row = {GRAPH_NAMES.get(name, name): value for name, value in row.items()}
        lines.append(json_line(row, written))
        if chance(reject, 0.02) and world.has("rejects"):
            lines.append(json_line(malformed(reject, row) if not is_api else row | {"quantity": "twelve"}))
    return ("\n".join(lines) + rng.choice(("\n", ""))).encode()


def write_export(world: World, zone: Zone, export: Export, taken: set[str]) -> None:
    """Write an export in one to three parts of the same date, in different formats, with that date told variously."""
    rng = world.rngs["files"]
    entries = rng.sample(export.lines, len(export.lines))
    count = rng.choice((1, 1, 2, 3)) if world.has("lifecycle") and len(entries) > 6 else 1
    slug = world.partners[export.role].name.split()[0].lower()
    kind = "billed" if entries[0][2] else "unbilled"
    for number in range(count):
        part = entries[number::count]
        name = f"{kind}_{rng.choice((export.day.isoformat(), f'{export.day:%Y%m%d}'))}"
        modified = None
        if count == 1:
            if chance(rng, 0.1):
                name = f"{kind}_{export.day.isoformat()}T061500Z"
            elif chance(rng, 0.12) and f"{slug}/{kind}_latest" not in taken:
                name, modified = f"{kind}_latest", midnight(export.day) + timedelta(hours=9)
        else:
            name += f"_part{number + 1}"
        taken.add(f"{slug}/{name}")
        rows = [line_values(world, *entry) for entry in part]
        path = f"daily_rated_usage/{slug}/{name}"
        as_json = chance(world.rngs["json"], 0.3) and world.has("json_usage")
        if as_json:
            path = packed(world, f"{path}.jsonl")
            if path.endswith(".gz") and chance(world.rngs["gz"], 0.5):
                path = path.replace(".jsonl.gz", ".json.gz")
            content = json_content(world, rows)
        else:
            path = packed(world, f"{path}.csv")
            content = csv_content(world, rows)
            write_day_first_now_and_then(world, zone, path.rsplit("/", 1)[0], rows, export.day)
        zone.write(path, content, modified)
        copy_now_and_then(world, zone, path, content, modified)
        spoil_now_and_then(world, zone, path, content, export.day)


def write_usage(world: World, zone: Zone) -> None:
    """Write all exports of all partners."""
    taken: set[str] = set()
    for role in world.partners:
        lines = [line for line in world.lines if line.role == role]
        if lines:
            for export in unbilled_exports(world, role, lines) + billed_exports(world, role, lines):
                if export.lines:
                    write_export(world, zone, export, taken)
