"""Days and instants. Instants are TIMESTAMP_NTZ, in UTC, as the session's time zone must be (settings.py)."""

import re

from sqlglot import exp

from spark.dialect import Unsupported, spark
from spark.rules import literal, rule

# Spark has no infinity: the bounds of macros/intervals.sql are instants that no text has, as utc_instant() reads those of 2010 to 9999 only. (The last
# one of 9999 is an end that vendors write.) Both stand only between NULL and NULL, and reach no mart.
INFINITIES = {"infinity": "200000-01-01 00:00:00", "-infinity": "0001-01-01 00:00:00"}
# Formats of try_strptime, which reads one digit where two may stand, and of strftime.
READ_FORMATS = {
    "%m/%d/%Y": "M/d/yyyy", "%m/%d/%Y %I:%M:%S %p": "M/d/yyyy h:m:s a", "%m/%d/%Y %H:%M:%S": "M/d/yyyy H:m:s", "%Y%m%d": "yyyyMMdd",
}  # fmt: skip
WRITE_PARTS = {"%Y": "yyyy", "%m": "MM", "%d": "dd", "%H": "HH", "%M": "mm", "%S": "ss", "%B": "MMMM", "%b": "MMM", "%-d": "d"}


def instant(node):
    """An expression as TIMESTAMP_NTZ: what functions of Spark's return has a time zone. node: a tree."""
    return exp.cast(node, exp.DataType.build("timestamp_ntz", dialect="spark"))


def cast(node):
    """A cast of an infinity to an instant, as Spark's bound of time. None for other casts. node: a cast."""
    if isinstance(node.this, exp.Literal) and node.this.this in INFINITIES:
        return instant(exp.Literal.string(INFINITIES[node.this.this]))
    if node.to.this == exp.DataType.Type.TIMESTAMPTZ:
        # A time without seconds is none to Spark.
        node.set("this", spark("regexp_replace(:text, :pattern, '$1:00')", text=node.this, pattern="([Tt ][0-9]{1,2}:[0-9]{2})(?![0-9:])"))
        return node
    return None


@rule(exp.Add, exp.Sub)
def move_by_interval(node):
    """day + interval 1 month: an instant in DuckDB, and a DATE in Spark unless the day is made an instant."""
    if isinstance(node.expression, exp.Interval):
        return type(node)(this=instant(node.this), expression=node.expression)
    return node


@rule(exp.TimestampTrunc, exp.DateTrunc)
def date_trunc(node):
    """date_trunc(unit, instant): Spark returns an instant with a time zone."""
    unit = node.args["unit"].name.lower()
    if unit not in ("year", "quarter", "month", "day", "hour"):
        raise Unsupported(f"date_trunc to a {unit}")
    return instant(exp.Anonymous(this="date_trunc", expressions=[exp.Literal.string(unit), node.this]))


@rule("epoch_us")
def epoch_us(node):
    """epoch_us(instant): microseconds since 1970."""
    return spark("unix_micros(cast(:at as timestamp))", at=node.expressions[0])


@rule(exp.UnixToTime)
def make_timestamp(node):
    """make_timestamp(microseconds since 1970)."""
    if str(node.args.get("scale")) != "6":
        raise Unsupported("a number of seconds as an instant")
    return instant(spark("timestamp_micros(:n)", n=node.this))


@rule("try_strptime")
def try_strptime(node):
    """try_strptime(text, format): an instant, or NULL."""
    text, form = node.expressions
    if literal(form, "a format") not in READ_FORMATS:
        raise Unsupported(f"try_strptime with the format {form.this}; known are {', '.join(READ_FORMATS)}")
    return instant(spark("try_to_timestamp(:text, :form)", text=text, form=READ_FORMATS[form.this]))


@rule(exp.TimeToStr)
def strftime(node):
    """strftime(instant, format) with parts that mean the same in both engines, and English names of months."""
    asked = literal(node.args["format"], "a format")
    parts = re.findall(r"%-?.|[^\W\d_]+|.", asked)
    unknown = [part for part in parts if part.startswith("%") and part not in WRITE_PARTS or part == "'"]
    if unknown:
        raise Unsupported(f"strftime with the format {asked}")
    form = "".join(WRITE_PARTS.get(part) or (f"'{part}'" if part.isalpha() else part) for part in parts)
    return spark("date_format(:at, :form)", at=node.this, form=form)


@rule(exp.DayOfWeekIso)
def isodow(node):
    """isodow(day): 1 is Monday."""
    return spark("(weekday(:day) + 1)", day=node.this)


@rule(exp.Dayname)
def dayname(node):
    """dayname(day): the whole name, in English, which is the session's language."""
    return spark("date_format(:day, 'EEEE')", day=node.this)


@rule(exp.DateDiff)
def date_diff(node):
    """date_diff('day', from, to): Spark's datediff has the later day first, and counts days only."""
    unit = node.args.get("unit")
    if unit is None or unit.name.lower() != "day":
        raise Unsupported("date_diff in another unit than days")
    return spark("datediff(:later, :earlier)", later=node.this, earlier=node.expression)
