"""Queries as a whole."""

from sqlglot import exp

from spark.dialect import Unsupported
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
