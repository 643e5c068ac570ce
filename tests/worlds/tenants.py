"""Several worlds in one landing zone, and the share of it that the partner tenants of each world have (docs/tenants.md)."""

import gzip
import pathlib
import re
import shutil
import zlib
from collections.abc import Callable, Iterable
from functools import partial

from .refunds import TENANT
from .world import build_world, write_world

# What a partner tenant delivers about itself, and what counts for all. All other folders are evidence of access.
OF_A_TENANT = ("daily_rated_usage", "cost_management", "invoice_reconciliation")
OF_ALL = ("partner_directory", "partner_id_links", "price_sheet", "fx_rates")


def write_tenants(seeds: tuple[int, ...], folder: pathlib.Path) -> tuple[pathlib.Path, list[pathlib.Path]]:
    """Write worlds side by side; the landing zone of all, and that of each. The first share has all evidence of access, the last has its own alone.

    seeds: of worlds with as many months. A world stands for partner tenants that share customers: some of its subscriptions go from one to another.
    folder: an empty one.
    """
    whole, shares = folder / "whole", [folder / f"share{number}" for number in range(len(seeds))]
    meters = [[meter for product in build_world(seed).products for meter in product.meters] for seed in seeds]
    for number, seed in enumerate(seeds):
        world = folder / f"world{number}"
        write_world(seed, world)
        # All worlds use the meters of the first. What all worlds name alike is another in each: the tenant of refunds, the invoice of credits, and
        # management groups, whose ids are of a customer's tenant.
        others = {TENANT: f"{TENANT[:-1]}{number}", "gcredit1": f"GCREDIT{number}", "mg-": f"mg{number}-"}
        change = partial(renamed, names=dict(zip(meters[number], meters[0], strict=True)) | others)
        for file in sorted(path for path in world.rglob("*") if path.is_file()):
            kind, *rest = file.relative_to(world).parts
            if kind == "partner_directory":
                add_rows(file, whole / kind / file.name, change)
                continue
            having = shares[number : number + 1] if kind in OF_A_TENANT else shares if kind in OF_ALL else shares[: number + 1]
            for zone in (whole, *having):
                copy(file, pathlib.Path(zone, kind, f"world{number}", *rest), change)
    for share in shares:
        shutil.copytree(whole / "partner_directory", share / "partner_directory")
    return whole, shares


def write_together(seeds: Iterable[int], zone: pathlib.Path) -> None:
    """Write worlds into one landing zone, each in folders of its own. What worlds name alike is one, as they are one partner's, but for products: worlds
    have prices of their own. AssertionError: a seed is not below 4096."""
    for seed in seeds:
        assert seed < 4096, "the product ids of a world have three digits of its number"
        world = zone.with_name(f"world{seed}")
        write_world(seed, world)
        change = partial(re.sub, rb"(?i)(?<=qzh)770(?=z)", b"%03X" % seed)
        for file in sorted(path for path in world.rglob("*") if path.is_file()):
            kind, *rest = file.relative_to(world).parts
            if kind == "partner_directory":
                add_rows(file, zone / kind / file.name, change)
            else:
                copy(file, pathlib.Path(zone, kind, world.name, *rest), change)
        shutil.rmtree(world)


def copy(file: pathlib.Path, to: pathlib.Path, change: Callable[[bytes], bytes]) -> None:
    """Copy a file with its time, and change what it says. What cannot be unpacked is copied as it is."""
    to.parent.mkdir(parents=True, exist_ok=True)
    content = file.read_bytes()
    is_packed = file.name.endswith(".gz")
    try:
        text = gzip.decompress(content) if is_packed else content
    except (EOFError, gzip.BadGzipFile, zlib.error):
        text = b""
    other = change(text)
    if other != text:
        content = gzip.compress(other, mtime=0) if is_packed else other
    to.write_bytes(content)
    shutil.copystat(file, to)


def renamed(text: bytes, names: dict[str, str]) -> bytes:
    """A text with other names in it. names: in lower case to what stands for them, in whatever case they are written."""
    return re.sub(b"|".join(re.escape(name.encode()) for name in names), lambda found: names[found[0].decode().lower()].encode(), text, flags=re.I)


def add_rows(file: pathlib.Path, to: pathlib.Path, change: Callable[[bytes], bytes]) -> None:
    """Change what a file of the directory says, and add its rows to those of other worlds. A row that stands in several is one."""
    to.parent.mkdir(parents=True, exist_ok=True)
    header, *rows = change(file.read_bytes()).decode().splitlines()
    before = to.read_text(encoding="utf-8").splitlines() if to.exists() else [header]
    assert before[0] == header
    to.write_text("\n".join([*before, *(row for row in dict.fromkeys(rows) if row not in before[1:]), ""]), encoding="utf-8")
    shutil.copystat(file, to)
