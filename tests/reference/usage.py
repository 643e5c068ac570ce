"""Usage lines and the export lifecycle."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Iterator

from .values import (
    ZERO, Unreadable, csv_records, date_orders, day_of, decimal_marks, decoded, file_instant, files_in, ident, number, partner_number,
    plain_bytes, text,
)  # fmt: skip

ALIASES = {
    "resellermpnid": "tier2mpnid",
    "rateofpartnerearnedcredit": "partnerearnedcreditpercentage",
    "rateofcredit": "creditpercentage",
}
NEEDED = {"usagedate", "quantity", "unitprice", "mpnid"}


@dataclass
class Usage:
    """One readable usage line."""

    source_file: str
    line_number: int
    exported_on: date
    partner: str
    usage_date: date
    invoice_number: str | None
    customer_id: str | None
    customer_name: str | None
    country: str | None
    subscription_id: str
    plan_subscription_id: str | None
    resource_group_name: str | None
    resource_id: str
    transacting_partner_id: str
    reseller_partner_id: str | None
    product_id: str | None
    sku_id: str | None
    meter_id: str | None
    meter_category: str | None
    meter_name: str | None
    publisher: str | None
    benefit_type: str
    credit_type: str
    credit_percentage: Decimal
    quantity: Decimal
    unit_price: Decimal
    applied_pec_rate: Decimal
    applied_net_cost_usd: Decimal | None
    billing_currency: str | None
    exchange_rate: Decimal | None
    charged: tuple[Decimal | None, Decimal | None] = (None, None)  # in USD, in the billing currency

    @property
    def month(self) -> date:
        """The first day of the usage month."""
        return self.usage_date.replace(day=1)

    @property
    def is_covered_by_benefit(self) -> bool:
        """Reservation and savings-plan lines (M2): cost 0, no tier, no month-to-date row."""
        return self.benefit_type in ("reservation", "savingsplan")

    @property
    def is_legacy(self) -> bool:
        """A line of a legacy Azure offer's invoice."""
        return (self.invoice_number or "").upper().startswith("D")


