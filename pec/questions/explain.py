"""`pec explain RESOURCE DAY`: what the day's charges were, how it was decided, what covered which part of it, and what would have changed the answer."""

import datetime

from pec.questions import published, resource_days
from pec.questions.output import Part
from pec.questions.published import QuestionError

# Of reasons that a line has whatever the access is (P2).
ACCESS_REASONS = (
    "eligible", "no_agreement", "no_access", "other_partner", "ineligible_role", "not_linked", "not_permanent", "denied", "partial_day",
)  # fmt: skip
REACHED = {
    "permanent": "counts", "linked": "linked, not permanent", "eligible_role": "eligible role, not linked", "own_grant": "ours, role not eligible",
    "nothing": "nobody known",
}  # fmt: skip
EVIDENCE = "select code, lower(text) as text from marts.pec_texts where kind = 'evidence'"
CHARGES = """
select
    transacting_partner_id, meter_name, quantity, list_cost_usd, pec_credit_usd as due_usd,
    (list_cost_usd * applied_pec_rate)::decimal(38, 18) as applied_usd, recoverable_credit_usd as recoverable_usd, pec_status, pec_reason, invoice_number,
    concat(source_file, ':', line_number) as line
from marts.fct_pec_charges_daily
where usage_date = $day and resource_id = $resource
order by transacting_partner_id, list_cost_usd desc, usage_line_id
"""
REPAIRS = """
select distinct repair
from marts.pec_access_gaps
where
    resource_id = $resource and transacting_partner_id = $partner and subscription_id = $subscription
    and gap_start < $day::date + interval 1 day and (gap_end is null or gap_end > $day)
order by repair
"""
TO_SUPPLY = """
select coalesce(to_supply, 'an event or list that shows how we had access') as to_supply
from marts.evidence_coverage where subscription_id = $subscription
"""
CLAIMS = """
select claim_id, claim_status, claim_by, open_credit_usd, strftime(billing_month, '%Y-%m') as month
from marts.pec_missed_credit
where resource_id = $resource and subscription_id = $subscription and $day between first_date and last_date
"""
# Resources whose id contains what was asked: somebody may have left out its end.
ALIKE = """
select resource_id, count(*) over () as alike from marts.fct_pec_eligibility_daily where contains(resource_id, $asked) group by resource_id
order by resource_id limit 10
"""
KNOWN = """
select resource_id, min(usage_date) as first_date, max(usage_date) as last_date, bool_or(usage_date = $day) as has_day
from marts.fct_pec_eligibility_daily
where resource_id = $asked or ends_with(resource_id, '/' || $asked)
group by resource_id order by resource_id = $asked desc, resource_id
"""


def answer(connection, resource, day):
    """What there is to say of a resource's day, as a list of Part.

    connection: to a pec.duckdb.  resource: an id, or its end (whole segments), in any case.  day: a date.
    QuestionError: there is no such resource, there are several, or it had no usage on that day.
    """
    resource = resource_id(connection, resource, day)
    parameters = {"day": day, "resource": resource}
    days = resource_days.of(connection, "usage_date = $day and resource_id = $resource", parameters)
    charges = published.rows(connection, CHARGES, parameters)
    evidence = {row["code"]: row["text"] for row in published.rows(connection, EVIDENCE)}
    grants, open_times, changes = [], [], []
    for found, pieces in days:
        partner = {"transacting_partner_id": found["transacting_partner_id"]}
        grants += [partner | row for piece in pieces for row in grant_rows(piece, evidence)]
        open_times += [partner | row for row in gap_rows(found, pieces)]
        lines = [line for line in charges if line["transacting_partner_id"] == found["transacting_partner_id"]]
        changes += [partner | {"what": text} for text in change_texts(connection, found, pieces, lines)]
    decided = [decision(found, pieces) for found, pieces in days]
    # Nearly every resource has one partner a day, and the first part names it.
    hidden = ("transacting_partner_id",) if len(days) == 1 else ()
    return [
        Part("day", "The decision", decided, is_record=True, hidden=("access_scope_id",)),
        Part("changes", "What would have changed the answer", changes, is_record=True, hidden=hidden),
        Part("uncovered", "Parts of the day that nothing covers (UTC)", open_times, is_record=True, hidden=hidden),
        Part("charges", "What was used, and the credit", charges, hidden=hidden),
        Part("grants", "Grants on the resource and above it (UTC)", grants, is_record=True, hidden=hidden),
    ]


