"""What the published copy says of names: all (`full`), pseudonyms, or nothing (`without_names`); PEC_PRIVACY says which.

The working file and the archive always hold what was delivered. Ids stay in every mode: marts are joined by them, and Azure's ids of tenants,
subscriptions and principals name nobody. Names of resources and resource groups are part of resource ids, and stay as well.
"""

import hashlib
import os
import secrets

from pec.archive.problems import reason_of

FULL, PSEUDONYMS, WITHOUT_NAMES = MODES = ("full", "pseudonyms", "without_names")
KEY_FILE = "pseudonyms.key"
KEY_VARIABLE = "pec_pseudonym_key"

# Columns that hold a name, and what the pseudonym begins with. A name has the same pseudonym in every mart and every publication.
NAMES = {
    "customer_name": "customer", "x_CustomerName": "customer", "SubAccountName": "subscription", "subscription_name": "subscription",
    "principal_name": "principal", "identity_name": "principal", "role_name": "role", "source_file": "file", "partner_name": "partner",
    "transacting_partner_name": "partner", "reseller_partner_name": "partner",
}  # fmt: skip
# Columns of text, or of other things, in which names may stand: left empty in both modes.
TEXTS = {"Tags", "evidence", "ticket_text", "note", "source_files", "raw_text", "problem", "found", "item", "items", "what_to_do"}
# The same for columns of one mart: rejected_rows quotes the value at fault, and pec_unresolved_access names the file of what could not be read.
NAMES_OF_MARTS = {("pec_unresolved_access", "item_id"): "item"}
TEXTS_OF_MARTS = {("rejected_rows", "reason")}
# All other columns of text: ids, codes, words of a list, and the vendor's names of products.
HARMLESS = set("""
    access_path access_reason action allowed az_command begin_evidence billing_currency BillingAccountId BillingAccountName BillingAccountType
    BillingCurrency CapacityReservationId CapacityReservationStatus cause charge_type ChargeCategory ChargeClass ChargeDescription ChargeFrequency
    check_name checked claim_id claim_status code column_name CommitmentDiscountCategory CommitmentDiscountId CommitmentDiscountName
    CommitmentDiscountStatus CommitmentDiscountType CommitmentDiscountUnit ConsumedUnit content_digest covering_access_path covering_scope_level
    customer_id deny_assignment_id difference_kind digest done_by effect end_evidence evidence_strength explanation file_id finding fingerprint
    grant_id how_to_check identity_id invoice_number invoice_numbers InvoiceId InvoiceIssuerName item_id item_kind kind lost_with market markets
    match_status meter_category meter_id meter_name month_name owner_kind owner_partner_ids partner_global_id partner_id pec_reason
    pec_reason_explanation pec_reason_text pec_status pec_status_text plan_subscription_id powershell_command PricingCategory PricingCurrency
    PricingUnit principal_id product_id promotion_id ProviderName PublisherName quarter_name reached reason reconciliation_id regained_with
    RegionId RegionName repair repair_id reseller_partner_id resource_group_name resource_id ResourceId ResourceName ResourceType
    role_definition_id same_content_as scope_id scope_level ServiceCategory ServiceName ServiceSubcategory shown_in_subscription_ids sku_id
    sku_name SkuId SkuMeter SkuPriceDetails SkuPriceId status SubAccountId SubAccountType subscription_id tenant tenant_kind text ticket to_supply
    transacting_partner_id transacting_partner_ids usage_line_id weekday_name worst_status x_CustomerId x_InvoiceId x_PartnerCreditApplied
    x_PartnerCreditReason x_PartnerCreditStatus x_ResellerId x_ResourceGroupName x_SkuMeterCategory x_SkuMeterId x_SkuMeterName x_UsageLineId
""".split())
# Types of columns that hold no text.
PLAIN_TYPES = ("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UBIGINT", "DECIMAL", "DOUBLE", "FLOAT", "DATE", "TIME", "TIMESTAMP")


