"""How each mart of several warehouses is one mart (docs/tenants.md). A new mart gets its place here (tests/project/test_unite.py)."""

# SQL of a united mart. {every} are its rows of all warehouses, with the column published_folder.
ALL = "select * exclude (published_folder) from {every}"
DISTINCT = "select distinct * exclude (published_folder) from {every}"
PER_WAREHOUSE = "from {every}"

MARTS = {
    # Each row is about usage, claims or invoices of a customer, or about what was published of them.
    "dim_customer": ALL, "dim_subscription": ALL, "evidence_coverage": ALL, "fct_meter_month_to_date": ALL, "fct_pec_charges_daily": ALL,
    "fct_pec_eligibility_daily": ALL, "focus_cost_and_usage": ALL, "focus_cost_and_usage_1_0": ALL, "invoice_reconciliation": ALL,
    "pec_access_gaps": ALL, "pec_charges": ALL, "pec_missed_credit": ALL, "pec_monthly_statement": ALL, "pec_restatements": ALL,
    "pec_statement_history": ALL,
    # Texts, the calendar, and evidence of access, which several warehouses may have read.
    "access_grants": DISTINCT, "dim_date": DISTINCT, "pec_texts": DISTINCT, "pec_unresolved_access": DISTINCT,
    # What a warehouse says of its own files and checks: a path means something in its own landing zone only.
    "data_quality": PER_WAREHOUSE, "data_quality_findings": PER_WAREHOUSE, "landed_files": PER_WAREHOUSE, "rejected_rows": PER_WAREHOUSE,
    # A partner may transact in one warehouse and resell in another.
    "dim_partner": """
        select partner_id, partner_name, partner_global_id, bool_or(is_transacting) as is_transacting, bool_or(is_reseller) as is_reseller
        from {every}
        group by partner_id, partner_name, partner_global_id
    """,
    # M7: of a register of all tenants each warehouse knows its own claims.
    "pec_claims": """
        select distinct * exclude (published_folder) from {every}
        where
            finding is distinct from 'unknown_claim'
            or claim_id not in (select claim_id from {every} where finding is distinct from 'unknown_claim')
    """,
    # Customers of several tenants use one product. Of several names of a meter the first in alphabetical order is shown.
    "pec_price_differences": """
        select
            billing_month, market, product_id, sku_id, meter_id, min(meter_name) as meter_name, difference_kind, sum(line_count)::bigint as line_count,
            sum(quantity)::decimal(38, 15) as quantity, min(lowest_unit_price) as lowest_unit_price, max(highest_unit_price) as highest_unit_price,
            sum(list_cost_usd)::decimal(38, 18) as list_cost_usd, sum(vendor_list_cost_usd)::decimal(38, 18) as vendor_list_cost_usd,
            sum(difference_usd)::decimal(38, 18) as difference_usd
        from {every}
        group by billing_month, market, product_id, sku_id, meter_id, difference_kind
    """,
    # Ranked anew, by the order of the mart.
    "pec_repairs": """
        select * exclude (published_folder) replace (
            (row_number() over (order by win_per_day_usd desc, lost_credit_usd desc, repair_id asc))::bigint as repair_rank
        ) from {every}
    """,
}  # fmt: skip
