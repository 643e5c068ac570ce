"""Several worlds in one landing zone, and the share of it that the partner tenants of each world have (docs/tenants.md)."""

import pathlib
import shutil

from .refunds import TENANT
from .world import write_world

# Delivered by a partner tenant about itself. All other folders are the same for all: prices, rates, evidence of access, and the directory.
OF_A_TENANT = ("daily_rated_usage", "cost_management", "invoice_reconciliation")


def write_tenants(seeds: tuple[int, ...], folder: pathlib.Path) -> tuple[pathlib.Path, list[pathlib.Path]]:
    """Write worlds side by side; the landing zone of all, and that of each.

    seeds: of the worlds.  folder: an empty one. A world stands for partner tenants that share subscriptions: what is transferred goes from one to another.
    """
    whole, shares = folder / "whole", [folder / f"share{number}" for number in range(len(seeds))]
    for number, seed in enumerate(seeds):
        world = folder / f"world{number}"
        write_world(seed, world)
        for file in sorted(path for path in world.rglob("*") if path.is_file()):
            kind, rest = file.relative_to(world).parts[0], file.relative_to(world).parts[1:]
            if kind == "partner_directory":
                add_rows(file, whole / kind / file.name)
                continue
            path = pathlib.Path(kind, f"world{number}", *rest)
            for zone in [whole, shares[number]] if kind in OF_A_TENANT else [whole, *shares]:
                copy(file, zone / path, number)
    for share in shares:
        shutil.copytree(whole / "partner_directory", share / "partner_directory")
    return whole, shares


def copy(file: pathlib.Path, to: pathlib.Path, number: int) -> None:
    """Copy a file with its time. What is the same in all worlds is another in each: the tenant of refunds, and the invoice of credits."""
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(file, to)
    if to.parent.name == "refunds" or to.name.startswith("credits_"):
        other = to.read_bytes().replace(TENANT.encode(), f"{TENANT[:-1]}{number}".encode()).replace(b"GCREDIT1", f"GCREDIT{number}".encode())
        to.write_bytes(other)
        shutil.copystat(file, to)


def add_rows(file: pathlib.Path, to: pathlib.Path) -> None:
    """Add the rows of a file of the directory to those of other worlds. A row that stands in several is one."""
    to.parent.mkdir(parents=True, exist_ok=True)
    header, *rows = file.read_text(encoding="utf-8").splitlines()
    before = to.read_text(encoding="utf-8").splitlines() if to.exists() else [header]
    assert before[0] == header
    to.write_text("\n".join([*before, *(row for row in dict.fromkeys(rows) if row not in before[1:]), ""]), encoding="utf-8")
    shutil.copystat(file, to)
