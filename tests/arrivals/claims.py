"""The register of claims grows, and credits of customers arrive (M7), from a generator of their own: all other news come as they would without them."""

import random

import worlds

from .files import Table
from .landing import Landing

REGISTER = "partner_directory/claims.csv"


class Claims:
    """What the zone's register lacks of the world's, and the files of credits that are still to come."""

    def __init__(self, seed: int, arrivals: Landing) -> None:
        self.rng, self.arrivals = random.Random(f"{seed}-claims"), arrivals
        table = Table.read(arrivals.source / REGISTER)
        self.header, self.rows = table.lines[0], [line for line in table.lines[1:] if line]
        self.registered: list[str] = []
        self.credits = arrivals.files("invoice_reconciliation/credits_", arrivals.source)

    def arrive(self, share: float = 0.3) -> list[str]:
        """Some claims are registered, now and then one is struck off; some files of credits arrive; what happened."""
        told = []
        if worlds.chance(self.rng, 0.6):
            found = [row for row in self.rows if row not in self.registered and worlds.chance(self.rng, share)]
            gone = [row for row in self.registered if worlds.chance(self.rng, 0.05)]
            self.registered = [row for row in self.registered if row not in gone] + found
            self.arrivals.put(REGISTER, "\n".join([self.header, *self.registered, ""]))
            told.append(f"claims: {len(found)} registered, {len(gone)} struck off")
        if self.credits and worlds.chance(self.rng, 0.5):
            delivery = self.arrivals.delivery(self.credits.pop())
            self.arrivals.put(delivery.path, delivery.content, delivery.modified)
            told.append(f"credits: {delivery.path}")
        return told
