"""Compares the marts that Spark made with DuckDB's: the same rows, and the same types.

.venv-spark/bin/python -m spark.compare warehouse.duckdb target/spark/tables
"""

import pathlib
import sys

import duckdb

# Types that Spark's Parquet files have, where DuckDB's table has another: there is no wider integer, no JSON and no instant with a zone in the marts.
SAME_TYPES = {"HUGEINT": "DECIMAL(38,0)", "UBIGINT": "DECIMAL(20,0)", "JSON": "VARCHAR", "UINTEGER": "BIGINT"}


def compare(connection, schema, folder, expected=None, left_out=()):
    """Compares all relations of a schema; returns {name: what differs}, empty when nothing does.

    connection: DuckDB's, with the warehouse as its default database.  schema: name.  folder: of Spark's tables, with <schema>.db below it.
    expected: names of relations, or None: all of the schema.  left_out: {(relation, column)} that is not compared.
    """
    names = [
        row[0]
        for row in connection.execute("select table_name from information_schema.tables where table_schema = ? order by 1", [schema]).fetchall()
    ]
    found = {}
    for name in expected or names:
        files = pathlib.Path(folder) / f"{schema}.db" / name.lower()
        problem = difference(connection, f'{schema}."{name}"', files, {column for relation, column in left_out if relation == name})
        if problem:
            found[name] = problem
    if not names:
        found["*"] = f"the warehouse has no relation of schema {schema}"
    return found


def difference(connection, relation, folder, left_out=frozenset()):
    """What differs between a relation and a folder of Parquet files, as text, or None.

    connection: DuckDB's.  relation: SQL.  folder: a path.  left_out: names of columns.
    """
    if not list(folder.glob("*.parquet")):
        return "Spark made no such table"
    theirs = f"read_parquet('{folder}/*.parquet')"
    ours, spark = (columns_of(connection, query, left_out) for query in (relation, theirs))
    names = {name.lower(): name for name in ours}
    if [name.lower() for name in ours] != [name.lower() for name in spark]:
        return f"columns: DuckDB {', '.join(ours)}; Spark {', '.join(spark)}"
    spark = {names[name.lower()]: kind for name, kind in spark.items()}
    types = [f"{name} is {kind} and {spark[name]}" for name, kind in ours.items() if SAME_TYPES.get(kind, kind) != spark[name]]
    if types:
        return f"types: {'; '.join(types)}"
    listed = ", ".join(f'"{name}"' for name in ours)
    counts = [
        connection.execute(f"select count(*) from (select {listed} from {a} except all select {listed} from {b})").fetchone()[0]
        for a, b in ((relation, theirs), (theirs, relation))
    ]
    return f"{counts[0]} rows only on DuckDB, {counts[1]} only on Spark{example(connection, relation, theirs, listed)}" if any(counts) else None


def columns_of(connection, relation, left_out):
    """{name: type} of a relation. connection, relation, left_out: as of difference()."""
    return {row[0]: row[1] for row in connection.execute(f"describe select * from {relation}").fetchall() if row[0] not in left_out}


def example(connection, a, b, listed):
    """The values in which two rows differ that are alike in most columns, as text. a, b: SQL of relations.  listed: SQL of the columns."""
    names = [name.strip().strip('"') for name in listed.split(",")]
    rows = [
        connection.execute(f"select {listed} from {x} except all select {listed} from {y} order by all limit 50").fetchall()
        for x, y in ((a, b), (b, a))
    ]
    pairs = [(sum(p == q for p, q in zip(ours, theirs, strict=True)), ours, theirs) for ours in rows[0] for theirs in rows[1]]
    if not pairs:
        return ""
    _, ours, theirs = max(pairs, key=lambda pair: pair[0])
    return "; such as " + ", ".join(f"{name}: {p!r} and {q!r}" for name, p, q in zip(names, ours, theirs, strict=True) if p != q)[:2000]


def main(warehouse, folder, schema="marts"):
    """Prints what differs; returns 0 when nothing does, else 1. warehouse: path of a DuckDB file.  folder: of Spark's tables.  schema: name."""
    with duckdb.connect(warehouse, read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        found = compare(connection, schema, folder)
        count = connection.execute("select count(*) from information_schema.tables where table_schema = ?", [schema]).fetchone()[0]
    for name, problem in found.items():
        print(f"{schema}.{name}: {problem}")
    print(f"{count - len(found)} of {count} relations of {schema} are the same, row for row and type for type")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
