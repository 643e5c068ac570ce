"""News of usage and invoices."""

import pathlib
import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal, localcontext

import worlds

from .files import Table, day_of, export_day, number
from .landing import Landing

CENT = Decimal("0.01")


def usage_change(rng: random.Random, table: Table, positions: list[int]) -> str:
    """Change something in one of these lines of a file: a line twice, more of it, or the same (almost) on another day; what it was.

    Only what was used changes, not what was given back: a refund without its usage is no state of a month.
    """
    rows = {p: row for p, row in table.usage() if p in positions and number(row["quantity"]) > 0}
    if not rows:
        return ""
    position = rng.choice(sorted(rows))
    line, row = table.lines[position], rows[position]
    other = number(row["quantity"]) + Decimal(rng.randrange(1, 10**9)).scaleb(-8)
    days = sorted({str(r["usagedate"]) for r in rows.values() if day_of(r["usagedate"]).month == day_of(row["usagedate"]).month})
    what = rng.choice(("again", "more", "other day"))
    if what == "again":
        table.lines.insert(position, line)
    elif what == "more":
        table.lines[position] = table.changed(line, {"quantity": other})
    else:
        day = rng.choice(days)
        table.lines.insert(position, table.changed(line, {"quantity": other, "usagedate": day}))
        what = f"also on {day}"
    return f"line {position} of {row['usagedate']} {what}"


def exports(arrivals: Landing, kind: str) -> dict[tuple[str, date], list[pathlib.Path]]:
    """The billed or unbilled exports in the zone: partner's folder and date to files."""
    found = defaultdict(list)
    for file in arrivals.usage():
        if file.name.startswith(f"{kind}_"):
            found[(file.parent.name, export_day(file))].append(file)
    return dict(sorted(found.items()))


def newest_export(arrivals: Landing) -> tuple[str, date, list[tuple[pathlib.Path, Table]]] | None:
    """A partner's newest unbilled export: its folder, date and files."""
    found = exports(arrivals, "unbilled")
    if not found:
        return None
    slug = arrivals.rng.choice(sorted({slug for slug, _ in found}))
    day = max(day for other, day in found if other == slug)
    return slug, day, [(file, Table.read(file)) for file in found[(slug, day)]]


def export_again(arrivals: Landing) -> str:
    """The open month is exported again with something more: under a newer date, or over a file whose date is that of its modification."""
    newest = newest_export(arrivals)
    if not newest:
        return ""
    slug, day, parts = newest
    newer = day + timedelta(days=arrivals.rng.randint(1, 3))
    undated = worlds.chance(arrivals.rng, 0.25) and len(parts) == 1 and not any(arrivals.files(f"daily_rated_usage/{slug}/unbilled_latest", root) for root in (arrivals.zone, arrivals.kept))
    modified = datetime(newer.year, newer.month, newer.day, 5, tzinfo=UTC).timestamp()
    told = []
    for number_of_part, (file, table) in enumerate(parts):
        told.append(usage_change(arrivals.rng, table, [p for p, _ in table.usage()]))
        ending = file.name[file.name.index(".") :]
        name = "unbilled_latest" if undated else f"unbilled_{newer}_again{number_of_part}"
        arrivals.put(f"daily_rated_usage/{slug}/{name}{ending}", table.text, modified)
    return f"{slug} {newer} ({'undated, ' if undated else ''}{', '.join(filter(None, told))})"


def correct_usage(arrivals: Landing) -> str:
    """A file of usage is replaced by one of the same name with another content."""
    files = arrivals.usage()
    if not files:
        return ""
    file = arrivals.rng.choice(files)
    table = Table.read(file)
    told = usage_change(arrivals.rng, table, [p for p, _ in table.usage()])
    if told:
        arrivals.put(arrivals.path(file), table.text)
    return told and f"{file.name} {told}"


