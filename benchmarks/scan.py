"""A bare typed scan of usage files: `python benchmarks/scan.py ZONE`. What no ingest can be faster than.

The columns are those that models/landing/landing_daily_rated_usage.sql reads, typed as it stores them; each is aggregated, so that none is
skipped, and no table is written.
"""

import os
import sys

import duckdb

# Every column of the file in its order; those that landing does not read have no type and are not asked for.
COLUMNS = {
    "PartnerId": "VARCHAR", "PartnerName": None, "CustomerId": "VARCHAR", "CustomerName": "VARCHAR", "CustomerDomainName": None,
    "CustomerCountry": "VARCHAR", "MpnId": "VARCHAR", "Tier2MpnId": "VARCHAR", "InvoiceNumber": "VARCHAR", "ProductId": "VARCHAR",
    "SkuId": "VARCHAR", "AvailabilityId": None, "SkuName": "VARCHAR", "ProductName": "VARCHAR", "PublisherName": "VARCHAR", "PublisherId": None,
    "SubscriptionDescription": None, "SubscriptionId": "VARCHAR", "ChargeStartDate": "VARCHAR", "ChargeEndDate": None, "UsageDate": "DATE",
    "MeterType": None, "MeterCategory": "VARCHAR", "MeterId": "VARCHAR", "MeterSubCategory": None, "MeterName": "VARCHAR",
    "MeterRegion": "VARCHAR", "Unit": "VARCHAR", "ResourceLocation": "VARCHAR", "ConsumedService": None, "ResourceGroup": "VARCHAR",
    "ResourceURI": "VARCHAR", "ChargeType": None, "UnitPrice": "DECIMAL(38, 22)", "Quantity": "DECIMAL(18, 8)", "UnitType": None,
    "BillingPreTaxTotal": "DECIMAL(38, 20)", "BillingCurrency": "VARCHAR", "PricingPreTaxTotal": "DECIMAL(38, 20)", "PricingCurrency": None,
    "ServiceInfo1": None, "ServiceInfo2": None, "Tags": "VARCHAR", "AdditionalInfo": "VARCHAR", "EffectiveUnitPrice": "DECIMAL(38, 22)",
    "PCToBCExchangeRate": "DECIMAL(28, 18)", "PCToBCExchangeRateDate": None, "EntitlementId": "VARCHAR", "EntitlementDescription": "VARCHAR",
    "PartnerEarnedCreditPercentage": "DECIMAL(5, 2)", "CreditPercentage": "DECIMAL(5, 2)", "CreditType": "VARCHAR", "BenefitOrderId": "VARCHAR",
    "BenefitId": "VARCHAR", "BenefitType": "VARCHAR",
}  # fmt: skip


def scan(zone) -> int:
    """Reads all usage files of a zone; the number of their lines."""
    types = ", ".join(f"'{name}': '{type_ or 'VARCHAR'}'" for name, type_ in COLUMNS.items())
    aggregates = ", ".join(f'max("{name}")' for name, type_ in COLUMNS.items() if type_)
    config = {"threads": os.environ.get("PEC_THREADS", "2"), "memory_limit": os.environ.get("PEC_MEMORY_LIMIT", "8GB")}
    with duckdb.connect(config=config) as connection:
        return connection.execute(
            f"""select count(*), {aggregates} from read_csv(
                $files, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', columns = {{{types}}}
            )""",
            {"files": f"{zone}/daily_rated_usage/*.csv*"},
        ).fetchone()[0]


if __name__ == "__main__":
    print(scan(sys.argv[1]))
