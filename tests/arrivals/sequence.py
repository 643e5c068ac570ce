"""The deck of news, and the steps."""

import itertools
import math
import pathlib

import worlds

from .claims import REGISTER, Claims
from .directory import (
    change_agreement, change_membership, change_partner, change_relationship, end_row, find_rows,
    map_management_group,
)  # fmt: skip
from .evidence import break_list, correct_list, list_again_without, mend_list
from .files import Table
from .landing import Landing
from .loss import break_download, lose_files, mend_download, overwrite_list
from .prices import change_rate, correct_price_sheet, new_price_sheet
from .usage import bring_an_invoice, close_a_month, correct_usage, export_again


def next_files(kind: str):
    """News that deliver the next files of a kind."""
    return lambda arrivals: arrivals.deliver(kind, arrivals.rng.randint(1, 1 + len(arrivals.waiting[kind]) // 3))


# kind: what it does, and how often it is in the deck
NEWS = {
    "usage": (next_files("usage"), 4),
    "export again": (export_again, 2),
    "corrected usage": (correct_usage, 1),
    "closed month": (close_a_month, 1),
    "invoice": (bring_an_invoice, 1),
    "events": (next_files("events"), 2),
    "snapshots": (next_files("snapshots"), 1),
    "list without": (list_again_without, 1),
    "corrected list": (correct_list, 1),
    "mended list": (mend_list, 1),
    "link revoked": (lambda arrivals: end_row(arrivals, "partner_id_links.csv"), 1),
    "membership": (change_membership, 1),
    "agreement": (change_agreement, 1),
    "relationship": (change_relationship, 1),
    "management group": (map_management_group, 1),
    "partner": (change_partner, 1),
    "directory rows": (find_rows, 1),
    "price sheets": (next_files("price sheets"), 1),
    "new price sheet": (new_price_sheet, 1),
    "corrected price sheet": (correct_price_sheet, 1),
    "rates": (next_files("rates"), 1),
    "corrected rate": (change_rate, 1),
}
# In every other sequence the zone also loses what was read. Some of that comes back.
LOSSES = {
    "files gone": (lose_files, 2),
    "list overwritten": (overwrite_list, 2),
    "broken list": (break_list, 2),
    "broken download": (break_download, 3),
    "mended download": (mend_download, 2),
}
# What is sometimes taken back the next night.
CORRECTIONS = {
    "corrected usage", "corrected list", "link revoked", "membership", "agreement", "relationship", "management group", "partner",
    "corrected price sheet", "corrected rate",
}  # fmt: skip
TAKEN_BACK = 0.4


class Arrivals(Landing):
    """A landing zone that fills in steps: see the package.

    seed: decides everything.  source: a complete landing zone, which is only read.  zone: a folder that does not exist yet.
    After each step a build is to see the zone.  `arrived`: what came, per arrival.  `forgot`, `kept`, `broken`: see Landing.
    """

    def __init__(self, seed: int, source: pathlib.Path, zone: pathlib.Path) -> None:
        super().__init__(seed, source, zone)
        self.news = NEWS | (LOSSES if self.loses else {})
        self.claims = Claims(seed, self)
        self.taken_back: list[dict[str, bytes]] = []  # files to put back as they were, with the next arrival

    def begin(self) -> None:
        """The first arrival: a part of everything, and a directory that lacks some rows."""
        shares = {"usage": 0.35, "snapshots": 0.5, "events": 0.5, "price sheets": 0.7, "rates": 0.5}
        for kind, share in shares.items():
            self.deliver(kind, math.ceil(share * len(self.waiting[kind])))
        while not any(Table.read(file).usage() for file in self.usage()):
            self.deliver("usage", 1)
        for file in self.files("partner_directory/", self.source):
            if REGISTER.endswith(file.name):
                continue
            table = Table.read(file)
            lost = 0.4 if file.name == "management_groups.csv" else 0.08
            kept = [line for line in table.lines[1:] if not line or not worlds.chance(self.rng, lost)]
            self.put(f"partner_directory/{file.name}", "\n".join([table.lines[0], *kept]), file.stat().st_mtime)
        self.claims.arrive()
        self.arrived.append(["the first part"])

    def arrive(self) -> list[str]:
        """The next arrival: what is taken back, and up to five news; what they were."""
        self.fresh.clear()
        news = self.take_back()
        wanted = len(news) + self.rng.choice((0, 1, 1, 2, 3, 4, 5))
        for _ in range(3 * len(self.news)):
            if len(news) < wanted:
                news += self.play(self.draw())
        news += self.claims.arrive()
        self.arrived.append(news or ["nothing"])
        return news

    def is_compared(self) -> bool:
        """Is now a time to compare? At the end, and at some arrivals in between."""
        return len(self.arrived) == self.count or worlds.chance(self.rng_of_minds, 0.35)

    def draw(self) -> str:
        """The next card. All are drawn before one comes again."""
        if not self.deck:
            cards = [kind for kind, (_, times) in self.news.items() for _ in range(times)]
            self.deck = self.rng.sample(cards, len(cards))
        return self.deck.pop()

    def play(self, kind: str) -> list[str]:
        """Let news of a kind happen: what it was, as a list of one; an empty list where there is nothing that it could be about."""
        self.written = {}
        told = self.news[kind][0](self)
        if told and kind in CORRECTIONS and worlds.chance(self.rng_of_minds, TAKEN_BACK):
            self.taken_back.append({path: content for path, content in self.written.items() if content is not None})
        return [f"{kind}: {told}"] if told else []

    def take_back(self) -> list[str]:
        """Put back, as they were, the files whose correction was a mistake; what they are."""
        changes, self.taken_back = self.taken_back, []
        news = []
        for path, content in itertools.chain.from_iterable(change.items() for change in reversed(changes)):
            self.put(path, content)
            news.append(f"taken back: {path[-60:]}")
        return news
