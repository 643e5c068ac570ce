"""The allow-list: syntax and functions of DuckDB's that may be transpiled. All else stops the generation, with model and line.

Whoever adds a line has seen that both engines give the same (spark/tests/test_same_answer.py), or writes a rule (spark/rules) that makes them.
"""

from sqlglot import exp

from spark.rules import RULES

# Of each class of nodes, the arguments that may be given. Syntax that is not named here, such as ASOF JOIN, UNION BY NAME or * REPLACE, is refused.
SYNTAX = {
    exp.Select: "expressions from_ joins where group having qualify windows order limit distinct with_",
    exp.Union: "this expression distinct with_ order limit",
    exp.With: "expressions recursive",
    exp.CTE: "this alias",
    exp.From: "this",
    exp.Join: "this side kind on using",
    exp.Table: "this db catalog alias",
    exp.TableAlias: "this",
    exp.Subquery: "this alias with_",
    exp.Where: "this",
    exp.Group: "expressions all",
    exp.Having: "this",
    exp.Qualify: "this",
    exp.Order: "this expressions",
    exp.Ordered: "this desc nulls_first",
    exp.Limit: "expression",
    exp.Distinct: "expressions",
    exp.Star: "except_",
    exp.Window: "this partition_by order spec over alias",
    exp.WindowSpec: "kind start start_side end end_side",
    exp.Filter: "this expression",
    exp.IgnoreNulls: "this",
    exp.Alias: "this alias",
    exp.Column: "this table db",
    exp.Dot: "this expression",
    exp.Identifier: "this quoted",
    exp.Literal: "this is_string",
    exp.Boolean: "this",
    exp.Null: "",
    exp.Var: "this",
    exp.Paren: "this",
    exp.Tuple: "expressions",
    exp.Array: "expressions bracket_notation value_constructor",
    exp.Struct: "expressions",
    exp.PropertyEQ: "this expression",
    exp.Lambda: "this expressions colon",
    exp.Bracket: "this expressions offset safe",
    exp.Slice: "this expression",
    exp.Interval: "this unit",
    exp.DataType: "this expressions nested",
    exp.DataTypeParam: "this",
    exp.JSONPath: "expressions",
    exp.JSONPathRoot: "",
    exp.JSONPathKey: "this",
    exp.JSONPathSubscript: "this",
    exp.JSONPathWildcard: "",
    exp.Case: "this ifs default",
    exp.If: "this true",
    exp.Cast: "this to",
    exp.TryCast: "this to safe",
    exp.In: "this expressions query",
    exp.Between: "this low high",
    exp.Exists: "this",
    exp.Is: "this expression",
    exp.Not: "this",
    exp.Neg: "this",
}  # fmt: skip
# `/` is not among them: it gives a DOUBLE in DuckDB. Nor are LIKE with an escape, and ILIKE.
OPERATORS = (
    exp.And, exp.Or, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Add, exp.Sub, exp.Mul, exp.Mod,
    exp.IntDiv,
    exp.DPipe, exp.Like,
)  # fmt: skip
# Functions that mean the same in both engines, or that sqlglot writes so that they do.
SAME = {
    exp.Abs: "this", exp.AnyValue: "this", exp.ArrayAppend: "this expression", exp.ArrayFilter: "this expression", exp.ArraySort: "this nulls_first",
    exp.ArrayToString: "this expression", exp.Chr: "expressions", exp.Coalesce: "this expressions", exp.Concat: "expressions safe coalesce",
    exp.ConcatWs: "expressions safe coalesce", exp.Contains: "this expression", exp.Count: "this big_int", exp.Day: "this", exp.DenseRank: "",
    exp.EndsWith: "this expression", exp.Explode: "this", exp.First: "this", exp.FirstValue: "this", exp.Greatest: "this expressions ignore_nulls",
    exp.Lag: "this", exp.LastDay: "this", exp.LastValue: "this", exp.Lead: "this", exp.Least: "this expressions ignore_nulls",
    exp.Left: "this expression", exp.Length: "this", exp.LogicalAnd: "this", exp.LogicalOr: "this", exp.MD5: "this",
    exp.Max: "this",
    exp.Min: "this", exp.Month: "this", exp.Quarter: "this", exp.WeekOfYear: "this", exp.Year: "this", exp.Nullif: "this expression",
    exp.Repeat: "this times", exp.Replace: "this expression replacement",
    exp.Round: "this decimals", exp.RowNumber: "", exp.Sign: "this", exp.Split: "this expression", exp.SplitPart: "this delimiter part_index",
    exp.StartsWith: "this expression", exp.StrPosition: "this substr", exp.Substring: "this start length", exp.Sum: "this",
    exp.Transform: "this expression", exp.Translate: "this from_ to",
}  # fmt: skip
# Functions that a rule of spark/rules rewrites.
REWRITTEN = {
    exp.ArgMax: "this expression", exp.ArgMin: "this expression", exp.ArrayAgg: "this", exp.ArrayConcat: "this expressions",
    exp.ArrayContains: "this expression", exp.ArrayDistinct: "this", exp.ArrayOverlaps: "this expression", exp.ArraySize: "this",
    exp.CurrentVersion: "", exp.DayOfWeekIso: "this", exp.Dayname: "this abbreviated", exp.Map: "keys values",
    exp.DateDiff: "this expression unit date_part_boundary", exp.DateTrunc: "this unit", exp.FromJson: "this expression",
    exp.GenerateSeries: "start end step is_end_exclusive", exp.GroupConcat: "this separator", exp.JSONExtract: "this expression",
    exp.JSONExtractScalar: "this expression", exp.JSONFormat: "this", exp.JSONType: "this expression", exp.Lower: "this", exp.ParseJSON: "this",
    exp.RegexpExtract: "this expression group null_if_pos_overflow", exp.RegexpExtractAll: "this expression group",
    exp.RegexpFullMatch: "this expression options", exp.RegexpLike: "this expression",
    exp.RegexpReplace: "this expression replacement modifiers single_replace", exp.TimeToStr: "this format", exp.TimestampTrunc: "this unit",
    exp.ToMap: "this", exp.Trim: "this expression position", exp.Trunc: "this decimals", exp.Try: "this", exp.UnixToTime: "this scale", exp.Upper: "this",
}  # fmt: skip
TYPES = "text date timestamp timestamptz timestampntz bigint int int128 ubigint decimal boolean json array".split()
JOINS = {"", "INNER", "CROSS", "OUTER", "ANTI", "SEMI"}

ARGUMENTS = {node: set(names.split()) for node, names in (SYNTAX | dict.fromkeys(OPERATORS, "this expression safe") | SAME | REWRITTEN).items()}


def refusal(node):
    """Why a node may not be transpiled, as text, or None when it may. node: of DuckDB's syntax tree."""
    if isinstance(node, exp.Anonymous):
        return None if node.name.lower() in RULES else f"the function {node.name.lower()}"
    if type(node) not in ARGUMENTS:
        return f"the function {node.sql_name().lower()}" if isinstance(node, exp.Func) else f"the syntax {type(node).__name__}"
    given = {name for name, value in node.args.items() if value not in (None, [], False, "")}
    unknown = sorted(given - ARGUMENTS[type(node)])
    if unknown:
        return f"{type(node).__name__.upper()} with {', '.join(name.strip('_').upper().replace('_', ' ') for name in unknown)}"
    if isinstance(node, exp.DataType) and node.this.name.lower() not in TYPES:
        return f"the type {node.sql(dialect='duckdb')}"
    if isinstance(node, exp.Join) and (node.args.get("kind") or "").upper() not in JOINS:
        return f"a join of the kind {node.args['kind']}"
    return None
