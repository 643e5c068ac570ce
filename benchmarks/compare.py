"""Compares results row for row: the minimal floor's against marts, and two warehouses' marts.

Tens of millions of wide rows are compared by digests: the rows of a group are hashed, one by one, and the hashes summed. Two groups of the same
sum and count hold the same rows, whatever their order.
"""

import pathlib
from dataclasses import dataclass

import duckdb

# What both say, with the same types: a hash of 1.0 is not that of 1.00. The first two columns make groups that are small enough to find a
# difference in. The floor of equal duties has marts of the same names.
MARTS = {
    "eligibility": """
        select
            usage_date, subscription_id, resource_id, transacting_partner_id, reseller_partner_id, covered_seconds::decimal(11, 6),
            is_access_eligible, covering_access_path, covering_scope_level, access_reason
        from {database}.marts.fct_pec_eligibility_daily
    """,
    "charges": """
        select
            usage_date, subscription_id, resource_id, transacting_partner_id, product_id, sku_id, meter_id, quantity::decimal(28, 15),
            list_cost_usd::decimal(38, 18), pec_credit_usd::decimal(38, 18), net_cost_usd::decimal(38, 18), applied_pec_rate::decimal(5, 4),
            pec_status, pec_reason, recoverable_credit_usd::decimal(38, 18)
        from {database}.marts.fct_pec_charges_daily
    """,
    "month_to_date": """
        select
            usage_date, plan_subscription_id, product_id, sku_id, meter_id, cumulative_quantity::decimal(28, 15),
            cumulative_net_cost_usd::decimal(38, 18), billable_cost_usd::decimal(18, 2), effective_unit_price::decimal(38, 15)
        from {database}.marts.fct_meter_month_to_date
    """,
    "statement": """
        select
            transacting_partner_id, subscription_id, customer_id, list_cost_usd::decimal(38, 18), pec_credit_usd::decimal(38, 18),
            net_cost_usd::decimal(38, 18), applied_credit_usd::decimal(38, 18), missed_credit_usd::decimal(38, 18),
            unexpected_credit_usd::decimal(38, 18), recoverable_credit_usd::decimal(38, 18)
        from {database}.marts.pec_monthly_statement
    """,
}
MINIMAL = {
    "eligibility": """
        select
            usage_date, subscription_id, resource_id, partner_id, reseller_id, covered_seconds, cover_rank is not null,
            ['aobo', 'lighthouse', 'direct'][1 + (cover_rank - 1) % 3],
            ['management_group', 'subscription', 'resource_group', 'resource'][(cover_rank - 1) // 3], access_reason::varchar
        from {database}.eligibility_daily inner join {database}.resources using (resource_key)
    """,
    "charges": """
        select
            usage_date, subscription_id, resource_id, partner_id, product_id, sku_id, meter_id, quantity, list_cost, credit,
            (list_cost - credit)::decimal(38, 18), applied_rate, status::varchar, reason::varchar, recoverable
        from {database}.charges
        inner join {database}.resources using (resource_key)
        inner join {database}.products using (product_key)
    """,
    "month_to_date": """
        select
            usage_date, plan_id, product_id, sku_id, meter_id, cumulative_quantity, cumulative_net_cost, billable_cost, effective_unit_price
        from {database}.meter_month_to_date
        inner join {database}.plans using (plan_key)
        inner join (select distinct meter_key, product_id, sku_id, meter_id from {database}.products) using (meter_key)
    """,
    "statement": """
        select
            partner_id, subscription_id, customer_id, list_cost, credit, (list_cost - credit)::decimal(38, 18), applied_credit, missed_credit,
            unexpected_credit, recoverable
        from {database}.monthly_statement
    """,
}

# A digest for each value of the first two columns: a day of a subscription or plan.
DIGESTS = """
    create table {table} as
    select one, two, count(*) as rows_of_group, sum(hash(said)::hugeint) as digest
    from (select said.{first} as one, said.{second} as two, said from ({rows}) as said)
    group by one, two
"""
DIFFERENCES = """
    select
        count(*) filter (where a.digest is distinct from b.digest or a.rows_of_group is distinct from b.rows_of_group) as differing,
        coalesce(sum(a.rows_of_group), 0)::bigint as rows_compared,
        min((coalesce(a.one, b.one), coalesce(a.two, b.two))) filter (where a.digest is distinct from b.digest)::varchar as example
    from {left} as a
    full outer join {right} as b on a.one is not distinct from b.one and a.two is not distinct from b.two
"""


@dataclass(frozen=True)
class Compared:
    """What the comparison of one relation found. differing: groups (days of a subscription or plan, where it has them) that are not the same on both sides."""

    what: str
    rows: int
    differing: int
    example: str | None


