"""Arrivals: a landing zone that fills over weeks. Exports come in, come again, are corrected, reach back, and vanish.

`Arrivals(seed, source, zone)` takes the landing zone of a random world (worlds.write_world) and lets an empty folder become something like
it, step by step: `begin()` puts a part of the files there, some of them cut down, and each `arrive()` brings a hand of news out of a shuffled
deck (NEWS, a function each) and says what it was. The same seed gives the same bytes in the same order.

**Two kinds of news.** Some deliver what the world holds and the zone does not yet (usage, snapshots, events, price sheets, rates). The others
say something that the world does not know: a revoked link, another price, a list without an assignment, a closed month.

**What news may do.** Every state is one that a partner's folder can be in, and as far as we know one that the rules settle: what changes in
the directory changes at a midnight, a copied line is a copy in everything or has a quantity of its own.

**What is lost.** In every other sequence files go that were read, lists are overwritten by those of another date, and downloads come broken over
good ones. `forgot` tells that the zone no longer says all that it has said; `kept` is a zone that still does, and what a warehouse that was there
all along knows.

**What is taken back.** A correction may turn out to be a mistake: the next night brings the file as it was.

**The house.** `Nights` (nights.py) lets things happen to the project and its warehouse file meanwhile.
"""

from .nights import Nights
from .sequence import NEWS, Arrivals

__all__ = ["NEWS", "Arrivals", "Nights"]
