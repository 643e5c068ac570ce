"""The reference on how files write dates, numbers and ids (M3, export lifecycle)."""

from datetime import datetime
from pathlib import Path

import pytest

from reference.values import date_in_name
from reference.zones import METER, PLAN, PROVIDER, VM


def test_how_a_file_writes_dates_and_decimals_is_decided_for_the_file(zone):
    iso, ambiguous = {"UsageDate": "2026-01-05"}, {"UsageDate": "05/01/2026"}
    zone.usage(ambiguous, {**iso, "ChargeEndDate": "31/01/2026"}, {"UsageDate": "13/01/2026"}, name="day_first_2026-01-31")
    zone.usage({"UsageDate": "1/5/2026"}, {"UsageDate": "1/13/2026"}, name="month_first_2026-01-31")
    zone.usage({"UsageDate": "13/45/2026"}, ambiguous, name="ambiguous_2026-01-31")
    zone.usage({"UsageDate": "1/13/2026"}, {"UsageDate": "13/1/2026"}, ambiguous, name="both_2026-01-31")
    zone.usage({"PCToBCExchangeRate": "0,9", **iso}, {"PCToBCExchangeRate": "", **iso, "Quantity": "1.234"}, name="commas_2026-01-31")
    zone.usage({**iso, "Quantity": "1,5"}, {**iso, "Quantity": "1,234"}, {**iso, "Quantity": "1.234"}, name="points_2026-01-31")
    rejected = {(name.split("/")[1].split("_2026")[0], line) for name, line in zone.run()["rejected"]}
    assert rejected == {
        *((name, line) for name, lines in {"day_first": (2, 4), "ambiguous": (2,), "both": (3, 4), "commas": (2, 3), "points": (2, 3)}.items() for line in lines)
    }


@pytest.mark.parametrize(
    "change",
    [
        {"UsageDate": "12/31/2009"}, {"UsageDate": "2101-01-01"}, {"UsageDate": "infinity"}, {"UsageDate": "2026-01-05 (BC)"}, {"MpnId": "-1"},
        {"Quantity": "1_000"}, {"Quantity": "nan"}, {"UnitPrice": "-0.01"}, {"PCToBCExchangeRate": "0"}, {"PCToBCExchangeRate": "-1"},
        {"PartnerEarnedCreditPercentage": "-15"}, {"CreditPercentage": "-1"},
    ],
)  # fmt: skip
def test_what_is_no_date_or_number_is_rejected(zone, change):
    zone.usage(change)
    assert (len(zone.run()["rejected"]), len(zone.run()["charges"])) == (1, 0)


def test_ids_are_compared_without_marks_and_braces(zone):
    odd = {"PartnerId": f"\ufeff{{{PROVIDER}}}", "MpnId": "\u200b1000001", "SubscriptionId": f"\u00a0{PLAN.upper()}\t", "Tier2MpnId": "-1",
           "ResourceURI": f"\u2060{VM.upper()}/", "MeterId": f"{{{METER}}}", "ProductId": " prod\u200d", "CustomerCountry": "\ufeffDE"}  # fmt: skip
    zone.usage(odd, {"Quantity": "1"}, name="unbilled_2026-01-30")
    zone.usage({}, {"UsageDate": "1/6/2026"}, name="unbilled_2026-01-31")
    result = zone.run()
    assert (len(result["charges"]), result["superseded"]) == (2, 2), "the newer export replaces both lines"
    zone.usage(odd)
    (row,) = zone.run()["charges"]
    assert (row["list_cost_usd"], row["resource_id"], row["reseller_partner_id"]) == (10, VM.lower(), None)


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("20091231.csv", None), ("20100101.csv", datetime(2010, 1, 1)), ("21001231.csv", datetime(2100, 12, 31)), ("21010101.csv", None),
        ("68670609-first_2026-07-04.json", datetime(2026, 7, 4)),
    ],
)  # fmt: skip
def test_a_date_in_a_name_is_of_the_years_2010_to_2100(name, date):
    assert date_in_name(Path(name)) == date
