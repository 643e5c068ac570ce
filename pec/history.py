"""The history of statements in the archive: what each publication changed, a Parquet file each, never rewritten."""

import os
import pathlib

import duckdb

COLUMNS = {
    "as_of": "timestamp", "resource_month_id": "varchar", "billing_month": "date", "transacting_partner_id": "varchar", "customer_id": "varchar",
    "subscription_id": "varchar", "resource_id": "varchar", "is_gone": "boolean", "line_count": "bigint", "list_cost_usd": "decimal(38, 18)",
    "pec_credit_usd": "decimal(38, 18)", "net_cost_usd": "decimal(38, 18)", "applied_credit_usd": "decimal(38, 18)",
    "recoverable_credit_usd": "decimal(38, 18)", "usage_version": "varchar", "month_usage_version": "varchar", "price_version": "varchar",
    "evidence_version": "varchar", "directory_version": "varchar", "reference_data_version": "varchar", "rules_version": "varchar",
}  # fmt: skip


def prepare(archive):
    """Makes the folder of the history and a file without rows in it, so that it can be read before the first build is kept. archive: a path."""
    folder = pathlib.Path(archive) / "history"
    folder.mkdir(parents=True, exist_ok=True)
    for left_over in folder.glob(".*.parquet"):
        left_over.unlink()  # of a build that was killed while it wrote
    schema = folder / "_schema.parquet"
    if not schema.exists():
        nothing = ", ".join(f"null::{kind} as {name}" for name, kind in COLUMNS.items())
        beside = folder / "._schema.parquet"
        duckdb.sql(f"select {nothing} where false").write_parquet(str(beside))
        keep(beside, schema)


def keep(written, target):
    """Makes a file that was written beside its place permanent, and puts it there, as one step.

    written, target: paths in one folder.  Raises OSError when the disk refuses.
    """
    with open(written, "rb+") as file:
        os.fsync(file.fileno())
    os.rename(written, target)
    folder = os.open(pathlib.Path(target).parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