class PrivacyError(ValueError):
    """The mode cannot be kept. The text says why, and what to do."""


def mode(environ=os.environ):
    """How names are published: PEC_PRIVACY, else full. PrivacyError: there is no such mode."""
    found = environ.get("PEC_PRIVACY") or FULL
    if found not in MODES:
        raise PrivacyError(f"PEC_PRIVACY is {found}; set it to one of {', '.join(MODES)}")
    return found


def published_columns(mart, columns, mode):
    """What is published for each column: {column: SQL expression}, in the order of the columns.

    mart: name.  columns: {name: DuckDB type}.  mode: of MODES.  For pseudonyms the connection must have been prepared (prepare()).
    A column of text that is in no list above is left empty, unless the mode is full: what nobody has judged is not published.
    """
    return {name: expression(mart, name, kind, mode) for name, kind in columns.items()}


def expression(mart, name, kind, mode):
    """The SQL expression for one column. mart, name, mode: as of published_columns().  kind: its DuckDB type."""
    quoted = '"' + name.replace('"', '""') + '"'
    what = class_of(mart, name, kind)
    if mode == FULL or what == "harmless":
        return quoted
    if what == "name" and mode == PSEUDONYMS:
        # The key stands on both sides, so that nobody can continue a digest. Without a key the result is NULL, never a digest that can be guessed.
        key = f"getvariable('{KEY_VARIABLE}')"
        return f"'{kind_of_name(mart, name)}-' || left(sha256({key} || chr(31) || {quoted}::varchar || chr(31) || {key}), 16)"
    return f"null::{kind}"


def kind_of_name(mart, name):
    """What a column's pseudonyms begin with, or None: it holds no names. mart, name: of the column."""
    return NAMES_OF_MARTS.get((mart, name)) or NAMES.get(name)


def class_of(mart, name, kind):
    """What a column holds: name | text | harmless | unknown, which counts as text. Arguments: as of expression()."""
    if kind_of_name(mart, name):
        return "name"
    if name in TEXTS or (mart, name) in TEXTS_OF_MARTS:
        return "text"
    return "harmless" if name in HARMLESS or (kind.upper().startswith(PLAIN_TYPES) and not kind.endswith("]")) else "unknown"


def prepare(connection, archive, mode):
    """Gives a connection the key of pseudonyms, if the mode needs it. The key is made at first use.

    connection: DuckDB's; a cursor of it needs the key again.  archive: its folder.  mode: of MODES.
    PrivacyError: the key cannot be read or written.
    """
    if mode == PSEUDONYMS:
        connection.execute(f"set variable {KEY_VARIABLE} = ?", [key_of(archive)])


def key_of(archive):
    """The key of an archive's pseudonyms, 64 hex digits. Whoever has it can find out which pseudonym a name that he knows has.

    archive: its folder.  PrivacyError: the key cannot be read or written.
    """
    path = os.path.join(archive, KEY_FILE)
    try:
        if not os.path.exists(path):
            beside = os.path.join(archive, f".{KEY_FILE}.part")
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32) + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.rename(beside, path)
        with open(path, encoding="ascii") as file:
            key = file.read().strip()
    except (OSError, ValueError) as error:
        said = f"the key of pseudonyms {path} cannot be used: {reason_of(error)}"
        raise PrivacyError(f"{said}; restore it from a backup, or set PEC_PRIVACY") from error
    if len(key) != 64 or set(key) - set("0123456789abcdef"):
        raise PrivacyError(f"{path} holds no key of 64 hex digits; restore it from a backup; a new key would give every name another pseudonym")
    return key


def pseudonym(kind, name, key):
    """The pseudonym of a name, as the published copy has it: to find a customer again. kind: a value of NAMES.  key: of key_of()."""
    return f"{kind}-{hashlib.sha256(chr(31).join((key, name, key)).encode()).hexdigest()[:16]}"
