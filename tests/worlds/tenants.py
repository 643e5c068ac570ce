"""Several worlds in one landing zone, and the share of it that the partner tenants of each world have (docs/tenants.md)."""

import gzip
import pathlib
import re
import shutil
import zlib

from .refunds import TENANT
from .world import build_world, write_world

# What a partner tenant delivers about itself. All other folders are the same for all tenants: prices, rates, evidence of access, and the directory.
OF_A_TENANT = ("daily_rated_usage", "cost_management", "invoice_reconciliation")
NAMES_METERS = ("daily_rated_usage", "cost_management", "price_sheet")


def write_tenants(seeds: tuple[int, ...], folder: pathlib.Path) -> tuple[pathlib.Path, list[pathlib.Path]]:
    """Write worlds side by side; the landing zone of all, and that of each.

    seeds: of worlds with as many months. A world stands for partner tenants that share customers: some of its subscriptions go from one to another.
    folder: an empty one.
    """
    whole, shares = folder / "whole", [folder / f"share{number}" for number in range(len(seeds))]
    meters = [[meter for product in build_world(seed).products for meter in product.meters] for seed in seeds]
    for number, seed in enumerate(seeds):
        world = folder / f"world{number}"
        write_world(seed, world)
        # All worlds use the meters of the first. The tenant of refunds and the invoice of credits, which all worlds have, are others in each.
        names = dict(zip(meters[number], meters[0], strict=True)) | {TENANT: f"{TENANT[:-1]}{number}", "gcredit1": f"GCREDIT{number}"}
        for file in sorted(path for path in world.rglob("*") if path.is_file()):
            kind, *rest = file.relative_to(world).parts
            if kind == "partner_directory":
                add_rows(file, whole / kind / file.name)
                continue
            for zone in [whole, shares[number]] if kind in OF_A_TENANT else [whole, *shares]:
                copy(file, pathlib.Path(zone, kind, f"world{number}", *rest), names if kind in (*OF_A_TENANT, *NAMES_METERS) else {})
    for share in shares:
        shutil.copytree(whole / "partner_directory", share / "partner_directory")
    return whole, shares


def copy(file: pathlib.Path, to: pathlib.Path, names: dict[str, str]) -> None:
    """Copy a file, with other names in it, and with its time. What cannot be unpacked is copied as it is."""
    to.parent.mkdir(parents=True, exist_ok=True)
    content = file.read_bytes()
    is_packed = file.name.endswith(".gz")
    try:
        text = gzip.decompress(content) if is_packed else content
    except (EOFError, gzip.BadGzipFile, zlib.error):
        text = b""
    other = re.sub(b"|".join(re.escape(name.encode()) for name in names) or b"$^", lambda found: names[found[0].decode().lower()].encode(), text, flags=re.I)
    if other != text:
        content = gzip.compress(other, mtime=0) if is_packed else other
    to.write_bytes(content)
    shutil.copystat(file, to)


def add_rows(file: pathlib.Path, to: pathlib.Path) -> None:
    """Add the rows of a file of the directory to those of other worlds. A row that stands in several is one."""
    to.parent.mkdir(parents=True, exist_ok=True)
    header, *rows = file.read_text(encoding="utf-8").splitlines()
    before = to.read_text(encoding="utf-8").splitlines() if to.exists() else [header]
    assert before[0] == header
    to.write_text("\n".join([*before, *(row for row in dict.fromkeys(rows) if row not in before[1:]), ""]), encoding="utf-8")
    shutil.copystat(file, to)
