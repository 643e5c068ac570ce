"""The marts against an independent recomputation in plain Python Decimals: on the sample, and on seeded random worlds.

More worlds: PEC_WORLDS=100 PEC_WORLDS_FROM=1000 .venv/bin/python -m pytest tests/worlds
"""

import os
from datetime import date
from decimal import Decimal

from project import explained
from project import warehouse as w
import pytest
import reference
from reference import comparison
import worlds

FIRST = int(os.environ.get("PEC_WORLDS_FROM", "1"))
# A world in which Marketplace delegations decide over money, one of them has a plan of nulls, and access is away for less than a minute.
SETTINGS = 81
RATES = ((date.min, Decimal("0.15")), (date(2024, 2, 21), Decimal("0.175")))
# Two worlds have a landing zone of their own: in them a day with lost credit has several gaps, which is rare.
ALONE = (71, 246)
# The others share one by 25, among them two in which something rare happens: a deletion of what nothing ever showed, on a day with other grants (215), and a
# claim of refunds with a run of days that misses credit (506).
OTHERS = sorted({215, 506} | set(range(FIRST, FIRST + int(os.environ.get("PEC_WORLDS", "12")))))
TOGETHER = [OTHERS[first : first + 25] for first in range(0, len(OTHERS), 25)]
SHAPED = (3, 7)


def test_sample_is_what_the_reference_says(sample):
    assert comparison.against_reference(w.SAMPLE, sample) == []


@pytest.mark.parametrize("seeds", [*([seed] for seed in ALONE), *TOGETHER], ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_marts_are_what_the_reference_says(seeds, tmp_path):
    zone = tmp_path / "zone"
    worlds.write_together(seeds, zone)
    warehouse = w.build(zone, tmp_path / "build", "build", "--exclude-resource-type", "unit_test", *comparison.COMPARED)
    assert comparison.against_reference(zone, warehouse)[:10] == []
    # What pec explain computes from the grants is what was decided.
    assert explained.disagreements(warehouse)[0][:10] == []


def is_in(zone, path, content):
    """Whether a landing zone has a file of that path and content."""
    return (zone / path).is_file() and (zone / path).read_bytes() == content


def test_evidence_of_any_shape_says_the_same(tmp_path):
    """Worlds whose logs and lists are as other tools export them have the marts that the reference finds in the plain ones."""
    plain, zone = tmp_path / "plain", tmp_path / "zone"
    worlds.write_together(SHAPED, plain)
    worlds.write_together(SHAPED, zone)
    worlds.reshape(SHAPED[0], zone)
    changed = [file.relative_to(zone).parts[1] for file in zone.rglob("*") if file.is_file() and not is_in(plain, file.relative_to(zone), file.read_bytes())]
    assert all(changed.count(f"world{seed}") > 3 for seed in SHAPED), changed
    warehouse = w.build(zone, tmp_path / "build", "build", "--exclude-resource-type", "unit_test", *comparison.COMPARED)
    assert comparison.against_reference(plain, warehouse)[:10] == []


def test_other_settings_say_what_the_reference_says(tmp_path):
    """Marketplace offers as they were read earlier (A3), a tolerated gap (A6), and a rate that changes within a month (P3): each matters here."""
    zone = tmp_path / "zone"
    worlds.write_world(SETTINGS, zone)
    others = {"offers_need_no_link": True, "tolerance": 60, "rates": RATES}
    plain = reference.recompute(zone, w.ROLES)
    for name, value in others.items():
        other = reference.recompute(zone, w.ROLES, **{name: value})
        assert (other["charges"], other["eligibility"]) != (plain["charges"], plain["eligibility"]), f"{name} changes nothing: take another seed"
    project = w.copy_of_project(tmp_path / "project")
    (begin, first), (change, second) = RATES
    assert begin == date.min
    (project / "seeds" / "reference" / "pec_rates.csv").write_text(
        f"valid_from,valid_to,pec_rate,source\n,{change},{first},before\n{change},,{second},after\n", encoding="utf-8"
    )
    setting = ["--vars", "{marketplace_offers_are_linked_automatically: true, access_gap_tolerance_seconds: 60}"]
    command = ["build", "--exclude-resource-type", "unit_test", *comparison.COMPARED, *setting]
    warehouse = w.build(zone, tmp_path / "build", *command, project=project)
    assert comparison.against_reference(zone, warehouse, **others)[:10] == []
