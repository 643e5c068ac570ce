"""Lists and structs. NULL in a list: DuckDB drops it from list_distinct and never finds it; an index beyond the end gives NULL in both."""

from sqlglot import exp

from spark.dialect import Unsupported, spark
from spark.rules import rule


@rule(exp.ArraySize)
def list_length(node):
    """len(list)."""
    return spark("size(:x)", x=node.this)


@rule(exp.ArrayDistinct)
def list_distinct(node):
    """list_distinct(list): without NULL."""
    return spark("array_compact(array_distinct(:x))", x=node.this)


@rule(exp.ArrayContains)
def list_contains(node):
    """list_contains(list, value): false, and not NULL, where the list holds NULL and not the value."""
    return spark("array_contains(array_compact(:x), :v)", x=node.this, v=node.expression)


@rule(exp.ArrayOverlaps)
def list_has_any(node):
    """list_has_any(list, list): false, and not NULL, where a list holds NULL."""
    return spark("arrays_overlap(array_compact(:a), array_compact(:b))", a=node.this, b=node.expression)


@rule(exp.ArrayConcat)
def list_concat(node):
    """list_concat(list, list): a list that is NULL adds nothing."""
    parts = [spark("coalesce(:x, array())", x=part) for part in (node.this, *node.expressions)]
    return exp.Anonymous(this="concat", expressions=parts)


@rule("list_position", exp.ArrayPosition)
def list_position(node):
    """list_position(list, value): counted from 1, NULL where it is not."""
    items, value = node.expressions if isinstance(node, exp.Anonymous) else (node.this, node.expression)
    return spark("cast(nullif(array_position(:x, :v), 0) as int)", x=items, v=value)


@rule(exp.Bracket)
def item(node):
    """list[n], counted from 1 and NULL beyond the end; map['key']; list[1:n] and list[2:]."""
    (index,) = node.expressions
    if isinstance(index, exp.Slice):
        begin = index.this.this if isinstance(index.this, exp.Literal) else None
        if index.args.get("step") or not (begin == "1" or begin and index.expression is None):
            raise Unsupported("a slice of another form than [1:n] and [2:]")
        return spark("slice(:x, :begin, :n)", x=node.this, begin=int(begin), n=index.expression or spark("size(:x)", x=node.this))
    if isinstance(index, exp.Literal) and not index.is_string:
        index = exp.Literal.number(int(index.this) + 1)  # sqlglot counts from 0
    elif isinstance(index, exp.Neg) and isinstance(index.this, exp.Literal):
        index = exp.Neg(this=exp.Literal.number(int(index.this.this) - 1))
    elif isinstance(index, (exp.Neg, exp.Sub)):
        raise Unsupported("an index that is computed and may count from the end of a list")
    return spark("try_element_at(:x, :n)", x=node.this, n=index)


@rule(exp.ToMap)
def map_literal(node):
    """map {'key': value}; sqlglot reads an index behind it as a part of it."""
    if not (isinstance(node.this, exp.Anonymous) and node.this.name == "named_struct"):
        raise Unsupported("an index behind map {…}; put parentheses around the map")
    return exp.Anonymous(this="map", expressions=node.this.expressions)  # names and values, as struct() left them


@rule(exp.Map)
def map_of_lists(node):
    """map(keys, values)."""
    return spark("map_from_arrays(:k, :v)", k=node.args["keys"], v=node.args["values"])


@rule("map_extract_value")
def map_extract_value(node):
    """map_extract_value(map, key): NULL for a key that it does not have."""
    return spark("try_element_at(:m, :k)", m=node.expressions[0], k=node.expressions[1])


@rule(exp.Struct)
def struct(node):
    """struct_pack(name := value), {'name': value}, and struct_pack(column)."""
    parts = []
    for pair in node.expressions:
        named = isinstance(pair, exp.PropertyEQ)
        parts += [exp.Literal.string(pair.this.name if named else pair.alias_or_name), pair.expression if named else pair]
    return exp.Anonymous(this="named_struct", expressions=parts)


@rule(exp.GenerateSeries)
def series(node):
    """range(from, to[, interval 1 day]): without its end, and empty where the end is not after the beginning: Spark would count down."""
    if not node.args.get("is_end_exclusive"):
        raise Unsupported("generate_series; use range()")
    low, high, step = node.args["start"], node.args["end"], node.args.get("step")
    if step is None:
        return spark("case when :hi > :lo then sequence(:lo, :hi - 1) when :hi <= :lo then filter(array(:lo), x_ -> false) end", lo=low, hi=high)
    low, high = (exp.cast(bound, exp.DataType.build("timestamp_ntz", dialect="spark")) for bound in (low, high))
    return spark(
        "case when :hi > :lo then filter(sequence(:lo, :hi, :step), x_ -> x_ < :hi) when :hi <= :lo then filter(array(:lo), x_ -> false) end",
        lo=low,
        hi=high,
        step=step,
    )