def read_usage_row(cells: dict[str, Any], source_file: str, line_number: int, exported_on: date) -> Usage:
    """One line of either channel. Raises ValueError when it cannot be read.

    **Choices**: needed are a day of usage, a quantity, a unit price, the transacting partner and an Azure subscription
    (EntitlementId, else the one in ResourceURI); the other numbers may be blank (percentages: 0) but not unreadable.
    A number may have any decimals and an exponent (M3); a quantity is rounded to 15, and is below 10^12.
    A percentage up to 1 is a rate (the API's spelling), above 1 percent points. Columns that the marts do not use
    (charge period, exchange-rate date) do not reject a line. A trailing slash of ResourceURI is cut.
    """
    usage_date = day_of(cells.get("usagedate"))
    quantity = number(cells.get("quantity"))
    if quantity is not None and quantity.as_tuple().exponent < -15:
        quantity = quantity.quantize(Decimal("1E-15"), rounding=ROUND_HALF_UP)
    unit_price = number(cells.get("unitprice"))
    transacting = partner_number(cells.get("mpnid"))
    for name, value in (("UsageDate", usage_date), ("Quantity", quantity), ("UnitPrice", unit_price)):
        if value is None:
            raise ValueError(f"{name} is blank")
    if abs(quantity) >= 10**12:
        raise ValueError("Quantity has more than 12 digits before the point")
    if transacting is None:
        raise ValueError("MpnId is blank")
    applied = number(cells.get("partnerearnedcreditpercentage")) or ZERO
    credit = number(cells.get("creditpercentage")) or ZERO
    number(cells.get("effectiveunitprice"))
    rate = number(cells.get("pctobcexchangerate"))
    for name, value, top in (("UnitPrice", unit_price, 10**8), ("credit", applied, 101), ("credit", credit, 101)):
        if not 0 <= value < top:
            raise ValueError(f"{name} is out of range")
    if rate is not None and not 0 < rate < 10**7:
        raise ValueError("PCToBCExchangeRate is not above 0 and below 10^7")
    if rate is not None and rate >= 1000 and int(abs(quantity)) * (int(unit_price) + 1) * int(rate) >= 10**17:
        raise ValueError("the line may cost 10^17 or more in the billing currency")
    charged = number(cells.get("pricingpretaxtotal")), number(cells.get("billingpretaxtotal"))
    if abs(charged[0] or 0) >= 10**15 or abs(charged[1] or 0) >= 10**17:
        raise ValueError("a total is beyond what the marts hold exactly")
    benefit = "reservation" if names_a_reservation(cells.get("additionalinfo")) else (ident(cells.get("benefittype")) or "").replace(" ", "")
    uri = (ident(cells.get("resourceuri")) or "").rstrip("/")
    in_uri = re.match(r"/subscriptions/([^/]+)", uri)
    subscription = ident(cells.get("entitlementid")) or (in_uri.group(1) if in_uri else None)
    if subscription is None:
        raise ValueError("EntitlementId is blank")
    group = ident(cells.get("resourcegroup"))
    place = f"/subscriptions/{subscription}" + (f"/resourcegroups/{group}" if group else "")
    return Usage(
        source_file=source_file,
        line_number=line_number,
        exported_on=exported_on,
        partner=ident(cells.get("partnerid")) or transacting,
        usage_date=usage_date,
        invoice_number=text(cells.get("invoicenumber")),
        customer_id=ident(cells.get("customerid")),
        customer_name=text(cells.get("customername")),
        country=ident(cells.get("customercountry")),
        subscription_id=subscription,
        plan_subscription_id=ident(cells.get("subscriptionid")),
        resource_group_name=group,
        resource_id=uri or place,
        transacting_partner_id=transacting,
        reseller_partner_id=partner_number(cells.get("tier2mpnid")),
        product_id=ident(cells.get("productid")),
        sku_id=ident(cells.get("skuid")),
        meter_id=ident(cells.get("meterid")),
        meter_category=text(cells.get("metercategory")),
        meter_name=text(cells.get("metername")),
        publisher=text(cells.get("publishername")),
        benefit_type=benefit,
        credit_type=ident(cells.get("credittype")) or "",
        credit_percentage=credit * 100 if abs(credit) <= 1 else credit,
        quantity=quantity,
        unit_price=unit_price,
        applied_pec_rate=applied / 100 if abs(applied) > 1 else applied,
        applied_net_cost_usd=charged[0],
        charged=charged,
        billing_currency=text(cells.get("billingcurrency")),
        exchange_rate=rate,
    )


def names_a_reservation(info: Any) -> bool:
    """Whether AdditionalInfo has a ReservationOrderId or ReservationId (P2), in any letter case and however often it is packed in a string.

    **Choice**: null, blanks and the GUID of zeros name none; JSON that is cut is read as far as it goes.
    """
    plain = json.dumps(info) if isinstance(info, dict) else (text(info) or "")
    values = re.findall(r'"reservation(?:order)?id"\s*:\s*"?([^",}]*)', plain.replace("\\", ""), re.I)
    return any(re.search("[0-9a-z]", value, re.I) and not re.fullmatch("null|[0-]+", value.strip().lower()) for value in values)


DATES = ("usagedate", "chargestartdate", "chargeenddate", "pctobcexchangeratedate")
NUMBERS = ("unitprice", "quantity", "pricingpretaxtotal", "billingpretaxtotal", "effectiveunitprice", "pctobcexchangerate")


def spelling_of(rows: list[dict[str, Any]]) -> tuple[set[str], bool]:
    """How a file writes dates with slashes (date_orders), and whether it has decimal commas: proven by one, and no decimal point proves the contrary."""
    orders = date_orders([cells.get(name) for cells in rows for name in DATES])
    return orders, decimal_marks([cells.get(name) for cells in rows for name in NUMBERS]) == {","}


def check_spelling(cells: dict[str, Any], orders: set[str], has_commas: bool) -> None:
    """Raises ValueError for a line of a file that writes days first, or decimal commas: nothing is guessed.

    **Choice**: where a file proves both orders of dates, a line is read whose own dates prove that the month comes first.
    """
    if has_commas:
        raise ValueError("the file has decimal commas")
    slashes = any("/" in (text(cells.get(name)) or "") for name in ("usagedate", "chargestartdate"))
    if "day" in orders and slashes and date_orders([cells.get(name) for name in DATES]) != {"month"}:
        raise ValueError("the file has dates that are day-first")


