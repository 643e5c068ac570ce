"""pandas, Polars and Arrow on the Parquet folder and on pec.duckdb, as docs/bi.md says: exact figures as JSON.  Argument: the published folder."""

import decimal
import json
import pathlib
import sys

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.compute
import pyarrow.parquet

folder = pathlib.Path(sys.argv[1])
decimal.getcontext().prec = 60  # Python adds decimals to 28 digits unless told otherwise
seen = {name: {} for name in ("arrow", "arrow_of_duckdb", "polars", "polars_of_duckdb", "pandas", "pandas_of_duckdb")}


def of_arrow(table):
    """[rows, {decimal column: exact sum as text}] of an Arrow table."""
    money = [field.name for field in table.schema if pyarrow.types.is_decimal(field.type)]
    return [table.num_rows, {name: text(pyarrow.compute.sum(table[name]).as_py()) for name in money}]


def of_polars(frame):
    """The same of a Polars frame."""
    money = [name for name, kind in frame.schema.items() if isinstance(kind, polars.Decimal)]
    return [frame.height, {name: text(frame[name].drop_nulls().sum() if frame[name].count() else None) for name in money}]


def of_pandas(frame):
    """The same of a pandas frame whose columns are Arrow's."""
    money = [name for name, kind in frame.dtypes.items() if isinstance(kind, pandas.ArrowDtype) and pyarrow.types.is_decimal(kind.pyarrow_dtype)]
    return [len(frame), {name: text(frame[name].sum() if frame[name].notna().any() else None) for name in money}]


def text(value):
    """A sum as text, or None."""
    return None if value is None else str(value)


with duckdb.connect(str(folder / "pec.duckdb"), read_only=True, config={"enable_external_access": "false"}) as connection:
    for path in sorted((folder / "parquet").glob("*.parquet")):
        mart = path.stem
        table = connection.sql(f"from marts.{mart}").to_arrow_table()
        seen["arrow"][mart] = of_arrow(pyarrow.parquet.read_table(path))
        seen["arrow_of_duckdb"][mart] = of_arrow(table)
        seen["polars"][mart] = of_polars(polars.read_parquet(path))
        seen["polars_of_duckdb"][mart] = of_polars(connection.sql(f"from marts.{mart}").pl())
        seen["pandas"][mart] = of_pandas(pandas.read_parquet(path, dtype_backend="pyarrow"))
        seen["pandas_of_duckdb"][mart] = of_pandas(table.to_pandas(types_mapper=pandas.ArrowDtype))
    # What is convenient is not exact: DuckDB gives pandas floating point.
    seen["df_is_float"] = str(connection.sql("select list_cost_usd from marts.pec_monthly_statement").df().dtypes.iloc[0])
print(json.dumps(seen))
