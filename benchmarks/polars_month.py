"""The same month as somebody would compute it with Polars instead: `python benchmarks/polars_month.py ZONE ELIGIBILITY TARGET`.

ELIGIBILITY: a Parquet file that says for each day, subscription and resource whether access stands, with the reason: the hard part is handed over
ready-made. Money is in doubles; nothing is checked, archived or rejected. TARGET: a folder for charges, month to date and statement as Parquet.
"""

import pathlib
import shutil
import sys

import polars as pl

REFERENCE = pathlib.Path(__file__).resolve().parents[1] / "seeds" / "reference"
COLUMNS = {
    "CustomerId": "customer_id", "CustomerCountry": "market", "MpnId": "partner_id", "InvoiceNumber": "invoice_number", "ProductId": "product_id",
    "SkuId": "sku_id", "PublisherName": "publisher_name", "SubscriptionId": "plan_id", "UsageDate": "usage_date", "MeterCategory": "meter_category",
    "MeterId": "meter_id", "MeterName": "meter_name", "ResourceURI": "resource_id", "UnitPrice": "unit_price", "Quantity": "quantity",
    "EntitlementId": "subscription_id", "PartnerEarnedCreditPercentage": "applied_rate", "CreditPercentage": "credit_rate",
    "CreditType": "credit_type", "BenefitType": "benefit_type",
}  # fmt: skip
FIGURES = ("UnitPrice", "Quantity", "PartnerEarnedCreditPercentage", "CreditPercentage")
LOWERED = ("customer_id", "market", "product_id", "sku_id", "plan_id", "meter_id", "resource_id", "subscription_id")
KEYS = ["market", "product_id", "sku_id", "meter_id"]
ATTRIBUTES = ["publisher_name", "meter_category", "meter_name", "credit_type", "credit_rate", "benefit_type", "invoice_number"]


def land(zone: pathlib.Path, target: pathlib.Path) -> pl.LazyFrame:
    """The lines, in one pass over the text, as Parquet."""
    types = {name: pl.Float64 if name in FIGURES else pl.String for name in COLUMNS}
    lines = (
        pl.scan_csv(f"{zone}/daily_rated_usage/*.csv*", schema_overrides=types | {"UsageDate": pl.Date}, infer_schema=False)
        .select(pl.col(name).alias(alias) for name, alias in COLUMNS.items())
        .with_columns(pl.col(LOWERED).str.to_lowercase(), pl.col("applied_rate", "credit_rate") / 100)
    )
    lines.sink_parquet(target / "landed.parquet")
    return pl.scan_parquet(target / "landed.parquet")


