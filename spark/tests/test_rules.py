"""Each rule: DuckDB's text, and the text for Spark."""

import pytest

from spark.dialect import Unsupported
from spark.transpile import transpile

PAIRS = {
    # texts
    "trim(x)": r"REGEXP_REPLACE(x, '^\\p{Zs}+|\\p{Zs}+\\z', '')",
    "lower(x)": "LOWER(REPLACE(REPLACE(x, 'İ', 'i'), 'Σ', 'σ'))",
    "upper(x)": "UPPER(REPLACE(x, 'ß', 'ẞ'))",
    "ltrim(x, '+')": "TRIM(LEADING '+' FROM x)",
    "concat('a', x)": "CONCAT('a', COALESCE(CAST(x AS STRING), ''))",
    # numbers
    "trunc(x, 2)": "CASE WHEN x < 0 THEN CEIL(x, 2) ELSE FLOOR(x, 2) END",
    "x::hugeint": "CAST(x AS DECIMAL(38, 0))",
    "x::integer": "CAST(CAST(x AS DECIMAL(38, 0)) AS INT)",
    "try_cast(x as bigint)": "TRY_CAST(TRY_CAST(x AS DECIMAL(38, 0)) AS BIGINT)",
    "min(struct_pack(a := x))": "MIN_BY(NAMED_STRUCT('a', x), STRUCT(ISNULL(x), x))",
    "x::ubigint": "CAST(x AS DECIMAL(20, 0))",
    "try((x * y)::decimal(38, 22))": "TRY_CAST((TRY_MULTIPLY(x, y)) AS DECIMAL(38, 22))",
    # regular expressions
    r"regexp_matches(x, 'a.b$')": r"(x RLIKE '(?d)a.b\\z')",
    r"regexp_full_match(x, 'a|b', 'i')": r"(x RLIKE '(?u)(?i)^(?:a|b)\\z')",
    r"regexp_full_match(x, s.pattern, 'i')": r"(x RLIKE CONCAT('(?diu)^(?:', s.pattern, ')\\z'))",
    r"regexp_replace(x, '\{(a)\}', '\1', 'g')": r"REGEXP_REPLACE(x, '\\{(a)\\}', '$1')",
    "regexp_replace(x, '/a$', '')": r"REGEXP_REPLACE(x, '/a\\z', '')",
    "regexp_extract(x, '([0-9]*)[.]')": "REGEXP_EXTRACT(x, '([0-9]*)[.]', 0)",
    "regexp_extract(x, '([0-9]*)[.]', 1)": "REGEXP_EXTRACT(x, '([0-9]*)[.]')",
    "regexp_matches(x, 'a') = y": "(x RLIKE 'a') = y",
    r"regexp_matches(x, '[\s[]\s')": r"(x RLIKE '[\\t\\n\\f\\r \\[][\\t\\n\\f\\r ]')",
    # instants
    "x::timestamp": "CAST(x AS TIMESTAMP_NTZ)",
    "'infinity'::timestamp": "CAST('200000-01-01 00:00:00' AS TIMESTAMP_NTZ)",
    "x + interval 1 month": "CAST(x AS TIMESTAMP_NTZ) + INTERVAL '1' MONTH",
    "date_trunc('month', x)::date": "CAST(CAST(DATE_TRUNC('month', x) AS TIMESTAMP_NTZ) AS DATE)",
    "date_diff('day', x, y)": "DATEDIFF(y, x)",
    "try_strptime(x, '%m/%d/%Y')": "CAST(TRY_TO_TIMESTAMP(x, 'M/d/yyyy') AS TIMESTAMP_NTZ)",
    "make_timestamp(x)": "CAST(TIMESTAMP_MICROS(x) AS TIMESTAMP_NTZ)",
    "strftime(x, '%Y-%m-%d')": "DATE_FORMAT(x, 'yyyy-MM-dd')",
    "strftime(x, '%H:%M UTC')": r"DATE_FORMAT(x, 'HH:mm \'UTC\'')",
    "isodow(x) <= 5": "(WEEKDAY(x) + 1) <= 5",
    # lists
    "len(x)": "SIZE(x)",
    "length(x)": "LENGTH(x)",
    "x[1]": "TRY_ELEMENT_AT(x, 1)",
    "x[-1]": "TRY_ELEMENT_AT(x, (-1))",
    "x[1:n]": "SLICE(x, 1, n)",
    "x[2:]": "SLICE(x, 2, SIZE(x))",
    "map_extract_value(map(['a'], [x]), y)": "TRY_ELEMENT_AT(MAP_FROM_ARRAYS(ARRAY('a'), ARRAY(x)), y)",
    "list_distinct(x)": "ARRAY_COMPACT(ARRAY_DISTINCT(x))",
    "list_concat(x, y)": "CONCAT(COALESCE(x, ARRAY()), COALESCE(y, ARRAY()))",
    "struct_pack(a := x)": "NAMED_STRUCT('a', x)",
    "(map {'a': x})['b']": "TRY_ELEMENT_AT((MAP('a', x)), 'b')",
    # JSON
    "x ->> '$.a.b'": "GET_JSON_OBJECT(x, '$.a.b')",
    """x ->> '$."a [b]"'""": r"GET_JSON_OBJECT(x, '$[\'a [b]\']')",
    "x::json": "x",
    "json_valid(x)": (
        """CASE WHEN NOT x IS NULL THEN NOT TRY_PARSE_JSON(CONCAT('{"k":', x, '}')) IS NULL AND NOT TRY_PARSE_JSON(CONCAT('[', x, ']')) IS NULL END"""
    ),
    # aggregates
    "any_value(x order by y)": "MIN_BY(x, STRUCT(ISNULL(y), y)) FILTER(WHERE ISNOTNULL(x))",
    "any_value(x order by y desc) filter (where z)": "MAX_BY(x, STRUCT(ISNOTNULL(y), y)) FILTER(WHERE z AND ISNOTNULL(x))",
    "max_by(x, struct_pack(y, z))": "MAX_BY(x, STRUCT(ISNULL(y), y, ISNULL(z), z)) FILTER(WHERE ISNOTNULL(x))",
    "arg_max(x, y)": "MAX_BY(x, y) FILTER(WHERE ISNOTNULL(x))",
    "string_agg(distinct x, ', ' order by x)": "ARRAY_JOIN(NULLIF(SORT_ARRAY(COLLECT_SET(x)), CAST(ARRAY() AS ARRAY<STRING>)), ', ')",
    # queries
    "(x, y) in (select (a, b) from s)": "(x, y) IN (SELECT a, b FROM s)",
    "hash(x, 'a') as the_key": "XXHASH64(ISNULL(x), x, 'a') AS the_key",
}  # fmt: skip
REFUSED = {
    r"x like '%\%'": "LIKE with a backslash",
    "trunc(x, 3)": "trunc to 3 decimals is not tested on Spark",
    "hash(x) as number": "hash\\(\\) differs between engines",
    "frobnicate(x)": "the function frobnicate is not on the list",
    "median(x)": "the function median is not on the list",
    "x / y": "the syntax Div is not on the list",
    "regexp_replace(x, 'a', 'b')": "without 'g'",
    "regexp_matches(x, y)": "a pattern must be a text literal",
    r"regexp_matches(x, '\bx')": "the escape \\\\b",
    "string_agg(x, ',')": "string_agg without an order",
    "try_strptime(x, '%d.%m.%Y')": "try_strptime with the format",
    "x::float": "the type REAL|the type FLOAT",
    "* replace (1 as x)": "STAR with REPLACE",
    "x like 'a!%' escape '!'": "Escape",
    "random()": "the function rand",
    "now()": "the function now",
    "map {'a': x}['b']": "an index behind map",
}


