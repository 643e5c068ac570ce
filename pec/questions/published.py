"""Opens what is published, for reading alone: nothing is written, and no other file of the machine can be read through it."""

import pathlib

import duckdb

from pec import places

BUILD = "run make night, or set PEC_PUBLISHED to the folder that a build published"


class QuestionError(Exception):
    """A question cannot be answered; the text says why, and what to do."""


def connect(path):
    """A read-only connection to a pec.duckdb, without access to other files. path: of the file.  QuestionError: there is none, or it cannot be read."""
    path = pathlib.Path(path)
    if not path.exists():
        raise QuestionError(f"nothing is published at {path.parent}; {BUILD}")
    try:
        return duckdb.connect(str(path), read_only=True, config={"enable_external_access": "false"})
    except duckdb.Error as error:
        raise QuestionError(f"{path} cannot be opened: {error}; publish again (make night), or roll back (pec rollback)") from error


def current():
    """A connection to the newest publication, as connect()."""
    return connect(pathlib.Path(places.published()) / "pec.duckdb")


def rows(connection, sql, parameters=None):
    """The rows of a query as dictionaries. QuestionError: the publication lacks a mart or a column, as an older version made it."""
    try:
        result = connection.execute(sql, parameters or {})
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise QuestionError(f"what is published is of an older version: {str(error).splitlines()[0]}; run make night") from error
    names = [column[0] for column in result.description]
    return [dict(zip(names, row)) for row in result.fetchall()]


def customer_ids(connection, asked):
    """The ids of the customer that is meant, as a list. asked: its id, its name, or a part of the name; None: all customers, returned as None.

    QuestionError: no customer is called so, or several are.
    """
    if asked is None:
        return None
    found = rows(
        connection,
        """
        select customer_id, min(customer_name) as customer_name
        from marts.pec_monthly_statement
        where lower(customer_id) = lower($asked) or contains(lower(customer_name), lower($asked))
        group by customer_id order by customer_name, customer_id
        """,
        {"asked": asked},
    )
    exact = [row for row in found if asked.lower() in (row["customer_id"], (row["customer_name"] or "").lower())]
    chosen = exact or found
    if not chosen:
        raise QuestionError(f"no customer has the id or name {asked}; marts.pec_monthly_statement lists them")
    if len({row["customer_name"] for row in chosen}) > 1:
        listed = "\n".join(f"  {row['customer_id']}  {row['customer_name']}" for row in chosen)
        raise QuestionError(f"{asked} may be one of several customers; name one by its id:\n{listed}")
    return [row["customer_id"] for row in chosen]
