"""When the marts of several warehouses are not those of one (docs/tenants.md). Each check stops pec unite before anything is written."""

# Keys of publication.json: what the numbers were made by.
MADE_BY = (
    "rules_version", "reference_data_version", "settings_version", "duckdb_version", "names", "as_of_date", "claim_days", "possible_settlement_days",
)  # fmt: skip

# What only one warehouse may have: a tenant's exports replace each other (export lifecycle), tiers fill by plan (M2), missing countries and possible
# settlements go by customer (M1, M7), gaps by subscription. A line without a tenant has the transacting partner as its billing account.
IN_ONE = {
    "partner tenant": """
        select BillingAccountId as name, published_folder from every.focus_cost_and_usage where BillingAccountName != 'Partner ' || BillingAccountId
    """,
    "customer": """
        select customer_id as name, published_folder from every.dim_customer
        union all select customer_id, published_folder from every.invoice_reconciliation
    """,
    "Azure plan": "select plan_subscription_id as name, published_folder from every.fct_pec_charges_daily",
    "subscription": "select subscription_id as name, published_folder from every.dim_subscription",
    "invoice": """
        select invoice_number as name, published_folder from every.fct_pec_charges_daily
        union all select invoice_number, published_folder from every.invoice_reconciliation
    """,
}  # fmt: skip

# The directory without the register of claims: each file of it counts for all customers.
DIRECTORY = (
    "agent_groups", "agreements", "group_members", "management_groups", "partner_id_link_documents", "partner_id_links", "partner_locations",
    "partner_principals", "subscription_partners",
)  # fmt: skip
WHOLE_ROW = "row(*columns(* exclude (published_folder)))::varchar as said"
# What must say the same in each warehouse that has it. said: one of its rows.
SAME = {
    "partner directory": f"""
        select 'partner_directory/' as name, published_folder, case when is_in_force and kind in {DIRECTORY} then kind || content_digest end as said
        from every.landed_files
    """,
    "price sheet or exchange rates": """
        select source_file as name, published_folder, content_digest as said
        from every.landed_files where is_in_force and kind in ('price_sheet', 'fx_rates')
    """,
    # Each warehouse has all evidence about the subscriptions whose usage it has.
    "evidence of access": f"""
        select item_id as name, published_folder, {WHOLE_ROW} from every.access_grants
        union all select item_id, published_folder, {WHOLE_ROW} from every.pec_unresolved_access
        union all select items.item_id, used.published_folder, null
        from (
            select item_id, subscription_id from every.access_grants union select item_id, subscription_id from every.pec_unresolved_access
        ) as items
        inner join every.dim_subscription as used on items.subscription_id = used.subscription_id
    """,
    "partner": "select partner_id as name, published_folder, concat_ws('|', partner_global_id, partner_name) as said from every.dim_partner",
    "claim that no warehouse knows": f"""
        select claim_id as name, published_folder, {WHOLE_ROW} from every.pec_claims where finding = 'unknown_claim'
    """,
}  # fmt: skip
SHOWN = 3  # of the things that a refusal names


class UniteError(Exception):
    """Nothing was united; the text says why, and what to do."""


def stop_at_other_versions(records):
    """UniteError: two publications were made by other rules, reference data or settings. records: {published folder: its publication.json}."""
    for key in MADE_BY:
        values = {folder: str(record.get(key)) for folder, record in records.items()}
        if len(set(values.values())) > 1:
            listed = ", ".join(f"{value} in {folder}" for folder, value in values.items())
            raise UniteError(f"nothing was united: {key} is {listed}. Build all with one version of the project, --vars and PEC_PRIVACY (docs/tenants.md)")


def stop_at_what_is_shared(connection):
    """UniteError: warehouses share what only one may have, or say different things of the same. connection: with the views of schema every."""
    for what, sql in IN_ONE.items():
        stop(connection, what, sql, "count(distinct published_folder) > 1", "only one warehouse may have", "Build tenants that share one in one warehouse")
    for what, sql in SAME.items():
        rows = f"select name, published_folder, coalesce(string_agg(distinct said, chr(10) order by said), '') as rows_said from ({sql}) group by all"
        stop(connection, what, rows, "count(distinct rows_said) > 1", "differ", "Give each landing zone the same files, and build")


def stop(connection, what, rows, condition, why, remedy):
    """UniteError: a condition holds for some names, which the text names with their folders.

    rows: SQL of name and published_folder.  condition: of HAVING, on the rows of a name.
    what: of listed().  why, remedy: what the text says of them.
    """
    found = connection.execute(
        f"select name, list(distinct published_folder order by published_folder) from ({rows}) where name is not null "
        f"group by name having {condition} order by name"
    ).fetchall()
    if found:
        raise UniteError(f"nothing was united: {listed(what, found)}, which {why}. {remedy} (docs/tenants.md)")


def listed(what, found):
    """What was found, as text. what: its kind.  found: rows (name, published folders), at least one."""
    names = "; ".join(f"{name} of {' and '.join(folders)}" for name, folders in found[:SHOWN])
    return f"{what} {names}" + (f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else "")
