"""The sample landing zone: an invented cloud partner, its customers, and three months of their exports.

`make sample` rewrites `seeds/landing_zone`; `write(zone)` writes it elsewhere. The
output depends on nothing but this package: no clock, no randomness. Every name, id, price and domain is invented.

**Who.** Fjellblick Cloud GmbH (partner id 6011111, and 6011112 for its second location) is billed by Microsoft for
seven customers. Directly: Kieselbrück Maschinenbau, Kliniken Aldersbrunn and Frostquell Eiskrem in Germany, the depot
of Thornwick Freight in Great Britain, Tannegg Bergbahnen in Austria, whose price sheet is missing, and Quillmere Studio,
whose lines name no country. Through the reseller Atelier Nuvelle (6022222): Maison Orvelle in France. Thornwick's fleet
is billed to another organisation of the same landing zone, Skerrane Cloud Ltd (6044444). Greymarsh (6033333) is
somebody else's partner.

**When.** July and August 2026 are invoiced, September 2026 is open: month to date up to the 12th, exported again and
again. Offices rest at the weekend, ice cream sells at the end of July, fashion in the sales, and a factory grows.

**The story.** A new administrator at Aldersbrunn removes AdminAgents at 10:00 on 14 July; the leak costs four weeks,
until it is repaired at 11:00 on 11 August, and Microsoft notices the repair three days late. In the imaging department
Microsoft's run fails for nine days of July although access stands: this is claimed on 18 August and paid with the
invoice of August. Frostquell's web shop lacks a partner ID link in its best weeks, and its factory gave the partner only
Reader. The rest are the exceptions that a partner meets in a year.

**What.** Each `Resource` tells in `access` what the evidence says, from which day on: either `path/level` (access all
day long, reported so) or the reason why the day is lost. `MICROSOFT_DIFFERS` lists the days on which Microsoft
decided otherwise; on all other days it applied what is due. The grants, delegations, denials and log records further
down are the evidence for those words.
"""

from .zone import files, write

__all__ = ["files", "write"]
