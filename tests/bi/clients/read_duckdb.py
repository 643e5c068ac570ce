"""A DuckDB of any version from 1.3: opens the published folder as docs/bi.md says, and prints what it sees as JSON.  Argument: the folder."""

import json
import sys

import duckdb

folder = sys.argv[1]
READ_A_FILE = f"select * from read_text('{__file__}')"


def figures(connection, source):
    """(rows, {money or quantity: exact sum as text}) of a relation. source: its SQL."""
    money = [name for name, kind, *_ in connection.execute(f"describe select * from {source}").fetchall() if kind.startswith("DECIMAL")]
    sums = ", ".join(f'sum("{name}")::varchar' for name in money)
    count, *found = connection.execute(f"select count(*), {sums or 'null'} from {source}").fetchone()
    return [count, dict(zip(money, found))]


def refused(connection, statement):
    """Whether a statement fails."""
    try:
        connection.execute(statement)
    except duckdb.Error:
        return True
    return False


with duckdb.connect(f"{folder}/pec.duckdb", read_only=True, config={"enable_external_access": "false"}) as connection:
    marts = [name for (name,) in connection.execute("select table_name from information_schema.tables where table_schema = 'marts'").fetchall()]
    seen = {
        "version": duckdb.__version__,
        "file": {mart: figures(connection, f"marts.{mart}") for mart in marts},
        "comments": connection.execute("select table_name, column_name, comment from duckdb_columns() where schema_name = 'marts'").fetchall(),
        "refused": [
            refused(connection, READ_A_FILE),
            refused(connection, "copy (select 1) to '/tmp/pec_bi.csv'"),
            refused(connection, "attach '/tmp/pec_bi.duckdb'"),
            refused(connection, "delete from marts.data_quality"),
            refused(connection, "set enable_external_access = true"),
        ],
    }
with duckdb.connect() as connection:
    seen["refused"].append(refused(connection, READ_A_FILE))  # an ordinary connection may
    seen["parquet"] = {mart: figures(connection, f"read_parquet('{folder}/parquet/{mart}.parquet')") for mart in marts}
print(json.dumps(seen))
