"""The figures of the report: what the page carries as data, exact, and small enough for 3,000 subscriptions."""

import contextlib
import datetime
import decimal

import duckdb

from pec import privacy
from pec.report import queries

MONTHS = 13  # the newest month and the year before it
STATEMENTS = 25_000  # rows of their statements: a partner with thousands of subscriptions gets fewer months
CALENDARS = 300  # subscriptions with a calendar of days
REPAIRS = 100
CLAIMS = 300
COVERAGE = 300
INVOICES = 300  # rows of invoice, customer and currency
CAUSES = {
    "credit": "Credit missed, or applied without being due", "azure_credit": "Paid with an Azure credit",
    "price": "Microsoft's price against the price sheet", "exchange_rate": "Exchange rate of the invoice against that of the lines",
    "promotion": "Promotion", "quantity": "Quantity that only one side has", "formula": "Invoice against its own formula",
    "unmatched": "Usage that only one side has", "not_usage": "Lines that are no usage: licences, purchases, customer credits",
    "rounding": "Rounding",
}  # fmt: skip
READ = (
    "data_quality", "dim_partner", "dim_subscription", "evidence_coverage", "fct_pec_charges_daily", "invoice_reconciliation", "landed_files",
    "pec_claims",
    "pec_monthly_statement", "pec_repairs", "pec_texts", "pec_unresolved_access",
)  # fmt: skip


@contextlib.contextmanager
def opened(database, names=privacy.FULL, archive=None):
    """A read-only connection in which the marts stand without their schema, with names as the published copy would have them.

    database: path of a DuckDB file with schema marts.  names: a mode of pec/privacy.py.  archive: folder of the key of pseudonyms, for that mode.
    """
    with duckdb.connect(str(database), read_only=True, config={"enable_external_access": "false"}) as connection:
        privacy.prepare(connection, archive, names)
        for mart in READ:
            columns = {row[0]: row[1] for row in connection.execute(f"describe marts.{mart}").fetchall()}
            selected = ", ".join(f'{text} as "{column}"' for column, text in privacy.published_columns(mart, columns, names).items())
            connection.execute(f"create temp view {mart} as select {selected} from marts.{mart}")
        yield connection


def read(connection):
    """All figures of the report, as a dictionary that JSON can hold. Amounts are texts with all their decimals. connection: of opened()."""
    connection.execute(queries.MONTHS, {"months": MONTHS, "rows": STATEMENTS})
    connection.execute(queries.DAYS)
    connection.execute(queries.RUNS)
    connection.execute(queries.CALENDARS, {"subscriptions": CALENDARS})
    months = rows(connection, "from report_months order by billing_month")
    keys = Keys([month[0] for month in months], rows(connection, queries.SUBSCRIPTIONS), rows(connection, queries.PARTNERS))
    return {
        "as_of": plain(rows(connection, queries.AS_OF)[0])[0],
        "exported_at": plain(rows(connection, queries.EXPORTED)[0])[0],
        "files": records(connection, queries.FILES)[0],
        "months": [plain(row) for row in months],
        "older_months": rows(connection, queries.ALL_MONTHS)[0][0] - len(months),
        "statement": [keys.row(row, "mpcs") for row in rows(connection, queries.STATEMENT)],
        "lost_by_reason": [keys.row(row, "mcs") for row in rows(connection, queries.LOST_BY_REASON)],
        "runs": [keys.row(row, "mcs") for row in rows(connection, queries.RUNS_OF_CALENDARS)],
        "calendar_count": CALENDARS,
        "repairs": cut(keys, records(connection, queries.REPAIRS), REPAIRS, ["win_per_month_usd", "lost_credit_usd"]),
        "claims": cut(keys, records(connection, queries.CLAIMS), CLAIMS, ["missed_credit_usd", "settled_credit_usd", "open_credit_usd"],
                      ["claim_status"]),
        "coverage": cut(keys, records(connection, queries.COVERAGE), COVERAGE, ["credit_in_doubt_usd"]),
        "invoices": cut(keys, records(connection, queries.INVOICES.format(causes=causes())), INVOICES,
                        ["invoiced", "recomputed", "difference", *CAUSES], ["billing_currency"]),
        "causes": CAUSES,
        "texts": texts(connection),
        "unresolved": records(connection, queries.UNRESOLVED),
        "checks": records(connection, queries.CHECKS),
        "customers": keys.customers,
        "subscriptions": keys.subscriptions,
        "partners": keys.partners,
    }  # fmt: skip


