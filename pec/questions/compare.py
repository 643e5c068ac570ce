"""`pec compare A B`: what differs between two publications: the statement, to the last decimal, claims, and repairs."""

import pathlib

import duckdb

from pec import publication
from pec.archive.store import quoted
from pec.questions import published
from pec.questions.output import Part
from pec.questions.published import QuestionError

MEASURES = {
    "list_cost_usd": "list cost", "pec_credit_usd": "due", "applied_credit_usd": "applied", "missed_credit_usd": "missed",
    "unexpected_credit_usd": "unexpected", "recoverable_credit_usd": "recoverable",
}  # fmt: skip
STATEMENT_KEY = ("billing_month", "transacting_partner_id", "customer_id", "subscription_id")
# One row per measure that differs. A row that is on one side only is 0 on the other.
STATEMENT = """
with both_sides as (
    select {key}, customer_name, 'before' as side, unnest([{measures}]) as measured from before.marts.pec_monthly_statement
    union all
    select {key}, customer_name, 'after', unnest([{measures}]) from after.marts.pec_monthly_statement
),

summed as (
    select
        {shown},
        measured.position as position,
        measured.measure as measure,
        coalesce(sum(measured.amount) filter (where side = 'before'), 0)::decimal(38, 18) as before_usd,
        coalesce(sum(measured.amount) filter (where side = 'after'), 0)::decimal(38, 18) as after_usd
    from both_sides
    group by {group}, position, measure
)

select * exclude (position), (after_usd - before_usd)::decimal(38, 18) as change_usd
from summed
where before_usd != after_usd
order by {order}, position
"""
# What one side has and the other has not, or has otherwise.
LISTED = """
select
    case when before.{key} is null then 'new' when after.{key} is null then 'gone' else 'changed' end as change,
    {shown},
    {compared}
from (select * from before.marts.{mart} where {condition}) as before
full join (select * from after.marts.{mart} where {condition}) as after on before.{key} = after.{key}
where before.{key} is null or after.{key} is null or {differs}
order by change desc, {order}
"""
CLAIMS = {
    "mart": "pec_claims", "key": "claim_id", "condition": "true",
    "shown": ("claim_id", "billing_month", "customer_id", "customer_name", "subscription_id", "resource_id"),
    "compared": ("claim_status", "missed_credit_usd", "settled_credit_usd", "open_credit_usd"),
}  # fmt: skip
REPAIRS = {
    "mart": "pec_repairs", "key": "repair_id", "condition": "is_losing_now",
    "shown": ("repair_id", "customer_id", "customer_name", "subscription_id", "scope_id", "what_to_do"),
    "compared": ("win_per_month_usd", "lost_credit_usd"),
}  # fmt: skip


def answer(before, after, places):
    """What differs between two publications, as a list of Part. before, after, places: of database_of().  QuestionError: one cannot be read."""
    connection = both(database_of(before, places), database_of(after, places))
    lists = [("claims", "Claims", CLAIMS), ("repairs", "Repairs of what is being lost", REPAIRS)]
    month, whole = ("billing_month",), (*STATEMENT_KEY, "customer_name")
    return [
        Part("months", "The statement by month", statement(connection, month)),
        Part("statement", "The statement by month, partner, customer and subscription", statement(connection, whole)),
        *(listed_part(connection, *what) for what in lists),
    ]


def database_of(asked, places):
    """The path of the pec.duckdb that is meant.

    asked: `current`, `previous` (the one before the current one), an id of pec publications, or a path of a folder or file.  places: publication.Places.
    QuestionError: there is none.
    """
    path = pathlib.Path(asked)
    if asked in ("current", "previous"):
        current = places.current()
        earlier = [publication_id for publication_id in places.existing() if publication_id in places.committed() and publication_id < (current or "")]
        asked = current if asked == "current" else max(earlier, default=None)
        if asked is None:
            raise QuestionError(f"there is no {path} publication of {places.link}; pec publications lists them")
        path = places.folders / asked
    elif asked in places.existing():
        path = places.folders / asked
    elif asked in {*places.committed(), *places.withdrawn()}:
        raise QuestionError(f"the folder of publication {asked} was removed; the variable publications_kept says how many stay")
    file = path / "pec.duckdb" if path.is_dir() else path
    if not file.exists():
        raise QuestionError(f"{asked} is no publication and no path of one; pec publications lists them")
    return file


def both(before, after):
    """A connection that has two files attached for reading, as `before` and `after`, and can read no others. QuestionError: one cannot be read."""
    connection = duckdb.connect()
    try:
        for name, path in (("before", before), ("after", after)):
            connection.execute(f"attach {quoted(path)} as {name} (read_only)")
    except duckdb.Error as error:
        raise QuestionError(f"{path} cannot be opened: {error}; name another one of pec publications") from error
    connection.execute("set enable_external_access = false")
    return connection


def statement(connection, columns):
    """What differs in the statement, summed by columns of it. connection: of both()."""
    measures = ", ".join(
        f"{{'position': {position}, 'measure': '{name}', 'amount': {column}}}" for position, (column, name) in enumerate(MEASURES.items())
    )
    grouped = [column for column in columns if column != "customer_name"]
    # A customer may be called otherwise in the newer publication.
    shown = [*grouped, *(["arg_max(customer_name, side = 'after') as customer_name"] if "customer_name" in columns else [])]
    listing = ", ".join(grouped)
    return published.rows(
        connection, STATEMENT.format(key=", ".join(STATEMENT_KEY), measures=measures, shown=", ".join(shown), group=listing, order=listing)
    )


def listed_part(connection, name, title, what):
    """What is new, gone or changed in a mart, as a Part; a publication of an older version may lack the mart. what: CLAIMS or REPAIRS."""
    (sides,) = connection.execute(
        "select count(*) from duckdb_tables() where schema_name = 'marts' and table_name = ? and database_name in ('before', 'after')", [what["mart"]]
    ).fetchone()
    if sides < 2:
        return Part(name, f"{title}: not compared, as one of the publications is of an older version and has no marts.{what['mart']}", [])
    return Part(name, title, listed(connection, **what), is_record=True)


def listed(connection, mart, key, condition, shown, compared):
    """What is new, gone or changed in a mart. connection: of both().  mart, key, condition: names and SQL.  shown, compared: columns."""
    return published.rows(
        connection,
        LISTED.format(
            mart=mart, key=key, condition=condition,
            shown=", ".join(f"coalesce(after.{name}, before.{name}) as {name}" for name in shown),
            compared=", ".join(f"{side}.{name} as {named(name, side)}" for name in compared for side in ("before", "after")),
            differs=" or ".join(f"before.{name} is distinct from after.{name}" for name in compared),
            order=f"coalesce(after.{compared[-1]}, before.{compared[-1]}) desc, coalesce(after.{key}, before.{key})",
        ),
    )  # fmt: skip


def named(column, side):
    """The name of a column of one side, which still ends in _usd where it did."""
    return f"{column.removesuffix('_usd')}_{side}" + ("_usd" if column.endswith("_usd") else "")
