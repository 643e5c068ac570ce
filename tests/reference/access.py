"""Access of a day (D2, A1-A6) and the ladder of reasons."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Iterable

from .directory import Directory, Organisation, window_of
from .evidence import last_segment, read_events
from .grants import EVERYONE, LEVELS, PATHS, Held, deny_item, hold_lighthouse, hold_roles, hold_scoped
from .usage import Usage
from .values import ident, table
from .windows import ALWAYS, Windows, both, seconds, union, whole_day, without

LADDER = (
    "no_access",
    "other_partner",
    "ineligible_role",
    "not_linked",
    "not_permanent",
    "denied",
    "partial_day",
)


def read_roles(roles_csv: Path) -> dict[str, Windows]:
    """When each role is PEC-eligible (A2); a role without a true row never is.

    **Choice**: `valid_from` and `valid_to` of the list, where filled, are half-open like those of the directory.
    """
    out: dict[str, Windows] = defaultdict(list)
    for row in table(roles_csv):
        role = last_segment(row.get("role_definition_id"))
        if role and ident(row.get("is_pec_eligible")) in ("true", "1", "yes", "t"):
            out[role] = union(out[role] + [window_of(row)])
    return out


@dataclass
class Weighed:
    """A grant as it looks from one resource and one pair of partners."""

    cell: tuple[str, str]
    is_ours: bool
    is_foreign: bool
    eligible_only: bool
    stands: Windows
    role_ok: Windows
    linked: Windows
    counts: Windows

    def step(self, day: Windows) -> str | None:
        """How far the grant reaches on the ladder that day; None when it is not in force."""
        if not both(self.stands, day):
            return None
        if not self.is_ours:
            return "other_partner" if self.is_foreign else "no_access"
        if not both(self.role_ok, day):
            return "ineligible_role"
        if not both(self.linked, day):
            return "not_linked"
        if self.eligible_only:
            return "not_permanent"
        return "partial_day" if both(self.counts, day) else "denied"


class Access:
    """Answers whether a resource is access-eligible on a day."""

    def __init__(
        self, zone: Path, directory: Directory, roles: dict[str, Windows], lines: list[Usage], offers_need_no_link: bool = False,
        tolerance: int = 0,
    ) -> None:
        """Collects all evidence. Which subscriptions belong to one customer is known from the usage lines.

        offers_need_no_link: the older reading of Marketplace delegations (A3).  tolerance: how many seconds a whole day may lack (A6).
        """
        self.offers_need_no_link = offers_need_no_link
        self.needed_seconds = seconds([whole_day(date.min)]) - tolerance
        events = read_events(zone)
        self.directory = directory
        self.roles = roles
        self.grants = hold_roles(zone, events) + hold_lighthouse(zone, events)
        denies = hold_scoped(zone, "deny_assignments", "denyassignments", deny_item, events)
        self.denies = [held for _, held in denies if held.item.control_plane]
        self.customers: dict[str, set[str]] = defaultdict(set)
        for line in lines:
            if line.customer_id:
                self.customers[line.subscription_id].add(line.customer_id)
        self._weighed: dict[tuple, list[Weighed]] = {}
        self._groups: dict[str, list[tuple[str, Windows]]] = {}

    def groups_of(self, principal: str) -> list[tuple[str, Windows]]:
        """The principal and its groups, remembered."""
        if principal not in self._groups:
            self._groups[principal] = self.directory.groups_of(principal)
        return self._groups[principal]

    def covers(self, held: Held, place: str, subscription: str) -> bool:
        """Whether the scope lies at or above the place (A1).

        **Choices**: a grant at '/' that no snapshot shows covers nobody; one shown for a subscription whose customer
        no usage line names covers that subscription.
        """
        scope = held.item.scope
        if scope == "/":
            teller = held.told_by
            if teller is None:
                return False
            return teller == subscription or bool(self.customers[teller] & self.customers[subscription])
        if scope.startswith("/providers/microsoft.management/managementgroups/"):
            return subscription in self.directory.management_groups.get(scope.split("/")[-1], set())
        return place == scope or place.startswith(scope + "/")

    def denied_times(self, identity: str, denies: list[Held]) -> Windows:
        """When any of the deny assignments applies to an identity (A5).

        **Choices**: an identity is denied or excluded by its own id or that of a group while it belongs to it; an
        exclusion wins. Everyone is the principal of zeros.
        """
        groups = self.groups_of(identity)
        out: Windows = []
        for held in denies:
            named = [w for group, windows in groups if group in held.item.denied for w in windows]
            applies = ALWAYS if EVERYONE in held.item.denied else union(named)
            spared = union(w for group, windows in groups if group in held.item.excluded for w in windows)
            out += both(held.windows, without(applies, spared))
        return union(out)

    def weigh(self, held: Held, denies: list[Held], ours: set[Organisation]) -> Weighed:
        """One grant from the point of view of the partners of D2 (A2-A5).

        **Choices**: a Lighthouse grant that is not ours is another partner's, also when nobody knows its principal.
        An unlisted ForeignGroup that we list as our own principal is ours but never linked. An agent group that is a
        Lighthouse principal needs a link like any other. With the older reading a marketplace delegation is attributed
        to its managing tenant only, and a link says nothing.
        """
        item, directory = held.item, self.directory
        principal = item.principal or ""

        def of_ours(partners: Iterable[str]) -> bool:
            return any(directory.organisation(partner) in ours for partner in partners)

        behind = directory.partners_behind(principal)
        tenants = directory.tenants.get(item.tenant or "", set()) if held.source == "lighthouse" else set()
        agents = directory.agent_groups.get(principal, set())
        is_foreign = bool(behind) or held.source == "lighthouse" or item.principal_type == "foreigngroup"
        acting: list[tuple[str, Windows]] = []
        if held.source == "lighthouse":
            path = "lighthouse"
            by_tenant = item.marketplace and self.offers_need_no_link
            automatic, by_link = by_tenant and of_ours(tenants), not by_tenant
        elif agents or item.principal_type == "foreigngroup":
            path, automatic, by_link = "aobo", of_ours(agents), False
        else:
            path, automatic, by_link = "direct", False, True
        if automatic:
            acting.append((principal, ALWAYS))
        if by_link:
            for identity, member in directory.identities(principal):
                linked = [window for partner, window in directory.links.get(identity, []) if of_ours([partner])]
                acting.append((identity, both(member, linked)))
        role_ok = both(held.windows, self.roles.get(item.role or "", []))
        linked, counts = [], []
        for identity, times in acting:
            mine = both(role_ok, times)
            if mine:
                linked += mine
                counts += without(mine, self.denied_times(identity, denies))
        return Weighed(
            cell=(held.level, path),
            is_ours=of_ours(behind | tenants),
            is_foreign=is_foreign,
            eligible_only=item.eligible_only,
            stands=held.windows,
            role_ok=role_ok,
            linked=union(linked),
            counts=[] if item.eligible_only else union(counts),
        )

    def weighed(self, resource: str, group: str | None, subscription: str, ours: set[Organisation]) -> list[Weighed]:
        """All grants that cover a resource.

        **Choice**: a resource_id that is no ARM path lies in its resource group (else subscription), so that grants
        there cover it and grants on other resources do not.
        """
        key = (resource, group, subscription, frozenset(ours))
        if key not in self._weighed:
            place = resource
            if not place.startswith("/subscriptions/"):
                place = f"/subscriptions/{subscription}" + (f"/resourcegroups/{group}" if group else "")
                place += f"/{resource.strip('/')}"
            denies = [
                held
                for held in self.denies
                if self.covers(held, place, subscription) and (held.item.scope == place or not held.item.own_scope_only)
            ]
            grants = [held for held in self.grants if self.covers(held, place, subscription)]
            self._weighed[key] = [self.weigh(held, denies, ours) for held in grants]
        return self._weighed[key]

    def seen_by(
        self, resource: str, group: str | None, subscription: str, partner: str, reseller: str | None
    ) -> list[Weighed]:
        """All grants that cover a resource, from the point of view of its transacting partner and reseller (D2)."""
        ours = {self.directory.organisation(p) for p in (partner, reseller) if p}
        return self.weighed(resource, group, subscription, ours)

    def on_day(
        self, day: date, resource: str, group: str | None, subscription: str, partner: str, reseller: str | None
    ) -> dict[str, Any]:
        """The decision of A6 for a day, with the cell that completes it, or the reason that comes first.

        **Choice**: "the first that completes the day together with those before it" goes through the pairs of level
        and path, level first.
        """
        grants = self.seen_by(resource, group, subscription, partner, reseller)
        window = [whole_day(day)]
        covered: Windows = []
        cell: tuple[str | None, str | None] = (None, None)
        for level in LEVELS:
            for path in PATHS:
                more = [w for grant in grants if grant.cell == (level, path) for w in both(grant.counts, window)]
                covered = union(covered + more)
                if seconds(covered) >= self.needed_seconds and cell == (None, None):
                    cell = (level, path)
        steps = [step for step in (grant.step(window) for grant in grants) if step]
        reason = max(steps, key=LADDER.index, default=LADDER[0])
        is_whole = seconds(covered) >= self.needed_seconds
        if is_whole:
            reason = "full_day"
        if not self.directory.has_agreement(partner, day):
            reason = "no_agreement"
        return {
            "covered_seconds": seconds(covered),
            "is_access_eligible": is_whole,
            "covering_access_path": cell[1],
            "covering_scope_level": cell[0],
            "access_reason": reason,
        }
