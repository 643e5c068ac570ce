"""Aggregates that choose a row, or put rows in an order. DuckDB sorts NULL last in both directions, Spark's min_by sorts it first."""

from sqlglot import exp

from spark.dialect import Unsupported, spark
from spark.rules import rule


def sort_key(ordered):
    """(function, key): min_by or max_by, and the key by which it chooses the first row of an order; NULL comes last.

    ordered: expressions of ORDER BY, all ascending or all descending.
    """
    if any(part.args.get("nulls_first") for part in ordered):
        raise Unsupported("an aggregate with NULLS FIRST")
    down = bool(ordered[0].args.get("desc"))
    return ("max_by" if down else "min_by"), key_of([part.this for part in ordered], "isnotnull" if down else "isnull")


def key_of(values, null_function):
    """A struct that sorts as its values do. values: expressions.  null_function: isnull puts NULL last upwards, isnotnull downwards."""
    parts = []
    for value in values:
        parts += [exp.Anonymous(this=null_function, expressions=[value.copy()]), value.copy()]
    return exp.Anonymous(this="struct", expressions=parts)


def filtered(aggregate, *conditions):
    """An aggregate of the rows for which all conditions hold. aggregate: a tree.  conditions: trees, or None."""
    found = [condition.copy() for condition in conditions if condition is not None]
    return exp.Filter(this=aggregate, expression=exp.Where(this=exp.and_(*found))) if found else aggregate


@rule(exp.Filter, exp.IgnoreNulls, exp.First, exp.ArgMin, exp.ArgMax, exp.GroupConcat, exp.ArrayAgg)
def ordered_aggregate(node):
    """any_value(x order by k), first(x order by k), arg_min(x, k), string_agg(x, ',' order by k), list(x), each also with FILTER."""
    if isinstance(node.parent, exp.Filter) and node.arg_key == "this":
        return node  # the FILTER around it is rewritten
    if isinstance(node.parent, exp.IgnoreNulls) and isinstance(node, exp.First):
        return node
    condition, call = (node.expression.this, node.this) if isinstance(node, exp.Filter) else (None, node)
    if isinstance(call, (exp.ArgMin, exp.ArgMax)):
        return chosen(call, condition)
    if isinstance(call, exp.GroupConcat):
        return joined(call, condition)
    if isinstance(call, exp.ArrayAgg):
        return collected(call, condition)
    return first_of(call, condition) or node


@rule(exp.Min, exp.Max)
def least_struct(node):
    """min(struct) and max(struct): a NULL in a struct is the largest in DuckDB and the smallest in Spark."""
    if not (isinstance(node.this, exp.Anonymous) and node.this.name == "named_struct"):
        return node
    key = key_of(node.this.expressions[1::2], "isnull")
    return exp.Anonymous(this="min_by" if isinstance(node, exp.Min) else "max_by", expressions=[node.this, key])


def chosen(call, condition):
    """arg_min(x, key) and arg_max: of the rows with an x. A key of several expressions sorts as they do.

    call: exp.ArgMin or ArgMax.  condition: of FILTER, or None.
    """
    is_min, key = isinstance(call, exp.ArgMin), call.expression
    if isinstance(key, exp.Tuple):
        key = key_of(key.expressions, "isnull")
    elif isinstance(key, exp.Anonymous) and key.name == "named_struct":
        key = key_of(key.expressions[1::2], "isnull")
    return filtered(
        exp.Anonymous(this="min_by" if is_min else "max_by", expressions=[call.this, key]), condition, spark("isnotnull(:x)", x=call.this)
    )


def first_of(call, condition):
    """any_value(x order by k), which passes NULL over, and first(x order by k), which does not. None for a call without an order.

    call: exp.IgnoreNulls or exp.First.  condition: as above.
    """
    inner = call.this if isinstance(call, exp.IgnoreNulls) else call
    if not isinstance(inner, (exp.AnyValue, exp.First)) or not isinstance(inner.this, exp.Order):
        return None
    value, ordered = inner.this.this, inner.this.expressions
    without_null = spark("isnotnull(:x)", x=value) if isinstance(inner, exp.AnyValue) else None
    if len({bool(part.args.get("desc")) for part in ordered}) > 1:
        return first_by_comparing(value, ordered, [condition, without_null])
    function, key = sort_key(ordered)
    return filtered(exp.Anonymous(this=function, expressions=[value, key]), condition, without_null)


