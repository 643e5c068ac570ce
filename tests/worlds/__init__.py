"""Random worlds: small, truthful, adversarial landing zones for an independent recomputation.

`write_world(seed, zone)` writes one landing zone; the same seed gives the same bytes. `build_world(seed)` gives the
world before it is written, for whoever wants to look at the true history.

**Truth first.** A world is simulated: who was granted what from when until when, who was linked, what was used. The
evidence is derived from that history: change events where something changed, snapshots that show exactly what stands
at their instant (half-open: what begins at that instant is shown, what ends at it is not). Evidence is only ever left
out (feature `late_snapshots`), never invented. Without that feature the evidence is complete: what a recomputation
says about coverage is then what is true in `build_world(seed, features)`.

**Sharp edges on purpose.** Changes happen at midnight, a microsecond beside it, and in touching, overlapping or barely
parted relays; ids differ in letter case; names are prefixes of each other; the same event arrives in two shapes.

**No open questions.** What the rules leave open does not occur:
- two lines of one meter, day and resource never share a quantity unless they are identical in everything;
- a month's consumption of a tiered meter never falls below zero, and its product is on the price list all month or not;
- an item that is shown without creation time, whose writing was not logged, and that an earlier snapshot lacks, is
  never deleted by an event (nobody could say when it began);
- whoever has a link or membership that changes on a usage day has grants that stand through all of them (a link and a
  grant of the same day that never meet would be between two reasons);
- who is only a member of a group with access is neither named nor excluded by a deny assignment;
- nothing is written and deleted in the same instant; no two snapshots of a subscription have the same instant;
- lines of one day, resource and transacting partner have one reseller of record;
- quantities have no more than 15 decimals, prices no more than 22, the vendor's totals 18 (in the billing currency 22);
- two files of one export date are the same byte for byte (whatever their names and packing) or differ in lines;
- a file that is unreadable as a whole is so beyond doubt: a packed one cut, a quote that nothing closes, a needed column
  that is not there. It stands beside what it should have been, or under a date of its own: the rest goes on without it.
"""

from .copies import SPOILED_MARK, spoiled
from .knobs import ALL_FEATURES, FIXED_TIME, chance, next_month, plain, us_date
from .shapes import reshape
from .tenants import write_tenants, write_together
from .usage_files import json_line
from .world import build_world, write_world

__all__ = [
    "ALL_FEATURES", "FIXED_TIME", "SPOILED_MARK", "build_world", "chance", "json_line", "next_month", "plain", "reshape", "spoiled", "us_date",
    "write_tenants", "write_together", "write_world",
]  # fmt: skip
