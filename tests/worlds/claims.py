"""The register of claims, and credits of customers that may have paid them (M7)."""

import hashlib
import random
from datetime import date
from decimal import Decimal

from .knobs import DAY, chance, next_month, plain, us_date
from .refunds import refunds
from .truth import World
from .zone import Zone, write_table

# Days after the usage month, on both sides of each boundary of M7.
DUE = (60, 61)
POSSIBLE = (0, 1, 30, 180, 181)
CREDITS = (
    "InvoiceNumber,CustomerId,SubscriptionId,ProductId,SkuId,ChargeType,UnitPrice,EffectiveUnitPrice,BillableQuantity,Subtotal,Currency,"
    "PCToBCExchangeRate,OrderDate,ChargeStartDate"
)


def claim_id(month: date, partner: str, subscription: str, resource: str) -> str:
    return hashlib.md5(f"{month}|{partner}|{subscription}|{resource}".lower().encode()).hexdigest()


def settlement(rng: random.Random) -> str:
    """Next to nothing, what a run of days may be worth, or more than any claim."""
    return plain(Decimal(rng.randrange(1, 10**6)).scaleb(rng.choice((-18, -6, -5, -4, -4, -3, -2, 2))))


def write_register(rng: random.Random, world: World, zone: Zone) -> None:
    """Claims that were submitted, and paid in part, whole, several times and too much; some for what is not due; rows that cannot be read."""
    known = dict.fromkeys(
        claim_id(line.day.replace(day=1), line.partner_id, line.subscription.id, line.resource_id)
        for line in world.lines
        if not line.is_applied and not line.has_credit and line.benefit in ("", "Charge")
    )
    rows = []
    for claim in rng.sample(list(known), min(len(known), rng.randint(2, 20))) + ["unknown", "UNKNOWN too"]:
        claim = rng.choice((claim, claim.upper(), f" {claim} "))
        day = world.calendar.last.date() + rng.randint(1, 90) * DAY
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            submitted, ticket = rng.choice(((day.isoformat(), f"T{len(rows)}"), (us_date(day), ""), ("", "")))
            paid = rng.choice(("", "0", settlement(rng), settlement(rng), settlement(rng)))
            rows.append((claim, submitted, ticket, (day + DAY).isoformat() if paid and chance(rng, 0.8) else "", paid, ""))
        if chance(rng, 0.2):
            rows.append((claim, *rng.choice((("soon", "", "", "5"), ("", "", day.isoformat(), ""), ("", "", "", "-1"), ("", "", "", "1,5"))), ""))
    own = random.Random(f"{world.seed}-claims of refunds")
    for line in refunds(world):
        if chance(own, 0.5):
            claim = claim_id(line.day.replace(day=1), line.partner_id, line.subscription.id, line.resource_id)
            rows.append((claim, world.calendar.last.date().isoformat(), "", "", own.choice(("", "0", settlement(own))), "taken back"))
    write_table(zone, "partner_directory/claims.csv", "claim_id,submitted_on,ticket,settled_on,settled_usd,note", rows)


def write_credits(rng: random.Random, world: World, zone: Zone) -> None:
    """Credits of each customer around the boundaries, in its currency; now and then the file comes again and says something else."""
    customers = list({subscription.customer.tenant_id: subscription.customer for subscription in world.subscriptions}.values())
    ends = [next_month(month) - DAY for month in world.calendar.months]
    exported = rng.choice(ends) + rng.choice(DUE) * DAY if chance(rng, 0.7) else world.calendar.last.date()
    for repeat in range(rng.choice((1, 1, 2))):
        rows = []
        for customer in customers:
            for _ in range(rng.randint(0, 3)):
                at = rng.choice(ends) + rng.choice(POSSIBLE) * DAY
                order, start = rng.choice(((at, at - 40 * DAY), (at - 2000 * DAY, at), (at, None), (None, at)))
                rows.append(
                    (
                        "GCREDIT1", customer.tenant_id, "", "", "", rng.choice(("customerCredit", "CustomerCredit", "customercredit")), "", "", "",
                        f"{Decimal(rng.randrange(-90000, 9000)).scaleb(-2):.2f}", customer.currency, "1" if customer.currency == "USD" else "0.857632933",
                        us_date(order) if order else "", start.isoformat() if start else "",
                    )
                )  # fmt: skip
        write_table(zone, f"invoice_reconciliation/credits_{exported - repeat * DAY}.csv", CREDITS, rows)


def write_claims(world: World, zone: Zone) -> None:
    """Write both, from a generator of their own: all else in the world stays as it is without them."""
    if not world.has("claims"):
        return
    rng = random.Random(f"{world.seed}-claims")
    write_register(rng, world, zone)
    write_credits(rng, world, zone)
