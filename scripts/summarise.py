"""Prints what a built warehouse says, in one screen: `python scripts/summarise.py [warehouse.duckdb]`.

Reads the marts only. Exit code 1, with a message, when the file is no warehouse of this project.
"""

import sys

import duckdb

FIGURES = """
select
    (select count(*) from marts.fct_pec_charges_daily) as lines_accepted,
    (select coalesce(sum(line_count), 0) from intermediate.int_usage_exports where superseded_by is not null) as lines_superseded,
    (select count(*) from marts.rejected_rows) as rows_rejected,
    sum(list_cost_usd) as list_cost,
    sum(pec_credit_usd) as due,
    sum(applied_credit_usd) as applied,
    sum(missed_credit_usd) as missed,
    sum(unexpected_credit_usd) as unexpected,
    sum(recoverable_credit_usd) as recoverable
from marts.pec_monthly_statement
"""

REASONS = """
select
    pec_status,
    pec_reason,
    count(*) as lines,
    sum(list_cost_usd) as list_cost,
    sum(pec_credit_usd) as due,
    sum(round(list_cost_usd * applied_pec_rate, 18)) as applied,
    sum(recoverable_credit_usd) as recoverable
from marts.fct_pec_charges_daily
group by pec_status, pec_reason
order by list_position(['earned', 'missed', 'unexpected', 'not_earned'], pec_status), recoverable desc, lines desc, pec_reason
"""

GAPS = """
select credit_in_doubt_usd, coalesce(customer_name, ''), subscription_id, coalesce(to_supply, 'nothing to supply, its decisions are inferred')
from marts.evidence_coverage
where credit_in_doubt_usd > 0
order by credit_in_doubt_usd desc, subscription_id
limit 5
"""


def main(path):
    """Prints the summary of the warehouse at path; returns the exit code."""
    try:
        connection = duckdb.connect(path, read_only=True)
        figures = connection.execute(FIGURES).fetchone()
        reasons = connection.execute(REASONS).fetchall()
        gaps = connection.execute(GAPS).fetchall()
        put_aside = connection.execute("select source_file, reason from marts.rejected_rows where line_number = 0 order by 1 limit 20").fetchall()
    except duckdb.Error as error:
        print(f"{path}: no warehouse to summarise ({error}). Build it first: make build.", file=sys.stderr)
        return 1
    accepted, superseded, rejected, *money = figures
    print(f"\nusage lines read  {accepted + superseded:>12,}   (accepted {accepted:,}, superseded by a newer export {superseded:,})")
    print(f"rows rejected     {rejected:>12,}   (marts.rejected_rows: file, line, reason)\n")
    names = ["list cost", "credit due", "credit applied", "missed", "unexpected", "recoverable"]
    for name, amount in zip(names, money):
        print(f"{name:<16}{amount:>16,.2f} USD")
    print(f"\n{'status':<12}{'reason':<20}{'lines':>8}{'list cost':>14}{'due':>12}{'applied':>12}{'recoverable':>13}")
    for status, reason, lines, *amounts in reasons:
        print(f"{status:<12}{reason:<20}{lines:>8,}{amounts[0]:>14,.2f}{amounts[1]:>12,.2f}{amounts[2]:>12,.2f}{amounts[3]:>13,.2f}")
    if put_aside:
        print("\nput aside whole (marts.rejected_rows):")
        for name, reason in put_aside:
            print(f"  {name}: {reason}")
    if gaps:
        print("\nthe most costly gaps in evidence (marts.evidence_coverage):")
        for doubt, customer, subscription, lacking in gaps:
            print(f"{doubt:>12,.2f} USD in doubt  {customer} {subscription}: {lacking}")
    print(f"\nwarehouse: {path} (schema marts)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "warehouse.duckdb"))
