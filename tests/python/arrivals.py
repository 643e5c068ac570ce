"""Arrivals: a landing zone that fills over weeks. Exports come in, come again, are corrected, reach back, and vanish.

`Arrivals(seed, source, zone)` takes the landing zone of a random world (worlds.write_world) and lets an empty folder become something like
it, step by step: `begin()` puts a part of the files there, some of them cut down, and each `arrive()` brings a hand of news out of a shuffled
deck (NEWS, a function each) and says what it was. The same seed gives the same bytes in the same order.

**Two kinds of news.** Some deliver what the world holds and the zone does not yet (usage, snapshots, events, price sheets, rates). The others
say something that the world does not know: a revoked link, another price, a list without an assignment, a closed month.

**What news may do.** Every state is one that a partner's folder can be in, and as far as we know one that the rules settle: what changes in
the directory changes at a midnight, a copied line is a copy in everything or has a quantity of its own.

**What is forgotten.** `forgot` tells that the folder no longer holds all that a warehouse may have read from it (FORGETTING: files removed or
overwritten by another date's). From then on a warehouse built afresh from the folder knows less than one that was there all along.
"""

import csv
import gzip
import io
import itertools
import json
import math
import os
import pathlib
import random
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal, InvalidOperation

import worlds

GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DATE_IN_NAME = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?!\d)")
EVIDENCE = ("role_assignments", "deny_assignments", "lighthouse", "role_schedules")
BATCHES = 6  # in which the activity log arrives
CENT = Decimal("0.01")
ENDLESS = "9223372036854780000"  # how a price sheet says that a tier has no end


# ---------------------------------------------------------------------------------------------------------------------
# Files, whatever they are: read, change, write
# ---------------------------------------------------------------------------------------------------------------------


def read_text(file: pathlib.Path) -> str:
    """The text of a file, unpacked. A byte order mark stays."""
    content = file.read_bytes()
    return (gzip.decompress(content) if file.name.endswith(".gz") else content).decode()


def day_of(text: str | None) -> date | None:
    """A usage date in any of the forms of worlds.py; None where there is none."""
    text = (text or "").removesuffix("T00:00:00Z")
    for form in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def number(text: object) -> Decimal | None:
    try:
        return Decimal(str(text))
    except InvalidOperation:
        return None


@dataclass
class Table:
    """A CSV or JSON-lines file as lines whose fields can be read and changed, by name without regard to case. What cannot be split stays as it is."""

    header: list[str]  # lower case; empty: JSON lines
    lines: list[str]

    @classmethod
    def read(cls, file: pathlib.Path) -> "Table":
        lines = read_text(file).split("\n")
        return cls([], lines) if ".json" in file.name else cls(next(csv.reader([lines[0].strip("\r\ufeff").lower()])), lines)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def fields(self, line: str) -> dict[str, object] | None:
        """Name to value of a line; None for the header, blank lines and lines that do not parse."""
        if not self.header:
            try:
                return {name.lower(): value for name, value in json.loads(line, parse_float=Decimal).items()}
            except ValueError:
                return None
        values = next(csv.reader([line.rstrip("\r")]), [])
        is_row = len(values) == len(self.header) and line is not self.lines[0]
        return dict(zip(self.header, values, strict=True)) if is_row else None

    def changed(self, line: str, changes: dict[str, object]) -> str:
        """A line with other values in some fields, which it has."""
        if not self.header:
            return worlds.json_line({name: changes.get(name.lower(), v) for name, v in json.loads(line, parse_float=Decimal).items()})
        return self.row(self.fields(line) | changes) + ("\r" if line.endswith("\r") else "")

    def row(self, values: dict[str, object]) -> str:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="").writerow([values.get(name, "") for name in self.header])
        return buffer.getvalue()

    def rows(self) -> list[tuple[int, dict[str, object]]]:
        """Position and fields of all lines that parse."""
        found = ((position, self.fields(line)) for position, line in enumerate(self.lines))
        return [(position, fields) for position, fields in found if fields]

    def usage(self) -> list[tuple[int, dict[str, object]]]:
        """Position and fields of the usage lines that a warehouse accepts: these have a day and a quantity."""
        return [(p, row) for p, row in self.rows() if day_of(row.get("usagedate")) and number(row.get("quantity")) is not None]

    def until(self, day: date) -> "Table":
        """The same file without what was used after that day."""
        later = {position for position, row in self.usage() if day_of(row["usagedate"]) > day}
        return Table(self.header, [line for position, line in enumerate(self.lines) if position not in later])


