"""The exports of Partner Center: their files, in the layouts that occur."""

from datetime import date, timedelta
from decimal import Decimal

from .exports import UNREADABLE, Export, Line, lines_of
from .products import EXCHANGE_RATES
from .text import compact, csv_text
from .who import guid

USAGE_COLUMNS = (
    "PartnerId,PartnerName,CustomerId,CustomerName,CustomerDomainName,CustomerCountry,MpnId,Tier2MpnId,InvoiceNumber,"
    "ProductId,SkuId,AvailabilityId,SkuName,ProductName,PublisherName,PublisherId,SubscriptionDescription,"
    "SubscriptionId,ChargeStartDate,ChargeEndDate,UsageDate,MeterType,MeterCategory,MeterId,MeterSubCategory,MeterName,"
    "MeterRegion,Unit,ResourceLocation,ConsumedService,ResourceGroup,ResourceURI,ChargeType,UnitPrice,Quantity,"
    "UnitType,BillingPreTaxTotal,BillingCurrency,PricingPreTaxTotal,PricingCurrency,ServiceInfo1,ServiceInfo2,Tags,"
    "AdditionalInfo,EffectiveUnitPrice,PCToBCExchangeRate,PCToBCExchangeRateDate,EntitlementId,EntitlementDescription,"
    "PartnerEarnedCreditPercentage,CreditPercentage,CreditType,BenefitOrderId,BenefitId,BenefitType"
).split(",")

# Older files print two names otherwise, swap two of the last three columns, and one has a column nobody documents.
OLDER_NAMES = {"MpnId": "MPNID", "Tier2MpnId": "ResellerMPNID"}
OLDER_COLUMNS = USAGE_COLUMNS[:-3] + ["BenefitId", "BenefitOrderId", "BenefitType", "SettlementGroup"]

# The names of the billing API, where they are not just the column's name in camel case.
API_NAMES = {
    "Tier2MpnId": "resellerMpnId", "Unit": "unitOfMeasure", "ResourceURI": "resourceUri",
    "PartnerEarnedCreditPercentage": "rateOfPartnerEarnedCredit", "CreditPercentage": "rateOfCredit",
    "PCToBCExchangeRate": "pcToBCExchangeRate", "PCToBCExchangeRateDate": "pcToBCExchangeRateDate",
}


def usage_fields(line: Line, export: Export) -> dict[str, object]:
    """The 55 columns of a line; dates and numbers are spelled by the layout of the file."""
    usage, product, resource = line.usage, line.usage.product, line.usage.resource
    subscription, customer = resource.subscription, resource.subscription.customer
    first, rate = line.on.replace(day=1), Decimal(EXCHANGE_RATES[export.month][export.currency])
    benefit = f"{usage.benefit} of {subscription.name}" if line.costs_nothing and usage.benefit else ""
    information = {"ServiceType": product.service_type} if product.service_type else {}
    if usage.never == "reservation":
        order = f"reservation of {subscription.name}"
        information |= {"ReservationOrderId": guid(f"order of {order}"), "ReservationId": guid(order)}
    return {
        "PartnerId": export.partner.tenant_id,
        "PartnerName": export.partner.organisation,
        "CustomerId": customer.tenant_id,
        "CustomerName": customer.name,
        "CustomerDomainName": customer.domain,
        "CustomerCountry": customer.country,
        "MpnId": export.partner.partner_id,
        "Tier2MpnId": subscription.reseller_id if export.invoice else "",
        "InvoiceNumber": export.invoice,
        "ProductId": product.product_id,
        "SkuId": product.sku_id,
        "AvailabilityId": product.product_id and product.product_id[:8] + "AV" + product.sku_id[-2:],
        "SkuName": product.sku_name,
        "ProductName": product.title,
        "PublisherName": product.publisher,
        "SubscriptionDescription": "Azure plan",
        "SubscriptionId": subscription.plan_id,
        "ChargeStartDate": first,
        "ChargeEndDate": (first + timedelta(31)).replace(day=1) - timedelta(1),
        "UsageDate": line.on,
        "MeterType": product.unit,
        "MeterCategory": product.category,
        "MeterId": product.meter_key,
        "MeterSubCategory": product.title,
        "MeterName": product.meter,
        "MeterRegion": product.region[0],
        "Unit": product.unit,
        "ResourceLocation": product.region[1],
        "ConsumedService": product.consumed_service,
        "ResourceGroup": resource.group,
        "ResourceURI": resource.uri,
        "ChargeType": usage.charge_type,
        "UnitPrice": line.unit_price,
        "Quantity": line.quantity,
        "UnitType": product.unit,
        "BillingPreTaxTotal": line.net_cost * rate,
        "BillingCurrency": export.currency,
        "PricingPreTaxTotal": line.net_cost,
        "PricingCurrency": "USD",
        "AdditionalInfo": compact(information) if information else "",
        "EffectiveUnitPrice": line.effective_unit_price,
        "PCToBCExchangeRate": rate,
        "PCToBCExchangeRateDate": first,
        "EntitlementId": subscription.id,
        "EntitlementDescription": subscription.name,
        "PartnerEarnedCreditPercentage": Decimal(line.percent),
        "CreditPercentage": Decimal(100 if line.paid_with_azure_credit else 0),
        "CreditType": "Azure Credit Applied" if line.paid_with_azure_credit
        else "Partner Earned Credit Applied" if line.percent else "Credit Not Applied",
        "BenefitOrderId": benefit and guid(f"order of {benefit}"),
        "BenefitId": benefit and guid(benefit),
        "BenefitType": usage.benefit,
    }


