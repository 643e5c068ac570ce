"""A world, and what truly stands in it: role assignments, delegations, denials, activations."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from .calendar import Calendar
from .customers import Organisation, Subscription
from .knobs import FOREVER
from .people import People, Principal

if TYPE_CHECKING:  # these are made of a world
    from .operations import Operation
    from .products import Product
    from .snapshots import Snapshot
    from .usage import Line


@dataclass
class Span:
    """A time in which an item stood, and whether its beginning and end were logged. Half-open."""

    begin: datetime
    end: datetime | None
    created: datetime
    write_logged: bool = True
    delete_logged: bool = True

    def holds(self, at: datetime) -> bool:
        return self.begin <= at < (self.end or FOREVER)


@dataclass
class Item:
    """A role assignment, delegation or deny assignment, known by its id through all of its spans."""

    kind: str  # role | delegation | deny
    id: str
    scope: str
    spans: list[Span]
    body: dict
    homes: list[str]  # the subscriptions whose snapshots show it
    is_stable: bool = False  # the evidence is complete
    updates: list[datetime] = field(default_factory=list)  # written again while it stood
    change: tuple[datetime, dict] | None = None  # what else it says from some time on

    def said(self, at: datetime) -> dict:
        """What it says at a time."""
        return self.body | self.change[1] if self.change and self.change[0] <= at else self.body

    def standing(self, at: datetime) -> Span | None:
        return next((span for span in self.spans if span.holds(at)), None)

    @property
    def comes_back(self) -> bool:
        """Silently gone and shown again with the same creation time."""
        return len(self.spans) > 1 and self.spans[0].created == self.spans[1].created


@dataclass
class ScheduleInstance:
    """A PIM schedule instance: an activation that bounds an assignment, or (without one) an eligibility."""

    id: str
    subscription: str
    scope: str
    principal: Principal
    role: str
    begin: datetime
    end: datetime | None
    requested: datetime
    assignment: Item | None = None


@dataclass
class World:
    """A world: what is true in it, and what is told about it."""

    seed: int
    features: frozenset[str]
    rngs: dict[str, random.Random]
    calendar: Calendar
    partners: dict[str, Organisation]
    subscriptions: list[Subscription]
    people: People
    items: list[Item] = field(default_factory=list)
    instances: list[ScheduleInstance] = field(default_factory=list)
    management_groups: list[tuple[str, str]] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def has(self, feature: str) -> bool:
        return feature in self.features

    def role_of(self, organisation: Organisation) -> str:
        return next(role for role, other in self.partners.items() if other is organisation)

    def role_of_partner_id(self, partner_id: str) -> str | None:
        return next((role for role, org in self.partners.items() if partner_id in org.partner_ids), None)

    def allies(self, subscription: Subscription) -> list[str]:
        """The partners whose access counts for this subscription at some time (D2)."""
        roles = [self.role_of(relationship.organisation) for relationship in subscription.history]
        for relationship in subscription.history + subscription.registered:
            role = self.role_of_partner_id(relationship.reseller_id)
            roles += [role] if role else []
        return list(dict.fromkeys(roles))
