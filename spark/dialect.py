"""How the source is read, and how Spark's text is written: sqlglot's dialects, with the differences that matter here."""

from sqlglot import exp, parse_one, transforms
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.spark import Spark


class Unsupported(Exception):
    """A query cannot be transpiled. The text says what stands where, and what to do."""


class Source(DuckDB):
    """DuckDB's dialect. `len` is of a list and `length` of a text, as the models use them: on Spark they are two functions."""

    class Parser(DuckDB.Parser):
        FUNCTIONS = {**DuckDB.Parser.FUNCTIONS, "LEN": lambda args: exp.ArraySize(this=args[0])}


class Target(Spark):
    """Spark's dialect. QUALIFY stays: Spark has it, and sqlglot's substitute would add a column to `select *`."""

    class Generator(Spark.Generator):
        TRANSFORMS = {**Spark.Generator.TRANSFORMS, exp.Select: transforms.preprocess([transforms.unnest_to_explode])}


def spark(text, /, **parts):
    """The tree of an expression of Spark's.

    text: SQL in which `:name` stands for a part; names of lambdas end in an underscore, as no column's does: a part may stand inside.
    parts: trees, or numbers and texts, which become literals.
    """

    def put(node):
        if not isinstance(node, exp.Placeholder) or node.name not in parts:
            return node
        part = parts[node.name]
        if (
            isinstance(part, (exp.Binary, exp.Unary, exp.Between, exp.In))
            and not isinstance(part, exp.Paren)
            and not isinstance(node.parent, (exp.Func, exp.Paren))
        ):
            return exp.paren(part.copy())
        return part.copy() if isinstance(part, exp.Expression) else exp.convert(part)

    return parse_one(text, read=Target).transform(put)


def sql_of(node):
    """Spark's text of a tree, in one line, for messages. node: an expression."""
    return node.sql(dialect=Target)
