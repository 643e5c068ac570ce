"""An independent recomputation of the partner-earned-credit marts, in plain Python.

It reads a landing zone the way `interface.md` describes it and applies the numbered rules of `domain.md` (D, A, P, M,
status ladder, export lifecycle) by brute force: no SQL, no DuckDB, Decimals with 80 digits, naive UTC datetimes with
microseconds (a seventh digit is cut off). It shares no code with the dbt project, so that an error in one of the two
shows as a difference.

Entry point: `recompute(zone, roles_csv, rate)`.

Where the rules are silent, the choice is noted as **Choice** in the docstring of the function that makes it.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path
from typing import Any, Iterable, Iterator

PRECISION = 80
FOREVER_AGO = datetime.min
FOREVER = datetime.max
DAY = timedelta(days=1)
ZERO = Decimal(0)
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)

Window = tuple[datetime, datetime]
Windows = list[Window]
ALWAYS: Windows = [(FOREVER_AGO, FOREVER)]


# --------------------------------------------------------------------------------------------------------------------
# Small things: text, numbers, dates, files
# --------------------------------------------------------------------------------------------------------------------


def text(value: Any) -> str | None:
    """The trimmed text of a cell; blank is None. Numbers and booleans of JSON become their text."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    out = str(value).strip()
    return out or None


def ident(value: Any) -> str | None:
    """An id: trimmed and in lower case; blank is None."""
    out = text(value)
    return out.lower() if out else None


def partner_number(value: Any) -> str | None:
    """A partner id; 0 and blank mean none (D5)."""
    out = ident(value)
    return None if out is None or set(out) == {"0"} else out


NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.I)


def number(value: Any) -> Decimal | None:
    """A decimal number; blank is None; anything else (thousands separators, NaN, words) raises ValueError."""
    out = text(value)
    if out is None:
        return None
    if not NUMBER.fullmatch(out):
        raise ValueError(f"not a number: {out!r}")
    return Decimal(out)


ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?\s*(Z|[+-]\d\d:?\d\d)?", re.I
)
AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:,?\s+(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d+))?)?\s*([AP]M)?)?", re.I)


def instant(value: Any) -> datetime | None:
    """ISO 8601 or US text as a naive UTC datetime (fractions beyond microseconds are cut off); blank is None.

    **Choice**: a text without a zone is UTC. Unreadable text raises ValueError.
    """
    out = text(value)
    if out is None:
        return None
    found = ISO.fullmatch(out)
    if found:
        year, month, day, hour, minute, second, fraction, zone = found.groups()
        half = None
    else:
        found = AMERICAN.fullmatch(out)
        if not found:
            raise ValueError(f"not a date: {out!r}")
        month, day, year, hour, minute, second, fraction, half = found.groups()
        zone = None
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:
            raise ValueError(f"not a time: {out!r}")
        hours = hours % 12 + (12 if half.upper() == "PM" else 0)
    micro = int(((fraction or "") + "000000")[:6])
    when = datetime(int(year), int(month), int(day), hours, int(minute or 0), int(second or 0), micro)
    if zone and zone.upper() != "Z":
        sign = -1 if zone[0] == "-" else 1
        try:
            when -= sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        except OverflowError:
            raise ValueError(f"not a date: {out!r}") from None
    return when


def day_of(value: Any) -> date | None:
    """The UTC calendar day of a date or instant; blank is None; unreadable raises ValueError."""
    when = instant(value)
    return None if when is None else when.date()


IN_NAME = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z)?(?!\d)|(?<!\d)(\d{4})(\d\d)(\d\d)(?!\d)")


def file_instant(path: Path) -> datetime:
    """The date of an export or snapshot: the first date in its file name, else its modification time (UTC).

    **Choice**: a GUID in the name is an id, never a date, even when it begins with eight digits that look like one;
    digits that are no calendar date are passed over.
    """
    name = GUID.sub("#", path.name)
    for found in IN_NAME.finditer(name):
        parts = found.groups()
        try:
            if parts[0]:
                return datetime(*(int(part or 0) for part in parts[:6]))
            return datetime(*(int(part) for part in parts[6:]))
        except ValueError:
            continue
    return datetime.fromtimestamp(path.stat().st_mtime, timezone.utc).replace(tzinfo=None)


def files_in(folder: Path, *endings: str) -> list[Path]:
    """All files under the folder whose name ends in one of the endings, sorted; none when the folder is missing."""
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.name.lower().endswith(endings))


def content_of(path: Path) -> str:
    """A file's text, unpacked when gzipped, without a byte-order mark, with its line ends as they are."""
    raw = path.read_bytes()
    if path.name.lower().endswith(".gz"):
        raw = gzip.decompress(raw)
    return raw.decode("utf-8-sig", errors="replace")