def resource_id(connection, asked, day):
    """The id of the resource that is meant. Arguments and errors: of answer()."""
    asked = asked.lower().rstrip("/")
    found = published.rows(connection, KNOWN, {"asked": asked.lstrip("/") if not asked.startswith("/subscriptions/") else asked, "day": day})
    exact = [row for row in found if row["resource_id"] == asked]
    on_day = exact or [row for row in found if row["has_day"]] or found
    if not on_day:
        alike = published.rows(connection, ALIKE, {"asked": asked})
        others = [f"  {row['resource_id']}" for row in alike]
        listed = f"; {alike[0]['alike']} contain that text:\n" + "\n".join(others) if alike else "; marts.fct_pec_eligibility_daily lists all resources"
        raise QuestionError(f"no usage names a resource {asked}. Give its id, or the end of it that begins after a slash{listed}")
    if len(on_day) > 1:
        listed = "\n".join(f"  {row['resource_id']}" for row in on_day)
        raise QuestionError(f"{asked} is the end of {len(on_day)} resources; name one:\n{listed}")
    (row,) = on_day
    if not row["has_day"]:
        raise QuestionError(
            f"{row['resource_id']} had no usage on {day}: nothing was decided. Ask for another day: it has usage from {row['first_date']} to {row['last_date']}"
        )
    return row["resource_id"]


def decision(day, pieces):
    """The row of the mart, and beside it the seconds that the grants below give."""
    seconds = resource_days.microseconds(resource_days.covered(pieces))
    return day | {"covered_by_the_grants_below": f"{datetime.timedelta(microseconds=seconds)} of 24:00:00"}


def grant_rows(piece, evidence):
    """A grant's rows: one for each part of the day in which it reaches its stage, or is denied. evidence: {code: what it is called}."""
    row = piece.row
    parts = [("counts", None, time) for time in piece.counts]
    # A grant that counts for its partner may be denied for a part of the day. Of one that does not count the row shows how far it gets.
    if not parts or piece.denied:
        parts += [("denied", deny_ids(piece, time), time) for time in piece.denied]
    if not piece.counts and not piece.denied:
        parts = [(outcome(piece), None, time) for time in piece.times]
    if row["begin_evidence"] == "unseen":
        parts = [("begun unseen: counts for nothing", None, (row["valid_from"], row["valid_to"]))]
    return [
        {
            "outcome": what, "from": time[0], "to": time[1], "access_path": row["access_path"], "role_name": row["role_name"],
            "role_definition_id": row["role_definition_id"], "principal_name": row["principal_name"], "principal_id": row["principal_id"],
            "through_member": row["identity_name"] or row["identity_id"] if row["identity_id"] != row["principal_id"] else None,
            "scope_id": row["scope_id"], "scope_level": row["scope_level"], "owner_partner_ids": row["owner_partner_ids"] or row["owner_kind"],
            "reached": row["reached"], "lacks": lacks(piece), "item_id": azure_id(row["item_id"]), "deny_assignment_id": deny,
            "granted_from": row["granted_from"], "granted_to": row["granted_to"], "begin_is_known_from": evidence.get(row["begin_evidence"]),
            "end_is_known_from": evidence.get(row["end_evidence"]), "source_file": row["source_file"],
        }
        for what, deny, time in parts
    ]  # fmt: skip


def deny_ids(piece, time):
    """The deny assignments that take access away in a time, in one text."""
    return ", ".join(sorted({row["deny_assignment_id"] for row in piece.denies if (row["valid_from"] or time[0]) < time[1] and (row["valid_to"] or time[1]) > time[0]}))


def outcome(piece):
    """How far a grant that covers nothing gets on the day, in words."""
    if piece.is_ours:
        return REACHED[piece.row["reached"]]
    return {"partner": "another partner's", "unknown_partner": "an unknown partner's"}.get(piece.row["owner_kind"], REACHED["nothing"])


def lacks(piece):
    """What would take a grant further, or None: it counts, or is not ours."""
    if not piece.is_ours or piece.counts:
        return None
    row = piece.row
    if row["begin_evidence"] == "unseen":
        return f"A list older than its deletion at {row['valid_to']} would show whether it stood before"
    return "Exclude the principal from the deny assignment, or remove it" if piece.denied else row["repair"]


def is_last_step(piece):
    """Whether a grant surely counts once it has what it lacks: AOBO needs no link, and an assignment of a role is permanent."""
    row = piece.row
    return bool(piece.denied) or row["access_path"] == "aobo" or row["reached"] == "linked" or (row["reached"], row["item_kind"]) == ("eligible_role", "role_assignment")


def gap_rows(day, pieces):
    """The parts of a day that nothing covers, and which covering grant ended and began at their bounds."""
    whole = [resource_days.bounds(day)]
    return [
        {"from": begin, "to": end, "ended_with": item_at(pieces, 1, begin), "begins_with": item_at(pieces, 0, end)}
        for begin, end in resource_days.without(whole, resource_days.covered(pieces))
    ]


