"""Regular expressions: DuckDB has RE2's, Spark Java's. Patterns must be literals, and are translated."""

import re

from sqlglot import exp

from spark.dialect import Unsupported, spark
from spark.rules import literal, number, rule

# Escapes that mean the same in both; \s and \x{} too, after translation. \b, \w and the rest are refused until somebody needs and tests them.
SAME_ESCAPES = set("dDtrnpP.\\+*?()[]{}|^$/-\"'")


def java_pattern(pattern):
    r"""RE2's pattern as Java's. pattern: text.

    Java's `$` also matches before a last line feed (`\z` does not), its `.` stops at six characters (with the flag d only at the line feed), it folds
    letter case in ASCII only (with the flag u in Unicode), its \s has a vertical tab more, and `[` and `&&` nest in its classes.
    Unsupported: an escape of unknown meaning.
    """
    result, in_class, has_dot, at = [], False, False, 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            escape, at = pattern[at + 1 : at + 2], at + 2
            if escape == "s":
                result.append(r"\t\n\f\r " if in_class else r"[\t\n\f\r ]")
            elif escape == "x" and pattern[at : at + 1] == "{" or escape in SAME_ESCAPES:
                result.append("\\" + escape)
            else:
                raise Unsupported(f"the escape \\{escape} of the pattern {pattern} is not known to mean the same on Spark (spark/rules/regular.py)")
            continue
        if in_class:
            if pattern.startswith("[:space:]", at):
                result.append(r"\t\n\x0B\f\r ")
                at += len("[:space:]")
                continue
            if pattern.startswith("[:", at) or pattern.startswith("&&", at):
                raise Unsupported(f"the class in the pattern {pattern} means something else on Spark")
            result.append("\\[" if char == "[" else char)
            in_class = char != "]"
        elif char == "[":
            in_class = True
            first = re.match(r"\[\^?\]?", pattern[at:]).group()
            result.append(first.replace("]", "\\]"))
            at += len(first)
            continue
        else:
            has_dot = has_dot or char == "."
            result.append(r"\z" if char == "$" else char)
        at += 1
    flags = ("d" if has_dot else "") + ("u" if "(?i)" in pattern else "")
    return (f"(?{flags})" if flags else "") + "".join(result)


def java_replacement(text):
    r"""A replacement with \1 as one with $1. text: as RE2 reads it."""
    return re.sub(r"\\(\d)", r"$\1", text.replace("$", "\\$"))


@rule(exp.RegexpLike)
def regexp_matches(node):
    """regexp_matches(text, pattern): Spark's name of it."""
    return spark("(regexp_like(:text, :pattern))", text=node.this, pattern=java_pattern(literal(node.expression, "a pattern")))


@rule(exp.RegexpFullMatch)
def regexp_full_match(node):
    """regexp_full_match(text, pattern[, 'i']): Spark only searches, so the pattern is anchored at both ends."""
    options = node.args.get("options")
    flags = literal(options, "options of a pattern") if options else ""
    if flags not in ("", "i"):
        raise Unsupported(f"regexp_full_match with the options {flags}")
    if isinstance(node.expression, exp.Column):  # of a seed, whose patterns project.py has looked at
        prefix = "(?diu)^(?:" if flags else "(?d)^(?:"
        return spark(
            "(regexp_like(:text, concat(:prefix, :pattern, :suffix)))", text=node.this, prefix=prefix, pattern=node.expression, suffix=r")\z"
        )
    pattern = literal(node.expression, "a pattern")
    anchored = java_pattern(("(?i)" if flags else "") + f"^(?:{pattern})$")
    return spark("(regexp_like(:text, :pattern))", text=node.this, pattern=anchored)


@rule(exp.RegexpReplace)
def regexp_replace(node):
    """regexp_replace(text, pattern, with, 'g'). Spark always replaces all; without 'g' a pattern must be anchored, so that there is one match."""
    pattern, modifiers = literal(node.expression, "a pattern"), node.args.get("modifiers")
    if modifiers is not None and literal(modifiers, "options of a pattern") != "g":
        raise Unsupported(f"regexp_replace with the options {modifiers.this}")
    is_anchored = (pattern.startswith("^") or pattern.endswith("$")) and "|" not in pattern
    if modifiers is None and not is_anchored:
        raise Unsupported(
            "regexp_replace without 'g' replaces the first match on DuckDB and all on Spark: add 'g', or anchor the pattern with ^ or $"
        )
    replacement = java_replacement(literal(node.args["replacement"], "a replacement"))
    return spark("regexp_replace(:text, :pattern, :by)", text=node.this, pattern=java_pattern(pattern), by=replacement)


@rule(exp.RegexpExtract)
def regexp_extract(node):
    """regexp_extract(text, pattern[, group]): the group is always written, as the defaults differ (0 and 1)."""
    return extraction("regexp_extract", node)


@rule(exp.RegexpExtractAll)
def regexp_extract_all(node):
    """regexp_extract_all(text, pattern[, group]): as regexp_extract."""
    return extraction("regexp_extract_all", node)


def extraction(function, node):
    """The call of a function of extraction with its group. function: Spark's name.  node: the call in DuckDB's syntax."""
    group = node.args.get("group")
    found = number(group, "a group") if group else 0
    return spark(f"{function}(:text, :pattern, :found)", text=node.this, pattern=java_pattern(literal(node.expression, "a pattern")), found=found)


@rule("regexp_split_to_array")
def regexp_split_to_array(node):
    """regexp_split_to_array(text, pattern): Spark's split."""
    text, pattern = node.expressions
    return spark("split(:text, :pattern)", text=text, pattern=java_pattern(literal(pattern, "a pattern")))
