"""What the page must show, read from the marts by SQL of its own, and the page's data, read from the file."""

import decimal
import json
import re

import duckdb

MEASURES = ["list_cost_usd", "pec_credit_usd", "applied_credit_usd", "missed_credit_usd", "unexpected_credit_usd", "recoverable_credit_usd"]


class Marts:
    """The marts of a warehouse, with what is chosen on the page: customer_id, subscription_id and month (2026-08) or None."""

    def __init__(self, database):
        self.connection = duckdb.connect(str(database), read_only=True)

    def rows(self, query, **values):
        """The rows of a query on schema marts. values: its parameters."""
        named = {name: value for name, value in values.items() if re.search(rf"\${name}\b", query)}
        return self.connection.execute(query, named).fetchall()

    def sums(self, by, customer=None, subscription=None, month=None):
        """The statement's six sums as the page shows them, by an SQL expression: {its value: [texts]}."""
        query = f"""
            select {by}, {", ".join(f"sum({name})" for name in MEASURES)} from marts.pec_monthly_statement
            where ($customer is null or customer_id = $customer) and ($subscription is null or subscription_id = $subscription)
                and ($month is null or strftime(billing_month, '%Y-%m') = $month)
            group by all
        """
        rows = self.rows(query, customer=customer, subscription=subscription, month=month)
        return {key: [shown(amount) for amount in amounts] for key, *amounts in rows}

    def lines(self, selected, customer=None, subscription=None, month=None, where="true"):
        """Rows of a query on the charges. selected: what stands before FROM, and is grouped by all. where: a further condition."""
        query = f"""
            select {selected} from marts.fct_pec_charges_daily
            where ($customer is null or customer_id = $customer) and ($subscription is null or subscription_id = $subscription)
                and ($month is null or strftime(billing_month, '%Y-%m') = $month) and {where}
            group by all
        """
        return self.rows(query, customer=customer, subscription=subscription, month=month)

    def days(self, customer=None, subscription=None, month=None):
        """{subscription_id: {state: [days, USD as shown]}}: days by what asks most, amounts of all days."""
        days = self.lines(
            "subscription_id, usage_date, bool_or(pec_status = 'missed'), bool_or(pec_status = 'unexpected'), bool_or(recoverable_credit_usd != 0), "
            "bool_or(pec_status = 'earned'), sum(case when pec_status = 'missed' then pec_credit_usd else 0 end), "
            "sum(case when pec_status = 'unexpected' then round(list_cost_usd * applied_pec_rate, 18) else 0 end), sum(recoverable_credit_usd), "
            "sum(case when pec_status = 'earned' then pec_credit_usd else 0 end)",
            customer, subscription, month,
        )  # fmt: skip
        found = {}
        states = ("missed", "unexpected", "lost", "earned")
        for subscription_id, _, *rest in days:
            flags, amounts = rest[:4], rest[4:]
            own = found.setdefault(subscription_id, {state: [0, decimal.Decimal(0)] for state in states})
            first = next((state for state, is_set in zip(states, flags) if is_set), None)
            for state, amount in zip(states, amounts):
                own[state][0] += state == first
                own[state][1] += amount
        return {key: {state: (count, shown(usd)) for state, (count, usd) in own.items() if usd} for key, own in found.items()}


def shown(amount, places=2):
    """An amount as the page writes it: rounded half away from zero, thousands apart, a true minus."""
    with decimal.localcontext(prec=80, rounding=decimal.ROUND_HALF_UP):
        rounded = decimal.Decimal(amount or 0).quantize(decimal.Decimal(1).scaleb(-places))
        return f"{abs(rounded):,}" if rounded >= 0 else f"−{abs(rounded):,}"


def data_of(html):
    """The data that a page carries."""
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)[1])


def exact_sum(texts):
    """The sum of exact amounts."""
    with decimal.localcontext(prec=80):
        return sum((decimal.Decimal(text) for text in texts), decimal.Decimal(0))
