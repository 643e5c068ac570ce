"""What a build prints at its end: the figures and what their words mean, what was assumed or put aside, the most costly gaps in evidence, the next step.

Each part is a function of a connection that returns lines of text: none when there is nothing to say. A part whose relations this warehouse does not
have yet is left out.
"""

import sys

import duckdb

FIGURES = """
select
    (select coalesce(sum(line_count), 0)::bigint from intermediate.int_usage_exports where superseded_by is not null) as lines_superseded,
    (select count(*) from marts.rejected_rows) as rows_rejected,
    sum(line_count)::bigint as lines_accepted,
    sum(list_cost_usd) as list_cost,
    sum(pec_credit_usd) as due,
    sum(applied_credit_usd) as applied,
    sum(missed_credit_usd) as missed,
    sum(unexpected_credit_usd) as unexpected,
    sum(recoverable_credit_usd) as recoverable
from marts.pec_monthly_statement
having count(*) > 0
"""
# What each figure means, in its order in FIGURES.
MEANINGS = {
    "list cost": "what the usage costs at list price",
    "credit due": "the partner earned credit (PEC) that your access earns, by the evidence",
    "credit applied": "the PEC that Microsoft took off the price",
    "missed": "due and not applied: claim it (marts.pec_missed_credit)",
    "unexpected": "applied, and the evidence does not show why: complete it, or Microsoft may take it back (marts.evidence_coverage)",
    "recoverable": "not earned, as access or agreement was missing: repair it (marts.pec_access_gaps)",
}
STATUSES = ("earned", "missed", "unexpected", "not_earned")
# The table behind marts.fct_pec_charges_daily: it has the applied credit, and its columns are read without the names that the mart joins.
REASONS = """
select pec_status, pec_reason, lines, list_cost, due, applied, recoverable, coalesce(texts.text, '')
from (
    select
        pec_status, pec_reason, count(*) as lines, sum(list_cost_usd) as list_cost, sum(pec_credit_usd) as due, sum(applied_credit_usd) as applied,
        sum(recoverable_credit_usd) as recoverable
    from intermediate.int_charge_lines
    group by pec_status, pec_reason
)
left join marts.pec_texts as texts on texts.kind = 'pec_reason' and texts.code = pec_reason
order by list_position($statuses, pec_status), recoverable desc, lines desc, pec_reason
"""
# What is assumed without a file of the partner directory; what holds if the file has no row.
DIRECTORY = {
    "agreements": ("every partner has an agreement in force (D4)", "nobody has an agreement, and no line earns (D4)"),
    "agent_groups": ("no foreign group is yours, and AOBO counts for nobody (A3)",) * 2,
    "partner_id_links": ("no identity has a partner ID link, and only AOBO counts (A3)",) * 2,
}
DIRECTORY_FILES = """
select
    coalesce(bool_or(is_in_force and kind = $kind), false) as is_used,
    min(source_file) filter (where is_unreadable) as source_file,
    min_by(problem, source_file) filter (where is_unreadable) as problem,
    (select count(*) from staging.base_partner_directory as d where d.kind = $kind and d.failure is null) as readable
from (
    select *, is_present and problem is not null and (kind = $kind or contains(problem, 'did you mean ' || $kind || '.csv')) as is_unreadable
    from staging.stg_archive__files
)
"""
# One line of text per row.
# No customer is named: what a build prints ends in logs and mails.
NOTES = (
    """
    select concat('Put aside: ', source_file, ': ', problem, '.')
    from staging.stg_archive__files where is_present and problem is not null order by source_file limit 20
    """,
    """
    select concat('Rejected: ', count(*), ' rows of ', count(distinct source_file), ' files, ', count(*) filter (where line_number = 0),
        ' of them whole files (marts.rejected_rows).')
    from marts.rejected_rows having count(*) > 0
    """,
    """
    select concat('Not counted: ', count(*), ' × ', reason, '. ', any_value(repair), ' (marts.pec_unresolved_access).')
    from marts.pec_unresolved_access group by reason order by reason
    """,
    """
    select concat('Evidence lacks: ', credit_in_doubt_usd::decimal(38, 2), ' USD in doubt, subscription ', subscription_id,
        ': ', coalesce(to_supply, 'nothing to supply, its decisions are inferred'), ' (marts.evidence_coverage).')
    from marts.evidence_coverage where credit_in_doubt_usd > 0 order by credit_in_doubt_usd desc, subscription_id limit 5
    """,
    """
    select concat('Check ', check_name, ' warns: ', left(found, 200), case when length(found) > 200 then '…' else '' end, '. ', what_to_do,
        ' (marts.data_quality).')
    from marts.data_quality where status = 'warn' order by check_name
    """,
    """
    select concat('Assumed: ', count(distinct subscriptionid), ' subscriptions of cost_management/ are their own Azure plan (M2: tiers), as ',
        'subscription_partners.csv names no plan_subscription_id.')
    from staging.stg_cost_management__usage_lines where is_usage and failure is null and not has_plan having count(*) > 0
    """,
)
CLAIM = """
select
    open_credit_usd, count(*) over (), sum(open_credit_usd) over (), claim_status, claim_by, strftime(billing_month, '%Y-%m'), resource_id, claim_id
from marts.pec_claims
where claim_status in ('open', 'late') and open_credit_usd > 0
order by claim_status = 'late', open_credit_usd desc, claim_id
limit 1
"""
# Where nothing at all shows who had access, there is nothing to repair yet.
EVIDENCE = """
select sum(coverage.credit_in_doubt_usd), count(*)
from marts.evidence_coverage as coverage
inner join marts.data_quality_findings as findings on findings.check_name = 'evidence_missing' and findings.item = coverage.subscription_id
having sum(coverage.credit_in_doubt_usd) > 0
"""
# The action alone: what_to_do of marts.pec_repairs may name a person.
REPAIR = """
select win_per_month_usd, count(*) over (), sum(win_per_month_usd) over (), coalesce(texts.text, action), subscription_id, repair_id
from marts.pec_repairs
left join marts.pec_texts as texts on texts.kind = 'action' and texts.code = action
where
    is_losing_now and win_per_month_usd > 0
    and subscription_id not in (select item from marts.data_quality_findings where check_name = 'evidence_missing')
order by win_per_month_usd desc, repair_rank, repair_id
limit 1
"""