def number(value: Decimal) -> str:
    return format(value.normalize(), "f") if value else "0"


def us_date(value: date) -> str:
    return f"{value.month}/{value.day}/{value.year}"


def spelled(value: object, date_spelling=us_date) -> str:
    """Spell a value as CSV files do."""
    if isinstance(value, Decimal):
        return number(value)
    return date_spelling(value) if isinstance(value, date) else str(value)


def usage_csv(export: Export, columns: list[str] = USAGE_COLUMNS, date_spelling=us_date) -> str:
    rows = [
        [spelled(fields.get(column, ""), date_spelling) for column in columns]
        for fields in (usage_fields(line, export) for line in lines_of(export))
    ]
    spoilt = []
    for bad in (bad for bad in UNREADABLE if bad.file == export.file):
        row = [bad.value if column == bad.column else value for column, value in zip(columns, rows[-1])]
        spoilt.append(row[: bad.fields])
    header = [OLDER_NAMES.get(column, column) if columns == OLDER_COLUMNS else column for column in columns]
    return csv_text([header, *rows, *spoilt])


def older_usage_csv(export: Export) -> str:
    return "\ufeff" + usage_csv(export, OLDER_COLUMNS)


def iso_usage_csv(export: Export) -> str:
    return usage_csv(export, date_spelling=date.isoformat)


def usage_json_lines(export: Export) -> str:
    """The billing API's record: camel case, ISO dates, rates as fractions, and a 0 where there is no reseller."""
    lines = []
    for fields in (usage_fields(line, export) for line in lines_of(export)):
        fields = {column: fields.get(column, "") for column in USAGE_COLUMNS} | {
            "Tier2MpnId": 0,
            "PartnerEarnedCreditPercentage": fields["PartnerEarnedCreditPercentage"] / 100,
            "CreditPercentage": fields["CreditPercentage"] / 100,
        }
        record = {
            API_NAMES.get(column, column[0].lower() + column[1:]):
            float(value) if isinstance(value, Decimal)
            else f"{value}T00:00:00Z" if isinstance(value, date)
            else value
            for column, value in fields.items()
        }
        record["hasPartnerEarnedCredit"] = record["rateOfPartnerEarnedCredit"] > 0
        record["invoiceLineItemType"] = "usage_line_items"
        record["attributes"] = {"objectType": "DailyRatedUsageLineItem"}
        lines.append(compact(record))
    return "\n".join(lines) + "\n"


LAYOUTS = {"csv": usage_csv, "older csv": older_usage_csv, "iso csv": iso_usage_csv, "json lines": usage_json_lines}
