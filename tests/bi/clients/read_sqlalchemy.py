"""SQLAlchemy with duckdb-engine, as docs/bi.md says: what it sees of the published folder, as JSON.  Arguments: the folder, and one that replaces it."""

import json
import os
import sys

import sqlalchemy as sa

folder, newer = sys.argv[1:]
engine = sa.create_engine(
    f"duckdb:///{folder}/pec.duckdb",
    connect_args={"read_only": True, "config": {"enable_external_access": "false"}},
    poolclass=sa.pool.NullPool,
)
seen = {"file": {}, "comments": [], "tables": {}}
inspector = sa.inspect(engine)
marts = [*inspector.get_table_names(schema="marts"), *inspector.get_view_names(schema="marts")]
with engine.connect() as connection:
    for mart in sorted(set(marts)):
        columns = inspector.get_columns(mart, schema="marts")
        table = sa.table(mart, *(sa.column(one["name"]) for one in columns), schema="marts")
        money = [one["name"] for one in columns if isinstance(one["type"], sa.Numeric) and not isinstance(one["type"], sa.Float)]
        sums = [sa.cast(sa.func.sum(table.c[name]), sa.String) for name in money]
        count, *found = connection.execute(sa.select(sa.func.count(), *sums).select_from(table)).one()
        seen["file"][mart] = [count, dict(zip(money, found))]
        seen["comments"] += [[mart, one["name"], one.get("comment")] for one in columns]
        seen["tables"][mart] = inspector.get_table_comment(mart, schema="marts")["text"]
    try:
        connection.execute(sa.text(f"select * from read_text('{__file__}')"))
        seen["refused"] = [False]
    except sa.exc.DBAPIError:
        seen["refused"] = [True]
        connection.rollback()

    # A new publication: a connection that is open keeps the old one, the next one sees the new one.
    count = sa.text("select count(*) from marts.data_quality where status = 'hold'")
    before = connection.execute(count).scalar()
    os.symlink(newer, f"{folder}.next")
    os.rename(f"{folder}.next", folder)
    seen["swapped"] = [before, connection.execute(count).scalar()]
with engine.connect() as connection:
    seen["swapped"].append(connection.execute(count).scalar())
print(json.dumps(seen))
