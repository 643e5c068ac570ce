"""When: months, usage days, awkward instants."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .knobs import DAY, TICK, TWO_MONTHS, chance, midnight, next_month


@dataclass(frozen=True)
class Calendar:
    """One or two months, a few usage days in them, and when the activity log begins."""

    months: tuple[date, ...]
    days: tuple[date, ...]
    log_begins: datetime

    @property
    def first(self) -> datetime:
        return midnight(self.days[0])

    @property
    def last(self) -> datetime:
        return midnight(self.days[-1] + DAY)

    def long_before(self, rng: random.Random) -> datetime:
        """An instant well before the first usage day."""
        return self.first - timedelta(days=rng.randint(40, 400), microseconds=rng.randrange(10**11))

    def edge(self, rng: random.Random) -> datetime:
        """An instant of a usage day, most likely an awkward one."""
        start = midnight(rng.choice(self.days))
        return start + rng.choice(
            (
                timedelta(0),
                timedelta(0),
                DAY,
                DAY,
                DAY - TICK,
                TICK,
                timedelta(hours=12),
                timedelta(seconds=rng.randrange(1, 86400)),
                timedelta(milliseconds=rng.randrange(1, 86400_000)),
                timedelta(microseconds=rng.randrange(1, 86400_000_000)),
            )
        )

    def edges(self, rng: random.Random, count: int) -> list[datetime]:
        """Different awkward instants in order, at least a second apart from each other."""
        found: list[datetime] = []
        for _ in range(20 * count):
            candidate = self.edge(rng)
            if len(found) < count and all(abs(candidate - other) > timedelta(seconds=1) for other in found):
                found.append(candidate)
        return sorted(found)


def invent_calendar(rng: random.Random) -> Calendar:
    """Choose months and 4 to 9 usage days: neighbours, so that midnights matter, and loners."""
    month = date(*rng.choice(((2025, 12), (2026, 1), (2026, 2), (2024, 2), (2026, 4), (2026, 5), (2026, 7))), 1)
    after = next_month(month)
    if chance(rng, TWO_MONTHS):
        months = (month, after)
        days = {after - n * DAY for n in range(1, rng.randint(2, 4))}
        days |= {after + n * DAY for n in range(rng.randint(2, 3))}
        days |= {month + rng.randrange(24) * DAY for _ in range(rng.randint(0, 2))}
        days |= {after + rng.randrange(5, 24) * DAY for _ in range(rng.randint(0, 1))}
    else:
        months = (month,)
        length = (after - month).days
        run = rng.randint(3, 5)
        begin = rng.choice((0, length - run, rng.randrange(length - run)))
        days = {month + (begin + n) * DAY for n in range(run)}
        days |= {month + rng.randrange(length) * DAY for _ in range(rng.randint(1, 3))}
    days = tuple(sorted(days))
    return Calendar(months, days, midnight(days[0]) - timedelta(days=rng.randint(2, 20), hours=rng.randrange(24)))
