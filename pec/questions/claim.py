"""`pec claim MONTH`: the claims of a month that are not registered yet, with ticket texts and evidence, on the screen or as files.

The landing zone is never written. claims.csv beside the evidence holds the rows that partner_directory/claims.csv needs once the claims are submitted.
"""

import os
import pathlib
import re
import shutil

from pec import places
from pec.questions import output, published, resource_days
from pec.questions.output import Part
from pec.questions.published import QuestionError

CLAIMS = """
select
    claims.claim_id, claims.customer_id, claims.customer_name, claims.transacting_partner_id, claims.subscription_id, claims.resource_id,
    claims.first_date, claims.last_date, claims.missed_credit_usd, claims.open_credit_usd, claims.possible_settlement_usd, claims.claim_status,
    claims.claim_by, claims.is_registered, texts.evidence_strength, texts.ticket_text
from marts.pec_claims as claims
left join (
    select
        claim_id,
        case when bool_and(evidence_strength = 'exact') then 'exact' else 'inferred' end as evidence_strength,
        string_agg(ticket_text, chr(10) || chr(10) order by first_date) as ticket_text
    from marts.pec_missed_credit
    group by claim_id
) as texts on claims.claim_id = texts.claim_id
where claims.billing_month = $month and ($customers::varchar[] is null or claims.customer_id in (select unnest($customers::varchar[])))
order by claims.claim_status = 'late', claims.open_credit_usd desc, claims.claim_id
"""
# Of each missed line: what it cost, and how its day was covered.
DAYS = """
select
    lines.usage_date, lines.invoice_number, lines.source_file, lines.line_number, lines.meter_category, lines.meter_name, lines.quantity,
    lines.list_cost_usd, lines.pec_credit_usd as missed_credit_usd, lines.applied_pec_rate, days.covered_seconds, days.covering_access_path,
    days.covering_scope_level, days.evidence_strength
from marts.pec_missed_credit as runs
inner join marts.fct_pec_charges_daily as lines
    on
        runs.subscription_id = lines.subscription_id and runs.resource_id = lines.resource_id
        and lines.usage_date between runs.first_date and runs.last_date and lines.pec_status = 'missed'
inner join marts.fct_pec_eligibility_daily as days
    on
        lines.usage_date = days.usage_date and lines.subscription_id = days.subscription_id and lines.resource_id = days.resource_id
        and lines.transacting_partner_id = days.transacting_partner_id
where runs.claim_id = $claim
order by lines.usage_date, lines.usage_line_id
"""
RUNS = """
subscription_id = $subscription and resource_id = $resource
and exists (select 1 from marts.pec_missed_credit as runs where runs.claim_id = $claim and usage_date between runs.first_date and runs.last_date)
"""
TOTALS = """
select
    strftime($month::date, '%Y-%m') as billing_month,
    count(*) filter (where not is_registered and open_credit_usd > 0) as to_claim,
    coalesce(sum(open_credit_usd) filter (where not is_registered and open_credit_usd > 0), 0)::decimal(38, 18) as to_claim_usd,
    count(*) filter (where is_registered) as registered,
    coalesce(sum(settled_credit_usd) filter (where is_registered), 0)::decimal(38, 18) as settled_usd,
    min(claim_by) as claim_by
from marts.pec_claims
where billing_month = $month and ($customers::varchar[] is null or customer_id in (select unnest($customers::varchar[])))
"""
BRIEF = ("customer_name", "resource_id", "first_date", "last_date", "open_credit_usd", "claim_status", "claim_by")
MONTHS = "select distinct strftime(billing_month, '%Y-%m') as month from marts.pec_monthly_statement order by month"
REGISTER = ("claim_id", "submitted_on", "ticket", "settled_on", "settled_usd", "note")
GRANTS = (
    "access_path", "role_name", "role_definition_id", "principal_name", "principal_id", "identity_name", "identity_id", "scope_id", "scope_level", "item_id",
    "granted_from", "granted_to", "counts_from", "counts_to", "begin_evidence", "end_evidence", "source_file",
)  # fmt: skip