def spark_text(expression):
    """The text for Spark of an expression, in one line. expression: DuckDB's SQL."""
    lines = transpile(f"select {expression} from t", "example", lambda schema, name: name)
    return " ".join(lines.split()).removeprefix("SELECT ").removesuffix(" FROM t").replace("( ", "(").replace(" )", ")")


@pytest.mark.parametrize("expression", PAIRS)
def test_rule(expression):
    assert spark_text(expression) == PAIRS[expression]


@pytest.mark.parametrize("expression", REFUSED)
def test_refused(expression):
    with pytest.raises(Unsupported, match=REFUSED[expression]):
        spark_text(expression)


@pytest.mark.parametrize(
    "query",
    [
        "select * from a asof join b on a.x >= b.x", "select 1 union all by name select 2", "select * from t using sample 3",
        "pivot t on x using sum(y)",
        "select x from t order by x limit 3 offset 2", "from read_csv('x.csv')",
    ],
)  # fmt: skip
def test_queries_that_are_refused(query):
    with pytest.raises(Unsupported):
        transpile(query, "example", lambda schema, name: name)


def test_a_name_that_is_not_materialized_is_a_plain_one_on_spark():
    text = transpile("with a as not materialized (select 1 as x) select x from a", "example", lambda schema, name: name)
    assert text.split() == "WITH a AS ( SELECT 1 AS x ) SELECT x FROM a".split()
    with pytest.raises(Unsupported, match="CTE with MATERIALIZED"):
        transpile("with a as materialized (select 1 as x) select x from a", "example", lambda schema, name: name)


@pytest.mark.parametrize(
    ("step", "is_sent"),
    [
        ("select content_id, max(x) as m from t group by content_id", True), ("select distinct content_id from t", True),
        ("select content_id, x from t group by content_id, x", False), ("select distinct content_id, x from t", False),
        ("select content_id from t", False), ("select content_id from t union select content_id from u", False),
        ("select x from t group by x", False),
    ],
)  # fmt: skip
def test_what_has_a_row_per_file_is_sent_to_each_task(step, is_sent):
    query = f"with f as ({step}) select t.x from t left join f as g on t.content_id = g.content_id left join h on t.x = h.x"
    text = transpile(query, "example", lambda schema, name: name)
    assert ("SELECT /*+ BROADCAST(g) */" in text) == is_sent and text.count("/*+") == is_sent


def test_a_refusal_names_model_and_line():
    with pytest.raises(Unsupported, match="^my_model, line 3: the function frobnicate"):
        transpile("select\n    1,\n    frobnicate(x)\nfrom t", "my_model", lambda schema, name: name)


def test_relations_become_what_the_project_says():
    archived = "read_parquet(getvariable('pec_archive') || '/contents/u/*.parquet', union_by_name = true)"
    query = f'select t.x from "w"."marts"."t" join {archived} as u on true'
    lines = transpile(query, "example", lambda schema, name: f"{{{{ {schema}:{name} }}}}")
    assert "{{ marts:t }} AS t" in lines and "{{ None:contents/u }} AS u" in lines


def test_text_that_jinja_would_read_is_kept_from_it():
    assert spark_text("'{{ x }} {% y {# z'") == "'{{ '{{' }} x }} {{ '{%' }} y {{ '{#' }} z'"