@dataclass
class Delivery:
    """A file as it arrives: where, with what in it, and when it says it was modified."""

    path: str
    content: str
    modified: float


# ---------------------------------------------------------------------------------------------------------------------
# The zone, and what is still to come
# ---------------------------------------------------------------------------------------------------------------------


class Arrivals:
    """A landing zone that fills in steps.

    seed: decides everything.  source: a complete landing zone, which is only read.  zone: a folder that does not exist yet.
    After each step: `forgot` (see above), `arrived` (a list of what came, per arrival).
    """

    def __init__(self, seed: int, source: pathlib.Path, zone: pathlib.Path) -> None:
        self.rng = random.Random(f"arrivals/{seed}")
        self.rng_of_starts = random.Random(f"arrivals/{seed}/starts")
        self.source, self.zone = source, zone
        self.count = self.rng.randint(5, 8)  # of arrivals, with the first
        self.arrived: list[list[str]] = []
        self.forgot = False
        self.deck: list[str] = []
        self.forgets_at = self.rng.choice((None, self.count - 2, self.count - 1))
        usage = [Table.read(file) for file in self.files("daily_rated_usage/", self.source)]
        self.days = sorted({day_of(row["usagedate"]) for table in usage for _, row in table.usage()})
        evidence = [*self.files("activity_log/", source), *(file for kind in EVIDENCE for file in self.files(f"{kind}/", source))]
        self.mentioned = {found for file in evidence for found in GUID.findall(read_text(file).lower())}
        self.waiting = {
            "usage": self.plan_usage(), "snapshots": self.plan_files(*(f"{kind}/" for kind in EVIDENCE)), "events": self.plan_events(),
            "price sheets": self.plan_prices(), "rates": self.plan_files("fx_rates/"),
        }  # fmt: skip

    def files(self, start: str, root: pathlib.Path | None = None) -> list[pathlib.Path]:
        """The files below a folder of the zone (or of another root) whose path begins like this, in order."""
        root = root or self.zone
        return sorted(file for file in root.rglob("*") if file.is_file() and file.relative_to(root).as_posix().startswith(start))

    def put(self, path: str, content: str, modified: float | None = None) -> None:
        """Write a file. One that is written again gets a later time of the same day: a file of the same size would pass for unchanged."""
        file = self.zone / path
        if file.exists():
            modified = max(modified or 0, file.stat().st_mtime + 1)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(gzip.compress(content.encode(), mtime=0) if path.endswith(".gz") else content.encode())
        modified = modified or worlds.FIXED_TIME.replace(tzinfo=worlds.UTC).timestamp()
        os.utime(file, (modified, modified))

    def path(self, file: pathlib.Path) -> str:
        return file.relative_to(self.zone).as_posix()

    def delivery(self, file: pathlib.Path, content: str | None = None) -> Delivery:
        """A file of the source as it is, or with other content."""
        content = read_text(file) if content is None else content
        return Delivery(file.relative_to(self.source).as_posix(), content, file.stat().st_mtime)

    # -- planning: what comes one after another -----------------------------------------------------------------------

    def plan_files(self, *folders: str) -> list[list[Delivery]]:
        """Whole files, in any order."""
        found = [[self.delivery(file)] for folder in folders for file in self.files(folder, self.source)]
        return self.rng.sample(found, len(found))

    def plan_usage(self) -> list[list[Delivery]]:
        """Exports by date, now and then one out of order, and files that first come with fewer days and only later whole."""
        queue: list[tuple[float, Delivery]] = []
        for file in self.files("daily_rated_usage/", self.source):
            begin = export_day(file).toordinal() + (self.rng.uniform(1, 20) if worlds.chance(self.rng, 0.1) else self.rng.random())
            if worlds.chance(self.rng, 0.4):
                first = Table.read(file).until(self.rng.choice(self.days))
                if first.header or first.usage():  # a JSON file of nothing is no export
                    queue.append((begin, self.delivery(file, first.text)))
                    begin += self.rng.uniform(0, 8)
            queue.append((begin, self.delivery(file)))
        return [[delivery] for _, delivery in sorted(queue, key=lambda entry: entry[0])]

    def plan_events(self) -> list[list[Delivery]]:
        """The log in batches, by time or not, that grow its files or stand beside them. Of some operations the start comes apart."""
        logs = {file: read_log(file) for file in self.files("activity_log/", self.source)}
        began: dict[str, str] = {}
        for _, record in (entry for entries in logs.values() for entry in entries):
            operation, at = record["correlationId"], record.get("eventTimestamp") or record["time"]
            began[operation] = min(began.get(operation, at), at)
        in_order = sorted(began, key=lambda operation: (began[operation], operation))
        batch = {
            operation: place * BATCHES // len(in_order) if worlds.chance(self.rng, 0.5) else self.rng.randrange(BATCHES)
            for place, operation in enumerate(in_order)
        }
        chosen = [operation for operation in in_order if worlds.chance(self.rng_of_starts, 0.15)]
        batch_of_start = batch | {operation: self.rng_of_starts.randrange(BATCHES) for operation in chosen}
        batches: list[list[Delivery]] = [[] for _ in range(BATCHES)]
        for file, entries in logs.items():
            grows = worlds.chance(self.rng, 0.5)
            for number_of_batch in range(BATCHES):
                numbers = [(batch_of_start if is_start(record) else batch)[record["correlationId"]] for _, record in entries]
                texts = [text for (text, _), n in zip(entries, numbers, strict=True) if n == number_of_batch or grows and n < number_of_batch]
                if number_of_batch in numbers:
                    delivery = self.delivery(file, "\n".join(texts) if "PT1H" in file.name else f"[{','.join(texts)}]")
                    if not grows:
                        delivery.path = delivery.path.replace(".json", f"-{number_of_batch}.json")
                    batches[number_of_batch].append(delivery)
        return list(filter(None, batches))

    def plan_prices(self) -> list[list[Delivery]]:
        """The first sheet comes first; some come without a few of their rows, and later with them."""
        queue, late = [], []
        for (delivery,) in self.plan_files("price_sheet/"):
            if worlds.chance(self.rng, 0.3):
                head, *rows = delivery.content.rstrip("\r\n").split("\r\n")
                some = [row for row in rows if worlds.chance(self.rng, 0.85)]
                queue.append([Delivery(delivery.path, "\r\n".join([head, *some]) + "\r\n", delivery.modified)])
                late.append([delivery])
            else:
                queue.append([delivery])
        return queue + late

    # -- the steps ----------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """The first arrival: a part of everything, and a directory that lacks some rows."""
        shares = {"usage": 0.35, "snapshots": 0.5, "events": 0.5, "price sheets": 0.7, "rates": 0.5}
        for kind, share in shares.items():
            self.deliver(kind, math.ceil(share * len(self.waiting[kind])))
        while not any(Table.read(file).usage() for file in self.files("daily_rated_usage/")):
            self.deliver("usage", 1)
        for file in self.files("partner_directory/", self.source):
            table = Table.read(file)
            lost = 0.4 if file.name == "management_groups.csv" else 0.08
            kept = [line for line in table.lines[1:] if not line or not worlds.chance(self.rng, lost)]
            self.put(f"partner_directory/{file.name}", "\n".join([table.lines[0], *kept]), file.stat().st_mtime)
        self.arrived.append(["the first part"])

    def arrive(self) -> list[str]:
        """The next arrival: one to five news, or none at all; what they were."""
        news: list[str] = []
        wanted = self.rng.choice((0, 1, 1, 2, 3, 4, 5))
        for _ in range(3 * len(NEWS)):
            if len(news) < wanted:
                news += self.play(self.draw())
        if len(self.arrived) == self.forgets_at:
            news += self.play(self.rng.choice(FORGETTING))
        self.arrived.append(news or ["nothing"])
        return news

    def is_compared(self) -> bool:
        """Is now a time to compare? At the end, before the zone forgets, and at some arrivals in between."""
        done = len(self.arrived)
        return done in (self.count, self.forgets_at) or worlds.chance(self.rng, 0.25)

    def draw(self) -> str:
        """The next card. All are drawn before one comes again."""
        if not self.deck:
            self.deck = self.rng.sample([kind for kind, (_, times) in NEWS.items() for _ in range(times)], sum(t for _, t in NEWS.values()))
        return self.deck.pop()

    def play(self, kind: str) -> list[str]:
        """Let news of a kind happen: what it was, as a list of one; an empty list where there is nothing that it could be about."""
        news = FORGETTING_NEWS[kind] if kind in FORGETTING else NEWS[kind][0]
        told = news(self)
        self.forgot = self.forgot or bool(told) and kind in FORGETTING
        return [f"{kind}: {told}"] if told else []

    def deliver(self, kind: str, count: int) -> str:
        """Put the next files of a kind into the zone; their names."""
        now, self.waiting[kind] = self.waiting[kind][:count], self.waiting[kind][count:]
        for delivery in itertools.chain.from_iterable(now):
            self.put(delivery.path, delivery.content, delivery.modified)
        return ", ".join(delivery.path.split("/", 1)[1][-60:] for delivery in itertools.chain.from_iterable(now))

    def some_midnight(self) -> str:
        return f"{self.rng.choice(self.days)}T00:00:00Z"


