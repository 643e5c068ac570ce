"""What was truly used."""

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .customers import Customer, Relationship, Resource, Subscription
from .knobs import APPLIED_BY_MICROSOFT, DAY, chance, next_month
from .numbers import exact_quantity
from .products import PRODUCT_KINDS, Product
from .truth import World


@dataclass
class Line:
    """A line of rated usage as it will be in the end, and what it was before it was restated."""

    subscription: Subscription
    role: str  # of the transacting partner
    partner_id: str
    reseller_id: str
    day: date
    resource: Resource
    product: Product
    meter: str
    quantity: Decimal
    unit_price: Decimal
    invoice_month: date
    visible: date  # the first unbilled export that can have it
    benefit: str = ""  # Reservation | SavingsPlan | Charge
    has_credit: bool = False
    is_applied: bool = False
    charge_type: str = "new"
    earlier: tuple[Decimal, date] | None = None  # the quantity until it was restated
    looks: int = 0  # the letter case of its ids
    is_paid_by_benefit: bool = False

    @property
    def customer(self) -> Customer:
        return self.subscription.customer

    @property
    def plan(self) -> str:
        return self.customer.plans[self.role]

    @property
    def resource_id(self) -> str:
        group = f"/resourceGroups/{self.resource.group}" if self.resource.group else ""
        return (self.resource.uri or self.subscription.scope + group).lower()

    @property
    def fills_tiers(self) -> bool:
        return self.benefit not in ("Reservation", "SavingsPlan")

    @property
    def place(self) -> tuple:
        """What lines of one meter, day and resource share: among them, quantities differ."""
        return self.plan, self.meter, self.day, self.resource_id


def draw_quantity(world: World, rng: random.Random, product: Product, taken: set, place: tuple) -> Decimal:
    """Draw a quantity that no other line of the same place has: round ones, that meet tiers exactly, or long ones."""
    while True:
        quantity = rng.choice(
            (
                Decimal(rng.choice((24, 12, 5, 10, 1))),
                Decimal(rng.randrange(1, 60)) / 2,
                Decimal(rng.randrange(1, 30 * 10**6)).scaleb(-6),
                Decimal(rng.randrange(1, 15 * 10**8)).scaleb(-8),
                Decimal(rng.randrange(1, 1000)).scaleb(-8),
            )
        )
        if product.is_tiered and chance(rng, 0.3):
            quantity = rng.choice((Decimal(5), Decimal(10), Decimal("7.5"), Decimal("15.000001"), Decimal("30")))
        if world.has("exact"):
            quantity = exact_quantity(world.rngs["numbers"], quantity)
        if (place, quantity) not in taken:
            taken.add((place, quantity))
            return quantity


def use(world: World) -> None:
    """Use the resources: most days, with the products that fit them, sometimes something special."""
    rng = world.rngs["usage"]
    by_kind = defaultdict(list)
    for product in world.products:
        for kind in PRODUCT_KINDS[product.name][2]:
            by_kind[kind].append(product)
    taken: set = set()
    for subscription in world.subscriptions:
        for resource in subscription.resources:
            kind = resource.kind if resource.kind in by_kind else "Network"
            usual = rng.sample(by_kind[kind], min(len(by_kind[kind]), rng.randint(1, 2)))
            for day in world.calendar.days:
                if chance(rng, 0.1):
                    continue
                special = [rng.choice(by_kind[kind])] if chance(rng, 0.2) else []
                for seller in subscription.sellers(day):
                    for product in dict.fromkeys(map(id, usual + special)):
                        product = next(p for p in world.products if id(p) == product)
                        add_usage(world, rng, taken, subscription, seller, resource, day, product)
    if world.has("corrections"):
        correct(world, taken)


