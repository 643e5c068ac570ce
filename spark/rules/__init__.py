"""What differs between DuckDB and Spark: a function for each difference, which takes a node of DuckDB's syntax tree and returns one of Spark's.

Children are rewritten before their parents. A rule that meets a form that it does not know raises Unsupported: nothing is guessed.
"""

from spark.dialect import Unsupported, sql_of

# Of a class of nodes, or of the name of a function (lower case) that sqlglot does not know: the function that rewrites it.
RULES = {}


def rule(*of):
    """Decorator: makes a function the rule of these classes of nodes and names of functions."""

    def register(function):
        RULES.update(dict.fromkeys(of, function))
        return function

    return register


def literal(node, what):
    """The text of a string literal. what: names the argument in the message.  Unsupported: it is an expression."""
    if not (hasattr(node, "is_string") and node.is_string):
        raise Unsupported(f"{what} must be a text literal, not {sql_of(node)}")
    return node.this


def number(node, what):
    """The value of an integer literal. what: names the argument in the message.  Unsupported: it is none."""
    if not node.is_int:
        raise Unsupported(f"{what} must be an integer literal, not {sql_of(node)}")
    return int(node.to_py())


from spark.rules import aggregates, json, lists, numbers, queries, regular, text, time  # noqa: E402, F401 - they register their rules