def read_log(file: pathlib.Path) -> list[tuple[str, dict]]:
    """The records of a log file, a list or JSON lines: each as text and as what it says."""
    text = read_text(file)
    if "PT1H" in file.name:
        return [(line, json.loads(line)) for line in text.split("\n") if line]
    return [(json.dumps(record), record) for record in json.loads(text)]


def is_start(record: dict) -> bool:
    """Is it the record of an operation's start, in either shape of the log?"""
    return (record.get("resultType") or record["status"]["value"]) in ("Start", "Started")


def export_day(file: pathlib.Path) -> date:
    """The date of an export: in its name, else of its modification."""
    found = DATE_IN_NAME.search(file.name)
    return date(*map(int, found.groups())) if found else datetime.fromtimestamp(file.stat().st_mtime, worlds.UTC).date()


# ---------------------------------------------------------------------------------------------------------------------
# News of usage
# ---------------------------------------------------------------------------------------------------------------------


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


def exports(arrivals: Arrivals, kind: str) -> dict[tuple[str, date], list[pathlib.Path]]:
    """The billed or unbilled exports in the zone: partner's folder and date to files."""
    found = defaultdict(list)
    for file in arrivals.files("daily_rated_usage/"):
        if file.name.startswith(f"{kind}_"):
            found[(file.parent.name, export_day(file))].append(file)
    return dict(sorted(found.items()))


