"""News of prices and rates."""

import random
from datetime import timedelta
from decimal import Decimal

import worlds

from .files import Table, day_of
from .landing import Landing
from .usage import CENT

ENDLESS = "9223372036854780000"  # how a price sheet says that a tier has no end


def other_price(rng: random.Random, price: str) -> str:
    return worlds.plain((Decimal(price) * rng.choice((Decimal("0.9"), Decimal("1.1"), Decimal("1.5"))) + CENT).quantize(Decimal("1E-8")))


def change_prices(arrivals: Landing, table: Table) -> str:
    """Change some prices of a sheet: another price, tiers instead of one price, a price that begins within the month; what it was."""
    rng, told = arrivals.rng, []
    rows = [position for position, row in table.rows() if row["termduration"] == "payG-1"]
    for position in sorted(rng.sample(rows, min(len(rows), rng.randint(2, 6))), reverse=True):
        line, row = table.lines[position], table.fields(table.lines[position])
        price, has_tiers = other_price(rng, row["unitprice"]), bool(row["pricingtierrangemax"])
        what = rng.choice(("price", "tiers", "later"))
        if what == "tiers" and not has_tiers:
            limit = rng.choice((3, 10, 25))
            first = {"pricingtierrangemin": "0", "pricingtierrangemax": str(limit)}
            above = {"pricingtierrangemin": str(limit + 1), "pricingtierrangemax": ENDLESS, "unitprice": price}
            table.lines[position : position + 1] = [table.changed(line, first), table.changed(line, above)]
        elif what == "later" and (begin := start_within(arrivals, table, row)):
            table.lines.insert(position, table.changed(line, {"unitprice": price, "effectivestartdate": begin, "effectiveenddate": ""}))
            what = f"from {begin}"
        else:
            table.lines[position] = table.changed(line, {"unitprice": price})
            what = "price"
        told.append(f"{row['productid']} {what}")
    return ", ".join(told)


def start_within(arrivals: Landing, table: Table, row: dict[str, object]) -> str:
    """A usage day, as a sheet writes it, on which no row of this product begins yet."""
    taken = {other["effectivestartdate"] for _, other in table.rows() if (other["productid"], other["skuid"]) == (row["productid"], row["skuid"])}
    free = [begin for day in arrivals.days if (begin := f"{worlds.us_date(day)} 12:00:00 AM") not in taken]
    return arrivals.rng.choice(free) if free else ""


def order_is_clear(arrivals: Landing, path: str, changed: Table) -> bool:
    """Whether the sheets of a market, by name, are also in order of their newest starts: no doubt which sheet's word on a price is the last."""
    known = arrivals.files(path.rsplit("/", 1)[0] + "/", arrivals.kept)
    sheets = {file.relative_to(arrivals.kept).as_posix(): Table.read(file) for file in known} | {path: changed}
    starts = [max(day_of(row["effectivestartdate"].split(" ")[0]) for _, row in sheets[name].rows()) for name in sorted(sheets)]
    return starts == sorted(starts)


def new_price_sheet(arrivals: Landing) -> str:
    """A market's last sheet comes again under a newer date, with other prices."""
    market = arrivals.rng.choice(arrivals.files("price_sheet/")).parent.name
    table = Table.read(arrivals.files(f"price_sheet/{market}/")[-1])
    told = change_prices(arrivals, table)
    day = arrivals.days[-1] + timedelta(days=len(arrivals.arrived))
    path = f"price_sheet/{market}/azure_consumption_{market}_v{day}.csv"
    if not order_is_clear(arrivals, path, table):
        return ""
    arrivals.put(path, table.text)
    return f"{market} {day}: {told}"


def correct_price_sheet(arrivals: Landing) -> str:
    """A sheet is replaced by one of the same name with other prices."""
    file = arrivals.rng.choice(arrivals.files("price_sheet/"))
    table = Table.read(file)
    told = change_prices(arrivals, table)
    if not order_is_clear(arrivals, arrivals.path(file), table):
        return ""
    arrivals.put(arrivals.path(file), table.text)
    return f"{file.name}: {told}"


def change_rate(arrivals: Landing) -> str:
    """A month's exchange rate is corrected."""
    files = arrivals.files("fx_rates/")
    if not files:
        return ""
    file = arrivals.rng.choice(files)
    table = Table.read(file)
    position, row = arrivals.rng.choice(table.rows())
    table.lines[position] = table.changed(table.lines[position], {"usdperunit": other_price(arrivals.rng, row["usdperunit"])})
    arrivals.put(arrivals.path(file), table.text)
    return f"{file.name} {row['currencycode']}"
