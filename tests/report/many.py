"""A file of marts of 3,000 subscriptions and 13 months: the sample's, many times, with the columns that the report reads."""

import shutil

import duckdb
from report import figures



def write(published, target, copies=273):
    """Writes the file. published: path of the sample's pec.duckdb.  copies: how often its 11 subscriptions are repeated."""
    shutil.copyfile(published, target)
    with duckdb.connect(str(target)) as connection:
        (path,) = connection.execute("select current_database()").fetchone()
        connection.execute(f'use "{path}".marts')
        day = "({} - to_months(3 * m::integer))::date"
        id_of = "left(md5({} || k), 8) || right({}, 28)"
        customer, subscription = id_of.format("customer_id", "customer_id"), id_of.format("subscription_id", "subscription_id")
        ids = f"{customer} as customer_id, {subscription} as subscription_id"
        # Real amounts have many decimals.
        more = ", ".join(f"({name} * (1 + k * 0.00371193))::decimal(38, 18) as {name}" for name in figures.MEASURES)
        name = "customer_name || ' ' || k as customer_name"
        repeat(connection, copies, "pec_monthly_statement", f"{ids}, {name}, {day.format('billing_month')} as billing_month, {more}", "billing_month")
        connection.execute(
            "create or replace table fct_pec_charges_daily as select billing_month, usage_date, customer_id, subscription_id, "
            "any_value(invoice_number) as invoice_number, pec_status, pec_reason, applied_pec_rate, sum(list_cost_usd)::decimal(38, 18) as list_cost_usd, "
            "sum(pec_credit_usd)::decimal(38, 18) as pec_credit_usd, sum(recoverable_credit_usd)::decimal(38, 18) as recoverable_credit_usd "
            "from fct_pec_charges_daily group by all"
        )
        # A month that has fewer days than the one three months later ends with the last day twice.
        repeat(connection, copies, "fct_pec_charges_daily",
               f"{ids}, {day.format('billing_month')} as billing_month, {day.format('usage_date')} as usage_date", "billing_month")  # fmt: skip
        for mart, columns in (
            ("dim_subscription", f"{subscription} as subscription_id, {customer} as customer_id, subscription_name || ' ' || k as subscription_name"),
            ("evidence_coverage", f"{ids}, {name}"), ("pec_repairs", f"{ids}, {name}, repair_id || k as repair_id"),
            ("pec_claims", f"{ids}, {name}, claim_id || k as claim_id"),
        ):  # fmt: skip
            repeat(connection, copies, mart, columns)
        repeat(connection, copies, "invoice_reconciliation", f"{customer} as customer_id")


def repeat(connection, copies, mart, replaced, month=None):
    """Repeats the rows of a mart. replaced: columns of another value in a copy.  month: the column that is moved back, or None for one copy of a kind."""
    moved = "range(5)" if month else "range(1)"
    kept = f"where {month} > (select max({month}) - interval 13 month from repeated)" if month else ""
    connection.execute(
        f"create or replace table {mart} as with copies(k, m) as (select a.range, b.range from range({copies}) as a, {moved} as b), "
        f"repeated as (select {mart}.* replace ({replaced}) from {mart}, copies) select * from repeated {kept}"
    )