def csv_records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The records of a CSV file with their numbers; the header is 1.

    **Choice**: an empty line is no record: it is neither counted nor rejected.
    """
    csv.field_size_limit(2**31 - 1)
    record = 0
    for fields in csv.reader(io.StringIO(content_of(path), newline="")):
        if fields:
            record += 1
            yield record, fields


def table(path: Path) -> list[dict[str, str]]:
    """A small CSV (directory, price sheet) as rows by lower-case column name; rows of a wrong length are left out."""
    if not path.is_file():
        return []
    rows, header = [], []
    for record, fields in csv_records(path):
        if record == 1:
            header = [re.sub(r"\W", "", name).lower() for name in fields]
        elif len(fields) == len(header):
            rows.append(dict(zip(header, fields)))
    return rows


# --------------------------------------------------------------------------------------------------------------------
# Windows: lists of half-open intervals
# --------------------------------------------------------------------------------------------------------------------


def union(windows: Iterable[Window]) -> Windows:
    """The windows, sorted and merged; empty ones fall out."""
    out: Windows = []
    for start, end in sorted(w for w in windows if w[0] < w[1]):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def both(left: Iterable[Window], right: Iterable[Window]) -> Windows:
    """What lies in both."""
    right = list(right)
    return union((max(a, c), min(b, d)) for a, b in left for c, d in right)


def without(left: Iterable[Window], right: Iterable[Window]) -> Windows:
    """What lies in the first and not in the second."""
    out = union(left)
    for start, end in union(right):
        kept = [(a, min(b, start)) for a, b in out] + [(max(a, end), b) for a, b in out]
        out = union(kept)
    return out


def whole_day(day: date) -> Window:
    """[D 00:00, D+1 00:00) UTC."""
    begin = datetime.combine(day, time())
    return begin, begin + DAY


def seconds(windows: Windows) -> Decimal:
    """The length of the windows in seconds, exactly."""
    length = sum((end - start for start, end in windows), timedelta())
    return Decimal(length.days * 86400 + length.seconds) + Decimal(length.microseconds) / Decimal(1_000_000)


# --------------------------------------------------------------------------------------------------------------------
# The partner directory (D2-D5, A3)
# --------------------------------------------------------------------------------------------------------------------

Organisation = tuple[str, str]


@dataclass
class Directory:
    """What the partner knows and no export gives."""

    organisations: dict[str, Organisation] = field(default_factory=dict)
    agent_groups: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    tenants: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    links: dict[str, list[tuple[str, Window]]] = field(default_factory=lambda: defaultdict(list))
    principals: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    members: dict[str, dict[str, Windows]] = field(default_factory=lambda: defaultdict(dict))
    agreements: dict[str, Windows] | None = None
    relations: list[dict[str, Any]] = field(default_factory=list)
    management_groups: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def organisation(self, partner: str) -> Organisation:
        """The organisation of a partner id; one that the locations lack is an organisation of its own (D3)."""
        return self.organisations.get(partner, ("own", partner))

    def has_agreement(self, partner: str, day: date) -> bool:
        """Whether an agreement of the partner's organisation is in force for the whole day (D4).

        **Choice**: agreements that follow each other without a gap (a renewal at noon) count together; for a partner
        without a location row, `partner_global_id` is compared with its partner id.
        """
        if self.agreements is None:
            return True
        windows = self.agreements.get(self.organisation(partner)[1], [])
        return both(windows, [whole_day(day)]) == [whole_day(day)]

    def reseller_on(self, subscription: str, partner: str, day: date) -> str | None:
        """The reseller by the relationship history: the earliest row overlapping the day for the organisation (D5).

        **Choice**: of rows that begin together the one that ends first, then the first in the file.
        """
        wanted = self.organisation(partner)
        rows = [
            row
            for row in self.relations
            if row["subscription"] == subscription
            and self.organisation(row["transacting"]) == wanted
            and both([row["window"]], [whole_day(day)])
        ]
        return min(rows, key=lambda row: row["window"])["reseller"] if rows else None

    def identities(self, principal: str) -> list[tuple[str, Windows]]:
        """Who acts through a principal: itself always, and every member while a member.

        **Choice**: a group inside the group passes its members on (Azure's membership is transitive).
        """
        out: dict[str, Windows] = {principal: ALWAYS}
        todo = [(principal, ALWAYS)]
        while todo:
            group, so_far = todo.pop()
            for member, windows in self.members.get(group, {}).items():
                reached = both(so_far, windows)
                grown = union(out.get(member, []) + reached)
                if grown != out.get(member):
                    out[member] = grown
                    todo.append((member, grown))
        return sorted(out.items())

    def groups_of(self, principal: str) -> list[tuple[str, Windows]]:
        """The principal itself and the groups that it belongs to, with the times."""
        every = {group for group in self.members} | {principal}
        found = [(group, dict(self.identities(group)).get(principal, [])) for group in sorted(every)]
        return [(group, windows) for group, windows in found if windows]

    def ever_members(self, principal: str) -> set[str]:
        """The principal and everybody who ever was a member of it, times aside."""
        out, todo = {principal}, [principal]
        while todo:
            for member in self.members.get(todo.pop(), {}):
                if member not in out:
                    out.add(member)
                    todo.append(member)
        return out

    def partners_behind(self, principal: str) -> set[str]:
        """Every partner that the principal, or anyone who ever was its member, is or was linked to or listed for."""
        out = set(self.agent_groups.get(principal, set()))
        for who in self.ever_members(principal):
            out |= self.principals.get(who, set())
            out |= {partner for partner, _ in self.links.get(who, [])}
        return out


def window_of(row: dict[str, str]) -> Window:
    """valid_from and valid_to of a directory row; blank is unbounded."""
    return instant(row.get("valid_from")) or FOREVER_AGO, instant(row.get("valid_to")) or FOREVER


def read_directory(folder: Path) -> Directory:
    """Reads `partner_directory/`. A row whose dates cannot be read is left out."""
    out = Directory()

    def rows(name: str) -> Iterator[tuple[dict[str, str], Window]]:
        for row in table(folder / name):
            try:
                yield row, window_of(row)
            except ValueError:
                continue

    for row, _ in rows("partner_locations.csv"):
        partner, organisation = ident(row["partner_id"]), ident(row["partner_global_id"])
        if partner and organisation:
            out.organisations[partner] = ("global", organisation)
    for row, _ in rows("agent_groups.csv"):
        group, tenant, partner = (ident(row[k]) for k in ("group_object_id", "partner_tenant_id", "partner_id"))
        if partner and tenant:
            out.tenants[tenant].add(partner)
        if partner and group and ident(row["group_name"]) in ("adminagents", "helpdeskagents"):
            out.agent_groups[group].add(partner)
    for row, window in rows("partner_id_links.csv"):
        principal, partner = ident(row["principal_id"]), partner_number(row["partner_id"])
        if principal and partner:
            out.links[principal].append((partner, window))
    for row, _ in rows("partner_principals.csv"):
        principal, partner = ident(row["principal_id"]), partner_number(row["partner_id"])
        if principal and partner:
            out.principals[principal].add(partner)
    for row, window in rows("group_members.csv"):
        group, member = ident(row["group_object_id"]), ident(row["member_principal_id"])
        if group and member:
            out.members[group][member] = union(out.members[group].get(member, []) + [window])
    if (folder / "agreements.csv").is_file():
        agreements: dict[str, Windows] = defaultdict(list)
        for row, window in rows("agreements.csv"):
            organisation = ident(row["partner_global_id"])
            if organisation:
                agreements[organisation] = union(agreements[organisation] + [window])
        out.agreements = dict(agreements)
    for row, window in rows("subscription_partners.csv"):
        subscription, partner = ident(row["subscription_id"]), partner_number(row["transacting_partner_id"])
        if subscription and partner:
            reseller = partner_number(row["reseller_partner_id"])
            out.relations.append(
                {"subscription": subscription, "transacting": partner, "reseller": reseller, "window": window}
            )
    for row, _ in rows("management_groups.csv"):
        group, subscription = ident(row["management_group_id"]), ident(row["subscription_id"])
        if group and subscription:
            out.management_groups[group.rstrip("/").split("/")[-1]].add(subscription.split("/")[-1])
    return out


# --------------------------------------------------------------------------------------------------------------------
# Usage lines and the export lifecycle
# --------------------------------------------------------------------------------------------------------------------

ALIASES = {
    "resellermpnid": "tier2mpnid",
    "rateofpartnerearnedcredit": "partnerearnedcreditpercentage",
    "rateofcredit": "creditpercentage",
}


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
    A percentage up to 1 is a rate (the API's spelling), above 1 percent points. Columns that the marts do not use
    (charge period, exchange-rate date) do not reject a line. A trailing slash of ResourceURI is cut.
    """
    usage_date = day_of(cells.get("usagedate"))
    quantity = number(cells.get("quantity"))
    unit_price = number(cells.get("unitprice"))
    transacting = partner_number(cells.get("mpnid"))
    for name, value in (("UsageDate", usage_date), ("Quantity", quantity), ("UnitPrice", unit_price)):
        if value is None:
            raise ValueError(f"{name} is blank")
    if transacting is None:
        raise ValueError("MpnId is blank")
    applied = number(cells.get("partnerearnedcreditpercentage")) or ZERO
    credit = number(cells.get("creditpercentage")) or ZERO
    for name in ("billingpretaxtotal", "effectiveunitprice"):
        number(cells.get(name))
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
        benefit_type=(ident(cells.get("benefittype")) or "").replace(" ", ""),
        credit_type=ident(cells.get("credittype")) or "",
        credit_percentage=credit * 100 if abs(credit) <= 1 else credit,
        quantity=quantity,
        unit_price=unit_price,
        applied_pec_rate=applied / 100 if abs(applied) > 1 else applied,
        applied_net_cost_usd=number(cells.get("pricingpretaxtotal")),
        billing_currency=text(cells.get("billingcurrency")),
        exchange_rate=number(cells.get("pctobcexchangerate")),
    )


def usage_rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """(line number, cells by lower-case column name, None when the row itself is broken) of one usage file."""
    if path.name.lower().endswith((".csv", ".csv.gz")):
        header: list[str] = []
        for record, fields in csv_records(path):
            if record == 1:
                names = [re.sub(r"\W", "", name).lower() for name in fields]
                header = [ALIASES.get(name, name) for name in names]
            else:
                yield record, dict(zip(header, fields)) if len(fields) == len(header) else None
        return
    for line_number, line in enumerate(content_of(path).split("\n"), start=1):
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


