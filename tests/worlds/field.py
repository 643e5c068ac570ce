"""What real exports do beside what is documented (issue 14). Each feature draws from a generator of its own, so that other worlds stay as they are."""

import csv
import io
import random
from datetime import date
from decimal import Decimal

from .knobs import DAY, chance, plain
from .truth import World
from .zone import Zone

MARKED = 0.04  # ids with invisible characters, blanks, braces (marks)
BLANK_COUNTRY = 0.15  # lines without CustomerCountry, and customers that never have one (blank_countries)
IN_INFO = 0.6  # reservations that only AdditionalInfo names (reservations_in_info)
PAID = 0.1  # lines that some benefit pays without saying which (paid_by_benefit)
ONLY_MINIMA = 0.4  # price rows whose tiers name their minimum alone (only_minima)
DAY_FIRST = 0.08  # usage files beside which there is one with days first (day_first)

MARKED_COLUMNS = {
    "PartnerId", "CustomerId", "CustomerCountry", "MpnId", "InvoiceNumber", "ProductId", "SkuId", "SubscriptionId", "MeterId", "ResourceURI",
    "EntitlementId", "UsageDate", "Quantity", "BenefitType", "CreditType",
}  # fmt: skip
GUIDS = {"PartnerId", "CustomerId", "SubscriptionId", "EntitlementId"}


def marked(world: World, column: str, text: str) -> str:
    """A cell with something that nobody sees, or with braces around its GUID: the same value."""
    rng = world.rngs["marks"]
    if not world.has("marks") or column not in MARKED_COLUMNS or not text or not chance(rng, MARKED):
        return text
    if column in GUIDS and chance(rng, 0.3):
        return f"{{{text}}}"
    if column in GUIDS | {"ResourceURI", "ProductId"} and chance(rng, 0.3):
        place = rng.randrange(len(text))
        return text[:place] + rng.choice("\u200b\u200c\u200d\u2060\ufeff") + text[place:]
    if column == "ResourceURI" and chance(rng, 0.5):
        return f"{text}/"
    mark = rng.choice(("\ufeff", "\u200b", "\u00a0", "\t", " ", "\u2060\u00a0"))
    return rng.choice((f"{mark}{text}", f"{text}{mark}", f"{mark}{text}{mark}"))


def in_the_field(world: World, line: object, values: dict[str, object]) -> dict[str, object]:
    """The columns of a line, with what the field makes of them."""
    if world.has("blank_countries"):
        never = random.Random(f"{world.seed}-{line.customer.tenant_id}").random() < BLANK_COUNTRY / 3
        if never or chance(world.rngs["blank_countries"], BLANK_COUNTRY):
            values["CustomerCountry"] = ""
    if world.has("reservations_in_info"):
        rng = world.rngs["reservations_in_info"]
        key = rng.choice(("ReservationOrderId", "ReservationId", "reservationorderid", "RESERVATIONID"))
        if line.benefit == "Reservation" and chance(rng, IN_INFO):
            values |= {"BenefitType": "", "BenefitId": "", "BenefitOrderId": ""}
            values["AdditionalInfo"] = f'{{"ServiceType":"Standard_D2s_v5","{key}":"{line.resource.group or "r"}1"}}'
        elif line.benefit != "Reservation" and chance(rng, 0.1):
            nothing = rng.choice(('""', '" "', "null"))
            values["AdditionalInfo"] = f'{{"{key}":{nothing}, "VMName":"reservation"}}'
    return values


def pay_by_benefits(world: World) -> None:
    """Let some benefit pay lines without saying which. Where something of a meter's month is taken back, none: its tiers must not sink below zero."""
    if not world.has("paid_by_benefit"):
        return
    rng = world.rngs["paid_by_benefit"]
    taken_back = {(line.plan, line.meter) for line in world.lines if line.quantity < 0}
    for line in {id(line): line for line in world.lines}.values():
        if chance(rng, PAID) and not (line.benefit or line.has_credit or line.is_applied or (line.plan, line.meter) in taken_back):
            line.is_paid_by_benefit = True


def names_only_minima(world: World) -> bool:
    """Whether the tiers of the next price row name their minimum alone."""
    return world.has("only_minima") and chance(world.rngs["only_minima"], ONLY_MINIMA)


def write_day_first_now_and_then(world: World, zone: Zone, folder: str, rows: list[dict[str, object]], day: date) -> None:
    """Beside a usage file the same lines, saved again with days first: of the same day, or of a later one. The charge period proves it."""
    rng = world.rngs["day_first"]
    if not world.has("day_first") or not chance(rng, DAY_FIRST):
        return
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow(
            value.strftime("%d/%m/%Y") if isinstance(value, date) else plain(value) if isinstance(value, Decimal) else value for value in row.values()
        )
    zone.write(f"{folder}/saved_{day + rng.choice((0, 1, 2)) * DAY}_{rng.randrange(10**6)}.csv", buffer.getvalue().encode())
