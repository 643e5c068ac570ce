"""The partner directory."""

import random

from .knobs import chance, midnight, other_case
from .second_sources import links_as_json
from .truth import World
from .zone import Zone, write_table

# How users write the two names: all are understood.
SPELLINGS = {
    "AdminAgents": ("Admin Agents", "admin-agents", "ADMINAGENTS", "adminagent", "Admin_Agents "),
    "HelpdeskAgents": ("Helpdesk Agents", "Help desk agents", "HELPDESK-AGENTS", "HelpDeskAgent"),
}


def invent_agreements(world: World) -> list[tuple]:
    """Agreements: mostly in force, some from or until an awkward instant, one renewed at midnight, one missing."""
    rng, calendar = world.rngs["agreements"], world.calendar
    rows = []
    for role in ("own", "second", "reseller", "stranger"):
        owner = world.partners[role].global_id
        one, other = (*calendar.edges(rng, 2), calendar.last)[:2]
        renewed = midnight(one.date())
        rows += rng.choices(
            (
                [(owner, None, None)],
                [(owner, calendar.long_before(rng), None)],
                [(owner, one, None)],
                [(owner, None, other)],
                [(owner, None, one), (owner, other, None)],
                [(owner, None, renewed), (owner, renewed, None)],
                [],
            ),
            (30, 30, 8, 8, 8, 12, 4),
        )[0]
    return rows


def write_directory(world: World, zone: Zone) -> None:
    """Write what no export gives and the partner knows."""
    rng, people, folder = world.rngs["files"], world.people, "partner_directory/"
    partners = world.partners
    write_table(
        zone, folder + "partner_locations.csv", "partner_id,partner_global_id,name",
        [(i, p.global_id, p.name) for p in partners.values() if p.is_listed for i in p.partner_ids],
    )  # fmt: skip
    groups = []
    spelling = random.Random(f"{world.seed}-group names")
    for organisation in partners.values():
        for name, identity in (("AdminAgents", "admin_agents"), ("HelpdeskAgents", "helpdesk_agents")):
            location = rng.choice(organisation.partner_ids)
            groups.append((getattr(organisation, identity), spelling.choice((name, *SPELLINGS[name])), organisation.tenant_id, location))
    if chance(rng, 0.4):
        groups = [row for row in groups if row[2] != partners["stranger"].tenant_id]
    write_table(
        zone, folder + "agent_groups.csv", "group_object_id,group_name,partner_tenant_id,partner_id", groups
    )

    def shuffled(rows: list) -> list:
        return rng.sample(rows, len(rows))

    links = [(other_case(rng, owner), *rest) for owner, *rest in people.links]
    links = links_as_json(world, zone, links)
    span = "valid_from,valid_to"
    write_table(zone, folder + "partner_id_links.csv", f"principal_id,partner_id,{span}", shuffled(links))
    write_table(zone, folder + "partner_principals.csv", "principal_id,partner_id,name", shuffled(people.known))
    write_table(
        zone, folder + "group_members.csv", f"group_object_id,member_principal_id,{span}", shuffled(people.members)
    )
    if world.has("agreements"):
        agreements = invent_agreements(world)
        write_table(zone, folder + "agreements.csv", f"partner_global_id,{span}", shuffled(agreements))
    registered = [
        (other_case(rng, subscription.id), row.partner_id, row.reseller_id, row.begin, row.end)
        for subscription in world.subscriptions
        for row in subscription.registered
    ]
    write_table(
        zone, folder + "subscription_partners.csv",
        f"subscription_id,transacting_partner_id,reseller_partner_id,{span}", shuffled(registered),
    )  # fmt: skip
    if world.has("management_groups"):
        write_table(
            zone, folder + "management_groups.csv", "management_group_id,subscription_id", world.management_groups
        )
