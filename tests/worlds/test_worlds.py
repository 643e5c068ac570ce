"""The worlds themselves, without a warehouse: what they promise, and that what should occur does occur."""

from decimal import Decimal

import pytest
import reference
import worlds
from project import warehouse as w

SEEDS = range(1, 25)


def recomputed(seed, zone, features=worlds.ALL_FEATURES):
    worlds.write_world(seed, zone, features)
    return reference.recompute(zone, w.ROLES)


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """What the reference says of some worlds, by seed."""
    folder = tmp_path_factory.mktemp("worlds")
    return {seed: recomputed(seed, folder / str(seed)) for seed in SEEDS}


def contents(zone):
    return {file.relative_to(zone): (file.read_bytes(), file.stat().st_mtime) for file in zone.rglob("*") if file.is_file()}


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name in ("once", "again"):
        worlds.write_world(3, tmp_path / name)
    assert contents(tmp_path / "once") == contents(tmp_path / "again") != {}


@pytest.mark.parametrize("seed", SEEDS[:8])
def test_copies_and_unreadable_files_change_no_number(seed, known, tmp_path):
    """The one thing that a copy may change is the name of the file that a line comes from."""
    clean = recomputed(seed, tmp_path, worlds.ALL_FEATURES - {"copies", "unreadable"})
    assert (clean["duplicates"], clean["quarantined"]) == ({}, set())
    for mart in ("eligibility", "month_to_date", "statement", "gaps", "missed", "superseded"):
        assert known[seed][mart] == clean[mart], mart
    lines = [sorted(str({**row, "source_file": ""}) for row in result["charges"]) for result in (known[seed], clean)]
    assert lines[0] == lines[1] != []


def test_what_should_occur_does_occur(known):
    charges = [row for result in known.values() for row in result["charges"]]
    assert {row["quantity"].normalize().as_tuple().exponent for row in charges} >= {-15, -13, -9, -8, -2, 0}
    costs = [row["list_cost_usd"] for row in charges]
    assert sum(cost != 0 and str(cost)[-1] != "0" for cost in costs) > len(costs) // 10, "products of more than 18 decimals are usual"
    assert any(cost > 10**10 for cost in costs), "more than a type of 28 decimals can add up"
    assert any(0 < cost < Decimal("1E-9") for cost in costs)
    assert sum(len(result["duplicates"]) for result in known.values()) > 10
    assert sum(len(result["quarantined"]) for result in known.values()) > 10
    reasons = [row["pec_reason"] for row in charges]
    assert all(reasons.count(reason) > 9 for reason in ("reservation", "benefit_paid", "no_market")), "of the field"
    assert {row["pec_status"] for row in charges} == {"earned", "missed", "unexpected", "not_earned"}
    claims = [row for result in known.values() for row in result["claims"].values()]
    for rows in (claims, [row for result in known.values() for row in result["missed"].values()]):
        assert {row["claim_status"] for row in rows} >= {"open", "late", "submitted", "partly_settled", "settled"}
        assert any(row["possible_settlement_usd"] > 0 for row in rows)
    assert {row["finding"] for row in claims} == {None, "unknown_claim", "settled_more_than_claimed"}
    # M7: refunds that nobody settles, with and without a row of the register, alone and beside other runs of their claim.
    below = [row for row in claims if row["missed_credit_usd"] < 0]
    assert {bool(row["is_registered"]) for row in below} == {True, False} and any(row["registered_settlement_usd"] > 0 for row in below)
    runs = [row for result in known.values() for row in result["missed"].values() if row["missed_credit_usd"] < 0]
    assert len(runs) > 10 and {row["settled_credit_usd"] for row in runs} == {0}
