"""What pec explain computes from marts.access_grants, against what the marts decided."""

import duckdb
from pec.questions import resource_days


def disagreements(database):
    """The days whose covered seconds or access reason the grants do not give, as text; and all reasons that were seen, as a set.

    database: path of a warehouse or a pec.duckdb.
    """
    found, reasons = [], set()
    with duckdb.connect(str(database), read_only=True) as connection:
        for day, pieces in resource_days.of(connection):
            reasons.add(day["access_reason"])
            seconds, told = resource_days.microseconds(resource_days.covered(pieces)), reason_of(pieces)
            if seconds != int(day["covered_seconds"] * 1_000_000):
                found.append(f"{resource_days.key_of(day)}: the grants give {seconds} microseconds, the mart {day['covered_seconds']} seconds")
            if day["access_reason"] not in ("no_agreement", told):
                found.append(f"{resource_days.key_of(day)}: the grants give {told}, the mart {day['access_reason']}")
    return found, reasons


def reason_of(pieces):
    """The access reason that follows from the pieces of a day: the highest stage that any grant in force on it reaches, or how much is covered."""
    seconds = resource_days.microseconds(resource_days.covered(pieces))
    if seconds:
        return "full_day" if seconds == 86_400_000_000 else "partial_day"
    # A grant that nobody known has is none; that of a partner who cannot earn is another partner's.
    stages = [(piece.row["access_stage"] if piece.is_ours else 1, piece) for piece in pieces if piece.times and piece.row["owner_kind"] != "nobody_known"]
    if not stages:
        return "no_access"
    stage, piece = max(stages, key=lambda reached: reached[0])
    return "other_partner" if not piece.is_ours else "denied" if piece.row["reached"] == "permanent" else piece.row["access_reason"]