def price_tiers(zone: pathlib.Path, products: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """The tiers of the products that were used, on each day; of overlapping prices the newest."""
    day = lambda name: pl.col(name).str.to_date("%m/%d/%Y %I:%M:%S %p")  # noqa: E731
    sheet = (
        pl.scan_csv(f"{zone}/price_sheet/**/*.csv", infer_schema=False)
        .select(
            pl.col("Market", "ProductId", "SkuId", "MeterIds").str.to_lowercase(), day("EffectiveStartDate").alias("starts"),
            day("EffectiveEndDate").alias("ends"), pl.col("UnitPrice").cast(pl.Float64).alias("tier_price"),
            pl.col("PricingTierRangeMin").cast(pl.Float64, strict=False).fill_null(0).alias("tier_min"),
            pl.col("PricingTierRangeMax").cast(pl.Float64, strict=False).alias("tier_max"),
            pl.col("Tags").str.to_lowercase().str.contains("thirdparty").alias("is_third_party"),
        )
        .rename({"Market": "market", "ProductId": "product_id", "SkuId": "sku_id", "MeterIds": "meter_id"})
        .join(products.lazy().select(KEYS).unique(), on=KEYS, how="semi")
        .collect(engine="streaming")
    )  # fmt: skip
    keyed = [*KEYS, "usage_date"]
    return (
        sheet.join(days, how="cross")
        .filter(pl.col("usage_date").is_between("starts", "ends"))
        .filter(pl.col("starts") == pl.col("starts").max().over(keyed))
        .sort([*keyed, "tier_min"])
        .with_columns(
            pl.int_range(1, pl.len() + 1).over(keyed).alias("tier"),
            pl.col("tier_max").shift(1).over(keyed).fill_null(0).alias("tier_from"),
            pl.when(pl.int_range(1, pl.len() + 1).over(keyed) < pl.len().over(keyed)).then("tier_max").alias("tier_to"),
        )
    )


def product_days(products: pl.DataFrame, days: pl.DataFrame, tiers: pl.DataFrame) -> pl.DataFrame:
    """What each product costs on each day, and the first reason why it earns nothing."""
    first = tiers.filter(pl.col("tier") == 1).select(*KEYS, "usage_date", pl.col("tier_price").alias("list_price"), "is_third_party")
    several = tiers.filter(pl.col("tier") > 1).select(KEYS).unique().with_columns(has_tiers=pl.lit(True))
    every = products.join(days, how="cross").join(first, on=[*KEYS, "usage_date"], how="left").join(several, on=KEYS, how="left")
    every = every.with_columns(
        price_list=pl.when(pl.col("list_price").is_null()).then(pl.lit("missing")).otherwise(pl.lit("listed")),
        price_list_tag=pl.when("is_third_party").then(pl.lit("third_party")),
        credit_rate_text=pl.col("credit_rate").cast(pl.String),
    )
    reason = pl.lit(None, dtype=pl.String)
    for row in reversed(pl.read_csv(REFERENCE / "pec_product_exclusions.csv", infer_schema=False).sort("precedence").to_dicts()):
        attribute = {"credit_rate": "credit_rate_text"}.get(row["attribute"], row["attribute"])
        met = pl.col(attribute).str.strip_chars().str.contains(f"(?i)^(?:{row['pattern']})$")
        met = met if row["excludes_when_matching"] == "true" else ~met
        if row["and_attribute"]:
            met &= pl.col(row["and_attribute"]).str.strip_chars().str.contains(f"(?i)^(?:{row['and_pattern']})$")
        reason = pl.when(met.fill_null(False)).then(pl.lit(row["reason"])).otherwise(reason)
    is_covered = pl.col("product_reason").is_in(["reservation", "savings_plan"]).fill_null(False)
    return every.with_columns(product_reason=reason).select(
        *KEYS, *ATTRIBUTES, "usage_date", "list_price", "product_reason", is_covered=is_covered,
        is_tiered=pl.col("list_price").is_not_null() & ~is_covered & pl.col("has_tiers").fill_null(False),
    )  # fmt: skip


def credited(charges: pl.LazyFrame, rate: float) -> pl.LazyFrame:
    """The lines with what follows from their list cost."""
    is_due = pl.col("product_reason").is_null() & (pl.col("access_reason") == "full_day")
    is_applied = pl.col("applied_rate") > 0
    is_recoverable = pl.col("product_reason").is_null() & (pl.col("access_reason") != "full_day") & ~is_applied
    return charges.with_columns(
        credit=pl.when(is_due).then(pl.col("list_cost") * rate).otherwise(0.0),
        recoverable=pl.when(is_recoverable).then(pl.col("list_cost") * rate).otherwise(0.0),
        status=pl.when(is_due & is_applied).then(pl.lit("earned")).when(is_due).then(pl.lit("missed"))
        .when(is_applied).then(pl.lit("unexpected")).otherwise(pl.lit("not_earned")),
        reason=pl.when(is_due).then(pl.lit("eligible")).otherwise(pl.coalesce("product_reason", "access_reason")),
    )  # fmt: skip


def tiered_lines(lines: pl.LazyFrame, tiers: pl.DataFrame) -> pl.LazyFrame:
    """The lines whose price has tiers, rated by the running quantity of their plan's meter."""
    meter = ["plan_id", "product_id", "sku_id", "meter_id"]
    running = (
        lines.filter("is_tiered")
        .sort([*meter, "usage_date", "resource_id", "quantity"])
        .with_columns(after=pl.col("quantity").cum_sum().over(meter))
        .with_row_index("line")
        .collect(engine="streaming")
    )

    def in_tier(quantity):
        top = pl.min_horizontal(quantity, pl.coalesce("tier_to", quantity))
        return pl.when(pl.col("tier") == 1).then(top).otherwise(pl.max_horizontal(pl.lit(0.0), top - pl.col("tier_from")))

    before = pl.col("after") - pl.col("quantity")
    costs = (
        running.lazy()
        .select("line", "after", "quantity", *KEYS, "usage_date")
        .join(tiers.lazy().select(*KEYS, "usage_date", "tier", "tier_from", "tier_to", "tier_price"), on=[*KEYS, "usage_date"])
        .with_columns(part=in_tier(pl.col("after")) - in_tier(before))
        .group_by("line")
        .agg(
            tier_cost=(pl.col("part") * pl.col("tier_price")).sum(),
            tier_billable=pl.when(pl.col("tier_price") > 0).then("part").otherwise(0.0).sum(),
        )
    )
    rated = running.lazy().join(costs, on="line").with_columns(list_cost="tier_cost", billable="tier_billable")
    return rated.drop("line", "after", "tier_cost", "tier_billable")


def run(zone, eligibility, target) -> None:
    """Computes the month of a landing zone into Parquet files."""
    zone, target = pathlib.Path(zone), pathlib.Path(target)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    lines = land(zone, target)
    products = lines.select(*KEYS, *ATTRIBUTES).unique().collect(engine="streaming").with_row_index("product_key")
    days = lines.select("usage_date").unique().collect(engine="streaming")
    tiers = price_tiers(zone, products, days)
    rate = float(pl.read_csv(REFERENCE / "pec_rates.csv")["pec_rate"][-1])
    of_products = product_days(products, days, tiers)
    access = pl.scan_parquet(eligibility).select("usage_date", "subscription_id", "resource_id", "access_reason")
    decided = (
        lines.join(of_products.lazy(), on=[*KEYS, *ATTRIBUTES, "usage_date"], how="left", nulls_equal=True)
        .join(access, on=["usage_date", "subscription_id", "resource_id"], how="left")
        .drop(ATTRIBUTES)
    )
    decided.sink_parquet(target / "decided.parquet")
    decided = pl.scan_parquet(target / "decided.parquet")
    price = pl.coalesce("list_price", "unit_price")
    flat = decided.filter(~pl.col("is_tiered")).with_columns(
        list_cost=pl.when("is_covered").then(0.0).otherwise(pl.col("quantity") * price),
        billable=pl.when(~pl.col("is_covered") & (price > 0)).then("quantity").otherwise(0.0),
    )
    credited(pl.concat([flat, tiered_lines(decided, tiers)], how="diagonal"), rate).sink_parquet(target / "charges.parquet")
    charges = pl.scan_parquet(target / "charges.parquet")
    meter = ["plan_id", "product_id", "sku_id", "meter_id"]
    (
        charges.filter(~pl.col("is_covered"))
        .group_by(*meter, "usage_date")
        .agg(pl.col("quantity").sum(), pl.col("billable").sum(), net_cost=(pl.col("list_cost") - pl.col("credit")).sum())
        .sort(*meter, "usage_date")
        .with_columns(pl.col("quantity", "billable", "net_cost").cum_sum().over(meter))
        .with_columns(effective_unit_price=pl.when(pl.col("billable") != 0).then((pl.col("net_cost") * 100).cast(pl.Int64) / 100 / pl.col("billable")))
        .sink_parquet(target / "month_to_date.parquet")
    )
    applied = pl.col("list_cost") * pl.col("applied_rate")
    (
        charges.group_by("partner_id", "customer_id", "subscription_id")
        .agg(
            pl.col("list_cost", "credit", "recoverable").sum(), applied_credit=applied.sum(),
            missed_credit=pl.when(pl.col("status") == "missed").then("credit").otherwise(0.0).sum(),
            unexpected_credit=pl.when(pl.col("status") == "unexpected").then(applied).otherwise(0.0).sum(),
        )
        .sink_parquet(target / "statement.parquet")
    )  # fmt: skip


if __name__ == "__main__":
    run(*sys.argv[1:4])
