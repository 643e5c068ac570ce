"""Exact numbers: cutting, whole quotients, attempts, wide integers, and keys."""

from sqlglot import exp

from spark.dialect import Unsupported, spark
from spark.rules import number, rule

# What trunc() is used for: whole numbers, cents (M4, M5), amounts and prices. Each is tested against Python Decimals; another is refused.
TRUNC_SCALES = (0, 2, 18, 22)
# Names of columns that may hold a hash: it is a different function on each engine, so it may only identify what the same build wrote.
HASH_NAMES = ("_key", "_version", "_fingerprint", "fact")
WIDE_INTEGERS = {exp.DataType.Type.INT128: "decimal(38, 0)", exp.DataType.Type.UBIGINT: "decimal(20, 0)"}


WHOLE_QUOTIENT = """
    try_element_at(transform(
        array(named_struct('a', abs(cast(:a as decimal(38, 0))), 'b', abs(nullif(cast(:b as decimal(38, 0)), 0)), 'sign', sign(:a) * sign(:b))),
        v_ -> aggregate(
            array(1, 2, 3),
            cast(0 as decimal(38, 0)),
            (q_, i_) -> cast(
                q_ + cast(cast(v_.a - q_ * v_.b as double) / cast(v_.b as double) * (1 - 1 / pow(2, 50)) as decimal(38, 0)) as decimal(38, 0)
            ),
            q_ -> cast(cast(v_.sign as decimal(1, 0)) * (
                q_ + case when v_.a < q_ * v_.b then -1 when v_.a - q_ * v_.b >= v_.b then 1 else 0 end
            ) as decimal(38, 0))
        )
    ), 1)"""


@rule(exp.Trunc)
def trunc(node):
    """trunc(number[, decimals]) cuts toward zero. Spark's trunc is of dates, and sqlglot's own text a bigint."""
    decimals = node.args.get("decimals")
    scale = number(decimals, "the decimals of trunc") if decimals else 0
    if scale not in TRUNC_SCALES:
        raise Unsupported(
            f"trunc to {scale} decimals is not tested on Spark; use one of {', '.join(map(str, TRUNC_SCALES))} (spark/rules/numbers.py)"
        )
    return spark("case when :n < 0 then ceil(:n, :s) else floor(:n, :s) end", n=node.this, s=scale)


@rule(exp.IntDiv)
def whole_quotient(node):
    """a // b of wide integers, cut toward zero. Spark's div returns a BIGINT, and / of decimals(38, 0) has 20 digits before the point.

    So the quotient is approached: three times what remains is divided as doubles, less a part in 2^50, so that no product overflows; then at most
    1 is wrong. transform() over one item binds both operands, which would stand in the text many times.
    """
    return spark(WHOLE_QUOTIENT, a=node.this, b=node.expression)


@rule(exp.Try)
def attempt(node):
    """try(expression) is NULL where a step overflows: Spark has no such function, but one for each step."""
    steps = {exp.Mul: "try_multiply", exp.Add: "try_add", exp.Sub: "try_subtract"}

    def careful(part):
        if type(part) in steps:
            return exp.Anonymous(this=steps[type(part)], expressions=[part.this, part.expression])
        return exp.TryCast(this=part.this, to=part.to, safe=True) if type(part) is exp.Cast else part

    return rewritten_upwards(node.this.copy(), careful)


def rewritten_upwards(tree, change):
    """A tree of which each node, children first, was given to a function. change: takes a node and returns it, or another."""
    for node in reversed(list(tree.walk())):
        changed = change(node)
        if changed is node:
            continue
        if node is tree:
            tree = changed
        else:
            node.replace(changed)
    return tree


@rule(exp.Cast, exp.TryCast)
def cast_to_wide_integer(node):
    """Casts to HUGEINT and UBIGINT: decimals of as many digits. To INTEGER and BIGINT: rounded first. Of instants and JSON: time.py, json.py."""
    from spark.rules import json, time

    kind = WIDE_INTEGERS.get(node.to.this)
    if kind:
        node.set("to", exp.DataType.build(kind))
        return node
    if node.to.this in (exp.DataType.Type.INT, exp.DataType.Type.BIGINT) and not isinstance(node.this, exp.Literal):
        # Spark cuts what DuckDB rounds.
        node.this.replace(
            type(node)(this=node.this.copy(), to=exp.DataType.build("decimal(38, 0)"), **({"safe": True} if node.args.get("safe") else {}))
        )
        return node
    return time.cast(node) or json.cast(node) or node


@rule("hash")
def key_or_fingerprint(node):
    """hash(a, b) as a key or fingerprint: Spark's own hash of 64 bits. It skips NULL, so that each argument is preceded by whether it is NULL.

    Unsupported: the hash is not the value of a column whose name says that it is a key or a fingerprint.
    """
    name = name_of_column(node)
    if not name.endswith(HASH_NAMES):
        raise Unsupported(
            f"hash() differs between engines: it may only be a column named *{', *'.join(HASH_NAMES)}, not {name or 'a part of a query'}"
        )
    parts = []
    for value in node.expressions:
        parts += [value.copy()] if isinstance(value, exp.Literal) else [exp.Anonymous(this="isnull", expressions=[value.copy()]), value.copy()]
    return exp.Anonymous(this="xxhash64", expressions=parts)


def name_of_column(node):
    """The name of the column whose value an expression is part of; of a union's later queries that of the first. node: an expression."""
    select, at = node.find_ancestor(exp.Select), node
    while at.parent is not select:
        at = at.parent
    if at.arg_key != "expressions":
        return ""
    while isinstance(select.parent, exp.Union) and select.arg_key == "expression":
        select = first_query(select.parent.this)
        at = select.expressions[at.index]
    return at.alias_or_name


def first_query(node):
    """The first SELECT of a union. node: a query."""
    while isinstance(node, exp.Union):
        node = node.this
    return node