def newest_export(arrivals: Arrivals) -> tuple[str, date, list[tuple[pathlib.Path, Table]]] | None:
    """A partner's newest unbilled export: its folder, date and files."""
    found = exports(arrivals, "unbilled")
    if not found:
        return None
    slug = arrivals.rng.choice(sorted({slug for slug, _ in found}))
    day = max(day for other, day in found if other == slug)
    return slug, day, [(file, Table.read(file)) for file in found[(slug, day)]]


def export_again(arrivals: Arrivals) -> str:
    """The open month is exported again with something more: under a newer date, or over a file whose date is that of its modification."""
    newest = newest_export(arrivals)
    if not newest:
        return ""
    slug, day, parts = newest
    newer = day + timedelta(days=arrivals.rng.randint(1, 3))
    undated = worlds.chance(arrivals.rng, 0.25) and len(parts) == 1 and not arrivals.files(f"daily_rated_usage/{slug}/unbilled_latest")
    modified = datetime(newer.year, newer.month, newer.day, 5, tzinfo=worlds.UTC).timestamp()
    told = []
    for number_of_part, (file, table) in enumerate(parts):
        told.append(usage_change(arrivals.rng, table, [p for p, _ in table.usage()]))
        ending = file.name[file.name.index(".") :]
        name = "unbilled_latest" if undated else f"unbilled_{newer}_again{number_of_part}"
        arrivals.put(f"daily_rated_usage/{slug}/{name}{ending}", table.text, modified)
    return f"{slug} {newer} ({'undated, ' if undated else ''}{', '.join(filter(None, told))})"


