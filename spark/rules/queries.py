"""Queries as a whole."""

from sqlglot import exp

from spark.dialect import Target, Unsupported
from spark.rules import rule


@rule(exp.In)
def tuples(node):
    """(a, b) in (select (c, d) from …): the query of Spark's returns two columns, not one pair."""
    query = node.args.get("query")
    if isinstance(node.this, exp.Tuple) and query is not None:
        select = query.this if isinstance(query, exp.Subquery) else query
        if not isinstance(select, exp.Select):
            raise Unsupported("a list of several columns from something else than a plain query")
        if len(select.expressions) == 1 and isinstance(select.expressions[0], exp.Tuple):
            select.set("expressions", select.expressions[0].expressions)
    return node


@rule(exp.CTE)
def inlined(node):
    """x as not materialized (…): Spark has no word for it, and puts the query in place of its name."""
    node.set("materialized", None)
    return node


@rule(exp.Select)
def with_files_at_hand(node):
    """Joins with a step that has one row per file: its rows go to each task. Else all lines would be sorted into as many parts as there are files."""
    names = [join.alias_or_name for join in node.args.get("joins") or [] if isinstance(join.this, exp.Table) and has_a_row_per_file(join.this)]
    return node.hint(f"BROADCAST({', '.join(names)})", dialect=Target, copy=False) if names else node


def has_a_row_per_file(table):
    """Whether a relation is a step of its query that is grouped by content_id alone, or selects it distinct. table: where it is joined."""
    at = table.parent
    while at is not None:
        for step in at.ctes if isinstance(at, exp.Query) else []:
            if step.alias == table.name and not table.db:
                query = step.this
                keys = query if query.args.get("distinct") else query.args.get("group")
                return keys is not None and [key.alias_or_name for key in keys.expressions] == ["content_id"]
        at = at.parent
    return False
