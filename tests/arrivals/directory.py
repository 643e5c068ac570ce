"""News of the partner directory."""

import worlds

from .files import Table
from .landing import Landing


def directory(arrivals: Landing, name: str) -> tuple[Table, list[int]]:
    """A file of the directory, and the positions of its rows: those of grants' principals, if there are any."""
    table = Table.read(arrivals.zone / "partner_directory" / name)
    known = {row["member_principal_id"].lower() for _, row in members(arrivals) if row["group_object_id"].lower() in arrivals.mentioned}
    telling = [
        position for position, row in table.rows() if {str(v).lower() for v in row.values()} & (arrivals.mentioned | known)
    ]
    return table, telling or [position for position, _ in table.rows()]


def members(arrivals: Landing) -> list[tuple[int, dict]]:
    return Table.read(arrivals.source / "partner_directory" / "group_members.csv").rows()


def save(arrivals: Landing, name: str, table: Table, told: str) -> str:
    arrivals.put(f"partner_directory/{name}", table.text)
    return told


def end_row(arrivals: Landing, name: str) -> str:
    """Some rows of a file end at a midnight, or go where they have not begun by then (or have no end)."""
    table, positions = directory(arrivals, name)
    chosen = arrivals.rng.sample(positions, min(len(positions), arrivals.rng.choice((1, 1, 2, 3))))
    told = []
    for position in sorted(chosen, reverse=True):
        row, end = table.fields(table.lines[position]), arrivals.some_midnight()
        begins_before = row.get("valid_from", end) < end
        if "valid_to" in row and begins_before and worlds.chance(arrivals.rng, 0.65):
            table.lines[position] = table.changed(table.lines[position], {"valid_to": min(row["valid_to"] or end, end)})
            told.append(f"{next(iter(row.values()))[:8]} ends {end[:10]}")
        else:
            del table.lines[position]
            told.append(f"{next(iter(row.values()))[:8]} removed")
    return save(arrivals, name, table, ", ".join(told)) if told else ""


def give_back_row(arrivals: Landing, name: str) -> str:
    """Some rows of the world's file that the zone's file lacks are put into it."""
    table, complete = Table.read(arrivals.zone / "partner_directory" / name), Table.read(arrivals.source / "partner_directory" / name)
    lacking = [line for line in complete.lines[1:] if line and line not in table.lines]
    if not lacking:
        return ""
    lines = arrivals.rng.sample(lacking, min(len(lacking), arrivals.rng.choice((1, 2, 9))))
    table.lines[1:1] = lines
    return save(arrivals, name, table, f"{name}: {len(lines)} more")


def find_rows(arrivals: Landing) -> str:
    """Rows of any file of the directory turn up, but for the register of claims (claims.py)."""
    names = [file.name for file in arrivals.files("partner_directory/") if file.name != "claims.csv"]
    return next(filter(None, (give_back_row(arrivals, name) for name in arrivals.rng.sample(names, len(names)))), "")


def change_membership(arrivals: Landing) -> str:
    """A membership ends, or another member joins from a midnight on."""
    if worlds.chance(arrivals.rng, 0.5):
        return end_row(arrivals, "group_members.csv")
    table, positions = directory(arrivals, "group_members.csv")
    links = Table.read(arrivals.zone / "partner_directory" / "partner_id_links.csv").rows()
    if not positions or not links:
        return ""
    group = table.fields(table.lines[arrivals.rng.choice(positions)])["group_object_id"]
    member, begin = arrivals.rng.choice(links)[1]["principal_id"].lower(), arrivals.some_midnight()
    table.lines.insert(1, f"{group},{member},{begin},")
    return save(arrivals, "group_members.csv", table, f"{member[:8]} joins {group[:8]} {begin[:10]}")


def change_agreement(arrivals: Landing) -> str:
    """An agreement ends, or is found."""
    change = arrivals.rng.choice((end_row, end_row, give_back_row))
    return change(arrivals, "agreements.csv") if (arrivals.zone / "partner_directory" / "agreements.csv").exists() else ""


def change_relationship(arrivals: Landing) -> str:
    """A subscription gets another reseller, from the beginning or from a midnight on."""
    name = "subscription_partners.csv"
    table = Table.read(arrivals.zone / "partner_directory" / name)
    resellers = sorted({row["reseller_partner_id"] for _, row in table.rows()} | {"", "6220001"})
    if not table.rows():
        return ""
    position, row = arrivals.rng.choice(table.rows())
    reseller = arrivals.rng.choice([other for other in resellers if other != row["reseller_partner_id"]])
    at = arrivals.some_midnight()
    line = table.changed(table.lines[position], {"reseller_partner_id": reseller})
    if (row["valid_from"] or "0") < at < (row["valid_to"] or "9") and worlds.chance(arrivals.rng, 0.6):
        table.lines[position] = table.changed(table.lines[position], {"valid_to": at})
        table.lines.insert(position, table.changed(line, {"valid_from": at}))
        return save(arrivals, name, table, f"{row['subscription_id'][:8]} by {reseller or 'nobody'} from {at[:10]}")
    table.lines[position] = line
    return save(arrivals, name, table, f"{row['subscription_id'][:8]} by {reseller or 'nobody'}")


def map_management_group(arrivals: Landing) -> str:
    """A subscription is mapped to its management group; where all are, one is not any more."""
    name = "management_groups.csv"
    if not (arrivals.zone / "partner_directory" / name).exists():
        return ""
    return give_back_row(arrivals, name) or end_row(arrivals, name)


def change_partner(arrivals: Landing) -> str:
    """An agent group, a location or a principal of a partner is no longer listed."""
    return end_row(arrivals, arrivals.rng.choice(("agent_groups.csv", "partner_locations.csv", "partner_principals.csv")))