def correct_usage(arrivals: Arrivals) -> str:
    """A file of usage is replaced by one of the same name with another content."""
    file = arrivals.rng.choice(arrivals.files("daily_rated_usage/"))
    table = Table.read(file)
    told = usage_change(arrivals.rng, table, [p for p, _ in table.usage()])
    if told:
        arrivals.put(arrivals.path(file), table.text)
    return told and f"{file.name} {told}"


def close_a_month(arrivals: Arrivals) -> str:
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


def bring_an_invoice(arrivals: Arrivals) -> str:
    """The reconciliation file of an invoice that is in the zone arrives, or arrives again with other amounts."""
    parts: dict[str, dict[tuple, list]] = defaultdict(lambda: defaultdict(list))
    for files in exports(arrivals, "billed").values():
        for file in files:
            for _, row in Table.read(file).usage():
                names = ("customerid", "subscriptionid", "productid", "skuid", "unitprice", "credittype")
                if row.get("benefittype") in (None, "", "Charge"):
                    parts[str(row["invoicenumber"])][tuple(str(row[name]) for name in names)].append(row)
    if not parts:
        return ""
    invoice = arrivals.rng.choice(sorted(parts))
    table = Table(list(map(str.lower, INVOICE_HEADER)), [",".join(INVOICE_HEADER)])
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


# ---------------------------------------------------------------------------------------------------------------------
# News of evidence
# ---------------------------------------------------------------------------------------------------------------------


def shown(file: pathlib.Path) -> list:
    """The items of a snapshot."""
    content = json.loads(read_text(file))
    return content if isinstance(content, list) else content["value"]


def with_shown(file: pathlib.Path, items: list) -> str:
    """The text of a snapshot with other items."""
    content = json.loads(read_text(file))
    return json.dumps(items if isinstance(content, list) else content | {"value": items})


def snapshots(arrivals: Arrivals, dated: bool) -> list[pathlib.Path]:
    """The snapshots in the zone that show something, dated by their name or not."""
    found = [file for kind in EVIDENCE for file in arrivals.files(f"{kind}/")]
    return [file for file in found if (file.name != "current.json") == dated and shown(file)]


def subscription_of(file: pathlib.Path) -> str:
    return GUID.findall(file.as_posix().lower())[-1]


def without_one(arrivals: Arrivals, file: pathlib.Path) -> tuple[str, str]:
    """The text of a snapshot that no longer shows one of its items, and that item's id."""
    items = shown(file)
    gone = items.pop(arrivals.rng.randrange(len(items)))
    return with_shown(file, items), gone["id"].rsplit("/", 1)[-1]


