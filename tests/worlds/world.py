"""A world from its seed, and its landing zone."""

import pathlib
import random

from .access import invent_access
from .calendar import invent_calendar
from .claims import write_claims
from .customers import invent_customers, invent_partners
from .directory import write_directory
from .evidence_files import write_activity_log, write_snapshots
from .field import pay_by_benefits
from .knobs import ALL_FEATURES, OWN_STREAMS, STREAMS
from .operations import log_changes, log_noise
from .people import invent_people
from .numbers import refine_prices
from .price_sheets import write_fx_rates, write_price_sheets
from .products import invent_products
from .refunds import write_refunds
from .second_sources import write_cost_management
from .snapshots import take_snapshots
from .truth import World
from .usage import use
from .usage_files import write_usage
from .zone import Zone


def build_world(seed: int, features: frozenset[str] = ALL_FEATURES) -> World:
    """Simulate a world: what is true, and what evidence there is. Nothing is written yet."""
    unknown = features - ALL_FEATURES
    if unknown:
        raise ValueError(f"unknown features: {sorted(unknown)}")
    root = random.Random(seed)
    rngs = {name: random.Random(root.getrandbits(64)) for name in STREAMS}
    rngs |= {name: random.Random(f"{seed}-{name}") for name in OWN_STREAMS}
    calendar = invent_calendar(rngs["calendar"])
    partners = invent_partners(rngs["partners"], rngs["ids"])
    subscriptions = invent_customers(rngs, calendar, partners)
    people = invent_people(rngs, calendar, partners)
    world = World(seed, features, rngs, calendar, partners, subscriptions, people)
    invent_access(world)
    take_snapshots(world)
    log_changes(world)
    log_noise(world)
    invent_products(world)
    refine_prices(world)
    use(world)
    pay_by_benefits(world)
    return world


def write_world(seed: int, zone: pathlib.Path, features: frozenset[str] = ALL_FEATURES) -> None:
    """Write the landing zone of a world into a folder. The same seed and features give the same bytes."""
    world = build_world(seed, features)
    landing = Zone(zone)
    write_directory(world, landing)
    write_snapshots(world, landing)
    write_activity_log(world, landing)
    write_price_sheets(world, landing)
    write_fx_rates(world, landing)
    write_usage(world, landing)
    write_cost_management(world, landing)
    write_refunds(world, landing)
    write_claims(world, landing)
