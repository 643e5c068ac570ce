"""Compares results row for row: the hand-written script's against the marts, and two warehouses' marts.

Tens of millions of wide rows are compared by digests: the rows of a group are hashed, one by one, and the hashes summed. Two groups of the same
sum and count hold the same rows, whatever their order.
"""

from dataclasses import dataclass

import duckdb

# What both say, with the same types: a hash of 1.0 is not that of 1.00. The groups of `by` are small enough to find a difference in.
WAREHOUSE_ROWS = {
    "eligibility": """
        select
            usage_date, subscription_id, resource_id, transacting_partner_id, reseller_partner_id, covered_seconds::decimal(11, 6),
            is_access_eligible, covering_access_path, covering_scope_level, access_reason
        from {database}.marts.fct_pec_eligibility_daily
    """,
    "charges": """
        select
            usage_date, subscription_id, resource_id, transacting_partner_id, product_id, sku_id, meter_id, quantity::decimal(18, 8),
            list_cost_usd::decimal(38, 24), pec_credit_usd::decimal(38, 28), net_cost_usd::decimal(38, 28), applied_pec_rate::decimal(5, 4),
            pec_status, pec_reason, recoverable_credit_usd::decimal(38, 28)
        from {database}.marts.fct_pec_charges_daily
    """,
    "month_to_date": """
        select
            usage_date, plan_subscription_id, product_id, sku_id, meter_id, cumulative_quantity::decimal(28, 8),
            cumulative_net_cost_usd::decimal(38, 28), billable_cost_usd::decimal(18, 2), effective_unit_price::decimal(38, 15)
        from {database}.marts.fct_meter_month_to_date
    """,
    "statement": """
        select
            transacting_partner_id, subscription_id, customer_id, list_cost_usd::decimal(38, 24), pec_credit_usd::decimal(38, 28),
            net_cost_usd::decimal(38, 28), applied_credit_usd::decimal(38, 28), missed_credit_usd::decimal(38, 28),
            unexpected_credit_usd::decimal(38, 28), recoverable_credit_usd::decimal(38, 28)
        from {database}.marts.pec_monthly_statement
    """,
}
HAND_ROWS = {
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
            (list_cost - credit)::decimal(38, 28), applied_rate, status::varchar, reason::varchar, recoverable
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
            partner_id, subscription_id, customer_id, list_cost, credit, (list_cost - credit)::decimal(38, 28), applied_credit, missed_credit,
            unexpected_credit, recoverable
        from {database}.monthly_statement
    """,
}

# A digest for each value of the first two columns: a day of a subscription or plan.
DIGESTS = """
    select one, two, count(*) as rows_of_group, sum(hash(said)::hugeint) as digest
    from (select said.{first} as one, said.{second} as two, said from ({rows}) as said)
    group by one, two
"""
DIFFERENCES = """
    select
        count(*) filter (where a.digest is distinct from b.digest or a.rows_of_group is distinct from b.rows_of_group) as differing,
        coalesce(sum(a.rows_of_group), 0) as rows_compared,
        min((coalesce(a.one, b.one), coalesce(a.two, b.two))) filter (where a.digest is distinct from b.digest)::varchar as example
    from ({left}) as a
    full outer join ({right}) as b on a.one = b.one and a.two = b.two
"""


@dataclass(frozen=True)
class Compared:
    """What the comparison of one relation found. differing: groups (a day of a subscription or plan) that are not the same on both sides."""

    what: str
    rows: int
    differing: int
    example: str | None

    def is_same(self, floor: int) -> bool:
        """Whether both sides are the same and hold at least `floor` rows: nothing equals nothing too."""
        return self.differing == 0 and self.rows >= floor


def digests(connection, rows: str) -> str:
    """SQL of the digests of rows, which are SQL; both sides' columns go by position, so they get the same names."""
    columns = [column[0] for column in connection.execute(f"select * from ({rows}) limit 0").description]
    names = [f"c{number}" for number in range(len(columns))]
    named = f"select * from ({rows}) as named ({', '.join(names)})"
    return DIGESTS.format(first=names[0], second=names[1], rows=named)


def differences(left, right, left_rows: dict, right_rows: dict) -> list[Compared]:
    """Compares two DuckDB files. left_rows, right_rows: {what: SQL with {database}}, with the same columns in the same order."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'; set preserve_insertion_order = false")
        connection.execute(f"attach '{left}' as a (read_only); attach '{right}' as b (read_only)")
        return [
            Compared(what, *_found(connection, left_rows[what].format(database="a"), right_rows[what].format(database="b")))
            for what in left_rows
        ]  # fmt: skip


def _found(connection, left: str, right: str) -> tuple[int, int, str | None]:
    """Rows compared, groups that differ, and one of those, for two SQL queries."""
    query = DIFFERENCES.format(left=digests(connection, left), right=digests(connection, right))
    differing, rows, example = connection.execute(query).fetchone()
    return int(rows), differing, example


def against_hand(hand, warehouse) -> list[Compared]:
    """The hand-written script's results against a warehouse's marts."""
    return differences(hand, warehouse, HAND_ROWS, WAREHOUSE_ROWS)


def between_warehouses(one, other) -> list[Compared]:
    """Two warehouses' marts: what the hand-written script makes as well, by day, and every other mart as it is.

    Schema `marts` without what tells of builds rather than of the landing zone (the history of statements, what was restated, which files there
    were), and without FOCUS 1.0, which is a selection from 1.2.
    """
    with duckdb.connect(str(one), read_only=True) as connection:
        names = connection.execute("""
            select table_name from information_schema.tables where table_schema = 'marts'
            and table_name not in ('pec_statement_history', 'pec_restatements', 'landed_files', 'focus_cost_and_usage_1_0')
            order by table_name
        """).fetchall()
    rows = WAREHOUSE_ROWS | {name: f"select 1, 1, t from {{database}}.marts.{name} as t" for (name,) in names}
    return differences(one, other, rows, rows)
