"""Which kinds of file the landing zone may hold, how each is read, and which columns staging reads.

This is the one place that says so. To add a kind, add it to KINDS; to read another column, add its name to the kind. Names of
columns are vendor names as names.normalise() leaves them: lower-case letters and digits only.
"""

from dataclasses import dataclass, field

CSV = {".csv": "csv"}
JSON = {".json": "json", ".jsonl": "json", ".ndjson": "json"}
PARQUET = {".parquet": "parquet"}


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    name: of the kind.  folder: where its files are in the landing zone.  readers: ending of the unwrapped name -> 'csv', 'json' or 'parquet'.
    is_table: whether a file is records with columns; else it is a document with a list of items.
    is_list: of documents, whether a file is a list of all that there is, by which access ends (A7).
    columns: the names that staging reads.  needed: tuples of alternative names; a file without any name of a tuple is quarantined.
    """

    name: str
    folder: str
    readers: dict = field(default_factory=dict)
    is_table: bool = True
    is_list: bool = False
    columns: tuple = ()
    needed: tuple = ()


def words(text):
    """The words of a text, as a tuple."""
    return tuple(text.split())


def alternatives(text):
    """Needed columns from a text: "a b|c" is (("a",), ("b", "c"))."""
    return tuple(tuple(names.split("|")) for names in text.split())


USAGE = Kind(
    "daily_rated_usage", "daily_rated_usage", CSV | JSON,
    columns=words(
        "partnerid customerid customername customercountry mpnid tier2mpnid resellermpnid invoicenumber productid skuid skuname productname "
        "publishername subscriptionid chargestartdate chargeenddate usagedate meterid metercategory metername meterregion unit unitofmeasure unittype "
        "resourcelocation resourcegroup resourceuri unitprice quantity billingpretaxtotal billingcurrency pricingpretaxtotal tags additionalinfo "
        "effectiveunitprice pctobcexchangerate pctobcexchangeratedate entitlementid entitlementdescription partnerearnedcreditpercentage rateofpartnerearnedcredit "
        "creditpercentage rateofcredit credittype benefitorderid benefitid benefittype"
    ),
    needed=alternatives(
        "customerid customercountry mpnid productid skuid subscriptionid usagedate meterid resourceuri unitprice quantity pricingpretaxtotal "
        "entitlementid partnerearnedcreditpercentage|rateofpartnerearnedcredit"
    ),
)  # fmt: skip
# Cost and usage details for a Microsoft Partner Agreement (formats.md, section 5): usage where the daily file is missing.
COST_MANAGEMENT = Kind(
    "cost_management", "cost_management", CSV | PARQUET,
    columns=words(
        "invoiceid partnertenantid customertenantid customername billingperiodstartdate date productid productname subscriptionid subscriptionname "
        "publishertype publishername resourcegroupname resourceid resourcelocation meterid metername metercategory meterregion unitofmeasure "
        "chargetype quantity unitprice paygprice effectiveprice costinbillingcurrency costinpricingcurrency billingcurrency pricingcurrency "
        "exchangeratepricingtobilling partnerearnedcreditrate partnerearnedcreditapplied pricingmodel productorderid reservationid benefitid "
        "tags additionalinfo"
    ),
    needed=alternatives(
        "partnertenantid customertenantid date productid subscriptionid meterid resourceid chargetype quantity unitprice|paygprice billingcurrency "
        "costinpricingcurrency partnerearnedcreditrate"
    ),
)  # fmt: skip
PRICE_SHEET = Kind(
    "price_sheet", "price_sheet", CSV,
    columns=words(
        "productid skuid meterids market currency termduration tags publisher unitprice pricingtierrangemin pricingtierrangemax "
        "effectivestartdate effectiveenddate"
    ),
    needed=alternatives("productid skuid market currency unitprice pricingtierrangemin pricingtierrangemax effectivestartdate effectiveenddate"),
)  # fmt: skip
FX_RATES = Kind(
    "fx_rates", "fx_rates", CSV, columns=words("currencycode usdperunit month"), needed=alternatives("currencycode usdperunit month")
)
RECONCILIATION = Kind(
    "invoice_reconciliation", "invoice_reconciliation", CSV | JSON,
    columns=words(
        "invoicenumber customerid subscriptionid productid skuid skuname chargetype priceadjustmentdescription creditreasoncode currency "
        "unitprice effectiveunitprice billablequantity subtotal pctobcexchangerate quantity promotionid reservationorderid orderdate chargestartdate"
    ),
    needed=alternatives("invoicenumber productid skuid subscriptionid subtotal effectiveunitprice billablequantity"),
)  # fmt: skip

# file of partner_directory/ -> (columns that staging reads, columns that it needs), with the names of interface.md less the underscores
DIRECTORY = {
    "partner_locations": ("partnerid partnerglobalid name", "partnerid partnerglobalid"),
    "agent_groups": ("groupobjectid groupname partnertenantid partnerid", "groupobjectid groupname partnertenantid partnerid"),
    "partner_id_links": ("principalid partnerid validfrom validto", "principalid partnerid validfrom validto"),
    "partner_principals": ("principalid partnerid name", "principalid partnerid"),
    "group_members": ("groupobjectid memberprincipalid validfrom validto", "groupobjectid memberprincipalid validfrom validto"),
    "agreements": ("partnerglobalid validfrom validto", "partnerglobalid validfrom validto"),
    "subscription_partners": (
        "subscriptionid transactingpartnerid resellerpartnerid validfrom validto plansubscriptionid",
        "subscriptionid transactingpartnerid resellerpartnerid validfrom validto",
    ),
    "management_groups": ("managementgroupid subscriptionid", "managementgroupid subscriptionid"),
    "claims": ("claimid submittedon ticket settledon settledusd note", "claimid"),
}
DIRECTORY_KINDS = tuple(
    Kind(name, "partner_directory", CSV, columns=words(columns), needed=alternatives(needed)) for name, (columns, needed) in DIRECTORY.items()
)
# JSON, or rows of CSV whose columns are the keys; needed columns are those of CSV.
LISTS = {"role_assignments": "id|roleassignmentid", "deny_assignments": "id|denyassignmentid", "lighthouse": "id", "role_schedules": "id"}
DOCUMENTS = (
    Kind("activity_log", "activity_log", JSON | CSV, is_table=False),
    *(Kind(name, name, JSON | CSV, is_table=False, is_list=True, needed=alternatives(needed)) for name, needed in LISTS.items()),
)
# `az managementpartner show`, one identity each; the CSV file of the directory has the name of the folder.
LINKS = Kind("partner_id_link_documents", "partner_id_links", JSON, is_table=False)

KINDS = {kind.name: kind for kind in (USAGE, COST_MANAGEMENT, PRICE_SHEET, *DOCUMENTS, LINKS, *DIRECTORY_KINDS, FX_RATES, RECONCILIATION)}
FOLDERS = tuple(dict.fromkeys(kind.folder for kind in KINDS.values()))

# A build has nothing to say without files in a folder of each of these. Either source of usage will do.
NEEDED_FOLDERS = (("daily_rated_usage", "cost_management"), ("price_sheet",))
# A file that lists the files of an export, in any folder: known, and not read.
MANIFEST = "manifest"
# Contents of these kinds may be pruned; all others stay for good.
PRUNABLE = ("daily_rated_usage",)


def readers_of(folder):
    """The readers of a folder's files: ending -> 'csv', 'json' or 'parquet'."""
    return next(kind.readers for kind in KINDS.values() if kind.folder == folder)


def lacking(kind, header):
    """The needed columns that a header lacks, each as "name" or "name or other"; empty when it has all. header: normalised names."""
    return [" or ".join(names) for names in kind.needed if not set(names) & set(header)]


def kind_of(folder):
    """The name of the kind of a folder's files; of partner_directory/, whose files are of several kinds, the first."""
    return next(kind.name for kind in KINDS.values() if kind.folder == folder)