def lines(connection, results, warehouse):
    """The summary of a run, as a list of lines.

    connection: DuckDB's, to the warehouse.  results: {dbt's unique_id of what the run made or tested: its status}.  warehouse: path, to be named.
    The summary has figures only after a run that made the marts and in which nothing failed: after another they may be wrong or old.
    """
    parts = [figures, reasons, directory, notes] if is_sound(results) else [directory, notes]
    told = [line for part in parts for line in told_by(part, connection)]
    return [*told, f"Warehouse: {warehouse} (schema marts)."] if is_sound(results) else told


def next_steps(connection, results):
    """What to do next, as a list of lines, the most valuable first: nothing after a run that is not sound.  connection, results: of lines()."""
    if not is_sound(results):
        return []
    found = [step for part in (claim, repair, evidence) for step in told_by(part, connection)]
    broken = [step for step in found if isinstance(step, str)]
    steps = sorted((step for step in found if not isinstance(step, str)), reverse=True)
    said = [f"{word}: {text}" for word, (_, text) in zip(("Next", "Then", "Then"), steps)]
    return broken + said or ["Next: nothing. No claim is open, and no access is missing now."]


def red(results):
    """What is red in a run, and how to go on, as a list of lines. results: of lines()."""
    names = sorted(name for name, status in results.items() if status not in ("success", "pass", "skipped", "warn"))
    if not names:
        return []
    failed = [name.split(".")[2] for name in names if name.startswith("test.")]
    lines = [f"RED: {len(names)} of {len(results)} models and tests. Nothing was published, and readers keep what they have. {names[0].split('.')[2]} is the first."]
    if failed:
        lines.append(f"The rows that a test found: .venv/bin/dbt show --select {failed[0]}. What it proves stands in its file under tests/ or beside its model.")
    return [*lines, "Did you change a seed, a rule or a model? Put that right. If not, logs/dbt.log has the whole message: please report it."]


def is_sound(results):
    """Whether a run made the marts, and nothing in it failed. results: of lines()."""
    return results.get("model.pec_warehouse.pec_claims") == "success" and set(results.values()) <= {"success", "pass"}