class Results:
    """The digests of what DuckDB files hold, each made once, when a comparison first asks for it."""

    def __init__(self):
        self.connection = duckdb.connect()
        self.connection.execute("set timezone = 'UTC'; set preserve_insertion_order = false")
        self.tables = {}

    def digests(self, database, what: str, rows: str) -> str:
        """The table of digests of a file's rows, which are SQL with {database}; by position, since both sides of a comparison have columns of their own."""
        table = f"digests_{len(self.tables)}"
        if (database, what) in self.tables:
            return self.tables[database, what]
        self.connection.execute(f"attach '{database}' as compared (read_only)")
        # Some marts are views of what the archive holds.
        self.connection.execute("set variable pec_archive = $path", {"path": str(pathlib.Path(database).with_suffix(".archive"))})
        rows = rows.format(database="compared")
        columns = [column[0] for column in self.connection.execute(f"select * from ({rows}) limit 0").description]
        names = [f"c{number}" for number in range(len(columns))]
        named = f"select * from ({rows}) as named ({', '.join(names)})"
        self.connection.execute(DIGESTS.format(table=table, first=names[0], second=names[1], rows=named))
        self.connection.execute("detach compared")
        self.tables[database, what] = table
        return table

    def differences(self, left, right, left_rows: dict, right_rows: dict) -> list[Compared]:
        """Compares two DuckDB files. left_rows, right_rows: {what: SQL with {database}}, with the same columns in the same order."""
        found = []
        for what in left_rows:
            tables = {"left": self.digests(left, what, left_rows[what]), "right": self.digests(right, what, right_rows[what])}
            differing, rows, example = self.connection.execute(DIFFERENCES.format(**tables)).fetchone()
            found.append(Compared(what, rows, differing, example))
        return found

    def minimal_against_marts(self, minimal, warehouse) -> list[Compared]:
        """The minimal floor's results against the marts of a warehouse, or of the floor of equal duties."""
        return self.differences(minimal, warehouse, MINIMAL, MARTS)

    def of_floors_marts(self, equal, warehouse) -> list[Compared]:
        """The marts that the floor of equal duties makes, against those of a warehouse."""
        return self.differences(equal, warehouse, MARTS, MARTS)

    def between_warehouses(self, one, other) -> list[Compared]:
        """Two warehouses' marts, as they are.

        Schema `marts` without what tells of builds rather than of the landing zone (the history of statements, what was restated, which files there
        were), and without FOCUS 1.0, which is a selection from 1.2.
        """
        with duckdb.connect(str(one), read_only=True) as connection:
            marts = connection.execute("""
                select
                    table_name,
                    coalesce(min(column_name) filter (where lower(column_name) in ('usage_date', 'chargeperiodstart')), '1'),
                    coalesce(min(column_name) filter (where lower(column_name) in ('subscription_id', 'plan_subscription_id', 'subaccountid')), '1')
                from information_schema.columns
                where
                    table_schema = 'marts'
                    and table_name not in ('pec_statement_history', 'pec_restatements', 'landed_files', 'data_quality', 'data_quality_findings', 'focus_cost_and_usage_1_0')
                group by table_name
                order by table_name
            """).fetchall()
        rows = {name: f"select {first}, {second}, t from {{database}}.marts.{name} as t" for name, first, second in marts}
        return self.differences(one, other, rows, rows)


# Doubles against exact figures: a sum may differ by a millionth, or by a millionth of a dollar.
POLARS = {
    "charges": """
        select count(*), count(*) filter (where polars.lines is distinct from exact.lines)
        from (select reason, count(*) as lines from '{folder}/charges.parquet' group by reason) as polars
        full outer join (select pec_reason, count(*) as lines from exact.marts.fct_pec_charges_daily group by pec_reason) as exact
            on reason = pec_reason
    """,
    "month_to_date": """
        select count(*), count(*) filter (where not coalesce(
            is_near(polars.quantity, cumulative_quantity) and is_near(polars.net_cost, cumulative_net_cost_usd), false
        ))
        from '{folder}/month_to_date.parquet' as polars
        full outer join exact.marts.fct_meter_month_to_date as exact
            on
                polars.plan_id = exact.plan_subscription_id and polars.meter_id = exact.meter_id and polars.usage_date = exact.usage_date
                and polars.product_id is not distinct from exact.product_id and polars.sku_id is not distinct from exact.sku_id
    """,
    "statement": """
        select count(*), count(*) filter (where not coalesce(
            is_near(polars.list_cost, list_cost_usd) and is_near(polars.credit, pec_credit_usd)
            and is_near(polars.applied_credit, applied_credit_usd) and is_near(polars.missed_credit, missed_credit_usd)
            and is_near(polars.unexpected_credit, unexpected_credit_usd) and is_near(polars.recoverable, recoverable_credit_usd), false
        ))
        from '{folder}/statement.parquet' as polars
        full outer join exact.marts.pec_monthly_statement as exact
            on
                polars.partner_id = exact.transacting_partner_id and polars.customer_id = exact.customer_id
                and polars.subscription_id = exact.subscription_id
    """,
}


def polars_against_marts(folder, database) -> list[Compared]:
    """What Polars wrote (polars_month.py) against marts: lines by reason, month to date and statement, to a millionth."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{database}' as exact (read_only)")
        connection.execute("create macro is_near(a, b) as abs(a - b::double) <= 0.000001 * greatest(1, abs(a))")
        found = {what: connection.execute(query.format(folder=folder)).fetchone() for what, query in POLARS.items()}
        found["charges"] = (connection.execute(f"select count(*) from '{folder}/charges.parquet'").fetchone()[0], found["charges"][1])
    return [Compared(what, rows, differing, None) for what, (rows, differing) in found.items()]
