"""Texts."""

from sqlglot import exp

from spark.dialect import Unsupported, spark
from spark.rules import rule


@rule(exp.Trim)
def trim(node):
    """trim(text), ltrim(text, characters) and rtrim: without characters both engines cut blanks alone."""
    if node.expression is None and node.args.get("position"):
        return spark("ltrim(:x)" if node.args["position"].upper() == "LEADING" else "rtrim(:x)", x=node.this)
    return node


@rule(exp.CurrentVersion)
def version(node):
    """version(): of the engine that computed, which fingerprints of rules contain."""
    return spark("concat('spark ', version())")


@rule(exp.Escape)
def escape(node):
    """LIKE with an escape character: Spark has a default one, the backslash, DuckDB none."""
    raise Unsupported("LIKE … ESCAPE; compare with starts_with, contains or a regular expression")
