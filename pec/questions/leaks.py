"""`pec leaks`: what is being lost now, repair by repair, the largest win a month first, with the command that repairs it."""

from pec.questions import published
from pec.questions.output import Part

# Zero stands for nothing to win: the order is that of the mart.
REPAIRS = """
select * exclude (is_losing_now)
from marts.pec_repairs
where is_losing_now and ($customers::varchar[] is null or customer_id in (select unnest($customers::varchar[])))
order by win_per_month_usd desc, repair_rank, repair_id
"""
BRIEF = ("repair_rank", "customer_name", "access_reason", "resource_count", "win_per_day_usd", "win_per_month_usd", "lost_credit_usd", "action")
TOTALS = """
select
    count(*) as repairs,
    coalesce(sum(win_per_day_usd), 0)::decimal(38, 18) as win_per_day_usd,
    coalesce(sum(win_per_month_usd), 0)::decimal(38, 18) as win_per_month_usd,
    coalesce(sum(lost_credit_usd), 0)::decimal(38, 18) as lost_so_far_usd
from marts.pec_repairs
where is_losing_now and ($customers::varchar[] is null or customer_id in (select unnest($customers::varchar[])))
"""


def answer(connection, customer=None):
    """The repairs of access that costs money now, and what they win in all, as a list of Part.

    connection: to a pec.duckdb.  customer: of published.customer_ids().  QuestionError: there is no such customer.
    """
    parameters = {"customers": published.customer_ids(connection, customer)}
    return [
        Part("totals", "In all, if nothing is done", published.rows(connection, TOTALS, parameters)),
        Part("repairs", "What is being lost now, the largest first", published.rows(connection, REPAIRS, parameters), is_record=True, brief=BRIEF),
    ]
