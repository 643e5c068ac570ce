"""The partner directory (D2-D5, A3)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Iterator

from .values import FOREVER, FOREVER_AGO, ident, instant, partner_number, table
from .windows import ALWAYS, Window, Windows, both, union, whole_day

Organisation = tuple[str, str]


@dataclass
class Directory:
    """What the partner knows and no export gives."""

    organisations: dict[str, Organisation] = field(default_factory=dict)
    agent_groups: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    tenants: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    links: dict[str, list[tuple[str, Window]]] = field(default_factory=lambda: defaultdict(list))
    principals: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    members: dict[str, dict[str, Windows]] = field(default_factory=lambda: defaultdict(dict))
    agreements: dict[str, Windows] | None = None
    relations: list[dict[str, Any]] = field(default_factory=list)
    management_groups: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def organisation(self, partner: str) -> Organisation:
        """The organisation of a partner id; one that the locations lack is an organisation of its own (D3)."""
        return self.organisations.get(partner, ("own", partner))

    def has_agreement(self, partner: str, day: date) -> bool:
        """Whether an agreement of the partner's organisation is in force for the whole day (D4).

        **Choice**: agreements that follow each other without a gap (a renewal at noon) count together; for a partner
        without a location row, `partner_global_id` is compared with its partner id.
        """
        if self.agreements is None:
            return True
        windows = self.agreements.get(self.organisation(partner)[1], [])
        return both(windows, [whole_day(day)]) == [whole_day(day)]

    def reseller_on(self, subscription: str, partner: str, day: date) -> str | None:
        """The reseller by the relationship history: the earliest row overlapping the day for the organisation (D5).

        **Choice**: of rows that begin together the one that ends first, then the first in the file.
        """
        wanted = self.organisation(partner)
        rows = [
            row
            for row in self.relations
            if row["subscription"] == subscription
            and self.organisation(row["transacting"]) == wanted
            and both([row["window"]], [whole_day(day)])
        ]
        return min(rows, key=lambda row: row["window"])["reseller"] if rows else None

    def identities(self, principal: str) -> list[tuple[str, Windows]]:
        """Who acts through a principal: itself always, and every member while a member.

        **Choice**: a group inside the group passes its members on (Azure's membership is transitive).
        """
        out: dict[str, Windows] = {principal: ALWAYS}
        todo = [(principal, ALWAYS)]
        while todo:
            group, so_far = todo.pop()
            for member, windows in self.members.get(group, {}).items():
                reached = both(so_far, windows)
                grown = union(out.get(member, []) + reached)
                if grown != out.get(member):
                    out[member] = grown
                    todo.append((member, grown))
        return sorted(out.items())

    def groups_of(self, principal: str) -> list[tuple[str, Windows]]:
        """The principal itself and the groups that it belongs to, with the times."""
        every = {group for group in self.members} | {principal}
        found = [(group, dict(self.identities(group)).get(principal, [])) for group in sorted(every)]
        return [(group, windows) for group, windows in found if windows]

    def ever_members(self, principal: str) -> set[str]:
        """The principal and everybody who ever was a member of it, times aside."""
        out, todo = {principal}, [principal]
        while todo:
            for member in self.members.get(todo.pop(), {}):
                if member not in out:
                    out.add(member)
                    todo.append(member)
        return out

    def partners_behind(self, principal: str) -> set[str]:
        """Every partner that the principal, or anyone who ever was its member, is or was linked to or listed for."""
        out = set(self.agent_groups.get(principal, set()))
        for who in self.ever_members(principal):
            out |= self.principals.get(who, set())
            out |= {partner for partner, _ in self.links.get(who, [])}
        return out


def window_of(row: dict[str, str]) -> Window:
    """valid_from and valid_to of a directory row; blank is unbounded."""
    return instant(row.get("valid_from")) or FOREVER_AGO, instant(row.get("valid_to")) or FOREVER


def group_name(text: str | None) -> str:
    """The name of an agent group by its letters alone; "Agent" stands for "Agents". **Choice**: so are other spellings understood."""
    letters = "".join(letter for letter in (text or "").lower() if letter in "abcdefghijklmnopqrstuvwxyz")
    return letters + "s" if letters.endswith("agent") else letters


def read_directory(folder: Path) -> Directory:
    """Reads `partner_directory/`. A row whose dates cannot be read is left out."""
    out = Directory()

    def rows(name: str) -> Iterator[tuple[dict[str, str], Window]]:
        for row in table(folder / name):
            try:
                yield row, window_of(row)
            except ValueError:
                continue

    for row, _ in rows("partner_locations.csv"):
        partner, organisation = ident(row["partner_id"]), ident(row["partner_global_id"])
        if partner and organisation:
            out.organisations[partner] = ("global", organisation)
    for row, _ in rows("agent_groups.csv"):
        group, tenant, partner = (ident(row[k]) for k in ("group_object_id", "partner_tenant_id", "partner_id"))
        if partner and tenant:
            out.tenants[tenant].add(partner)
        if partner and group and group_name(row["group_name"]) in ("adminagents", "helpdeskagents"):
            out.agent_groups[group].add(partner)
    for row, window in rows("partner_id_links.csv"):
        principal, partner = ident(row["principal_id"]), partner_number(row["partner_id"])
        if principal and partner:
            out.links[principal].append((partner, window))
    for row, _ in rows("partner_principals.csv"):
        principal, partner = ident(row["principal_id"]), partner_number(row["partner_id"])
        if principal and partner:
            out.principals[principal].add(partner)
    for row, window in rows("group_members.csv"):
        group, member = ident(row["group_object_id"]), ident(row["member_principal_id"])
        if group and member:
            out.members[group][member] = union(out.members[group].get(member, []) + [window])
    if (folder / "agreements.csv").is_file():
        agreements: dict[str, Windows] = defaultdict(list)
        for row, window in rows("agreements.csv"):
            organisation = ident(row["partner_global_id"])
            if organisation:
                agreements[organisation] = union(agreements[organisation] + [window])
        out.agreements = dict(agreements)
    for row, window in rows("subscription_partners.csv"):
        subscription, partner = ident(row["subscription_id"]), partner_number(row["transacting_partner_id"])
        if subscription and partner:
            reseller = partner_number(row["reseller_partner_id"])
            plan = ident(row.get("plan_subscription_id"))
            out.relations.append({"subscription": subscription, "transacting": partner, "reseller": reseller, "window": window, "plan": plan})
    for row, _ in rows("management_groups.csv"):
        group, subscription = ident(row["management_group_id"]), ident(row["subscription_id"])
        if group and subscription:
            out.management_groups[group.rstrip("/").split("/")[-1]].add(subscription.split("/")[-1])
    return out