def list_again_without(arrivals: Arrivals) -> str:
    """A later snapshot of a subscription no longer shows an item, with no event that says why."""
    found = snapshots(arrivals, dated=True)
    if not found:
        return ""
    file = arrivals.rng.choice(found)
    kind, subscription = arrivals.path(file).split("/")[0], subscription_of(file)
    others = [export_day(f) for f in arrivals.files(f"{kind}/") if subscription_of(f) == subscription]
    day = max([*others, arrivals.rng.choice(arrivals.days)]) + timedelta(days=1)
    text, gone = without_one(arrivals, file)
    arrivals.put(f"{kind}/again/{day}_{subscription}.json", text)
    return f"{kind} {day} without {gone}"


def correct_list(arrivals: Arrivals) -> str:
    """A snapshot is replaced by one of the same name that does not show one of its items."""
    found = snapshots(arrivals, dated=True)
    if not found:
        return ""
    file = arrivals.rng.choice(found)
    text, gone = without_one(arrivals, file)
    arrivals.put(arrivals.path(file), text)
    return f"{arrivals.path(file)[-60:]} without {gone}"


# ---------------------------------------------------------------------------------------------------------------------
# News of the partner directory
# ---------------------------------------------------------------------------------------------------------------------


def directory(arrivals: Arrivals, name: str) -> tuple[Table, list[int]]:
    """A file of the directory, and the positions of its rows: those of grants' principals, if there are any."""
    table = Table.read(arrivals.zone / "partner_directory" / name)
    known = {row["member_principal_id"].lower() for _, row in members(arrivals) if row["group_object_id"].lower() in arrivals.mentioned}
    telling = [
        position for position, row in table.rows() if {str(v).lower() for v in row.values()} & (arrivals.mentioned | known)
    ]
    return table, telling or [position for position, _ in table.rows()]


def members(arrivals: Arrivals) -> list[tuple[int, dict]]:
    return Table.read(arrivals.source / "partner_directory" / "group_members.csv").rows()


def save(arrivals: Arrivals, name: str, table: Table, told: str) -> str:
    arrivals.put(f"partner_directory/{name}", table.text)
    return told


def end_row(arrivals: Arrivals, name: str) -> str:
    """Some rows of a file end at a midnight, or go where they have not begun by then (or have no end)."""
    table, positions = directory(arrivals, name)
    chosen = arrivals.rng.sample(positions, min(len(positions), arrivals.rng.choice((1, 1, 2, 3))))
    told = []
    for position in sorted(chosen, reverse=True):
        row, end = table.fields(table.lines[position]), arrivals.some_midnight()
        begins_before = row.get("valid_from", end) < end
        if "valid_to" in row and begins_before and worlds.chance(arrivals.rng, 0.65):
            table.lines[position] = table.changed(table.lines[position], {"valid_to": min(row["valid_to"] or end, end)})
            told.append(f"{next(iter(row.values()))[:8]} ends {end[:10]}")
        else:
            del table.lines[position]
            told.append(f"{next(iter(row.values()))[:8]} removed")
    return save(arrivals, name, table, ", ".join(told)) if told else ""


def give_back_row(arrivals: Arrivals, name: str) -> str:
    """Some rows of the world's file that the zone's file lacks are put into it."""
    table, complete = Table.read(arrivals.zone / "partner_directory" / name), Table.read(arrivals.source / "partner_directory" / name)
    lacking = [line for line in complete.lines[1:] if line and line not in table.lines]
    if not lacking:
        return ""
    lines = arrivals.rng.sample(lacking, min(len(lacking), arrivals.rng.choice((1, 2, 9))))
    table.lines[1:1] = lines
    return save(arrivals, name, table, f"{name}: {len(lines)} more")


