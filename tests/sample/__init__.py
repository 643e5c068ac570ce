"""The sample landing zone: an invented cloud partner, its customers, and two months of their exports.

`make sample` rewrites `seeds/landing_zone`; `write(zone)` writes it elsewhere. The
output depends on nothing but this package: no clock, no randomness. Every name, id, price and domain is invented.

**Who.** Fjellblick Cloud GmbH (partner id 6011111, and 6011112 for its second location) is billed by Microsoft for
three customers: Kieselbrück Maschinenbau in Germany, directly; Maison Orvelle in France, sold through the reseller
Atelier Nuvelle (6022222); and the depot of Thornwick Freight in Great Britain. Thornwick's fleet is billed to another
organisation of the same landing zone, Skerrane Cloud Ltd (6044444). Greymarsh (6033333) is somebody else's partner.

**When.** August 2026 is invoiced, September 2026 is open: month to date up to the 12th, exported again and again.

**What.** Each `Resource` tells in `access` what the evidence says, from which day on: either `path/level` (access all
day long, reported so) or the reason why the day is lost. `MICROSOFT_DIFFERS` lists the days on which Microsoft
decided otherwise; on all other days it applied what is due. The grants, delegations, denials and log records further
down are the evidence for those words.
"""

from .zone import files, write

__all__ = ["files", "write"]
