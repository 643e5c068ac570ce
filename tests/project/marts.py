"""The marts of two warehouses, compared row for row."""

import duckdb

# Rows without which a comparison proves nothing.
FLOOR = {
    "fct_pec_charges_daily": 5, "fct_pec_eligibility_daily": 3, "fct_meter_month_to_date": 3, "pec_monthly_statement": 1, "focus_cost_and_usage": 5,
}  # fmt: skip
SAMPLES = 2  # differing rows that are shown of each table and side
LOOKED_AT = 300  # rows of the other side among which the counterpart of a sample is looked for


def read_marts(connection, warehouse, side, but=()):
    """Copies the marts of a warehouse, but for some, into a schema of the connection's own database: {name: [(column, type), ...]}.

    The file is attached under its own name while it is copied, since that is the name by which its views call its tables.
    """
    connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
    connection.execute(f"create schema {side}")
    marts = {}
    for (name,) in connection.execute(
        "select table_name from information_schema.tables where table_catalog = 'warehouse' and table_schema = 'marts' order by all"
    ).fetchall():
        if name not in but:
            connection.execute(f"create table {side}.{name} as select * from warehouse.marts.{name}")
            marts[name] = [row[:2] for row in connection.execute(f"describe {side}.{name}").fetchall()]
    connection.execute("detach warehouse")
    return marts


def surplus(connection, name, side, other):
    """The rows of a mart, as dictionaries, that one side has more often than the other."""
    result = connection.execute(f"select * from {side}.{name} except all select * from {other}.{name} order by all")
    names = [column[0] for column in result.description]
    return [dict(zip(names, row)) for row in result.fetchall()]


def shown(row, others):
    """A differing row as text: what it says otherwise than the most similar row of the other side, and what both say."""
    nearest = min(others[:LOOKED_AT], key=lambda other: sum(other[column] != value for column, value in row.items()), default={})
    apart = [f"{column} {value!s:.300}, there {nearest[column]!s:.300}" for column, value in row.items() if nearest and nearest[column] != value]
    return "; ".join([*apart, f"in {({c: str(v)[:80] for c, v in row.items() if not nearest or nearest[c] == v})}"])


def differences(warehouse, rebuilt, but=()):
    """All differences between the marts, but for some, of two warehouses (grown, rebuilt), as text: relations, columns, rows, and too few rows."""
    with duckdb.connect() as connection:
        marts, expected = read_marts(connection, warehouse, "grown", but), read_marts(connection, rebuilt, "rebuilt", but)
        found = [f"{name}: only on one side" for name in set(marts) ^ set(expected)]
        for name, least in FLOOR.items():
            rows = connection.execute(f"select count(*) from rebuilt.{name}").fetchone()[0] if name in expected else 0
            found += [f"{name}: {rows} rows prove nothing"] if rows < least else []
        for name in sorted(set(marts) & set(expected)):
            if marts[name] != expected[name]:
                found.append(f"{name}: columns {set(marts[name]) ^ set(expected[name]) or 'in another order'}")
                continue
            more, less = surplus(connection, name, "grown", "rebuilt"), surplus(connection, name, "rebuilt", "grown")
            if more or less:
                found.append(f"{name}: {len(more)} rows only in the grown warehouse, {len(less)} only in the rebuilt one")
            found += [f"{name}, grown: {shown(row, less)}" for row in more[:SAMPLES]]
            found += [f"{name}, rebuilt: {shown(row, more)}" for row in less[:SAMPLES]]
    return found