def read_usage(zone: Path) -> tuple[list[Usage], set[tuple[str, int]]]:
    """All readable lines of `daily_rated_usage/`, and (file, line number) of those that are not readable."""
    lines: list[Usage] = []
    rejected: set[tuple[str, int]] = set()
    for path in files_in(zone / "daily_rated_usage", ".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".json.gz"):
        source_file = path.relative_to(zone).as_posix()
        exported_on = file_instant(path).date()
        for line_number, cells in usage_rows(path):
            try:
                if cells is None:
                    raise ValueError("not a row of this file")
                lines.append(read_usage_row(cells, source_file, line_number, exported_on))
            except ValueError:
                rejected.add((source_file, line_number))
    return lines, rejected


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


# --------------------------------------------------------------------------------------------------------------------
# Prices and tiers (P1, P2, M1, M2, M6)
# --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Price:
    """One row of a price sheet."""

    market: str
    product_id: str
    sku_id: str
    meters: frozenset[str]
    first_day: date
    last_day: date
    lower: Decimal
    upper: Decimal | None
    unit_price: Decimal
    third_party: bool
    source: str

    def in_effect(self, day: date) -> bool:
        """The end day is included (M1)."""
        return self.first_day <= day <= self.last_day

    def displaces(self, older: Price) -> bool:
        """Whether this row, newer or at least not older, takes the other one's place: they price the same quantities.

        Rows of one version (same first day, same file) stand beside each other, even where their ranges touch.
        """
        if self.lower == older.lower:
            return True
        if (self.first_day, self.source) == (older.first_day, older.source):
            return False
        return (self.upper is None or self.upper > older.lower) and (older.upper is None or older.upper > self.lower)


def read_prices(zone: Path) -> dict[tuple, list[Price]]:
    """All rows of `price_sheet/` by market, product and SKU. Rows that cannot be read are left out.

    **Choices**: all sheets of a market are one list and the effective dates alone decide what holds on a day; only
    rows in USD (or without a currency) whose TermDuration is pay-as-you-go (or blank) are consumption prices; several
    MeterIds may be separated by commas, semicolons, bars or spaces.
    """
    out: dict[tuple, list[Price]] = defaultdict(list)
    for path in files_in(zone / "price_sheet", ".csv", ".csv.gz"):
        for row in table(path):
            try:
                first_day, last_day = day_of(row.get("effectivestartdate")), day_of(row.get("effectiveenddate"))
                lower, upper = number(row.get("pricingtierrangemin")), number(row.get("pricingtierrangemax"))
                unit_price = number(row.get("unitprice"))
            except ValueError:
                continue
            market, product, sku = (ident(row.get(name)) for name in ("market", "productid", "skuid"))
            if unit_price is None or not (market and product and sku):
                continue
            if not (ident(row.get("termduration")) or "payg").startswith("payg"):
                continue
            if (ident(row.get("currency")) or "usd") != "usd":
                continue
            price = Price(
                market=market,
                product_id=product,
                sku_id=sku,
                meters=frozenset(m for m in re.split(r"[,;|\s]+", ident(row.get("meterids")) or "") if m),
                first_day=first_day or date.min,
                last_day=last_day or date.max,
                lower=lower or ZERO,
                upper=upper,
                unit_price=unit_price,
                third_party=bool(re.search(r"third[\s_-]*party", row.get("tags") or "", re.I)),
                source=path.relative_to(zone).as_posix(),
            )
            out[market, product, sku].append(price)
    return out


def prices_for(line: Usage, prices: dict[tuple, list[Price]]) -> list[Price]:
    """The tiers that price a line, lowest first; empty when the line is not on the list.

    **Choices**: where a sheet names meters, rows that name the line's meter go before rows that name none, and rows
    that name others do not apply. "Overlapping" means the same days and the same quantities: a newer row displaces
    only those tiers of older rows whose range it touches, and does so even where a still newer one displaces it: a
    price that was replaced does not come back. Rows that begin on the same day: the last file by name, with its end.
    """
    found = prices.get((line.country, line.product_id, line.sku_id), [])
    for rows in ([p for p in found if line.meter_id in p.meters], [p for p in found if not p.meters]):
        rows.sort(key=lambda p: (p.first_day, p.source), reverse=True)
        said = [p for i, p in enumerate(rows) if not any(q.first_day == p.first_day and q.displaces(p) for q in rows[:i])]
        said = [p for p in said if p.in_effect(line.usage_date)]
        tiers = [p for p in said if not any(q.first_day > p.first_day and q.displaces(p) for q in said)]
        if tiers:
            break
    return sorted(tiers, key=lambda p: p.lower)


def split(total: Decimal, tiers: list[Price]) -> list[Decimal]:
    """How a cumulative quantity is spread over the tiers: each holds what lies above the previous one's maximum.

    **Choices**: the last tier has no end, and a total below zero lies in the first tier (so that a refund in a month
    without usage is worth the first tier's price).
    """
    out, below = [], ZERO
    for place, tier in enumerate(tiers):
        last = place == len(tiers) - 1 or tier.upper is None
        top = total if last else min(total, tier.upper)
        out.append(top if place == 0 else max(top - below, ZERO))
        below = below if last else max(below, tier.upper)
    return out


@dataclass
class Rated:
    """What the price list makes of a line."""

    list_cost: Decimal
    billable_quantity: Decimal
    listed: bool
    third_party: bool


def meter_key(line: Usage) -> tuple:
    """What consumption accumulates over (M2) and the month-to-date mart is keyed by."""
    return line.month, line.plan_subscription_id, line.product_id, line.sku_id, line.meter_id


def rate_lines(lines: list[Usage], prices: dict[tuple, list[Price]]) -> dict[int, Rated]:
    """List cost of every line, by its position in the list (M1, M2, M6).

    **Choices**: the stable line key of last resort is (source file, line number). A legacy line is not on the list:
    it costs its quantity x UnitPrice and fills no tier. A line that is not on the list is billable when its UnitPrice
    is above 0. When prices change within the month, each line is rated with the tiers in effect on its own day, from
    the same cumulative quantity.
    """
    out: dict[int, Rated] = {}
    so_far: dict[tuple, Decimal] = defaultdict(Decimal)
    order = sorted(
        range(len(lines)),
        key=lambda i: (
            lines[i].usage_date,
            lines[i].resource_id,
            lines[i].quantity,
            lines[i].source_file,
            lines[i].line_number,
        ),
    )
    for i in order:
        line = lines[i]
        tiers = prices_for(line, prices)
        third_party = any(tier.third_party for tier in tiers)
        listed = bool(tiers) and not line.is_legacy
        if line.is_covered_by_benefit:
            out[i] = Rated(ZERO, ZERO, listed, third_party)
        elif not listed:
            billable = line.quantity if line.unit_price > 0 else ZERO
            out[i] = Rated(line.quantity * line.unit_price, billable, False, third_party)
        else:
            before = so_far[meter_key(line)]
            after = before + line.quantity
            so_far[meter_key(line)] = after
            moved = [new - old for new, old in zip(split(after, tiers), split(before, tiers))]
            cost = sum((part * tier.unit_price for part, tier in zip(moved, tiers)), ZERO)
            billable = sum((part for part, tier in zip(moved, tiers) if tier.unit_price > 0), ZERO)
            out[i] = Rated(cost, billable, True, third_party)
    return out


def product_reason(line: Usage, rated: Rated) -> str | None:
    """Why the product never earns, in P2's order; None when it may.

    **Choices**: the publisher is Microsoft when its name is "Microsoft" or begins with "Microsoft "; blank and NA name
    nobody. Either sign of an Azure credit is enough: the credit type, or a credit percentage of 100.
    """
    publisher = (line.publisher or "na").casefold()
    foreign = publisher not in ("na", "n/a", "microsoft") and not publisher.startswith("microsoft ")
    is_vm = (line.meter_category or "").casefold() == "virtual machines"
    if line.benefit_type == "reservation":
        return "reservation"
    if line.benefit_type == "savingsplan":
        return "savings_plan"
    if rated.third_party:
        return "third_party"
    if foreign:
        return "marketplace"
    if is_vm and re.search(r"(^|\W)spot$", line.meter_name or "", re.I):
        return "spot"
    if line.credit_type == "azure credit applied" or line.credit_percentage == 100:
        return "azure_credit"
    if not rated.listed:
        return "not_on_price_list"
    return None


# --------------------------------------------------------------------------------------------------------------------
# Evidence: events and snapshots (A7)
# --------------------------------------------------------------------------------------------------------------------

ASSIGNMENT = re.compile(r"(.*)/providers/microsoft\.(?:authorization|managedservices)/[^/]+/[^/]+")
SUCCESS = {"success", "succeeded"}
START = {"start", "started"}


def field_of(value: Any, *names: str) -> Any:
    """A member of a JSON object by name, without regard to case; the first of the names that is there and not null."""
    if not isinstance(value, dict):
        return None
    lower = {str(name).lower(): found for name, found in value.items()}
    for name in names:
        if lower.get(name.lower()) is not None:
            return lower[name.lower()]
    return None


def unpacked(value: Any) -> Any:
    """A JSON value, or the JSON inside a string; None when it is neither."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return None
    return value


def scope_id(value: Any) -> str | None:
    """A scope in lower case without a slash at its end; the root is '/'."""
    out = ident(value)
    return None if out is None else out.rstrip("/") or "/"


def scope_of_assignment(assignment: str | None) -> str | None:
    """The scope that an assignment's id begins with."""
    found = ASSIGNMENT.fullmatch(assignment or "")
    return scope_id(found.group(1) or "/") if found else None


def last_segment(value: Any) -> str | None:
    """The GUID at the end of a role definition's id, which comes with several prefixes, or bare."""
    out = ident(value)
    return out.rstrip("/").split("/")[-1] if out else None


def subscription_of(scope: str | None) -> str | None:
    """The subscription that a scope lies in; None for management groups and the root."""
    found = re.match(r"/subscriptions/([^/]+)", scope or "")
    return found.group(1) if found else None


@dataclass(frozen=True)
class Item:
    """What an assignment says: a grant (role, principal), or a deny (who, except whom, children or not)."""

    scope: str
    principal: str | None = None
    principal_type: str | None = None
    role: str | None = None
    eligible_only: bool = False
    tenant: str | None = None
    marketplace: bool = False
    definition: str | None = None
    denied: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    own_scope_only: bool = False
    control_plane: bool = True


@dataclass
class Point:
    """Something that the evidence says about an assignment at an instant."""

    when: datetime
    kind: str  # lacking | shown | deleted | created | written
    item: Item | None = None


RANK = {"lacking": 0, "shown": 1, "deleted": 2, "created": 3, "written": 4}
Spell = tuple[datetime, datetime, Item]


def spells(points: list[Point], ends_when: str = "last seen") -> list[Spell]:
    """The times in which an assignment stood, and what it said then (A7, A5).

    Going through the evidence in order of time: writing, creation and a first sighting begin a spell; a delete event
    ends it exactly; a later snapshot that lacks it marks it as gone, and unless a delete event still follows, it ended
    when it was last seen (`ends_when="first lacking"`, for deny assignments: at that first snapshot). What begins
    again after that begins at its new event or creation time, else when seen again.

    **Choices**: a delete event that follows a snapshot lacking the assignment is believed (a bare snapshot date means
    00:00 and may lie hours before the real moment). A later creation time than the last sighting proves that the
    earlier spell had ended. A creation time before a snapshot that lacks the assignment does not bridge it. A delete
    without any earlier sign of the assignment proves nothing; one shown without a creation time and then deleted, with
    nothing before that speaks against it, stood since ever ("before the evidence begins"). At the same instant:
    lacking, shown, deleted, created, written, in this order.
    """
    out: list[Spell] = []
    pieces: list[tuple[datetime, Item | None]] = []
    last_seen = FOREVER_AGO
    gone: datetime | None = None
    began_unseen = False

    def close(end: datetime, item: Item | None = None) -> None:
        nonlocal gone
        ends = [start for start, _ in pieces[1:]] + [end]
        for (start, said), stop in zip(pieces, ends):
            if (said or item) and start < min(stop, end):
                out.append((start, min(stop, end), said or item))
        pieces.clear()
        gone = None

    def begin_or_go_on(when: datetime, item: Item | None) -> None:
        if not pieces:
            pieces.append((when, item))
        elif item and pieces[-1][1] is None:
            pieces[-1] = (pieces[-1][0], item)
        elif item and item != pieces[-1][1]:
            pieces.append((when, item))

    for number, point in enumerate(sorted(points, key=lambda p: (p.when, RANK[p.kind]))):
        if point.kind == "deleted":
            if pieces and began_unseen:
                pieces[0] = (FOREVER_AGO, pieces[0][1])
            close(point.when, point.item)
            continue
        if point.kind == "lacking":
            if pieces and gone is None and point.when > last_seen:
                gone = point.when
            continue
        if pieces and gone is not None:
            close(gone if ends_when == "first lacking" else last_seen)
        elif pieces and point.kind == "created" and point.when > last_seen:
            close(point.when if ends_when == "first lacking" else last_seen)
        if not pieces or point.kind == "created":
            began_unseen = point.kind == "shown" and number == 0
        begin_or_go_on(point.when, point.item)
        last_seen = point.when
    if pieces:
        close(FOREVER if gone is None else gone if ends_when == "first lacking" else last_seen)
    return out


@dataclass
class Event:
    """A change that succeeded: what, when, to which assignment, and what the records of the operation say of it."""

    kind: str  # written | deleted
    resource: str  # roleassignments | denyassignments | registrationassignments | registrationdefinitions
    assignment: str
    when: datetime
    began: datetime
    body: Any


def activity_records(zone: Path) -> Iterator[dict[str, Any]]:
    """All records of `activity_log/`: arrays, {"value": [...]}, {"records": [...]}, or one JSON object a line.

    Lines and files that cannot be read are passed over.
    """
    for path in files_in(zone / "activity_log", ".json", ".json.gz"):
        content = content_of(path)
        try:
            found = [json.loads(content)]
        except ValueError:
            found = [unpacked(line) for line in content.split("\n")]
        while found:
            record = found.pop()
            if isinstance(record, list):
                found.extend(record)
            elif isinstance(record, dict):
                lists = [record[name] for name in ("value", "records") if isinstance(record.get(name), list)]
                inner = lists[0] if lists else None
                if inner is None:
                    yield record
                else:
                    found.extend(inner)


def value_of(value: Any) -> str:
    """The text of a field that comes plain or as {"value", "localizedValue"}, in lower case."""
    return ident(field_of(value, "value") if isinstance(value, dict) else value) or ""


def read_events(zone: Path) -> list[Event]:
    """The successful writes and deletes of assignments (A7), in any order of arrival; duplicates do no harm.

    **Choices**: a success belongs to the starts of the same assignment with its operation id; where one of the two
    records has none (diagnostic settings), with its correlation id. A body that the success itself carries is used
    when no start has one. PIM requests and elevateAccess are not assignments: they count through the assignments that
    they write, or that snapshots show. A delete answered with NoContent is a delete: from then on it is not there.
    """
    pattern = re.compile(
        r"microsoft\.(?:authorization/(?P<a>roleassignments|denyassignments)"
        r"|managedservices/(?P<m>registrationassignments|registrationdefinitions))/(?P<verb>write|delete)"
    )
    records: dict[tuple, list[dict[str, Any]]] = defaultdict(list)
    for record in activity_records(zone):
        operation = pattern.fullmatch(value_of(field_of(record, "operationName")))
        status = value_of(field_of(record, "status", "resultType"))
        if not operation or status not in SUCCESS | START:
            continue
        properties = unpacked(field_of(record, "properties"))
        entity = scope_id(field_of(properties, "entity")) or scope_id(field_of(record, "resourceId"))
        try:
            when = instant(field_of(record, "eventTimestamp", "time"))
        except ValueError:
            continue
        if when is None or entity is None:
            continue
        resource, kind = operation["a"] or operation["m"], operation["verb"]
        names = ("requestbody", "responseBody") if kind == "write" else ("responseBody", "requestbody")
        bodies = [unpacked(field_of(properties, name)) for name in names]
        records[resource, kind, entity].append(
            {
                "succeeded": status in SUCCESS,
                "when": when,
                "operation": ident(field_of(record, "operationId")),
                "correlation": ident(field_of(record, "correlationId")),
                "body": next((body for body in bodies if isinstance(body, dict)), None),
            }
        )

    def of_one_operation(left: dict[str, Any], right: dict[str, Any]) -> bool:
        if left["operation"] and right["operation"]:
            return left["operation"] == right["operation"]
        return left["correlation"] is not None and left["correlation"] == right["correlation"]

    events = []
    for (resource, kind, entity), found in records.items():
        for success in (record for record in found if record["succeeded"]):
            starts = [record for record in found if not record["succeeded"] and of_one_operation(record, success)]
            speaking = [*starts, success] if kind == "write" else [success, *starts]
            body = next((record["body"] for record in speaking if record["body"]), None)
            began = min(record["when"] for record in speaking)
            name = "written" if kind == "write" else "deleted"
            events.append(Event(name, resource, entity, success["when"], began, body))
    return events


@dataclass
class Snapshots:
    """Dated full snapshots of one folder: subscription -> instant -> its entries."""

    shown: dict[str, dict[datetime, list[dict[str, Any]]]] = field(default_factory=lambda: defaultdict(dict))


def entries_of(path: Path) -> list[dict[str, Any]] | None:
    """The entries of a snapshot file, with `properties` lifted to the top; None when it cannot be read."""
    try:
        found = json.loads(content_of(path))
    except ValueError:
        return None
    if isinstance(found, dict):
        inner = field_of(found, "value")
        found = inner if isinstance(inner, list) else [found]
    if not isinstance(found, list):
        return None
    out = []
    for entry in found:
        if isinstance(entry, dict):
            inner = unpacked(field_of(entry, "properties"))
            out.append({**entry, **inner} if isinstance(inner, dict) else entry)
    return out


def read_snapshots(folder: Path, zone: Path) -> Snapshots:
    """All snapshots of a folder.

    A snapshot speaks for the subscriptions that its entries lie in; when they name none (an empty list, or only
    management groups and the root), for the subscription in its file name, else in the nearest folder.

    **Choices**: files of the same subscription and instant are pages of one snapshot. An entry at a management group
    or the root belongs to every subscription of its file.
    """
    out = Snapshots()
    for path in files_in(folder, ".json", ".json.gz"):
        entries = entries_of(path)
        if entries is None:
            continue
        when = file_instant(path)
        places = [(entry, subscription_of(scope_of_entry(entry))) for entry in entries]
        subscriptions = {place for _, place in places if place}
        if not subscriptions:
            parts = [path.name] + [part.name for part in path.relative_to(zone).parents]
            named = [found[-1].lower() for found in map(GUID.findall, parts) if found]
            subscriptions = set(named[:1])
        for subscription in subscriptions:
            mine = [entry for entry, place in places if place in (None, subscription)]
            out.shown[subscription].setdefault(when, []).extend(mine)
    return out


def id_of_entry(entry: dict[str, Any]) -> str | None:
    """The id of a snapshot entry, in lower case."""
    return scope_id(field_of(entry, "id", "RoleAssignmentId"))


def scope_of_entry(entry: dict[str, Any]) -> str | None:
    """The scope of a snapshot entry: its own field, else the beginning of its id."""
    return scope_id(field_of(entry, "scope")) or scope_of_assignment(id_of_entry(entry))


def created_of_entry(entry: dict[str, Any]) -> datetime | None:
    """The creation time of a snapshot entry, when it tells one that can be read."""
    try:
        return instant(field_of(entry, "createdOn", "createdDateTime"))
    except ValueError:
        return None


# --------------------------------------------------------------------------------------------------------------------
# From evidence to grants and denies (A1-A5)
# --------------------------------------------------------------------------------------------------------------------

LEVELS = ("management_group", "subscription", "resource_group", "resource")
PATHS = ("aobo", "lighthouse", "direct")
EVERYONE = "00000000-0000-0000-0000-000000000000"


@dataclass
class Held:
    """An assignment (grant or deny) with its item, the times in which it stands, and whose evidence tells of it."""

    item: Item
    windows: Windows
    source: str  # role | lighthouse | eligibility | deny
    told_by: str | None  # the subscription whose snapshots show it; decides what a grant at '/' covers

    @property
    def level(self) -> str:
        """The level of the scope; '/' counts as a management group, everything below a resource group as resource."""
        scope = self.item.scope
        if not scope.startswith("/subscriptions/"):
            return LEVELS[0]
        depth = len(scope.strip("/").split("/"))
        if depth == 2:
            return LEVELS[1]
        return LEVELS[2] if depth == 4 and "/resourcegroups/" in scope else LEVELS[3]


def role_item(body: Any, assignment: str) -> Item | None:
    """What a role assignment grants, from a snapshot entry or an event's body; None without principal and role."""
    inner = field_of(body, "properties")
    found = inner if isinstance(inner, dict) else body
    principal = ident(field_of(found, "principalId", "objectId"))
    role = last_segment(field_of(found, "roleDefinitionId"))
    scope = scope_id(field_of(found, "scope")) or scope_of_assignment(assignment)
    if not (principal and role and scope):
        return None
    return Item(scope, principal, ident(field_of(found, "principalType", "objectType")), role)


def deny_item(body: Any, assignment: str) -> Item | None:
    """What a deny assignment takes away, from a snapshot entry or an event's body."""
    inner = field_of(body, "properties")
    found = inner if isinstance(inner, dict) else body
    scope = scope_id(field_of(found, "scope")) or scope_of_assignment(assignment)
    if not isinstance(found, dict) or scope is None:
        return None

    def ids(name: str) -> frozenset[str]:
        listed = field_of(found, name)
        every = [ident(field_of(who, "id", "objectId")) for who in listed] if isinstance(listed, list) else []
        return frozenset(who for who in every if who)

    permissions = field_of(found, "permissions")
    permissions = permissions if isinstance(permissions, list) else []
    return Item(
        scope,
        denied=ids("principals"),
        excluded=ids("excludePrincipals"),
        own_scope_only=str(field_of(found, "doNotApplyToChildScopes")).lower() == "true",
        control_plane=any(field_of(permission, "actions") for permission in permissions),
    )


def created_by_event(created: datetime | None, writes: list[Event]) -> datetime | None:
    """The exact start: a creation time that falls into a write operation is that write, whose success is the instant.

    **Choice**: between an operation's start and its success the event's instant wins over the snapshot's (A7: "the
    instant is that of the success").
    """
    for write in writes:
        if created is not None and write.began <= created <= write.when:
            return write.when
    return created


def sighting(when: datetime, item: Item | None, created: datetime | None) -> list[Point]:
    """The points that one snapshot entry makes: its creation, and its sighting if that is later."""
    made = [Point(created, "created", item)] if created else []
    return made if created and created >= when else [*made, Point(when, "shown", item)]


def hold_scoped(zone: Path, folder: str, resource: str, read_item: Any, events: list[Event]) -> list[tuple[str, Held]]:
    """Role or deny assignments: (assignment id, held). One timeline per assignment and subscription that tells of it.

    **Choices**: below a subscription only that subscription's snapshots speak. At a management group or the root every
    subscription whose snapshots ever showed the assignment tells its own story, and the stories add up; an assignment
    there that only events know is told by nobody's snapshots and stands until an event ends it. A principal type that
    one record lacks comes from another record of the same assignment, and so does what a success without the record of
    its start wrote: from the next that tells it, else the last.
    """
    shown = read_snapshots(zone / folder, zone).shown
    mine: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.resource == resource:
            mine[event.assignment].append(event)
    seen: dict[str, dict[str, list[tuple[datetime, Item | None, datetime | None]]]] = defaultdict(dict)
    for subscription, dated in shown.items():
        for when, entries in dated.items():
            for entry in entries:
                assignment = id_of_entry(entry)
                if assignment:
                    item = read_item(entry, assignment)
                    told = seen[assignment].setdefault(subscription, [])
                    told.append((when, item, created_of_entry(entry)))
    out = []
    for assignment in sorted(set(mine) | set(seen)):
        its_events = mine.get(assignment, [])
        writes = [event for event in its_events if event.kind == "written"]
        home = subscription_of(scope_of_assignment(assignment))
        tellers: list[str | None] = [home] if home else sorted(seen.get(assignment, {})) or [None]
        for teller in tellers:
            points = [Point(e.when, e.kind, read_item(e.body, assignment) if e.body else None) for e in its_events]
            sightings = seen.get(assignment, {}).get(teller or "", [])
            for when, item, created in sightings:
                points += sighting(when, item, created_by_event(created, writes))
            seen_at = {when for when, _, _ in sightings}
            points += [Point(when, "lacking") for when in shown.get(teller or "", {}) if when not in seen_at]
            types = {p.item.principal: p.item.principal_type for p in points if p.item and p.item.principal_type}
            for point in points:
                if point.item and point.item.principal_type is None:
                    point.item = replace(point.item, principal_type=types.get(point.item.principal))
            telling = sorted((point for point in points if point.item), key=lambda point: point.when)
            for point in points:
                if point.kind == "written" and point.item is None and telling:
                    point.item = next((other.item for other in telling if other.when >= point.when), telling[-1].item)
            ends_when = "first lacking" if resource == "denyassignments" else "last seen"
            source = "deny" if resource == "denyassignments" else "role"
            for start, end, item in spells(points, ends_when):
                out.append((assignment, Held(item, [(start, end)], source, teller)))
    return out


def hold_roles(zone: Path, events: list[Event]) -> list[Held]:
    """Role assignments, bounded by the PIM schedule instances that name them, and PIM eligibilities (A4).

    **Choices**: several instances of one assignment add up; of one instance the newest snapshot's times count. An
    eligibility stands from its start to its end, or until it was last seen when a later snapshot lacks it; an
    eligibility never gives access but is told as a reason (`not_permanent`).
    """
    shown = read_snapshots(zone / "role_schedules", zone).shown
    instances: dict[str, dict[str, tuple[datetime, Window]]] = defaultdict(dict)
    eligible: dict[tuple[str, str], list[tuple[datetime, Item, Window]]] = defaultdict(list)
    for subscription, dated in shown.items():
        for when, entries in sorted(dated.items()):
            for entry in entries:
                instance = id_of_entry(entry) or ""
                try:
                    start = instant(field_of(entry, "startDateTime")) or FOREVER_AGO
                    end = instant(field_of(entry, "endDateTime")) or FOREVER
                except ValueError:
                    continue
                kind = f"{ident(field_of(entry, 'type')) or ''} {instance}"
                if "roleeligibilityschedule" in kind:
                    item = role_item(entry, instance)
                    if item:
                        item = replace(item, eligible_only=True)
                        eligible[instance, subscription].append((when, item, (start, end)))
                    continue
                origin = scope_id(field_of(entry, "originRoleAssignmentId"))
                known = instances[origin].get(instance) if origin else None
                if origin and (known is None or known[0] <= when):
                    instances[origin][instance] = (when, (start, end))
    out = []
    for assignment, held in hold_scoped(zone, "role_assignments", "roleassignments", role_item, events):
        bounds = instances.get(assignment) or instances.get(assignment.split("/")[-1])
        if bounds:
            held.windows = both(held.windows, [window for _, window in bounds.values()])
        out.append(held)
    for (_, subscription), sightings in eligible.items():
        points: list[Point] = []
        for when, item, (start, _) in sightings:
            points += sighting(when, item, None if start == FOREVER_AGO else start)
        seen_at = {when for when, _, _ in sightings}
        points += [Point(when, "lacking") for when in shown[subscription] if when not in seen_at]
        newest = max(sightings, key=lambda s: s[0])[2]
        for start, end, item in spells(points):
            out.append(Held(item, both([(start, end)], [newest]), "eligibility", subscription))
    return out


def delegated(assignment: str, definition_id: Any, definition: Any) -> set[Item]:
    """The authorizations of a Lighthouse delegation, standing and eligible ones."""
    inner = field_of(definition, "properties")
    found = inner if isinstance(inner, dict) else definition
    plan = field_of(definition, "plan") or field_of(found, "plan")
    out = set()
    for name in ("authorizations", "eligibleAuthorizations"):
        listed = field_of(found, name)
        for authorization in listed if isinstance(listed, list) else []:
            principal = ident(field_of(authorization, "principalId"))
            role = last_segment(field_of(authorization, "roleDefinitionId"))
            scope = scope_of_assignment(assignment)
            if principal and role and scope:
                out.add(
                    Item(
                        scope,
                        principal,
                        role=role,
                        eligible_only=name == "eligibleAuthorizations",
                        tenant=ident(field_of(found, "managedByTenantId")),
                        marketplace=bool(plan),
                        definition=last_segment(definition_id),
                    )
                )
    return out


def hold_lighthouse(zone: Path, events: list[Event]) -> list[Held]:
    """Lighthouse delegations, one held item per authorization (A3, A7).

    **Choices**: an entry whose provisioning state is not Succeeded counts as not shown. Every authorization has its
    own timeline: one that a later snapshot adds starts when first seen, unless the delegation was written since the
    snapshot before. The event of a delegation names only its definition; the authorizations come from the snapshots
    that show that definition, for this or another scope, or from the event that wrote the definition. A write that
    names another definition ends the authorizations of the former one.
    """
    shown = read_snapshots(zone / "lighthouse", zone).shown
    definitions: dict[str, Any] = {}
    for event in sorted(events, key=lambda e: e.when):
        if event.resource == "registrationdefinitions" and event.kind == "written" and event.body:
            definitions[last_segment(event.assignment) or ""] = event.body
    every = [(when, entries) for dated in shown.values() for when, entries in dated.items()]
    for _, entries in sorted(every, key=lambda pair: pair[0]):
        for entry in entries:
            if field_of(entry, "registrationDefinition"):
                name = last_segment(field_of(entry, "registrationDefinitionId")) or ""
                definitions[name] = field_of(entry, "registrationDefinition")
    seen: dict[str, dict[datetime, set[Item]]] = defaultdict(lambda: defaultdict(set))
    for dated in shown.values():
        for when, entries in dated.items():
            for entry in entries:
                assignment = id_of_entry(entry)
                if assignment and (ident(field_of(entry, "provisioningState")) or "succeeded") == "succeeded":
                    name = field_of(entry, "registrationDefinitionId")
                    body = field_of(entry, "registrationDefinition") or definitions.get(last_segment(name) or "")
                    seen[assignment][when] |= delegated(assignment, name, body)
    mine: dict[str, list[tuple[Event, str | None]]] = defaultdict(list)
    for event in events:
        if event.resource == "registrationassignments":
            body = field_of(event.body, "properties") or event.body
            mine[event.assignment].append((event, last_segment(field_of(body, "registrationDefinitionId"))))
    out = []
    for assignment in sorted(set(mine) | set(seen)):
        teller = subscription_of(scope_of_assignment(assignment))
        items = set().union(*seen[assignment].values()) if assignment in seen else set()
        for _, definition in mine.get(assignment, []):
            if definition and definition not in {item.definition for item in items}:
                items |= delegated(assignment, definition, definitions.get(definition))
        for item in items:
            points = []
            for event, definition in mine.get(assignment, []):
                replaced = event.kind == "written" and definition not in (None, item.definition)
                points.append(Point(event.when, "deleted" if replaced else event.kind, item))
            for when in shown.get(teller or "", {}):
                is_there = item in seen.get(assignment, {}).get(when, set())
                points.append(Point(when, "shown" if is_there else "lacking", item if is_there else None))
            for start, end, said in spells(points):
                out.append(Held(said, [(start, end)], "lighthouse", teller))
    return out


# --------------------------------------------------------------------------------------------------------------------
# Access of a day (D2, A1-A6) and the ladder of reasons
# --------------------------------------------------------------------------------------------------------------------

LADDER = (
    "no_access",
    "other_partner",
    "ineligible_role",
    "not_linked",
    "not_permanent",
    "denied",
    "partial_day",
)


def read_roles(roles_csv: Path) -> dict[str, Windows]:
    """When each role is PEC-eligible (A2); a role without a true row never is.

    **Choice**: `valid_from` and `valid_to` of the list, where filled, are half-open like those of the directory.
    """
    out: dict[str, Windows] = defaultdict(list)
    for row in table(roles_csv):
        role = last_segment(row.get("role_definition_id"))
        if role and ident(row.get("is_pec_eligible")) in ("true", "1", "yes", "t"):
            out[role] = union(out[role] + [window_of(row)])
    return out


@dataclass
class Weighed:
    """A grant as it looks from one resource and one pair of partners."""

    cell: tuple[str, str]
    is_ours: bool
    is_foreign: bool
    eligible_only: bool
    stands: Windows
    role_ok: Windows
    linked: Windows
    counts: Windows

    def step(self, day: Windows) -> str | None:
        """How far the grant reaches on the ladder that day; None when it is not in force."""
        if not both(self.stands, day):
            return None
        if not self.is_ours:
            return "other_partner" if self.is_foreign else "no_access"
        if not both(self.role_ok, day):
            return "ineligible_role"
        if not both(self.linked, day):
            return "not_linked"
        if self.eligible_only:
            return "not_permanent"
        return "partial_day" if both(self.counts, day) else "denied"


class Access:
    """Answers whether a resource is access-eligible on a day."""

    def __init__(self, zone: Path, directory: Directory, roles: dict[str, Windows], lines: list[Usage]) -> None:
        """Collects all evidence. Which subscriptions belong to one customer is known from the usage lines."""
        events = read_events(zone)
        self.directory = directory
        self.roles = roles
        self.grants = hold_roles(zone, events) + hold_lighthouse(zone, events)
        denies = hold_scoped(zone, "deny_assignments", "denyassignments", deny_item, events)
        self.denies = [held for _, held in denies if held.item.control_plane]
        self.customers: dict[str, set[str]] = defaultdict(set)
        for line in lines:
            if line.customer_id:
                self.customers[line.subscription_id].add(line.customer_id)
        self._weighed: dict[tuple, list[Weighed]] = {}
        self._groups: dict[str, list[tuple[str, Windows]]] = {}

    def groups_of(self, principal: str) -> list[tuple[str, Windows]]:
        """The principal and its groups, remembered."""
        if principal not in self._groups:
            self._groups[principal] = self.directory.groups_of(principal)
        return self._groups[principal]

    def covers(self, held: Held, place: str, subscription: str) -> bool:
        """Whether the scope lies at or above the place (A1).

        **Choices**: a grant at '/' that no snapshot shows covers nobody; one shown for a subscription whose customer
        no usage line names covers that subscription.
        """
        scope = held.item.scope
        if scope == "/":
            teller = held.told_by
            if teller is None:
                return False
            return teller == subscription or bool(self.customers[teller] & self.customers[subscription])
        if scope.startswith("/providers/microsoft.management/managementgroups/"):
            return subscription in self.directory.management_groups.get(scope.split("/")[-1], set())
        return place == scope or place.startswith(scope + "/")

    def denied_times(self, identity: str, denies: list[Held]) -> Windows:
        """When any of the deny assignments applies to an identity (A5).

        **Choices**: an identity is denied or excluded by its own id or that of a group while it belongs to it; an
        exclusion wins. Everyone is the principal of zeros.
        """
        groups = self.groups_of(identity)
        out: Windows = []
        for held in denies:
            named = [w for group, windows in groups if group in held.item.denied for w in windows]
            applies = ALWAYS if EVERYONE in held.item.denied else union(named)
            spared = union(w for group, windows in groups if group in held.item.excluded for w in windows)
            out += both(held.windows, without(applies, spared))
        return union(out)

    def weigh(self, held: Held, denies: list[Held], ours: set[Organisation]) -> Weighed:
        """One grant from the point of view of the partners of D2 (A2-A5).

        **Choices**: a Lighthouse grant that is not ours is another partner's, also when nobody knows its principal.
        An unlisted ForeignGroup that we list as our own principal is ours but never linked. An agent group that is a
        Lighthouse principal needs a link like any other. A marketplace delegation belongs to its managing tenant only.
        """
        item, directory = held.item, self.directory
        principal = item.principal or ""

        def of_ours(partners: Iterable[str]) -> bool:
            return any(directory.organisation(partner) in ours for partner in partners)

        behind = directory.partners_behind(principal)
        tenants = directory.tenants.get(item.tenant or "", set()) if held.source == "lighthouse" else set()
        agents = directory.agent_groups.get(principal, set())
        is_foreign = bool(behind) or held.source == "lighthouse" or item.principal_type == "foreigngroup"
        acting: list[tuple[str, Windows]] = []
        if held.source == "lighthouse":
            path = "lighthouse"
            automatic, by_link = item.marketplace and of_ours(tenants), not item.marketplace
        elif agents or item.principal_type == "foreigngroup":
            path, automatic, by_link = "aobo", of_ours(agents), False
        else:
            path, automatic, by_link = "direct", False, True
        if automatic:
            acting.append((principal, ALWAYS))
        if by_link:
            for identity, member in directory.identities(principal):
                linked = [window for partner, window in directory.links.get(identity, []) if of_ours([partner])]
                acting.append((identity, both(member, linked)))
        role_ok = both(held.windows, self.roles.get(item.role or "", []))
        linked, counts = [], []
        for identity, times in acting:
            mine = both(role_ok, times)
            if mine:
                linked += mine
                counts += without(mine, self.denied_times(identity, denies))
        return Weighed(
            cell=(held.level, path),
            is_ours=of_ours(behind | tenants),
            is_foreign=is_foreign,
            eligible_only=item.eligible_only,
            stands=held.windows,
            role_ok=role_ok,
            linked=union(linked),
            counts=[] if item.eligible_only else union(counts),
        )

    def weighed(self, resource: str, group: str | None, subscription: str, ours: set[Organisation]) -> list[Weighed]:
        """All grants that cover a resource.

        **Choice**: a resource_id that is no ARM path lies in its resource group (else subscription), so that grants
        there cover it and grants on other resources do not.
        """
        key = (resource, group, subscription, frozenset(ours))
        if key not in self._weighed:
            place = resource
            if not place.startswith("/subscriptions/"):
                place = f"/subscriptions/{subscription}" + (f"/resourcegroups/{group}" if group else "")
                place += f"/{resource.strip('/')}"
            denies = [
                held
                for held in self.denies
                if self.covers(held, place, subscription) and (held.item.scope == place or not held.item.own_scope_only)
            ]
            grants = [held for held in self.grants if self.covers(held, place, subscription)]
            self._weighed[key] = [self.weigh(held, denies, ours) for held in grants]
        return self._weighed[key]

    def seen_by(
        self, resource: str, group: str | None, subscription: str, partner: str, reseller: str | None
    ) -> list[Weighed]:
        """All grants that cover a resource, from the point of view of its transacting partner and reseller (D2)."""
        ours = {self.directory.organisation(p) for p in (partner, reseller) if p}
        return self.weighed(resource, group, subscription, ours)

    def on_day(
        self, day: date, resource: str, group: str | None, subscription: str, partner: str, reseller: str | None
    ) -> dict[str, Any]:
        """The decision of A6 for a day, with the cell that completes it, or the reason that comes first.

        **Choice**: "the first that completes the day together with those before it" goes through the pairs of level
        and path, level first.
        """
        grants = self.seen_by(resource, group, subscription, partner, reseller)
        window = [whole_day(day)]
        covered: Windows = []
        cell: tuple[str | None, str | None] = (None, None)
        for level in LEVELS:
            for path in PATHS:
                more = [w for grant in grants if grant.cell == (level, path) for w in both(grant.counts, window)]
                covered = union(covered + more)
                if covered == window and cell == (None, None):
                    cell = (level, path)
        steps = [step for step in (grant.step(window) for grant in grants) if step]
        reason = max(steps, key=LADDER.index, default=LADDER[0])
        if covered == window:
            reason = "full_day"
        if not self.directory.has_agreement(partner, day):
            reason = "no_agreement"
        return {
            "covered_seconds": seconds(covered),
            "is_access_eligible": covered == window,
            "covering_access_path": cell[1],
            "covering_scope_level": cell[0],
            "access_reason": reason,
        }


# --------------------------------------------------------------------------------------------------------------------
# The marts
# --------------------------------------------------------------------------------------------------------------------


def quotient(upper: Decimal, lower: Decimal, places: int) -> Decimal | None:
    """A quotient, rounded half up; None when the divisor is 0."""
    if lower == 0:
        return None
    return (upper / lower).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def eligibility_of(access: Access, lines: list[Usage], resellers: list[str | None]) -> dict[tuple, dict[str, Any]]:
    """`fct_pec_eligibility_daily` by (usage_date, subscription_id, resource_id, transacting_partner_id).

    **Choice**: lines of one key may name several resellers or resource groups: the greatest non-blank one is the
    row's, and the row's decision is every line's.
    """
    names: dict[tuple, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for line, reseller in zip(lines, resellers):
        groups, partners = names[eligibility_key(line)]
        groups += [line.resource_group_name] if line.resource_group_name else []
        partners += [reseller] if reseller else []
    out = {}
    for key, (groups, partners) in names.items():
        day, subscription, resource, partner = key
        group, reseller = max(groups, default=None), max(partners, default=None)
        decision = access.on_day(day, resource, group, subscription, partner, reseller)
        out[key] = {"resource_group_name": group, "reseller_partner_id": reseller, **decision}
    return out


def eligibility_key(line: Usage) -> tuple:
    """The grain of the eligibility mart."""
    return line.usage_date, line.subscription_id, line.resource_id, line.transacting_partner_id


def charge_of(
    line: Usage, reseller: str | None, rated: Rated, access: dict[str, Any], rate: Decimal
) -> dict[str, Any]:
    """One row of `fct_pec_charges_daily` (M3 and the status ladder).

    **Choice**: status goes by rates, not by money: a due line of a free tier that Microsoft shows at 0 % is missed,
    with a credit of 0.
    """
    product = product_reason(line, rated)
    is_due = product is None and access["access_reason"] == "full_day"
    is_applied = line.applied_pec_rate > 0
    credit = rated.list_cost * rate if is_due else ZERO
    status = {
        (True, True): "earned",
        (True, False): "missed",
        (False, True): "unexpected",
        (False, False): "not_earned",
    }[is_due, is_applied]
    recoverable = rated.list_cost * rate if product is None and status == "not_earned" else ZERO
    return {
        "source_file": line.source_file,
        "line_number": line.line_number,
        "usage_date": line.usage_date,
        "invoice_number": line.invoice_number,
        "customer_id": line.customer_id,
        "customer_name": line.customer_name,
        "subscription_id": line.subscription_id,
        "resource_group_name": line.resource_group_name,
        "resource_id": line.resource_id,
        "transacting_partner_id": line.transacting_partner_id,
        "reseller_partner_id": reseller,
        "product_id": line.product_id,
        "sku_id": line.sku_id,
        "meter_id": line.meter_id,
        "meter_category": line.meter_category,
        "meter_name": line.meter_name,
        "quantity": line.quantity,
        "list_unit_price": quotient(rated.list_cost, line.quantity, 16),
        "list_cost_usd": rated.list_cost,
        "pec_rate": rate if is_due else ZERO,
        "pec_credit_usd": credit,
        "net_cost_usd": rated.list_cost - credit,
        "applied_pec_rate": line.applied_pec_rate,
        "applied_net_cost_usd": line.applied_net_cost_usd,
        "pec_status": status,
        "pec_reason": "eligible" if is_due else product or access["access_reason"],
        "recoverable_credit_usd": recoverable,
        "billing_currency": line.billing_currency,
        "exchange_rate": line.exchange_rate,
    }


def month_to_date_of(
    lines: list[Usage], rated: dict[int, Rated], charges: list[dict[str, Any]]
) -> dict[tuple, dict[str, Any]]:
    """`fct_meter_month_to_date` (M4): one row per meter and day with lines, cumulated over the days of the month."""
    by_day: dict[tuple, dict[date, list[int]]] = defaultdict(lambda: defaultdict(list))
    for i, line in enumerate(lines):
        if not line.is_covered_by_benefit:
            by_day[meter_key(line)][line.usage_date].append(i)
    out = {}
    for key, days in by_day.items():
        quantity = net = billable = ZERO
        for day in sorted(days):
            for i in days[day]:
                quantity += lines[i].quantity
                net += charges[i]["net_cost_usd"]
                billable += rated[i].billable_quantity
            cost = net.quantize(Decimal("0.01"), rounding=ROUND_DOWN)
            out[(*key, day)] = {
                "cumulative_quantity": quantity,
                "cumulative_net_cost_usd": net,
                "billable_cost_usd": cost,
                "effective_unit_price": quotient(cost, billable, 15),
            }
    return out


def statement_of(charges: list[dict[str, Any]]) -> dict[tuple, dict[str, Decimal]]:
    """`pec_monthly_statement` by (billing_month, transacting_partner_id, customer_id, subscription_id)."""
    names = ("list_cost_usd", "pec_credit_usd", "net_cost_usd", "applied_credit_usd", "missed_credit_usd")
    names += ("unexpected_credit_usd", "recoverable_credit_usd")
    out: dict[tuple, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(names, ZERO))
    for row in charges:
        month = row["usage_date"].replace(day=1)
        total = out[month, row["transacting_partner_id"], row["customer_id"], row["subscription_id"]]
        applied = row["list_cost_usd"] * row["applied_pec_rate"]
        for name in ("list_cost_usd", "pec_credit_usd", "net_cost_usd", "recoverable_credit_usd"):
            total[name] += row[name]
        total["applied_credit_usd"] += applied
        if row["pec_status"] == "missed":
            total["missed_credit_usd"] += row["pec_credit_usd"]
        if row["pec_status"] == "unexpected":
            total["unexpected_credit_usd"] += applied
    return dict(out)


def gaps_of(
    access: Access, eligibility: dict[tuple, dict[str, Any]], charges: list[dict[str, Any]]
) -> dict[tuple, dict[str, Any]]:
    """`pec_access_gaps` by (transacting_partner_id, subscription_id, resource_id, gap_start).

    Time is cut at the usage days of the resource under the partner: what a day's eligibility row names (the reseller,
    and the resource group of a resource_id that is no ARM path) holds from that day's 00:00 until the next usage day;
    the last one's holds for ever. The agreement plays no part, as in the covered seconds.

    **Choices**: a gap runs on over days without usage, and over a change of reseller, and it may begin in the future
    (a link or membership with a known end). A day's lost credit goes to the first gap that touches the day, whatever
    else (the agreement) stands in its way too; a day that no gap touches loses nothing here.
    """
    days: dict[tuple, dict[date, dict[str, Any]]] = defaultdict(dict)
    for (day, subscription, resource, partner), row in eligibility.items():
        days[partner, subscription, resource][day] = row
    lost: dict[tuple, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in charges:
        key = row["transacting_partner_id"], row["subscription_id"], row["resource_id"]
        lost[key][row["usage_date"]] += row["recoverable_credit_usd"]
    out = {}
    for key, rows in days.items():
        partner, subscription, resource = key
        begins = [whole_day(day)[0] for day in sorted(rows)]
        pieces: list[tuple[Windows, list[Weighed]]] = []
        for day, begin, end in zip(sorted(rows), begins, [*begins[1:], FOREVER]):
            group, reseller = rows[day]["resource_group_name"], rows[day]["reseller_partner_id"]
            pieces.append(([(begin, end)], access.seen_by(resource, group, subscription, partner, reseller)))
        held = [w for piece, grants in pieces for grant in grants for w in both(grant.counts, piece)]
        told: set[date] = set()
        for start, end in without([(begins[0], FOREVER)], held):
            within = [(both(piece, [(start, end)]), grants) for piece, grants in pieces]
            steps = [step for times, grants in within for step in (grant.step(times) for grant in grants) if step]
            touched = {day for day in rows if day not in told and both([whole_day(day)], [(start, end)])}
            told |= touched
            out[(*key, start)] = {
                "gap_end": None if end == FOREVER else end,
                "access_reason": max(steps, key=LADDER.index, default=LADDER[0]),
                "lost_credit_usd": sum((lost[key][day] for day in touched), ZERO),
            }
    return out


def missed_of(charges: list[dict[str, Any]]) -> dict[tuple, dict[str, Any]]:
    """`pec_missed_credit` by (billing_month, subscription_id, resource_id, first_date).

    **Choice**: a day counts as missed when any line of it is; its other lines (earned, not eligible) neither break the
    run nor add to its credit and line count. The partner is no part of the grain: runs go on over a transfer.
    """
    days: dict[tuple, dict[date, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for row in charges:
        if row["pec_status"] == "missed":
            key = row["usage_date"].replace(day=1), row["subscription_id"], row["resource_id"]
            days[key][row["usage_date"]].append(row["pec_credit_usd"])
    out: dict[tuple, dict[str, Any]] = {}
    for key, credits in days.items():
        for first in (day for day in credits if day - DAY not in credits):
            run = [first]
            while run[-1] + DAY in credits:
                run.append(run[-1] + DAY)
            lines = [credit for day in run for credit in credits[day]]
            out[(*key, first)] = {
                "last_date": run[-1],
                "missed_credit_usd": sum(lines, ZERO),
                "line_count": len(lines),
            }
    return out


def recompute(zone: Path, roles_csv: Path, rate: Decimal = Decimal("0.15")) -> dict[str, Any]:
    """All marts of a landing zone, and rejected lines and the number of superseded ones.

    Keys: eligibility, charges, month_to_date, statement, gaps, missed, rejected, superseded.
    """
    with localcontext() as context:
        context.prec = PRECISION
        read, rejected = read_usage(zone)
        lines = accepted(read)
        directory = read_directory(zone / "partner_directory")
        resellers = [
            line.reseller_partner_id
            or (
                None
                if line.invoice_number
                else directory.reseller_on(line.subscription_id, line.transacting_partner_id, line.usage_date)
            )
            for line in lines
        ]
        access = Access(zone, directory, read_roles(roles_csv), read)
        eligibility = eligibility_of(access, lines, resellers)
        rated = rate_lines(lines, read_prices(zone))
        charges = [
            charge_of(line, reseller, rated[i], eligibility[eligibility_key(line)], rate)
            for i, (line, reseller) in enumerate(zip(lines, resellers))
        ]
        return {
            "eligibility": eligibility,
            "charges": charges,
            "month_to_date": month_to_date_of(lines, rated, charges),
            "statement": statement_of(charges),
            "gaps": gaps_of(access, eligibility, charges),
            "missed": missed_of(charges),
            "rejected": rejected,
            "superseded": len(read) - len(lines),
        }
