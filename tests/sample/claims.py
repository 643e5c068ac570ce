"""Credit that Microsoft did not apply, claimed from it: submitted, and paid."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal

from .exports import AUGUST_EUR, EXPORTS, lines_of
from .used import CREDIT_PERCENT, IMAGES_DATABASE, MICROSOFT_DIFFERS, SIMULATION, Resource
from .who import YEAR, days


@dataclass(frozen=True)
class Claim:
    """A claim for a month of a resource. A claim that was paid has the day, and the invoice with the line that pays it."""

    resource: Resource
    month: str
    submitted_on: str
    ticket: str
    settled_on: str = ""
    invoice: str = ""
    note: str = ""

    @property
    def id(self) -> str:
        """The claim_id of `pec_missed_credit`: a hash of month, transacting partner, subscription and resource (M7)."""
        subscription = self.resource.subscription
        key = f"{YEAR}-{self.month}-01|{subscription.partner.partner_id}|{subscription.id}|{self.resource.id}"
        return hashlib.md5(key.encode()).hexdigest()

    @property
    def credit_usd(self) -> Decimal:
        """The credit of the days on which Microsoft applied none, although it was due."""
        failed = {
            on for told in MICROSOFT_DIFFERS if told.resource == self.resource and not told.applied_percent for on in days(told.days)
        }
        billed = [export for export in EXPORTS if export.invoice and export.first == f"{self.month}-01"]
        lines = [line for export in billed for line in lines_of(export) if line.usage.resource == self.resource and line.on in failed]
        return sum((line.list_cost for line in lines if not line.usage.never), Decimal(0)) * CREDIT_PERCENT / 100

    def registered(self) -> tuple[str, ...]:
        settled = format(self.credit_usd.normalize(), "f") if self.settled_on else ""
        return self.id, self.submitted_on, self.ticket, self.settled_on, settled, self.note


CLAIMS = (
    Claim(
        IMAGES_DATABASE, "07", "2026-08-18", "2608180040001234", "2026-09-10", AUGUST_EUR,
        note="Nine days in July without credit although AdminAgents stood; paid with the invoice of August",
    ),
    Claim(SIMULATION, "08", "2026-09-11", "2609110040005678", note="Two days of August"),
)
