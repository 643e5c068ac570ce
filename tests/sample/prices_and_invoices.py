"""Price sheets, exchange rates, invoices."""

import csv
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from .claims import CLAIMS, Claim
from .exports import Export, Line, cents, effective_unit_price, lines_of
from .products import EXCHANGE_RATES, PRODUCTS
from .text import compact, csv_text
from .usage_files import number, spelled, us_date, usage_fields
from .who import guid

PRICE_COLUMNS = (
    "ProductTitle,ProductId,SkuId,SkuTitle,Publisher,SkuDescription,UnitOfMeasure,TermDuration,Market,Currency,"
    "UnitPrice,PricingTierRangeMin,PricingTierRangeMax,EffectiveStartDate,EffectiveEndDate,MeterIds,MeterType,Tags"
).split(",")
OPEN_TIER = "9223372036854780000"


def price_sheet(market: str, month: str) -> str:
    """What is on sale in a market in a month: the newest prices have no end, tiers count whole units."""
    first = date.fromisoformat(f"{month}-01")
    last = (first + timedelta(31)).replace(day=1) - timedelta(1)
    rows = []
    for product in (product for product in PRODUCTS if product.market == market):
        for price in (p for p in product.prices if p.holds_on(last) or p.holds_on(first)):
            lower = 0
            for upper, amount in price.tiers:
                ranges = [str(lower + 1), str(upper or OPEN_TIER)] if len(price.tiers) > 1 else ["", ""]
                rows.append([
                    product.title, product.product_id, product.sku_id, product.sku_name, product.publisher,
                    product.sku_name, product.unit, "payG-1", market, "USD", number(Decimal(amount)), *ranges,
                    us_date(date.fromisoformat(price.start)) + " 12:00:00 AM",
                    (us_date(date.fromisoformat(price.end)) if price.end else "11/30/9999") + " 11:59:59 PM",
                    product.meter_key, product.unit, product.tags,
                ])
                lower = upper
    return csv_text([PRICE_COLUMNS, *rows], csv.QUOTE_ALL)


def fx_rates(month: str) -> str:
    """Dollars for one unit of a currency: the inverse of the rate on the invoice."""
    rates = EXCHANGE_RATES[month] | {"USD": "1"}
    rows = [
        [currency, number((1 / Decimal(rate)).quantize(Decimal("1e-17"))), month.replace("-", "")]
        for currency, rate in sorted(rates.items())
    ]
    return csv_text([["CurrencyCode", "USDPerUnit", "Month"], *rows], csv.QUOTE_ALL)


INVOICE_COLUMNS = (
    "PartnerId,CustomerId,CustomerName,CustomerDomainName,CustomerCountry,InvoiceNumber,MpnId,ResellerMpnId,OrderId,"
    "OrderDate,ProductId,SkuId,AvailabilityId,SkuName,ProductName,ChargeType,UnitPrice,Quantity,Subtotal,TaxTotal,"
    "Total,Currency,PriceAdjustmentDescription,PublisherName,PublisherId,SubscriptionDescription,SubscriptionId,"
    "ChargeStartDate,ChargeEndDate,TermAndBillingCycle,EffectiveUnitPrice,UnitType,AlternateId,BillableQuantity,"
    "BillingFrequency,PricingCurrency,PCToBCExchangeRate,PCToBCExchangeRateDate,MeterDescription,ReservationOrderId,"
    "CreditReasonCode,SubscriptionStartDate,SubscriptionEndDate,ReferenceId,ProductQualifiers,PromotionId"
).split(",")


