"""What covers a resource's day: the rows of marts.access_grants that apply to it, and the part of the day that each covers (A1, A5, A6, D2)."""

import dataclasses
from datetime import datetime, time, timedelta

from pec.questions import published

# The days that a condition selects, with the scope on which access to the resource stands: something that is no Azure id lies in its resource group,
# else in its subscription.
DAYS = """
select
    *,
    case
        when starts_with(resource_id, '/subscriptions/') then resource_id
        else concat('/subscriptions/', subscription_id, '/resourcegroups/' || resource_group_name)
    end as access_scope_id
from marts.fct_pec_eligibility_daily
where {condition}
"""
# A1: a grant covers what is at and below its scope, at whole path segments. A deny for exactly its scope covers that alone (A5).
GRANTS = """
with days as ({days})

select days.usage_date, days.subscription_id as day_subscription_id, days.resource_id, days.transacting_partner_id, days.reseller_partner_id, grants.*
from days
inner join marts.access_grants as grants
    on
        split_part(days.access_scope_id, '/', 3) = grants.subscription_id
        and starts_with(days.access_scope_id || '/', grants.scope_id || '/')
        and (not grants.is_for_exact_scope or days.access_scope_id = grants.scope_id)
        -- What nobody saw begin may have stood on any day before its end (A7).
        and (grants.valid_from is null or grants.valid_from < days.usage_date + interval 1 day or grants.begin_evidence = 'unseen')
        and (grants.valid_to is null or grants.valid_to > days.usage_date)
order by
    days.usage_date, days.subscription_id, days.resource_id, days.transacting_partner_id, grants.effect desc, grants.access_path, grants.item_id,
    grants.grant_id, grants.access_stage, grants.identity_id, grants.owner_partner_ids, grants.deny_assignment_id, grants.valid_from, grants.valid_to
"""


@dataclasses.dataclass
class Piece:
    """A grant, as far as it gets for an owner and identity, on a day.

    row: of marts.access_grants, the highest stage that it reaches.  times, denied: lists of (begin, end) within the day: when it reaches that stage, and
    when denies take it away.  denies: their rows.  is_ours: whether its owner can earn on the day (D2).  counts: the times that cover the day.
    """

    row: dict
    times: list
    denied: list
    denies: list
    is_ours: bool
    counts: list


def key_of(day):
    """What a day is known by: usage_date, subscription_id, resource_id, transacting_partner_id."""
    return day["usage_date"], day.get("day_subscription_id", day["subscription_id"]), day["resource_id"], day["transacting_partner_id"]


def of(connection, condition="true", parameters=None):
    """The days that a condition selects, with what covers them: a list of (row of fct_pec_eligibility_daily, [Piece]).

    connection: to a pec.duckdb.  condition: SQL over marts.fct_pec_eligibility_daily.  parameters: its values.
    """
    days_sql = DAYS.format(condition=condition)
    days = published.rows(connection, days_sql + " order by usage_date, subscription_id, resource_id, transacting_partner_id", parameters)
    applying = {}
    for row in published.rows(connection, GRANTS.format(days=days_sql), parameters):
        applying.setdefault(key_of(row), []).append(row)
    return [(day, pieces_of(day, applying.get(key_of(day), []))) for day in days]


def pieces_of(day, rows):
    """The pieces of a day, what covers it first. day: row of DAYS.  rows: of GRANTS, for this day."""
    groups, denies = {}, {}
    for row in rows:
        if row["effect"] == "deny":
            denies.setdefault((row["grant_id"], row["owner_partner_ids"], row["identity_id"]), []).append(row)
        else:
            groups.setdefault((row["grant_id"], row["owner_partner_ids"], row["identity_id"]), []).append(row)
    # A stage without identity says nothing more where the same grant gets further through one.
    further = {(grant, owners) for grant, owners, identity in groups if identity is not None}
    pieces = []
    for (grant, owners, identity), stages in groups.items():
        if identity is None and (grant, owners) in further:
            continue
        highest = max(stages, key=lambda row: row["access_stage"])
        times = union(clipped(day, row) for row in stages if row["access_stage"] == highest["access_stage"])
        denying = denies.get((grant, owners, identity), [])
        denied = intersection(union(clipped(day, row) for row in denying), times)
        is_ours = bool({day["transacting_partner_id"], day["reseller_partner_id"]} & set((owners or "").split(", ")) - {None})
        counts = without(times, denied) if is_ours and highest["reached"] == "permanent" else []
        pieces.append(Piece(highest, times, denied, denying, is_ours, counts))
    return sorted(pieces, key=lambda piece: (not piece.counts, not piece.is_ours, -piece.row["access_stage"]))


def bounds(day):
    """Begin and end of a day."""
    begin = datetime.combine(day["usage_date"], time())
    return begin, begin + timedelta(days=1)


def clipped(day, row):
    """The part of a row's time that is in the day."""
    begin, end = bounds(day)
    return max(row["valid_from"] or begin, begin), min(row["valid_to"] or end, end)


def union(times):
    """Disjoint times in order that together are the same. times: half-open (begin, end) in any order."""
    joined = []
    for begin, end in sorted(times):
        if begin >= end:
            continue
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return joined


def without(times, holes):
    """What is left of disjoint times when others are taken away."""
    left = []
    for begin, end in times:
        for hole_begin, hole_end in union(holes):
            if begin < hole_end and hole_begin < end:
                left.append((begin, hole_begin))
                begin = max(begin, hole_end)
        left.append((begin, end))
    return union(left)


def intersection(times, others):
    """What two unions have in common."""
    return without(times, without(times, others))


def microseconds(times):
    """The length of disjoint times."""
    return sum((end - begin) // timedelta(microseconds=1) for begin, end in times)


def covered(pieces):
    """The times of a day that pieces cover together (A6)."""
    return union(time for piece in pieces for time in piece.counts)