def find_rows(arrivals: Arrivals) -> str:
    """Rows of any file of the directory turn up."""
    names = [file.name for file in arrivals.files("partner_directory/")]
    return next(filter(None, (give_back_row(arrivals, name) for name in arrivals.rng.sample(names, len(names)))), "")


def change_membership(arrivals: Arrivals) -> str:
    """A membership ends, or another member joins from a midnight on."""
    if worlds.chance(arrivals.rng, 0.5):
        return end_row(arrivals, "group_members.csv")
    table, positions = directory(arrivals, "group_members.csv")
    links = Table.read(arrivals.zone / "partner_directory" / "partner_id_links.csv").rows()
    if not positions or not links:
        return ""
    group = table.fields(table.lines[arrivals.rng.choice(positions)])["group_object_id"]
    member, begin = arrivals.rng.choice(links)[1]["principal_id"].lower(), arrivals.some_midnight()
    table.lines.insert(1, f"{group},{member},{begin},")
    return save(arrivals, "group_members.csv", table, f"{member[:8]} joins {group[:8]} {begin[:10]}")


def change_agreement(arrivals: Arrivals) -> str:
    """An agreement ends, or is found."""
    change = arrivals.rng.choice((end_row, end_row, give_back_row))
    return change(arrivals, "agreements.csv") if (arrivals.zone / "partner_directory" / "agreements.csv").exists() else ""


def change_relationship(arrivals: Arrivals) -> str:
    """A subscription gets another reseller, from the beginning or from a midnight on."""
    name = "subscription_partners.csv"
    table = Table.read(arrivals.zone / "partner_directory" / name)
    resellers = sorted({row["reseller_partner_id"] for _, row in table.rows()} | {"", "6220001"})
    if not table.rows():
        return ""
    position, row = arrivals.rng.choice(table.rows())
    reseller = arrivals.rng.choice([other for other in resellers if other != row["reseller_partner_id"]])
    at = arrivals.some_midnight()
    line = table.changed(table.lines[position], {"reseller_partner_id": reseller})
    if (row["valid_from"] or "0") < at < (row["valid_to"] or "9") and worlds.chance(arrivals.rng, 0.6):
        table.lines[position] = table.changed(table.lines[position], {"valid_to": at})
        table.lines.insert(position, table.changed(line, {"valid_from": at}))
        return save(arrivals, name, table, f"{row['subscription_id'][:8]} by {reseller or 'nobody'} from {at[:10]}")
    table.lines[position] = line
    return save(arrivals, name, table, f"{row['subscription_id'][:8]} by {reseller or 'nobody'}")


def map_management_group(arrivals: Arrivals) -> str:
    """A subscription is mapped to its management group; where all are, one is not any more."""
    name = "management_groups.csv"
    if not (arrivals.zone / "partner_directory" / name).exists():
        return ""
    return give_back_row(arrivals, name) or end_row(arrivals, name)


def change_partner(arrivals: Arrivals) -> str:
    """An agent group, a location or a principal of a partner is no longer listed."""
    return end_row(arrivals, arrivals.rng.choice(("agent_groups.csv", "partner_locations.csv", "partner_principals.csv")))


# ---------------------------------------------------------------------------------------------------------------------
# News of prices and rates
# ---------------------------------------------------------------------------------------------------------------------


def other_price(rng: random.Random, price: str) -> str:
    return worlds.plain((Decimal(price) * rng.choice((Decimal("0.9"), Decimal("1.1"), Decimal("1.5"))) + CENT).quantize(Decimal("1E-8")))


def change_prices(arrivals: Arrivals, table: Table) -> str:
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


def start_within(arrivals: Arrivals, table: Table, row: dict[str, object]) -> str:
    """A usage day, as a sheet writes it, on which no row of this product begins yet."""
    taken = {other["effectivestartdate"] for _, other in table.rows() if (other["productid"], other["skuid"]) == (row["productid"], row["skuid"])}
    free = [begin for day in arrivals.days if (begin := f"{worlds.us_date(day)} 12:00:00 AM") not in taken]
    return arrivals.rng.choice(free) if free else ""


