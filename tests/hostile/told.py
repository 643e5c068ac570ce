"""What the archive and the marts say of hostile files, compared with what the corpus says that they must."""

import collections

import duckdb
from pec.archive import care, store


def observations_of(file, observations):
    """The observations of a hostile file, of what it packs, or of the folder of the zone that nobody reads. observations: by source_file."""
    own = [row for name, row in observations.items() if name == file.path or name.startswith(file.path + "!")]
    return own or [row for name, row in observations.items() if name == file.path.split("/")[0]]


def rejected_by_content(archive):
    """{content_id: [(line, column, reason)]} of the records that an archive rejected."""
    files = ", ".join(store.quoted(path) for path in store.Store(archive).parquet_files("rejected"))
    rows = duckdb.execute(
        f"select content_id, line_number, column_name, reason from read_parquet([{files}], union_by_name = true) order by content_id, record_number"
    ).fetchall()
    found = collections.defaultdict(list)
    for content_id, *record in rows:
        found[content_id].append(tuple(record))
    return found


def wrong_in_archive(files, observations, archive):
    """Where an archive says of hostile files what it should not, as texts. observations: dicts, the newest of each path."""
    newest = {row["source_file"]: row for row in observations}
    rejected = rejected_by_content(archive)
    found = []
    for file in files:
        own = observations_of(file, newest)
        problems = [row["problem"] for row in own if row["problem"]]
        if not own:
            found.append(f"{file.path!r}: nothing is said of it")
        elif file.told is not None:
            if not any(file.told in problem for problem in problems):
                found.append(f"{file.path!r}: «{file.told}» is not in {problems}")
        elif problems:
            found += [] if file.archived is None else [f"{file.path!r}: set aside: {problems}"]
        else:
            said = [record for row in own for record in rejected[row["content_id"]]]
            kept = sum(row["archived"] for row in own)
            if file.archived not in (None, kept):
                found.append(f"{file.path!r}: {kept} records are archived and not {file.archived}; rejected: {said[:3]}")
            if file.rejected is not None and file.archived is not None and not fits(said, file.rejected):
                found.append(f"{file.path!r}: rejected are {said[:3]} and not {file.rejected}")
        found += [f"{file.path!r}: no remedy in «{problem}»" for problem in problems if ";" not in problem and "wait" not in problem]
        found += [f"{file.path!r}: {row['records']} records, {row['archived']} archived, {row['rejected']} rejected" for row in own if uncounted(row)]
    return found


def fits(said, expected):
    """Whether rejected records are the expected ones: (line, column, text in the reason), the column None where it does not matter."""
    return len(said) == len(expected) and all(
        line == at and column in (None, named) and text in reason for (at, named, reason), (line, column, text) in zip(said, expected)
    )


def uncounted(row):
    """Whether an observation neither counts all of its records nor has a problem."""
    return row["problem"] is None and row["kind"] != "manifest" and row["records"] != row["archived"] + row["rejected"]


# kind -> the relation that has a row for each archived record of it in force
STAGED = {
    "daily_rated_usage": "staging.stg_partner_center__usage_lines", "cost_management": "staging.stg_cost_management__usage_lines", "price_sheet": "staging.base_price_sheet",
    "fx_rates": "staging.base_fx_rates", "invoice_reconciliation": "staging.base_invoice_lines", "claims": "staging.base_claims",
    "role_assignments": "staging.stg_azure__role_assignments", "deny_assignments": "staging.stg_azure__deny_assignments", "role_schedules": "staging.stg_azure__role_schedules",
    "partner_id_link_documents": "staging.stg_azure__partner_id_links",
}  # fmt: skip


def unbalanced(warehouse, archive):
    """Where a warehouse does not have each record that its archive counted in exactly one place, as texts."""
    counted = {row["observation_number"]: row for row in care.listing(archive)}
    found = []
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute(f"set variable pec_archive = {store.quoted(archive)}")  # views of staging read the archive

        def ask(sql):
            return connection.execute(sql).fetchall()

        in_force = [counted[int(file_id[1:])] for (file_id,) in ask("select file_id from marts.landed_files where is_in_force")]
        for kind, relation in STAGED.items():
            # Price sheets with the same content are all in force, and read once.
            read = {row["content_digest"] if kind == "price_sheet" else row["observation_number"]: row["archived"] for row in in_force if row["kind"] == kind}
            expected = sum(read.values())
            ((rows,),) = ask(f"select count(*) from {relation}")
            found += [f"{relation}: {rows} rows, and {expected} archived records of {kind}"] if rows != expected else []
        for kind, rows in ask("select kind, count(*) from staging.base_partner_directory where kind != 'partner_id_links' group by kind"):
            expected = sum(row["archived"] for row in in_force if row["kind"] == kind)
            found += [f"base_partner_directory: {rows} rows, and {expected} archived records of {kind}"] if rows != expected else []
        # Usage: accepted, superseded, rejected (line 0 is a whole file, or a missing page).
        records = sum(row["records"] for row in in_force if row["kind"] == "daily_rated_usage")
        ((accepted,),) = ask("select count(*) from marts.fct_pec_charges_daily where source_file in (select source_file from marts.landed_files where kind = 'daily_rated_usage')")
        ((superseded,),) = ask("select coalesce(sum(line_count), 0) from intermediate.int_usage_exports where superseded_by is not null")
        ((rejected,),) = ask(
            "select count(*) from marts.rejected_rows where line_number > 0 and source_file in (select source_file from marts.landed_files "
            "where kind = 'daily_rated_usage' and is_in_force)"
        )
        if records != accepted + superseded + rejected:
            found.append(f"usage: {records} records, {accepted} accepted, {superseded} superseded, {rejected} rejected")
        found += [
            f"{source_file!r}: set aside in the archive, and not named in rejected_rows"
            for (source_file,) in ask(
                "select source_file from marts.landed_files where problem is not null and source_file not in (select source_file from marts.rejected_rows where line_number = 0)"
            )
        ]
    return found


def wrong_in_marts(files, warehouse):
    """Where rejected_rows does not name what the corpus says that it must, as texts: a problem of a file, or line, column and reason of a record."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute("select source_file, line_number, column_name, reason from marts.rejected_rows").fetchall()
        in_force = {row[0] for row in connection.execute("select source_file from marts.landed_files where is_in_force").fetchall()}
    named = collections.defaultdict(list)
    for source_file, *row in rows:
        for name in {source_file, source_file.split("!")[0], source_file if "/" in source_file else ""}:
            named[name].append(tuple(row))
    found = []
    for file in files:
        said = named[file.path] or named[file.path.split("/")[0]]
        if file.told is not None:
            if not any(line == 0 and file.told in reason for line, _, reason in said):
                found.append(f"{file.path!r}: «{file.told}» is not in {said[:2]}")
        elif file.path in in_force:
            for line, column, text in file.rejected or ():
                if not any(line == at and column in (None, place) and text in reason for at, place, reason in said):
                    found.append(f"{file.path!r}: line {line}, «{text}» is not in {said[:3]}")
    return found