def answer(connection, month, customer=None):
    """The claims of a month that are neither registered nor paid, with their ticket texts, and what there is to claim in all: a list of Part.

    connection: to a pec.duckdb.  month: date of its first day.  customer: of published.customer_ids().
    QuestionError: there is no usage in the month, or no such customer.
    """
    months = [row["month"] for row in published.rows(connection, MONTHS)]
    if f"{month:%Y-%m}" not in months:
        raise QuestionError(f"{month:%Y-%m} is not published; there is usage of {', '.join(months) or 'no month'}")
    parameters = {"month": month, "customers": published.customer_ids(connection, customer)}
    claims = [row for row in published.rows(connection, CLAIMS, parameters) if not row["is_registered"] and row["open_credit_usd"] > 0]
    return [
        Part("totals", "In all", published.rows(connection, TOTALS, parameters)),
        Part("claims", "Claims to make, those in time and the largest first", claims, is_record=True, hidden=("is_registered",), brief=BRIEF),
    ]


def write(connection, parts, folder):
    """Writes the claims of an answer to a new folder, one folder for each; returns what to do next, as lines.

    connection: to a pec.duckdb.  parts: of answer().  folder: path that does not exist yet, or is empty.
    QuestionError: there is nothing to claim, the folder cannot be written, is in the landing zone, or the publication has no ticket texts.
    """
    folder, (totals, claims) = pathlib.Path(folder).absolute(), parts
    (total,) = totals.rows
    if not claims.rows:
        raise QuestionError(f"nothing is left to claim of {total['billing_month']}: {total['registered']} claims are registered; nothing was written")
    if any(row["ticket_text"] is None for row in claims.rows):
        raise QuestionError("the published copy holds no ticket texts (PEC_PRIVACY); publish with PEC_PRIVACY=full where claims are made")
    zone = pathlib.Path(places.landing_zone()).resolve()
    if folder.resolve().is_relative_to(zone):
        raise QuestionError(f"{folder} is in the landing zone, which nothing writes; name another folder")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise QuestionError(f"{folder} is there already; name a new folder, so that nothing of an earlier claim is mixed in")
    beside = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(beside, ignore_errors=True)
        for row in claims.rows:
            write_claim(connection, row, beside / folder_of(row))
        register = output.csv_of(REGISTER, [{"claim_id": row["claim_id"]} for row in claims.rows])
        (beside / "claims.csv").write_text(register, encoding="utf-8")
        os.replace(beside, folder)
    except OSError as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise QuestionError(f"{folder} cannot be written: {error}; nothing was written") from error
    return next_steps(folder, total)


def write_claim(connection, claim, folder):
    """Writes the ticket text, the missed lines and the grants that covered their days. claim: row of CLAIMS.  folder: a path that does not exist yet."""
    folder.mkdir(parents=True)
    (folder / "ticket.txt").write_text(claim["ticket_text"] + "\n", encoding="utf-8")
    days = published.rows(connection, DAYS, {"claim": claim["claim_id"]})
    (folder / "days.csv").write_text(output.csv_of(list(days[0]), days), encoding="utf-8")
    (folder / "grants.csv").write_text(output.csv_of(GRANTS, grants_of(connection, claim)), encoding="utf-8")


def grants_of(connection, claim):
    """The grants that covered the days of a claim, with their true times: dictionaries with the columns GRANTS."""
    named = {"subscription": claim["subscription_id"], "resource": claim["resource_id"], "claim": claim["claim_id"]}
    found = {}
    for _, pieces in resource_days.of(connection, RUNS, named):
        for piece in pieces:
            if piece.counts:
                row = piece.row | {"counts_from": piece.row["valid_from"], "counts_to": piece.row["valid_to"]}
                found[tuple(str(row[name]) for name in GRANTS)] = row
    return [found[key] for key in sorted(found)]


def folder_of(claim):
    """The name of a claim's folder: its customer's, the resource's and the claim's, in letters that every system allows."""
    parts = [claim["customer_name"] or claim["customer_id"] or "unknown", claim["resource_id"].rsplit("/", 1)[-1]]
    return pathlib.Path("_".join([re.sub(r"[^\w-]+", "-", part).strip("-")[:40].lower() or "x" for part in parts] + [claim["claim_id"][:8]]))


def next_steps(folder, total):
    """What was written and what to do with it, as lines. No customer is named: lines like these end in logs."""
    return [
        f"Written to {folder}: {total['to_claim']} claims of {total['billing_month']}, {total['to_claim_usd']:,.2f} USD in all, to be claimed by {total['claim_by']}.",
        f"{total['registered']} claims of the month are registered already, and were not written again.",
        "1. Open a support request with each ticket.txt; attach days.csv and grants.csv.",
        f"2. Fill in submitted_on and ticket in {folder / 'claims.csv'}.",
        f"3. Add its rows to {pathlib.Path(places.landing_zone()) / 'partner_directory' / 'claims.csv'}; the next build shows the claims as submitted.",
    ]
