"""Cost Management as a second source of usage, and partner ID links as JSON (issue 14, kinds 9 and 10)."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from .directory import Directory
from .usage import Usage, read_usage_row
from .values import FOREVER, GUID, day_of, file_instant, files_in, ident, instant, partner_number, plain_bytes, text
from .windows import both, whole_day

# Microsoft's published mapping: column of the daily file -> column of Cost and usage details
MAPPING = {
    "partnerid": "partnertenantid", "customerid": "customertenantid", "customername": "customername", "invoicenumber": "invoiceid",
    "entitlementid": "subscriptionid", "usagedate": "date", "meterid": "meterid", "metercategory": "metercategory", "metername": "metername",
    "resourcegroup": "resourcegroupname", "resourceuri": "resourceid", "quantity": "quantity", "publishername": "publishername",
    "billingpretaxtotal": "costinbillingcurrency", "billingcurrency": "billingcurrency", "pricingpretaxtotal": "costinpricingcurrency",
    "pctobcexchangerate": "exchangeratepricingtobilling", "additionalinfo": "additionalinfo",
}  # fmt: skip


def relation_on(directory: Directory, subscription: str | None, day: date | None) -> dict[str, Any] | None:
    """The earliest relationship of a subscription that overlaps the day (D5)."""
    if day is None:
        return None
    rows = [row for row in directory.relations if row["subscription"] == subscription and both([row["window"]], [whole_day(day)])]
    return min(rows, key=lambda row: (row["window"], row["transacting"], row["reseller"] or ""), default=None)


def as_daily(cells: dict[str, str], directory: Directory) -> dict[str, Any]:
    """The cells of a line under the daily file's names. Raises ValueError when its day cannot be read."""
    product = text(cells.get("productid")) or ""
    model = (ident(cells.get("pricingmodel")) or "").replace(" ", "")
    relation = relation_on(directory, ident(cells.get("subscriptionid")), day_of(cells.get("date"))) or {}
    is_refused = ident(cells.get("partnerearnedcreditapplied")) in ("0", "false", "no")
    return {name: cells.get(column) for name, column in MAPPING.items()} | {
        "productid": product[:12], "skuid": re.sub(r"[^0-9A-Za-z]", "", product[12:]),
        "unitprice": text(cells.get("unitprice")) or cells.get("paygprice"),
        "partnerearnedcreditpercentage": "0" if is_refused else cells.get("partnerearnedcreditrate"),
        "benefittype": "Reservation" if model == "reservation" or text(cells.get("reservationid")) else "SavingsPlan" if model == "savingsplan" else "",
        "mpnid": relation.get("transacting"), "tier2mpnid": relation.get("reseller"),
        "subscriptionid": relation.get("plan") or cells.get("subscriptionid"),
    }  # fmt: skip


def read_cost_management(zone: Path, directory: Directory) -> list[Usage]:
    """The lines of usage of the newest export of each subscription and month.

    **Choices**: an export is a date, and the last GUID of the path where there is one (the id of a run); of two runs of a date the later by its
    instant counts, then the greater id. Charges other than usage are none; amortized costs, told by the path, repeat the actual ones.
    """
    found: dict[tuple, list[tuple[tuple, Usage]]] = defaultdict(list)
    seen: set[bytes] = set()
    for path in files_in(zone / "cost_management", ".csv", ".csv.gz"):
        source_file, exported_at, content = path.relative_to(zone).as_posix(), file_instant(path), plain_bytes(path)
        if content in seen:
            continue
        seen.add(content)
        runs = GUID.findall(source_file)
        export = (exported_at.date(), (runs or [""])[-1].lower())
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        for number, row in enumerate(reader, 2):
            cells = {name.lower(): value for name, value in row.items()}
            if (ident(cells["chargetype"]) or "usage") != "usage" or "amorti" in source_file.lower():
                continue
            try:
                line = read_usage_row(as_daily(cells, directory), source_file, number, exported_at.date())
            except ValueError:
                continue
            found[(line.subscription_id, line.month)].append(((export[0], exported_at, export[1]), line))
    out = []
    for lines in found.values():
        newest = max(key for key, _ in lines)
        out += [line for key, line in lines if (key[0], key[2]) == (newest[0], newest[2])]
    return out


def beside_none(daily: list[Usage], second: list[Usage]) -> list[Usage]:
    """The lines of a second source whose subscription and month no line of the daily file has."""
    taken = {(line.subscription_id, line.month) for line in daily}
    return [line for line in second if (line.subscription_id, line.month) not in taken]


def read_links(folder: Path, directory: Directory) -> None:
    """Adds the links of `partner_id_links/*.json` to a directory: from the last change that the answer tells, until a later one says otherwise."""
    shown: dict[str, list[tuple[datetime, datetime, str, bool]]] = defaultdict(list)
    for path in files_in(folder, ".json"):
        answer = json.loads(plain_bytes(path).decode("utf-8-sig"))
        fields = {name.lower(): value for name, value in (answer | answer.get("properties", {})).items()}
        ids = {found.lower() for found in GUID.findall(path.relative_to(folder.parent).as_posix())} - {ident(fields.get("tenantid"))}
        principal = ident(fields.get("objectid")) or (ids.pop() if len(ids) == 1 else None)
        partner = partner_number(fields.get("partnerid")) or partner_number(fields.get("name"))
        if not principal or not partner:
            continue
        created, updated, at = instant(fields.get("createdtime")), instant(fields.get("updatedtime")), file_instant(path)
        begin = (created if str(fields.get("version")) == "1" else None) or updated or created or at
        shown[principal].append((at, begin, partner, ident(fields.get("state")) in (None, "active")))
    for principal, answers in shown.items():
        for at, begin, partner, is_active in answers:
            ends = [other for later, other, whose, holds in answers if later > at and (not holds or whose != partner)]
            end = max(begin, min(ends)) if ends else FOREVER
            directory.links[principal].append((partner, (begin, end if is_active else begin)))
