"""Usage that was taken back and misses its credit (M6, M7): days whose lines sum below zero, alone or beside other missed days, registered or not.

They come in an export of another tenant of the partner, from a generator of their own: all else in the world stays as it is without them.
"""

import csv
import io
import random
from dataclasses import replace
from datetime import date
from decimal import Decimal

from .knobs import chance, plain
from .truth import World
from .usage import Line
from .usage_files import COLUMNS, line_values
from .zone import Zone

TENANT = "5ca1ab1e-0000-4000-8000-000000000001"
MOST = 8


def refunds(world: World) -> list[Line]:
    """Lines of negative quantity, more than what they take back: of a resource with usage, or of one that nothing else names.

    Their products have no tiers, which would sink below zero.
    """
    if not world.has("refunds"):
        return []
    rng = random.Random(f"{world.seed}-refunds")
    usual = [
        line for line in world.lines
        if line.quantity > Decimal("0.001") and line.benefit == "" and line.product.product_id and line.meter
        and not (line.has_credit or line.product.is_tiered)
    ]  # fmt: skip
    found = []
    for line in rng.sample(usual, min(len(usual), MOST)):
        quantity = -(line.quantity * rng.choice((2, 7, 30))).quantize(Decimal("1E-15"))
        resource = line.resource
        if resource.uri and chance(rng, 0.5):
            resource = replace(resource, uri=f"{resource.uri}-refunded")
        found.append(
            Line(**{**vars(line), "quantity": quantity, "resource": resource, "charge_type": "Refund", "earlier": None, "is_applied": chance(rng, 0.1)})
        )
    return found


def write_refunds(world: World, zone: Zone) -> None:
    """Write them as an unbilled export of another tenant, older than all others: it supersedes nothing and makes no claim late."""
    lines = refunds(world)
    if not lines:
        return
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for line in lines:
        row = line_values(world, line, line.quantity, "") | {"PartnerId": TENANT}
        writer.writerow(
            {name: value.isoformat() if isinstance(value, date) else plain(value) if isinstance(value, Decimal) else value for name, value in row.items()}
        )
    zone.write(f"daily_rated_usage/refunds/unbilled_{world.calendar.days[0]}.csv", buffer.getvalue().encode())