def invoice(export: Export) -> str:
    """Sum up a billed export: a line per meter and price, apart with credit, without it, and on an Azure credit.

    Subtotal = ROUNDDOWN(ROUNDDOWN(EffectiveUnitPrice × BillableQuantity, 2) × PCToBCExchangeRate, 2).
    """
    invoiced: dict[tuple, list[Line]] = defaultdict(list)
    for line in lines_of(export):
        if not line.costs_nothing:
            invoiced[line.meter, line.unit_price, line.percent, line.paid_with_azure_credit].append(line)
    rows = [invoice_row(export, key, lines) for key, lines in sorted(invoiced.items())]
    rows += [settlement_row(export, claim) for claim in CLAIMS if claim.invoice == export.invoice]
    return csv_text([INVOICE_COLUMNS, *[[spelled(row.get(column, "")) for column in INVOICE_COLUMNS] for row in rows]])


def invoice_row(export: Export, key: tuple, lines: list[Line]) -> dict[str, object]:
    fields, product = usage_fields(lines[0], export), lines[0].usage.product
    quantity = sum(line.billable_quantity for line in lines)
    price = effective_unit_price(sum(line.net_cost for line in lines), quantity)
    subtotal = cents(cents(price * quantity) * fields["PCToBCExchangeRate"])
    return {column: fields[column] for column in INVOICE_COLUMNS if column in fields} | {
        "ResellerMpnId": fields["Tier2MpnId"],
        "OrderId": guid(f"order of {fields['SubscriptionId']}"),
        "OrderDate": after_the_month(export).replace(day=2),
        "ChargeType": "new",
        "UnitPrice": lines[0].unit_price,
        "Quantity": 1,
        "Subtotal": str(subtotal),
        "TaxTotal": 0,
        "Total": str(subtotal),
        "Currency": export.currency,
        "PriceAdjustmentDescription": adjustments(lines[0]),
        "PublisherId": "NA",
        "TermAndBillingCycle": product.meter,
        "EffectiveUnitPrice": price,
        "AlternateId": guid(f"alternate id of {fields['SubscriptionId']}")[-12:],
        "BillableQuantity": quantity,
        "MeterDescription": f"{product.title} - {product.meter}",
        "CreditReasonCode": "Azure Credit Offer" if lines[0].paid_with_azure_credit else "",
        "ReferenceId": guid(f"line of {export.invoice} {key}"),
    }


def after_the_month(export: Export) -> date:
    return (date.fromisoformat(f"{export.month}-01") + timedelta(31)).replace(day=1)


def settlement_row(export: Export, claim: Claim) -> dict[str, object]:
    """Microsoft pays a claim of an earlier month by a line of its own, and leaves the usage as it was."""
    customer, rate = claim.resource.subscription.customer, Decimal(EXCHANGE_RATES[export.month][export.currency])
    subtotal = -cents(claim.credit_usd * rate)
    return {
        "PartnerId": export.partner.tenant_id,
        "CustomerId": customer.tenant_id,
        "CustomerName": customer.name,
        "CustomerDomainName": customer.domain,
        "CustomerCountry": customer.country,
        "InvoiceNumber": export.invoice,
        "MpnId": export.partner.partner_id,
        "OrderId": guid(f"credit for {claim.id}"),
        "OrderDate": date.fromisoformat(claim.settled_on),
        "ProductName": "Customer credit",
        "ChargeType": "customerCredit",
        "UnitPrice": -claim.credit_usd,
        "Quantity": 1,
        "Subtotal": str(subtotal),
        "TaxTotal": 0,
        "Total": str(subtotal),
        "Currency": export.currency,
        "PublisherName": "Microsoft",
        "SubscriptionDescription": "Azure plan",
        "SubscriptionId": claim.resource.subscription.plan_id,
        "PricingCurrency": "USD",
        "PCToBCExchangeRate": rate,
        "PCToBCExchangeRateDate": date.fromisoformat(f"{export.month}-01"),
        "EffectiveUnitPrice": -claim.credit_usd,
        "BillableQuantity": 1,
        "CreditReasonCode": f"Support request {claim.ticket}",
        "ReferenceId": guid(f"settlement of {claim.id}"),
    }


def adjustments(line: Line) -> str:
    return compact(["15.0% Partner earned credit for services managed"]) if line.percent else ""
