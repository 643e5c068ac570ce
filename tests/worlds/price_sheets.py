"""Price sheets, and exchange rates."""

import csv
import io
from datetime import date
from decimal import Decimal

from .copies import copy_now_and_then
from .field import names_only_minima
from .knobs import chance, next_month, plain, us_date
from .numbers import spelled
from .products import PriceRow, Product
from .truth import World
from .zone import Zone, packed, write_table

ENDLESS = Decimal("9223372036854780000")  # how a sheet says that a tier has no end
SHEET_HEADER = (
    "ProductTitle", "ProductId", "SkuId", "SkuTitle", "Publisher", "SkuDescription", "UnitOfMeasure", "TermDuration",
    "Market", "Currency", "UnitPrice", "PricingTierRangeMin", "PricingTierRangeMax", "EffectiveStartDate",
    "EffectiveEndDate", "MeterIds", "MeterType", "Tags",
)  # fmt: skip


def sheet_lines(world: World, product: Product, market: str, row: PriceRow, month: date, known: bool) -> list:
    """One price row as lines of a sheet, a tier each. An end after the month may not be known yet."""
    rng = world.rngs["products"]
    end = row.end if row.end and (known or row.end < next_month(month)) else None
    ended = f"{us_date(end)} {rng.choice(('11:59:59 PM', '11:59:59 PM', '12:00:00 AM'))}" if end else ""
    lines, above = [], 0
    only_minima = len(row.tiers) > 1 and names_only_minima(world)
    for limit, price in row.tiers:
        ranges = ("", "")
        if len(row.tiers) > 1:
            ranges = (spelled(world, Decimal(above)), spelled(world, limit) if limit is not None else spelled(world, ENDLESS, 0.3))
            above = int(limit or 0) + 1
            if only_minima:
                ranges, above = (ranges[0], ""), int(limit or 0)
        title = f"{product.category} - {product.meter_name}"
        lines.append(
            (
                product.category, product.product_id, product.sku_id, title, product.publisher, title, "1 Hour",
                "payG-1", market, "USD", spelled(world, price), *ranges, f"{us_date(row.begin)} 12:00:00 AM",
                ended or "11/30/9999 11:59:59 PM", row.meters, "1 Hour", product.tags,
            )
        )  # fmt: skip
    return lines


def write_price_sheets(world: World, zone: Zone) -> None:
    """Write a sheet for every market and month. Rows that hold in both months stand in both."""
    rng = world.rngs["products"]
    for market in sorted({subscription.customer.country for subscription in world.subscriptions}):
        for month in world.calendar.months:
            known = chance(rng, 0.5)
            lines = [
                line
                for product in world.products
                for row in product.rows.get(market, [])
                if row.begin < next_month(month) and (row.end is None or row.end >= month)
                for line in sheet_lines(world, product, market, row, month, known)
            ]
            reserved = list(lines[0])
            reserved[1:3], reserved[7], reserved[17] = ("QZH779Z0RSVD", "0001"), "P1Y", "Reservation"
            lines.append(tuple(reserved))
            rng.shuffle(lines)
            buffer = io.StringIO()
            writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
            writer.writerows([SHEET_HEADER, *lines])
            path = f"price_sheet/{market}/azure_consumption_{market}_{month:%Y%m}.csv"
            path = packed(world, path, 0.2)
            zone.write(path, buffer.getvalue().encode())
            copy_now_and_then(world, zone, path, buffer.getvalue().encode(), places=("",))


DOLLARS = {"EUR": Decimal("1.166000000142252"), "GBP": Decimal("1.347000000728727"), "USD": Decimal(1)}
EXCHANGE_RATES = {"EUR": Decimal("0.857632933"), "GBP": Decimal("0.742390497"), "USD": Decimal(1)}


def write_fx_rates(world: World, zone: Zone) -> None:
    for month in world.calendar.months:
        rows = [(currency, plain(dollars), f"{month:%Y%m}") for currency, dollars in DOLLARS.items()]
        write_table(zone, f"fx_rates/fx_rates_{month:%Y%m}.csv", "CurrencyCode,USDPerUnit,Month", rows)