class Keys:
    """Numbers in place of ids: the page carries each id and name once.

    months: first days.  subscriptions: rows of queries.SUBSCRIPTIONS.  partners: rows of queries.PARTNERS.
    """

    def __init__(self, months, subscriptions, partners):
        self.months = {month: number for number, month in enumerate(months)}
        self.partners = [list(partner) for partner in partners]
        self.customers, self.subscriptions = [], []
        self._partners = {partner[0]: number for number, partner in enumerate(partners)}
        self._customers, self._subscriptions = {}, {}
        for customer, subscription, customer_name, subscription_name in subscriptions:
            self.subscription(customer, subscription, customer_name, subscription_name)

    def partner(self, partner, name=None):
        """The number of a partner ID, which is added if it is new; None for None."""
        return None if partner is None else number_of(self._partners, self.partners, partner, [partner, name])

    def customer(self, customer, name=None):
        """The number of a customer, by id; it is added if it is new. Usage without a customer has one, too: None is an id."""
        return number_of(self._customers, self.customers, customer, [customer, name])

    def subscription(self, customer, subscription, customer_name=None, subscription_name=None):
        """The number of a subscription under a customer; it is added if it is new; None for None."""
        if subscription is None:
            return None
        entry = [subscription, subscription_name, self.customer(customer, customer_name)]
        return number_of(self._subscriptions, self.subscriptions, (customer, subscription), entry)

    def row(self, row, kinds):
        """A row whose first fields are ids, as JSON has it.

        kinds: a letter for each id: m month, p partner, c customer, which s, the subscription, replaces.
        """
        ids = dict(zip(kinds, row))
        numbers = {
            "m": lambda: self.months.get(ids["m"]), "p": lambda: self.partner(ids["p"]), "s": lambda: self.subscription(ids["c"], ids["s"]),
        }  # fmt: skip
        return [*(numbers[kind]() for kind in kinds if kind != "c"), *(0 if value == "0" else value for value in plain(row[len(kinds) :]))]

    def record(self, record):
        """A record with numbers in place of the ids of month, partner, customer and subscription."""
        ids = {name: record[name] for name in ("billing_month", "transacting_partner_id", "customer_id", "subscription_id") if name in record}
        rest = {name: plain([value])[0] for name, value in record.items() if name not in ids and name != "customer_name"}
        customer, subscription = ids.get("customer_id"), ids.get("subscription_id")
        has_customer = customer is not None or subscription is not None
        return {
            "month": self.months.get(ids.get("billing_month")), "partner": self.partner(ids.get("transacting_partner_id")),
            "customer": self.customer(customer, record.get("customer_name")) if has_customer else None,
            "subscription": self.subscription(customer, subscription),
        } | rest  # fmt: skip


def number_of(numbers, entries, key, entry):
    """The number of a key; a new key gets the next, and its entry is appended."""
    if key not in numbers:
        numbers[key] = len(entries)
        entries.append(entry)
    return numbers[key]


def cut(keys, found, limit, amounts, names=()):
    """Records in two parts: the first, in full, and of the others only how many they are and their sums, by month, customer and subscription.

    keys: Keys.  found: records, most important first.  limit: how many stay in full.  amounts: columns to sum.  names: columns to group by as well.
    """
    grouped = {}
    for record in found[limit:]:
        placed = keys.record(record)
        group = grouped.setdefault(tuple(placed[name] for name in ("month", "customer", "subscription", *names)), [0, *(0 for _ in amounts)])
        group[0] += 1
        with decimal.localcontext(prec=80):
            for position, name in enumerate(amounts, 1):
                group[position] += record[name]
    rest = [
        dict(zip(("month", "customer", "subscription", *names, "count", *amounts), (*group, count, *plain(sums))))
        for group, (count, *sums) in grouped.items()
    ]
    return {"shown": [keys.record(record) for record in found[:limit]], "rest": rest}


def causes():
    """The SQL of the sums of the causes of a difference, of queries.INVOICES."""
    return ", ".join(f"sum(lines.difference_{name}_billing) as {name}" for name in CAUSES)


def texts(connection):
    """What the codes of the marts mean: {kind: {code: [text, explanation]}}, in the order of the list."""
    found = {}
    for kind, code, text, explanation in rows(connection, queries.TEXTS):
        found.setdefault(kind, {})[code] = [text, explanation]
    return found


def rows(connection, query):
    """The rows of a query, as tuples."""
    return connection.execute(query).fetchall()


def records(connection, query):
    """The rows of a query, as dictionaries."""
    result = connection.execute(query)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row)) for row in result.fetchall()]


def plain(row):
    """Values as JSON has them, exactly: amounts are texts without the zeros at their end, dates and instants are as ISO 8601 writes them."""
    return [exact(value) if isinstance(value, decimal.Decimal) else value.isoformat() if isinstance(value, datetime.date) else value for value in row]


def exact(amount):
    """An amount as text, with all decimals that are not zero."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