def add_usage(
    world: World, rng: random.Random, taken: set, subscription: Subscription, seller: Relationship,
    resource: Resource, day: date, product: Product,
) -> None:  # fmt: skip
    """Add a line, or two: covered by a savings plan and the rest, paid by a credit, the same twice."""
    role, meter = world.role_of(seller.organisation), rng.choice(product.meters)
    market = subscription.customer.country

    def line(benefit: str = "", has_credit: bool = False) -> Line:
        can_earn = benefit in ("", "Charge") and not has_credit and product.name not in ("spot", "marketplace")
        new = Line(
            subscription, role, seller.partner_id, subscription.reseller_on(day, seller.organisation), day, resource,
            product, meter, Decimal(0), product.own_price(market, day, meter), day.replace(day=1),
            day + rng.randint(1, 2) * DAY, benefit, has_credit,
            is_applied=chance(rng, APPLIED_BY_MICROSOFT if can_earn else 0.04), looks=rng.randrange(4),
        )  # fmt: skip
        new.quantity = draw_quantity(world, rng, product, taken, new.place)
        if chance(rng, 0.15):
            new.earlier = (draw_quantity(world, rng, product, taken, new.place), new.visible + rng.randint(1, 3) * DAY)
        world.lines.append(new)
        return new

    luck = rng.random()
    if luck < 0.06 and product.name in ("machine", "database", "spot"):
        line("SavingsPlan")
        line("Charge")
    elif luck < 0.12 and product.name in ("machine", "storage", "database"):
        line("Reservation")
        if chance(rng, 0.5):
            line()
    elif luck < 0.2:
        line(has_credit=True)
        if chance(rng, 0.4):
            line()
    else:
        first = line()
        if luck > 0.95:
            world.lines.append(first)


def is_billed(world: World, role: str, currency: str, month: date) -> bool:
    """Has this month been invoiced? The same answer whenever it is asked; never before the month that precedes it."""
    luck = random.Random(f"{world.seed}/{role}/{currency}").random()
    months = world.calendar.months
    if len(months) == 1:
        return luck < 0.5
    return luck < (0.75 if month == months[0] else 0.45)


def correct(world: World, taken: set) -> None:
    """Take something back: in the same month, or with the next invoice. Tiers are unwound, never below zero."""
    rng = world.rngs["corrections"]
    for original in rng.sample(world.lines, min(len(world.lines), rng.randint(0, 9))):
        if not original.fills_tiers or original.quantity <= Decimal("0.00001"):
            continue
        share = rng.choice((Decimal(1), Decimal("0.5"), Decimal("0.3")))
        quantity = -(original.quantity * share).quantize(Decimal("1E-15"))
        if (original.place, quantity) in taken:
            continue
        correction = Line(**{**vars(original), "quantity": quantity, "charge_type": rng.choice(("Refund", "Cancel"))})
        correction.earlier = None
        correction.visible = original.visible + rng.randint(0, 2) * DAY
        following = next_month(original.invoice_month)
        followed = any(
            (line.role, line.customer.currency, line.invoice_month, line.day.replace(day=1))
            == (original.role, original.customer.currency, following, following)
            for line in world.lines
        )
        if followed and is_billed(world, original.role, original.customer.currency, following) and chance(rng, 0.7):
            correction.invoice_month = following
        if not sinks_below_zero(world, correction):
            taken.add((original.place, quantity))
            world.lines.append(correction)


def sinks_below_zero(world: World, correction: Line) -> bool:
    """Would the month's consumption of the tiered meter, in order of usage, fall below zero?"""
    if not correction.product.is_tiered:
        return False
    shared = (correction.plan, correction.meter, correction.day.replace(day=1))
    lines = [
        line
        for line in [*world.lines, correction]
        if (line.plan, line.meter, line.day.replace(day=1)) == shared and line.fills_tiers
    ]
    total = Decimal(0)
    for line in sorted(lines, key=lambda line: (line.day, line.resource_id, line.quantity)):
        total += line.quantity
        if total < 0:
            return True
    return False