def item_at(pieces, side, instant):
    """The item whose covering time begins (side 0) or ends (side 1) at an instant, or None."""
    items = {piece.row["item_id"] for piece in pieces for time in piece.counts if time[side] == instant}
    return azure_id(min(items, default=None))


def azure_id(item_id):
    """An item's id as Azure has it: that of a delegation names its principal and role as well."""
    return item_id and item_id.split("|")[0]


def change_texts(connection, day, pieces, lines):
    """What would have changed the answer of a day, as sentences: what lacks, or, of a covered day, what it depends on.

    connection: to a pec.duckdb.  day, pieces: of resource_days.of().  lines: its charges.
    """
    texts = []
    if day["access_reason"] == "no_agreement":
        texts.append("An agreement in force for the whole day: none was (partner_directory/agreements.csv, D4).")
    texts += covered_texts(day, pieces) if day["is_access_eligible"] else uncovered_texts(connection, day, pieces)
    products = sorted({line["pec_reason"] for line in lines} - set(ACCESS_REASONS))
    if products:
        texts.append(f"Nothing, for the lines with the reason {', '.join(products)}: such usage earns with no access (P2).")
    if any(line["pec_status"] == "missed" for line in lines):
        texts += [claim_text(row) for row in published.rows(connection, CLAIMS, of_day(day))]
    if any(line["pec_status"] == "unexpected" for line in lines):
        supply = "; ".join(row["to_supply"] for row in published.rows(connection, TO_SUPPLY, {"subscription": day["subscription_id"]}))
        texts.append(f"Microsoft applied credit that our evidence does not support, and may take it back. To supply: {supply}.")
    if day["evidence_strength"] == "inferred":
        texts.append("The decision rests on a time that only lists bound: the activity log of the day would settle it (A7).")
    return texts


def of_day(day):
    """A day as parameters of a query."""
    return {"day": day["usage_date"], "resource": day["resource_id"], "subscription": day["subscription_id"]}


def claim_text(row):
    """What to do about a line that Microsoft missed. row: of CLAIMS."""
    return (
        f"The credit is due and was not applied: claim {row['claim_id']} is {row['claim_status']}, {row['open_credit_usd']:,.2f} USD open, "
        f"to be claimed by {row['claim_by']} (pec claim {row['month']})."
    )


def covered_texts(day, pieces):
    """On which grants a covered day depends: those without which it would not be whole."""
    whole = resource_days.microseconds(resource_days.covered(pieces))
    texts = []
    for grant in sorted({piece.row["grant_id"] for piece in pieces if piece.counts}):
        others = [piece for piece in pieces if piece.row["grant_id"] != grant]
        left = resource_days.microseconds(resource_days.covered(others))
        if left < whole:
            (row, *_) = [piece.row for piece in pieces if piece.row["grant_id"] == grant]
            rest = f"only {datetime.timedelta(microseconds=left)}" if left else "nothing"
            texts.append(f"Without {named(row)} {rest} of the day would be covered.")
    return texts or ["No single grant: without any one of them the others cover the day."]


def uncovered_texts(connection, day, pieces):
    """Which single change would have covered a day, and else what the marts name as the repair."""
    whole = [resource_days.bounds(day)]
    covering = resource_days.covered(pieces)
    texts = []
    for piece in pieces:
        if lacks(piece):
            gained = resource_days.union([*covering, *piece.times])
            is_enough = "would have" if not resource_days.without(whole, gained) else "would not have"
            alone = "That alone" if is_last_step(piece) else "If it lacks nothing more, that"
            texts.append(f"{lacks(piece)}: {named(piece.row)}." + (f" {alone} {is_enough} covered the whole day." if piece.times else ""))
        elif piece.row["owner_kind"] == "unknown_partner":
            texts.append(f"If the group {piece.row['principal_id']} is yours, list it in partner_directory/agent_groups.csv: {named(piece.row)}.")
    for gap in gap_rows(day, pieces) if covering else []:
        begin, end = gap["from"].time().isoformat(), gap["to"].time().isoformat() if gap["to"] < whole[0][1] else "24:00:00"
        told = [f"{gap['ended_with']} had stood on"] if gap["ended_with"] else []
        told += [f"{gap['begins_with']} had counted from {begin} on"] if gap["begins_with"] else []
        texts.append(f"Nothing covers the day from {begin} to {end}." + (f" It would be covered if {', or '.join(told)}." if told else ""))
    repairs = published.rows(connection, REPAIRS, of_day(day) | {"partner": day["transacting_partner_id"]})
    return texts or [f"{row['repair']}." for row in repairs]


def named(row):
    """A grant in words, to be found in the portal. row: of marts.access_grants."""
    who = row["principal_name"] or row["principal_id"]
    return f"{row['access_path']} {row['role_name'] or row['role_definition_id']} of {who} on {row['scope_id']} ({azure_id(row['item_id'])})"