def show(text):
    """Prints a text, as one write: dbt prints in other threads. A character that the screen cannot show, as in the name of a file, stops no build."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding) + "\n", end="", flush=True)


def told_by(part, *arguments):
    """The lines of a part; what keeps it from being told, unless it is a relation that does not exist, is a line too: a summary fails no build."""
    try:
        return part(*arguments)
    except duckdb.CatalogException:
        return []
    except duckdb.Error as error:
        return [f"The summary is not whole: {error}. The marts are: look there, and please report this."]


def figures(connection):
    """How many lines were read, and the sums of all months."""
    row = connection.execute(FIGURES).fetchone()
    if not row:
        return []
    superseded, rejected, accepted, *money = row
    return [
        "",
        f"usage lines read  {accepted + superseded:>12,}   (accepted {accepted:,}, superseded by a newer export {superseded:,})",
        f"rows rejected     {rejected:>12,}   (marts.rejected_rows: file, line, reason)",
        "",
        *(f"{name:<16}{amount:>16,.2f} USD   {meaning}" for (name, meaning), amount in zip(MEANINGS.items(), money)),
        "",
    ]


def reasons(connection):
    """The table of statuses and reasons."""
    rows = connection.execute(REASONS, {"statuses": STATUSES}).fetchall()
    head = f"{'status':<12}{'reason':<20}{'lines':>8}{'list cost':>14}{'due':>12}{'applied':>12}{'recoverable':>13}  meaning"
    body = [
        f"{status:<12}{reason:<20}{count:>8,}{cost:>14,.2f}{due:>12,.2f}{applied:>12,.2f}{recoverable:>13,.2f}  {text}"
        for status, reason, count, cost, due, applied, recoverable, text in rows
    ]
    return ["Each usage line has one status, and the first reason that applies: product, then agreement, then access.", head, *body, ""] if rows else []


def directory(connection):
    """What is assumed because a file of the partner directory is missing, and, louder, because it cannot be read or has no row."""
    told = []
    for kind, (without, empty) in DIRECTORY.items():
        is_used, source_file, problem, readable = connection.execute(DIRECTORY_FILES, {"kind": kind}).fetchone()
        file = f"partner_directory/{kind}.csv"
        if not is_used and not readable:
            told.append(
                f"WARNING: assumed: {without}, although there is {source_file}: {problem}. Repair it before you claim." if problem
                else f"Assumed: {without}, as there is no readable {file}."
            )  # fmt: skip
        elif problem:
            told.append(f"WARNING: the last good version of {file} stays in force, as {source_file} cannot be read.")
        elif not readable:
            told.append(f"WARNING: {file} has no row that can be read: {empty}.")
    return told


def notes(connection):
    """What was put aside or rejected, what does not count, and where evidence lacks."""
    return [text for query in NOTES for text in told_by(lambda query=query: [row[0] for row in connection.execute(query).fetchall()])]


def claim(connection):
    """The most valuable claim that is not made yet, those in time first: [(USD, text)], or []."""
    row = connection.execute(CLAIM).fetchone()
    if not row:
        return []
    usd, count, total, status, by, month, resource, claim_id = row
    more = f" It is the first of {count} open claims, {total:,.2f} USD in all." if count > 1 else ""
    due = f"by {by}" if status == "open" else f"late since {by}"
    return [(usd, f"claim {usd:,.2f} USD, {due}: {month}, {resource}.{more} Its text: pec claim {month} (claim_id {claim_id}).")]


def repair(connection):
    """The repair of access that wins most: [(USD a month, text)], or []."""
    row = connection.execute(REPAIR).fetchone()
    if not row:
        return []
    usd, count, total, action, subscription, repair_id = row
    more = f" It is the first of {count} repairs, {total:,.2f} USD a month in all: pec leaks." if count > 1 else ""
    where = f"What to do, and the commands: marts.pec_repairs, repair_id {repair_id}."
    return [(usd, f"win {usd:,.2f} USD a month in subscription {subscription}: {action.lower()}.{more} {where}")]


def evidence(connection):
    """The evidence that lacks wholly: [(USD in doubt, text)], or []."""
    row = connection.execute(EVIDENCE).fetchone()
    if not row:
        return []
    usd, count = row
    many = "1 subscription has" if count == 1 else f"{count} subscriptions have"
    return [(usd, f"supply evidence: {many} no list or log of access, {usd:,.2f} USD in doubt. README.md, «From nothing to the first claim», says how.")]
