"""JSON, which is text on Spark. Where DuckDB tells a text from a number or an object, Spark's VARIANT tells it."""

from sqlglot import exp

from spark.dialect import Unsupported, spark
from spark.rules import literal, rule

TYPES = {"OBJECT": "OBJECT", "ARRAY": "ARRAY", "STRING": "VARCHAR", "BOOLEAN": "BOOLEAN", "VOID": "NULL"}
# What stands in a list, by DuckDB's description of it: all of it is text on Spark.
LISTS = ('["JSON"]', '["VARCHAR"]')
# The items at a path as VARIANT. An object, or a text that holds a list, is none; items of several types may stand in a list (from_json fails at them).
ITEMS = "coalesce(try_variant_get(try_parse_json(:j), :p, 'array<variant>'), array())"


def path_of(node):
    """The path of -> and ->>, as text. node: the right side."""
    return node.sql(dialect="duckdb").strip("'") if isinstance(node, exp.JSONPath) else literal(node, "a JSON path")


def spark_path(path):
    """A path as Spark reads it. path: DuckDB's; a key with blanks or brackets stands in quotes there, and in brackets here."""
    return "".join(f"['{part}']" if quoted else part for quoted, part in ((at % 2, part) for at, part in enumerate(path.split('"')))).replace(
        ".[", "["
    )


@rule(exp.JSONExtractScalar)
def member_as_text(node):
    """json ->> path: the member's text; NULL for a member that is absent or null. With [*]: a list of them."""
    path = path_of(node.expression)
    return all_members(node.this, path) if "[*]" in path else spark("get_json_object(:j, :p)", j=node.this, p=spark_path(path))


@rule(exp.JSONExtract)
def member_as_json(node):
    """json -> path: the member as JSON: a text keeps its quotes, and null is JSON's. With [*]: a list of them."""
    path = path_of(node.expression)
    if "[*]" in path:
        return all_members(node.this, path)
    member = spark("try_variant_get(try_parse_json(:j), :p)", j=node.this, p=spark_path(path))
    return spark(
        "case when schema_of_variant(:m) in ('STRING', 'VOID') then to_json(:m) else get_json_object(:j, :p) end",
        m=member, j=node.this, p=spark_path(path),
    )  # fmt: skip


@rule(exp.Lambda)
def arrow_in_a_function(node):
    """`f(column -> '$.member')`: sqlglot reads -> between parentheses as a lambda. A true lambda stays."""
    if len(node.expressions) == 1 and isinstance(node.this, exp.Literal) and node.this.is_string:
        return member_as_json(exp.JSONExtract(this=exp.column(node.expressions[0].name), expression=node.this))
    return node


def all_members(json, path):
    """The list of the texts at a path with [*]: `$.a[*]`, `$.a[*].b` or `$.a[*].b[*]`; what is absent has none, as in DuckDB, and a null is NULL.

    json: SQL.  path: text.
    """
    steps = path.removeprefix("$.").split(".")
    if len(steps) > 2 or not steps[0].endswith("[*]"):
        raise Unsupported(f"the JSON path {path}; known are $.a[*], $.a[*].b and $.a[*].b[*]")
    first, *rest = (step.removesuffix("[*]") for step in steps)
    if not rest:
        read = ITEMS.replace("array<variant>", "array<string>")
    elif steps[1].endswith("[*]"):
        read = f"flatten(transform({ITEMS}, x_ -> coalesce(try_variant_get(x_, :member, 'array<string>'), array())))"
    else:
        read = f"transform(filter({ITEMS}, x_ -> try_variant_get(x_, :member) is not null), x_ -> try_variant_get(x_, :member, 'string'))"
    return spark(f"case when :j is not null then {read} end", j=json, p=f"$.{first}", member="$." + "".join(rest))


@rule("json_valid")
def json_valid(node):
    """json_valid(text): whether it can be parsed.

    Spark ignores what stands behind the first value: it must also be one within an object and one within a list, where only `,` could follow, and
    what follows that in the one does not in the other. NaN, Infinity and a comma before a closing bracket are valid to DuckDB alone.
    """
    both = "try_parse_json(concat(:key, :j, '}')) is not null and try_parse_json(concat('[', :j, ']')) is not null"
    return spark(f"case when :j is not null then {both} end", j=node.expressions[0], key='{"k":')


@rule(exp.JSONType)
def json_type(node):
    """json_type(json[, path]), with DuckDB's names of the types that the models ask for; a number is NUMBER, which they do not."""
    path = spark_path(path_of(node.expression)) if node.expression else "$"
    if "[*]" not in path:
        return spark(type_of("try_variant_get(try_parse_json(:j), :p)" if node.expression else "try_parse_json(:j)"), j=node.this, p=path)
    # Of each item of a list: DuckDB gives a list of types.
    first, separator, rest = path.partition("[*]")
    if "[*]" in rest or not rest:
        raise Unsupported(f"json_type with the path {path}; known is $.a[*].b")
    kind = type_of("try_variant_get(x_, :rest)")
    return spark(f"case when :j is not null then array_compact(transform({ITEMS}, x_ -> {kind})) end", j=node.this, p=first, rest="$" + rest)


def type_of(variant):
    """The SQL of DuckDB's name of the type of a VARIANT; NULL for none. variant: SQL."""
    names = " ".join(f"when '{theirs}' then '{ours}'" for theirs, ours in TYPES.items())
    return f"case when {variant} is not null then case split(schema_of_variant({variant}), '[<(]')[0] {names} else 'NUMBER' end end"


@rule(exp.FromJson)
def from_json(node):
    """from_json(json, '["VARCHAR"]') and '["JSON"]': a list of texts."""
    if literal(node.expression, "the structure of from_json") not in LISTS:
        raise Unsupported(f"from_json with the structure {node.expression.this}; known are {' and '.join(LISTS)}")
    return spark("case when :j like '[%' then from_json(:j, 'array<string>') end", j=node.this)


@rule("json_merge_patch")
def json_merge_patch(node):
    """json_merge_patch(json, '{"name": value}') with a literal: the member comes first, and the first of two is read."""
    json, patch = node.expressions
    member = literal(patch, "the second argument of json_merge_patch").strip().removeprefix("{").removesuffix("}")
    return spark(
        "case when trim(:j) like '{%:%}' then concat(:whole, substring(trim(:j), 2)) else :alone end",
        j=json,
        whole="{" + member + ",",
        alone="{" + member + "}",
    )


@rule("to_json", exp.JSONFormat)
def to_json(node):
    """to_json(struct): with the members that are NULL, as in DuckDB, and with all digits of an instant: Spark would cut it to milliseconds."""
    value = node.this if isinstance(node, exp.JSONFormat) else node.expressions[0]
    return spark("to_json(:v, map('ignoreNullFields', 'false', 'timestampNTZFormat', 'yyyy-MM-dd HH:mm:ss.SSSSSS'))", v=value)


def cast(node):
    """A cast to JSON or a list of JSON without the cast: it is text already. None for other casts. node: a cast."""
    kind = node.to
    if kind.this == exp.DataType.Type.JSON:
        return exp.cast(node.this, "text") if isinstance(node.this, exp.Literal) else node.this
    if kind.this == exp.DataType.Type.ARRAY and kind.expressions and kind.expressions[0].this == exp.DataType.Type.JSON:
        return exp.cast(node.this, exp.DataType.build("array<text>"))
    return None


@rule(exp.ParseJSON)
def text_as_json(node):
    """A text that DuckDB casts to JSON: the text."""
    return node.this