def first_by_comparing(value, ordered, conditions):
    """The first value in an order of both directions: rows are collected and sorted by a comparison, as no key sorts so.

    value: a tree.  ordered: expressions of ORDER BY.  conditions: trees, or None.
    """
    names, comparison = [], "0"
    for at, part in reversed(list(enumerate(ordered))):
        before, after = (1, -1) if part.args.get("desc") else (-1, 1)
        a, b = f"a_.k{at}", f"b_.k{at}"
        comparison = (
            f"case when {a} is null and {b} is null then {comparison} when {a} is null then 1 when {b} is null then -1 "
            f"when {a} < {b} then {before} when {a} > {b} then {after} else {comparison} end"
        )
        names = [exp.Literal.string(f"k{at}"), part.this.copy(), *names]
    row = exp.Anonymous(this="named_struct", expressions=[*names, exp.Literal.string("x"), value.copy()])
    rows = filtered(exp.Anonymous(this="collect_list", expressions=[row]), *conditions)
    return spark(f"try_element_at(array_sort(:rows, (a_, b_) -> {comparison}), 1).x", rows=rows)


def joined(call, condition):
    """string_agg([distinct] x, separator order by k): NULL where there is no x.

    call: exp.GroupConcat.  condition: as above.
    """
    value, order, distinct = call.this, None, False
    if isinstance(value, exp.Order):
        value, order = value.this, value.expressions
    if isinstance(value, exp.Distinct):
        distinct = True
        (value,) = value.expressions
        if isinstance(value, exp.Order):
            value, order = value.this, value.expressions
    if not order:
        raise Unsupported("string_agg without an order: its text would change from run to run")
    keys = [part.this for part in order]
    down = {bool(part.args.get("desc")) for part in order}
    if len(down) > 1:
        raise Unsupported("string_agg ordered by ascending and descending expressions at once")
    parts = {"x": value, "separator": call.args["separator"]}
    if keys == [value]:
        items = filtered(exp.Anonymous(this="collect_set" if distinct else "collect_list", expressions=[value]), condition)
        listed = f"sort_array(:items, {'false' if down == {True} else 'true'})"
        return spark(f"array_join(nullif({listed}, cast(array() as array<string>)), :separator)", items=items, **parts)
    if distinct or down == {True}:
        raise Unsupported("string_agg of distinct texts, or downwards, ordered by something else than themselves")
    row = exp.Anonymous(this="named_struct", expressions=named(keys) + [exp.Literal.string("x"), value.copy()])
    items = filtered(exp.Anonymous(this="collect_list", expressions=[row]), condition, spark("isnotnull(:x)", x=value))
    listed = "transform(array_sort(:items), x_ -> x_.x)"
    return spark(f"array_join(nullif({listed}, cast(array() as array<string>)), :separator)", items=items, **parts)


def named(keys):
    """Names and values of a struct that sorts as its keys do, NULL last. keys: expressions."""
    parts = []
    for at, key in enumerate(keys):
        parts += [exp.Literal.string(f"n{at}"), exp.Anonymous(this="isnull", expressions=[key.copy()]), exp.Literal.string(f"k{at}"), key.copy()]
    return parts


def collected(call, condition):
    """list(x) and list(distinct x). NULL: Spark leaves it out, so the models must not ask for it; a group without rows has an empty list, not NULL.

    call: exp.ArrayAgg.  condition: as above.
    """
    value, order = call.this, None
    if isinstance(value, exp.Order):
        value, order = value.this, value.expressions
    function = "collect_list"
    if isinstance(value, exp.Distinct):
        function = "collect_set"
        (value,) = value.expressions
    if order is None:
        return filtered(exp.Anonymous(this=function, expressions=[value]), condition)
    if function == "collect_set" or any(part.args.get("desc") for part in order):
        raise Unsupported("list() of distinct values, or downwards, in an order")
    row = exp.Anonymous(this="named_struct", expressions=named([part.this for part in order]) + [exp.Literal.string("x"), value.copy()])
    return spark("transform(array_sort(:items), x_ -> x_.x)", items=filtered(exp.Anonymous(this="collect_list", expressions=[row]), condition))