def close_a_month(arrivals: Landing) -> str:
    """A month is invoiced: its newest unbilled lines come again with an invoice number, and a little changed."""
    newest = newest_export(arrivals)
    if not newest:
        return ""
    slug, _, parts = newest
    accounts = sorted({month_and_currency(row) for _, table in parts for _, row in table.usage()})
    if not accounts:
        return ""
    account = arrivals.rng.choice(accounts)
    invoice = f"G{arrivals.rng.randrange(10**8, 10**9)}"
    day = worlds.next_month(date.fromisoformat(account[0])) + timedelta(days=arrivals.rng.randint(3, 9))
    for number_of_part, (file, table) in enumerate(parts):
        kept = {p for p, row in table.usage() if month_and_currency(row) == account}
        usage_change(arrivals.rng, table, sorted(kept)) if worlds.chance(arrivals.rng, 0.5) else None
        lines = [
            table.changed(table.lines[p], {"invoicenumber": invoice}) for p, row in table.usage() if month_and_currency(row) == account
        ]
        if lines:
            head = table.lines[:1] if table.header else []
            ending = file.name[file.name.index(".") :]
            arrivals.put(f"daily_rated_usage/{slug}/billed_{day}_{invoice}_{number_of_part}{ending}", "\n".join([*head, *lines, ""]))
    return f"{slug} {account[0]} {account[1]} as {invoice}"


def month_and_currency(row: dict[str, object]) -> tuple[str, str]:
    return day_of(row["usagedate"]).replace(day=1).isoformat(), str(row["billingcurrency"])


INVOICE_HEADER = [
    "InvoiceNumber", "CustomerId", "SubscriptionId", "ProductId", "SkuId", "SkuName", "ChargeType", "UnitPrice", "Subtotal", "Currency",
    "PriceAdjustmentDescription", "EffectiveUnitPrice", "BillableQuantity", "PCToBCExchangeRate", "CreditReasonCode",
]  # fmt: skip


def bring_an_invoice(arrivals: Landing) -> str:
    """The reconciliation file of an invoice that is in the zone arrives, or arrives again with other amounts."""
    parts: dict[str, dict[tuple, list]] = defaultdict(lambda: defaultdict(list))
    for files in exports(arrivals, "billed").values():
        for file in files:
            for _, row in Table.read(file).usage():
                names = ("customerid", "subscriptionid", "productid", "skuid", "unitprice", "credittype")
                if row.get("benefittype") in (None, "", "Charge"):
                    price = {"unitprice": worlds.plain(number(row["unitprice"]))}
                    parts[str(row["invoicenumber"])][tuple(str((row | price)[name]) for name in names)].append(row)
    if not parts:
        return ""
    invoice = arrivals.rng.choice(sorted(parts))
    table = Table(list(map(str.lower, INVOICE_HEADER)), [",".join(INVOICE_HEADER)])
    with localcontext(prec=60):
        for (customer, plan, product, sku, price, credit), rows in sorted(parts[invoice].items()):
            quantity = sum(number(row["quantity"]) for row in rows)
            net = sum(number(row["pricingpretaxtotal"]) for row in rows).quantize(CENT, ROUND_DOWN)
            rate = number(rows[0]["pctobcexchangerate"])
            wrong = arrivals.rng.choice((0, 0, 0, 1, 250))
            table.lines.append(table.row({
                "invoicenumber": invoice, "customerid": customer, "subscriptionid": plan, "productid": product, "skuid": sku,
                "skuname": "", "chargetype": "new", "unitprice": price, "currency": rows[0]["billingcurrency"],
                "subtotal": (net * rate).quantize(CENT, ROUND_DOWN) + wrong * CENT, "billablequantity": worlds.plain(quantity),
                "effectiveunitprice": worlds.plain((net / quantity).quantize(Decimal("1E-15"))) if quantity else "0",
                "priceadjustmentdescription": '["15.0% Partner earned credit"]' if "Partner" in credit else "",
                "pctobcexchangerate": rate, "creditreasoncode": "Azure credit" if credit.startswith("Azure") else "",
            }))  # fmt: skip
    arrivals.put(f"invoice_reconciliation/{invoice}.csv", "\n".join([*table.lines, ""]))
    return f"{invoice} with {len(table.lines) - 1} lines"