def order_is_clear(arrivals: Arrivals, path: str, changed: Table) -> bool:
    """Whether the sheets of a market, by name, are also in order of their newest starts: no doubt which sheet's word on a price is the last."""
    sheets = {arrivals.path(file): Table.read(file) for file in arrivals.files(path.rsplit("/", 1)[0] + "/")} | {path: changed}
    starts = [max(day_of(row["effectivestartdate"].split(" ")[0]) for _, row in sheets[name].rows()) for name in sorted(sheets)]
    return starts == sorted(starts)


def new_price_sheet(arrivals: Arrivals) -> str:
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


def correct_price_sheet(arrivals: Arrivals) -> str:
    """A sheet is replaced by one of the same name with other prices."""
    file = arrivals.rng.choice(arrivals.files("price_sheet/"))
    table = Table.read(file)
    told = change_prices(arrivals, table)
    if not order_is_clear(arrivals, arrivals.path(file), table):
        return ""
    arrivals.put(arrivals.path(file), table.text)
    return f"{file.name}: {told}"


def change_rate(arrivals: Arrivals) -> str:
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


# ---------------------------------------------------------------------------------------------------------------------
# What the zone loses
# ---------------------------------------------------------------------------------------------------------------------


def lose_files(arrivals: Arrivals) -> str:
    """Some files of any kind are gone. Usage and prices do not go altogether: without any the build refuses to run."""
    rng, gone = arrivals.rng, []
    for folder in rng.sample(("daily_rated_usage", "activity_log", "price_sheet", *EVIDENCE), 4):
        files = arrivals.files(f"{folder}/")
        if len(files) > 1:
            file = rng.choice(files)
            file.unlink()
            gone.append(arrivals.path(file)[-60:])
    return ", ".join(gone)


def overwrite_list(arrivals: Arrivals) -> str:
    """A snapshot whose name has no date is overwritten by a later one, which does not show one of its items."""
    found = snapshots(arrivals, dated=False)
    if not found:
        return lose_files(arrivals)
    file = arrivals.rng.choice(found)
    text, gone = without_one(arrivals, file)
    arrivals.put(arrivals.path(file), text, file.stat().st_mtime + 86400 * arrivals.rng.randint(1, 3) + 3600)
    return f"{arrivals.path(file)} without {gone}"


def next_files(kind: str):
    """News that deliver the next files of a kind."""
    return lambda arrivals: arrivals.deliver(kind, arrivals.rng.randint(1, 1 + len(arrivals.waiting[kind]) // 3))


# kind: what it does, and how often it is in the deck
NEWS = {
    "usage": (next_files("usage"), 4),
    "export again": (export_again, 2),
    "corrected usage": (correct_usage, 1),
    "closed month": (close_a_month, 1),
    "invoice": (bring_an_invoice, 1),
    "events": (next_files("events"), 2),
    "snapshots": (next_files("snapshots"), 1),
    "list without": (list_again_without, 1),
    "corrected list": (correct_list, 1),
    "link revoked": (lambda arrivals: end_row(arrivals, "partner_id_links.csv"), 1),
    "membership": (change_membership, 1),
    "agreement": (change_agreement, 1),
    "relationship": (change_relationship, 1),
    "management group": (map_management_group, 1),
    "partner": (change_partner, 1),
    "directory rows": (find_rows, 1),
    "price sheets": (next_files("price sheets"), 1),
    "new price sheet": (new_price_sheet, 1),
    "corrected price sheet": (correct_price_sheet, 1),
    "rates": (next_files("rates"), 1),
    "corrected rate": (change_rate, 1),
}
FORGETTING_NEWS = {"files gone": lose_files, "list overwritten": overwrite_list}
FORGETTING = tuple(FORGETTING_NEWS)