def usage_rows(name: str, content: str) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """(line number, cells by lower-case column name, None when the row itself is broken) of one usage file.

    Raises Unreadable when the file as a whole says nothing: a quote without end, or a header without a needed column.
    **Choice**: needed is what each line needs; a file without EntitlementId is read where it has ResourceURI.
    """
    if name.lower().endswith((".csv", ".csv.gz")):
        header: list[str] = []
        for record, fields in csv_records(content):
            if record == 1:
                names = [re.sub(r"\W", "", name).lower() for name in fields]
                header = [ALIASES.get(name, name) for name in names]
                missing = NEEDED - set(header)
                if missing or not {"entitlementid", "resourceuri"} & set(header):
                    raise Unreadable(f"a needed column is missing: {missing or 'entitlementid'}")
            else:
                yield record, dict(zip(header, fields)) if len(fields) == len(header) else None
        return
    for line_number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line, parse_float=Decimal)
        except ValueError:
            found = None
        if isinstance(found, dict):
            yield line_number, {ALIASES.get(name.lower(), name.lower()): value for name, value in found.items()}
        else:
            yield line_number, None


@dataclass
class Read:
    """What the usage files say: readable lines, and what cannot be read: lines, and files as a whole."""

    lines: list[Usage] = field(default_factory=list)
    rejected: set[tuple[str, int]] = field(default_factory=set)  # (source file, line number)
    quarantined: set[str] = field(default_factory=set)
    duplicates: dict[str, str] = field(default_factory=dict)  # a file that says the same: the one that is counted


def read_usage(zone: Path) -> Read:
    """Reads `daily_rated_usage/`. Files of one export date with the same content are one file, the first by name.

    **Choices**: names are compared as texts, character by character (so `x (1).csv` comes before `x.csv`); the
    content is compared byte by byte after unpacking, without a byte-order mark, whatever the folder; of unreadable
    files each is named.
    """
    out = Read()
    paths = files_in(zone / "daily_rated_usage", ".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".json.gz")
    known: dict[tuple[date, bytes], str] = {}
    for source_file, path in sorted((path.relative_to(zone).as_posix(), path) for path in paths):
        exported_on = file_instant(path).date()
        try:
            content = plain_bytes(path)
            rows = list(usage_rows(path.name, decoded(content)))
        except Unreadable:
            out.quarantined.add(source_file)
            continue
        first = known.setdefault((exported_on, content), source_file)
        if first != source_file:
            out.duplicates[source_file] = first
            continue
        spelling = spelling_of([cells for _, cells in rows if cells])
        for line_number, cells in rows:
            try:
                if cells is None:
                    raise ValueError("not a row of this file")
                check_spelling(cells, *spelling)
                out.lines.append(read_usage_row(cells, source_file, line_number, exported_on))
            except ValueError:
                out.rejected.add((source_file, line_number))
    return out


def accepted(lines: list[Usage]) -> list[Usage]:
    """The lines that count: the newest export of each invoice, and unbilled months that no invoice covers yet.

    **Choices**: the partner of an export is `PartnerId` (one tenant bills all its locations). An export's date is a
    calendar day, also when its name or modification time tells the hour. A month is invoiced, for a partner and
    billing currency, as soon as any invoice holds a line of that usage month.
    """
    newest_bill: dict[str, date] = {}
    newest_open: dict[tuple, date] = {}
    billed_months: set[tuple] = set()
    for line in lines:
        month = (line.partner, line.month, (line.billing_currency or "").upper())
        if line.invoice_number:
            invoice = line.invoice_number.upper()
            newest_bill[invoice] = max(newest_bill.get(invoice, date.min), line.exported_on)
        else:
            newest_open[month] = max(newest_open.get(month, date.min), line.exported_on)
    out = []
    for line in lines:
        if line.invoice_number and line.exported_on == newest_bill[line.invoice_number.upper()]:
            billed_months.add((line.partner, line.month, (line.billing_currency or "").upper()))
            out.append(line)
    for line in lines:
        month = (line.partner, line.month, (line.billing_currency or "").upper())
        if not line.invoice_number and month not in billed_months and line.exported_on == newest_open[month]:
            out.append(line)
    return out
