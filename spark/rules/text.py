"""Texts."""

from sqlglot import exp

from spark.dialect import Unsupported, spark
from spark.rules import rule


@rule(exp.Trim)
def trim(node):
    """trim(text), ltrim and rtrim: without characters DuckDB cuts all that Unicode calls a space (Zs), Spark the common one alone."""
    if node.expression is not None:
        return node
    ends = {"": r"^\p{Zs}+|\p{Zs}+\z", "LEADING": r"^\p{Zs}+", "TRAILING": r"\p{Zs}+\z"}[(node.args.get("position") or "").upper()]
    return spark("regexp_replace(:x, :ends, '')", x=node.this, ends=ends)


@rule(exp.Lower)
def lower(node):
    """lower(text), character by character: Spark knows a sigma at the end of a word, and writes the dotted I as two characters."""
    return spark("lower(replace(replace(:x, 'İ', 'i'), 'Σ', 'σ'))", x=node.this)


@rule(exp.Upper)
def upper(node):
    """upper(text): DuckDB has a capital ß, Spark writes SS. Ligatures and the like still become several characters on Spark alone."""
    return spark("upper(replace(:x, 'ß', 'ẞ'))", x=node.this)


@rule(exp.Concat)
def concat(node):
    """concat(a, b): NULL adds nothing. Each part is made a text first: COALESCE of a decimal and a text is a DOUBLE on Spark."""
    parts = [
        part if isinstance(part, exp.Literal) and part.is_string else spark("coalesce(cast(:x as string), '')", x=part) for part in node.expressions
    ]
    return exp.Anonymous(this="concat", expressions=parts)


@rule(exp.CurrentVersion)
def version(node):
    """version(): of the engine that computed, which fingerprints of rules contain."""
    return spark("concat('spark ', version())")


@rule(exp.Like)
def like(node):
    """text LIKE pattern: Spark's backslash is an escape, DuckDB's is a character."""
    if isinstance(node.expression, exp.Literal) and "\\" in node.expression.this:
        raise Unsupported("LIKE with a backslash; compare with starts_with, contains or a regular expression")
    return node


@rule(exp.Escape)
def escape(node):
    """LIKE with an escape character: Spark has a default one, the backslash, DuckDB none."""
    raise Unsupported("LIKE … ESCAPE; compare with starts_with, contains or a regular expression")
