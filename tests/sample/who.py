"""Who: partners, customers, their subscriptions; ids and days of the invented world."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

YEAR = 2026
CREDIT_PERCENT = 15
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "partner-earned-credit.example")


def guid(name: str) -> str:
    """Give an invented thing its id: always the same for the same name."""
    return str(uuid.uuid5(NAMESPACE, name))


def day(text: str) -> date:
    """Read `08-19`."""
    return date.fromisoformat(f"{YEAR}-{text}")


def days(text: str) -> list[date]:
    """Read `08-04..08-06 08-11`: ranges and single days, both ends included."""
    found = []
    for span in text.split():
        first, last = day(span.split("..")[0]), day(span.split("..")[-1])
        found += [first + timedelta(n) for n in range((last - first).days + 1)]
    return found


@dataclass(frozen=True)
class Partner:
    """A location of a partner organisation."""

    partner_id: str
    global_id: str
    name: str
    organisation: str

    @property
    def tenant_id(self) -> str:
        return guid(f"tenant of {self.organisation}")


@dataclass(frozen=True)
class Customer:
    name: str
    domain: str
    country: str
    currency: str

    @property
    def tenant_id(self) -> str:
        return guid(f"tenant of {self.name}")


@dataclass(frozen=True)
class Subscription:
    """An Azure subscription, under an Azure plan that the customer has with the transacting partner."""

    name: str
    customer: Customer
    partner: Partner
    reseller_id: str = ""

    @property
    def id(self) -> str:
        return guid(f"subscription {self.name}")

    @property
    def plan_id(self) -> str:
        return guid(f"Azure plan of {self.customer.name} with {self.partner.organisation}")

    @property
    def scope(self) -> str:
        return f"/subscriptions/{self.id}"


FJELLBLICK = Partner("6011111", "6010000", "Fjellblick Cloud GmbH, Hamburg", "Fjellblick Cloud GmbH")
FJELLBLICK_LEEDS = Partner("6011112", "6010000", "Fjellblick Cloud GmbH, Leeds", "Fjellblick Cloud GmbH")
NUVELLE = Partner("6022222", "6020000", "Atelier Nuvelle SARL", "Atelier Nuvelle SARL")
GREYMARSH = Partner("6033333", "6030000", "Greymarsh Managed Services Ltd", "Greymarsh Managed Services Ltd")
SKERRANE = Partner("6044444", "6040000", "Skerrane Cloud Ltd", "Skerrane Cloud Ltd")
PARTNERS = (FJELLBLICK, FJELLBLICK_LEEDS, NUVELLE, GREYMARSH, SKERRANE)

KIESELBRUECK = Customer("Kieselbrück Maschinenbau GmbH", "kieselbrueck.example", "DE", "EUR")
ORVELLE = Customer("Maison Orvelle SAS", "maison-orvelle.example", "FR", "EUR")
THORNWICK = Customer("Thornwick Freight Ltd", "thornwick.example", "GB", "GBP")
ALDERSBRUNN = Customer("Kliniken Aldersbrunn gGmbH", "aldersbrunn.example", "DE", "EUR")
FROSTQUELL = Customer("Frostquell Eiskrem GmbH", "frostquell.example", "DE", "EUR")
TANNEGG = Customer("Tannegg Bergbahnen AG", "tannegg.example", "AT", "EUR")  # nobody exported Austria's price sheet
QUILLMERE = Customer("Quillmere Studio Ltd", "quillmere.example", "", "GBP")  # no line of it names a country
CUSTOMERS = (KIESELBRUECK, ORVELLE, THORNWICK, ALDERSBRUNN, FROSTQUELL, TANNEGG, QUILLMERE)

PRODUCTION = Subscription("Kieselbrück Production", KIESELBRUECK, FJELLBLICK)
LAB = Subscription("Kieselbrück Lab", KIESELBRUECK, FJELLBLICK)
SHOPS = Subscription("Orvelle Shops", ORVELLE, FJELLBLICK, reseller_id=NUVELLE.partner_id)
DEPOT = Subscription("Thornwick Depot", THORNWICK, FJELLBLICK_LEEDS)
FLEET = Subscription("Thornwick Fleet", THORNWICK, SKERRANE)
PLATFORM = Subscription("Aldersbrunn Platform", ALDERSBRUNN, FJELLBLICK)
IMAGING = Subscription("Aldersbrunn Imaging", ALDERSBRUNN, FJELLBLICK)
WEBSHOP = Subscription("Frostquell Webshop", FROSTQUELL, FJELLBLICK)
FACTORY = Subscription("Frostquell Factory", FROSTQUELL, FJELLBLICK)
LIFTS = Subscription("Tannegg Lifts", TANNEGG, FJELLBLICK)
STUDIO = Subscription("Quillmere Studio", QUILLMERE, FJELLBLICK_LEEDS)
SUBSCRIPTIONS = (PRODUCTION, LAB, SHOPS, DEPOT, FLEET, PLATFORM, IMAGING, WEBSHOP, FACTORY, LIFTS, STUDIO)

LAB_MANAGEMENT_GROUP = "mg-kieselbrueck-lab"
LAB_MANAGEMENT_GROUP_SCOPE = f"/providers/Microsoft.Management/managementGroups/{LAB_MANAGEMENT_GROUP}"
# The directory maps this one to no subscription.
FROSTQUELL_MANAGEMENT_GROUP_SCOPE = "/providers/Microsoft.Management/managementGroups/mg-frostquell"
