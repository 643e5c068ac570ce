"""The reference on the published examples of `domain.md`: products, prices and money (P, M), and the export lifecycle."""

import gzip
import json
from datetime import date
from decimal import Decimal, localcontext

import pytest

from reference.zones import USAGE, USERS, VM, assignment


@pytest.mark.parametrize(
    ("change", "tags", "reason"),
    [
        ({"BenefitType": "Reservation", "CreditPercentage": "100"}, "Azure;ThirdParty", "reservation"),
        ({"BenefitType": "SavingsPlan"}, "Azure;ThirdParty", "savings_plan"),
        ({"BenefitType": "Charge"}, "Azure", "eligible"),
        ({"PublisherName": "Invented"}, "Azure;ThirdParty", "third_party"),
        ({"PublisherName": "Invented"}, "Azure", "marketplace"),
        ({"PublisherName": "NA"}, "Azure", "eligible"),
        ({"PublisherName": ""}, "Azure", "eligible"),
        ({"MeterCategory": "Virtual Machines", "MeterName": "D4s v3 Spot", "ProductId": "?"}, "Azure", "spot"),
        ({"MeterCategory": "Virtual Machines", "MeterName": "HotSpot"}, "Azure", "eligible"),
        ({"MeterCategory": "Storage", "MeterName": "Hot Spot"}, "Azure", "eligible"),
        ({"CreditType": "Azure Credit Applied", "CreditPercentage": "100"}, "Azure", "azure_credit"),
        ({"SkuId": "0002"}, "Azure", "not_on_price_list"),
        ({"MeterId": "other"}, "Azure", "not_on_price_list"),
        ({"CustomerCountry": "FR"}, "Azure", "no_price_sheet"),
        ({"CustomerCountry": " "}, "Azure", "no_market"),
        ({"UsageDate": "12/31/2025"}, "Azure", "no_price_sheet"),
        ({"AdditionalInfo": '{"RESERVATIONORDERID":"r"}', "BenefitType": "SavingsPlan"}, "Azure", "reservation"),
        ({"AdditionalInfo": '"{\\"ReservationId\\": \\"r\\"}"'}, "Azure;ThirdParty", "reservation"),
        ({"AdditionalInfo": '{"ReservationOrderId":"","ReservationId":null,"Note":"ReservationId: r"}'}, "Azure", "eligible"),
        ({"AdditionalInfo": '{"ReservationId":"00000000-0000-0000-0000-000000000000"}'}, "Azure", "eligible"),
        ({"PricingPreTaxTotal": "0"}, "Azure", "benefit_paid"),
        ({"PricingPreTaxTotal": "", "BillingPreTaxTotal": "0.0"}, "Azure", "benefit_paid"),
        ({"PricingPreTaxTotal": "0", "BillingPreTaxTotal": "0.01"}, "Azure", "eligible"),
        ({"PricingPreTaxTotal": "0", "PartnerEarnedCreditPercentage": "15"}, "Azure", "eligible"),
        ({"PricingPreTaxTotal": "0", "PublisherName": "Invented"}, "Azure", "marketplace"),
        ({"PricingPreTaxTotal": "0", "SkuId": "0002"}, "Azure", "not_on_price_list"),
        ({"PricingPreTaxTotal": ""}, "Azure", "eligible"),
        ({"InvoiceNumber": "D123"}, "Azure", "not_on_price_list"),
    ],
)
def test_p2_product_reasons(zone, change, tags, reason):
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"])])
    zone.price({"Tags": tags})
    zone.usage(change)
    (row,) = zone.run()["charges"]
    assert row["pec_reason"] == reason
    assert row["recoverable_credit_usd"] == 0
    assert row["list_cost_usd"] == (0 if reason in ("reservation", "savings_plan", "benefit_paid") else 10)


def test_m1_a_line_without_a_country_has_its_customers(zone):
    zone.price(*({"UnitPrice": price, "Market": market} for price, market in (("2", "DE"), ("3", "FR"))))
    zone.usage({"CustomerCountry": "", "CustomerId": "a"}, {"CustomerCountry": "FR", "CustomerId": "A"}, {"CustomerCountry": "", "CustomerId": "b"})
    assert [(row["list_cost_usd"], row["pec_reason"]) for row in zone.run()["charges"]] == [(30, "no_access"), (30, "no_access"), (10, "no_market")]
    zone.usage({"CustomerCountry": "de"}, name="unbilled_2026-02-28")  # the customer's other lines name nothing else
    zone.usage({"CustomerCountry": ""}, {"CustomerCountry": "FR"}, {"CustomerCountry": "DE"})
    assert zone.run()["charges"][0]["list_cost_usd"] == 20, "the first in alphabetical order"


def test_m2_what_a_benefit_paid_fills_no_tier_but_is_told_by_a_rating_in_which_it_does(zone):
    free = {"UnitPrice": "0", "PricingTierRangeMin": "0"}
    zone.price(free, {"UnitPrice": "2", "PricingTierRangeMin": "5"})
    paid = {"PricingPreTaxTotal": "0", "UnitPrice": "2"}
    zone.usage(*({**paid, "Quantity": "4", "UsageDate": f"1/{day}/2026"} for day in (5, 6)), {"Quantity": "3", "UsageDate": "1/7/2026"})
    rows = zone.run()["charges"]
    assert [(row["pec_reason"], row["list_cost_usd"]) for row in rows] == [("no_access", 0), ("benefit_paid", 0), ("no_access", 4)]


@pytest.mark.parametrize(("maxima", "cost"), [(("", ""), 125), (("100", ""), 125), (("100", "9.22337203685478E+18"), 125), (("100", "9223372036854775807"), 125)])
def test_m2_where_maxima_are_blank_a_tier_ends_where_the_next_begins(zone, maxima, cost):
    low = {"UnitPrice": "1", "PricingTierRangeMin": "0", "PricingTierRangeMax": maxima[0]}
    zone.price(low, {"UnitPrice": "0.5", "PricingTierRangeMin": "100", "PricingTierRangeMax": maxima[1]})
    zone.usage({"Quantity": "150"})
    assert zone.run()["charges"][0]["list_cost_usd"] == cost


@pytest.mark.parametrize(
    ("sheet", "quantity", "unit_price", "list_cost", "credit", "billable"),
    [
        # 24 hours at 4, of which a plan of one an hour pays 12: in the other line.
        ({"UnitPrice": "4"}, "12", "4", "48", "7.20", "12"),
        # The API's example, before rounding 0.4860316965152491966716.
        ({"UnitPrice": "0.0209496384791679"}, "23.200004", "0.0209496384791679", "0.486031696515249197", "0.072904754477287380", "23.200004"),
    ],
)  # fmt: skip
def test_m3_published_examples(zone, sheet, quantity, unit_price, list_cost, credit, billable):
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"])])
    zone.price(sheet)
    plan = {"BenefitType": "SavingsPlan", "Quantity": "12", "PricingPreTaxTotal": "0"}
    zone.usage(plan, {"Quantity": quantity, "UnitPrice": unit_price, "BenefitType": "Charge"})
    result = zone.run()
    covered, charged = result["charges"]
    assert (covered["list_cost_usd"], covered["pec_reason"]) == (0, "savings_plan")
    assert [charged[name] for name in ("list_cost_usd", "pec_credit_usd", "net_cost_usd")] == [
        Decimal(list_cost), Decimal(credit), Decimal(list_cost) - Decimal(credit)
    ]  # fmt: skip
    (month,) = result["month_to_date"].values()
    assert month["cumulative_quantity"] == Decimal(billable)


def test_m2_150_units_of_which_100_are_included_bill_50(zone):
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"])])
    zone.price({"UnitPrice": "0", "PricingTierRangeMax": "100"}, {"UnitPrice": "0.85", "PricingTierRangeMin": "100"})
    zone.usage({"Quantity": "150"})
    (month,) = zone.run()["month_to_date"].values()
    assert month["cumulative_net_cost_usd"] == 50 * Decimal("0.85") * Decimal("0.85")
    assert month["effective_unit_price"] == Decimal("36.12") / 50, "50 are billable"


TIERS = [
    {"UnitPrice": "1.00", "PricingTierRangeMin": "1", "PricingTierRangeMax": "100"},
    {"UnitPrice": "0.80", "PricingTierRangeMin": "101", "PricingTierRangeMax": "100000"},
    {"UnitPrice": "0.50", "PricingTierRangeMin": "100001", "PricingTierRangeMax": "9223372036854780000"},
]


def test_m2_graduated_tiers(zone):
    zone.price(*TIERS)
    zone.usage({"Quantity": "101"})
    assert zone.run()["charges"][0]["list_cost_usd"] == Decimal("100.80")
    zone.usage({"Quantity": "100.5"})
    assert zone.run()["charges"][0]["list_cost_usd"] == Decimal("100.40")
    zone.usage({"Quantity": "99", "UsageDate": "1/5/2026"}, {"Quantity": "2", "UsageDate": "1/6/2026"})
    assert [row["list_cost_usd"] for row in zone.run()["charges"]] == [99, Decimal("1.80")]


@pytest.mark.parametrize(
    ("quantity", "price", "rate", "listed", "credit"),
    [
        ("22.9276737383009", "0.3264", "0.15", "7.48359270818141376", "1.122538906227212064"),  # the vendor's example
        ("1", "0.0000000000000000005", "0.15", "0.000000000000000001", "0"),  # half away from zero, once
        ("-1", "0.0000000000000000005", "0.15", "-0.000000000000000001", "0"),
        ("1", "0.0000000000000000004999", "0.15", "0", "0"),
        ("1", "0.00000000000000000333", "0.15", "0.000000000000000003", "0"),  # of 3.33 it would be 0.4995
        ("-2", "0.00000000000000000165", "0.15", "-0.000000000000000003", "0"),
        ("1", "0.00000000000000001", "0.15", "0.00000000000000001", "0.000000000000000002"),  # 1.5
        ("-1", "0.00000000000000001", "0.15", "-0.00000000000000001", "-0.000000000000000002"),
        ("4.2E-05", "1.2E+4", "0.15", "0.504", "0.0756"),
        ("4.2e-5", "12000", "0.1234", "0.504", "0.0621936"),
        (
            "987654321.123456789012345", "12345.6789012345678901234567", "0.15",
            "12193263114007.011086572160526764", "1828989467101.051662985824079015",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("own_price", [True, False])
def test_m3_rounded_once_to_18_decimals(zone, quantity, price, rate, listed, credit, own_price):
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"])])
    zone.price({"UnitPrice": "9" if own_price else price})
    zone.usage({"Quantity": quantity, "UnitPrice": price, "ProductId": "NEW" if own_price else "PROD"})
    (row,) = zone.run(rates=[(date.min, Decimal(rate))])["charges"]
    due = 0 if own_price else Decimal(credit)  # what is not on the list earns nothing
    assert (row["list_cost_usd"], row["pec_credit_usd"]) == (Decimal(listed), due)
    with localcontext() as context:
        context.prec = 60
        assert row["net_cost_usd"] == Decimal(listed) - due


def test_m3_a_sum_over_tiers_is_rounded_once(zone):
    third = "0.0000000000000000004"  # in each tier 0.4 of the last decimal: together 1.2
    tiers = [{"PricingTierRangeMax": "1E+0"}, {"PricingTierRangeMin": "2", "PricingTierRangeMax": "2.0"}, {"PricingTierRangeMin": "3"}]
    zone.price(*({"UnitPrice": third, **tier} for tier in tiers))
    zone.usage({"Quantity": "3"})
    assert [row["list_cost_usd"] for row in zone.run()["charges"]] == [Decimal("1E-18")]


def test_m3_recoverable_and_applied_credit_are_rounded_line_by_line(zone):
    zone.price({"UnitPrice": "0.00000000000000001"})
    zone.usage({}, {"PartnerEarnedCreditPercentage": "15"}, *({"Quantity": "1", "UsageDate": f"1/{day}/2026"} for day in (6, 7)))
    result = zone.run()
    assert [row["recoverable_credit_usd"] for row in result["charges"]] == [Decimal(f"{n}E-18") for n in (15, 0, 2, 2)]
    (total,) = result["statement"].values()
    assert (total["recoverable_credit_usd"], total["unexpected_credit_usd"]) == (Decimal("19E-18"), Decimal("15E-18"))


def test_m6_corrections_unwind(zone):
    zone.price(*TIERS)
    zone.usage({"Quantity": "101", "UsageDate": "1/5/2026"}, {"Quantity": "-2", "UsageDate": "1/6/2026"})
    assert [row["list_cost_usd"] for row in zone.run()["charges"]] == [Decimal("100.80"), Decimal("-1.80")]


def test_m1_newest_start_wins_and_the_end_day_counts(zone):
    zone.price(
        {"UnitPrice": "2", "EffectiveEndDate": "1/5/2026 12:00:00 AM"},
        {"UnitPrice": "3", "EffectiveStartDate": "1/5/2026 12:00:00 AM", "EffectiveEndDate": "1/5/2026 11:59:59 PM"},
    )
    zone.usage(*({"UsageDate": f"1/{day}/2026", "Quantity": "1", "UnitPrice": "7"} for day in (4, 5, 6)))
    assert [row["list_cost_usd"] for row in zone.run()["charges"]] == [2, 3, 7]
    zone.price({}, name="again")
    assert [row["list_cost_usd"] for row in zone.run()["charges"]][1] == 3


def test_m1_a_price_that_was_replaced_does_not_come_back(zone):
    zone.price(
        {"UnitPrice": "1", "PricingTierRangeMin": "0", "PricingTierRangeMax": "10"},
        {"UnitPrice": "2", "PricingTierRangeMin": "11", "PricingTierRangeMax": "60"},
        {"UnitPrice": "3", "PricingTierRangeMin": "61"},
        {"UnitPrice": "4", "PricingTierRangeMin": "0", "PricingTierRangeMax": "10", "EffectiveStartDate": "1/4/2026"},
        {"UnitPrice": "5", "PricingTierRangeMin": "11", "PricingTierRangeMax": "100", "EffectiveStartDate": "1/4/2026"},
        {"UnitPrice": "6", "PricingTierRangeMin": "101", "EffectiveStartDate": "1/4/2026"},
        {"UnitPrice": "7", "PricingTierRangeMin": "61", "EffectiveStartDate": "1/6/2026"},  # instead of 5 and 6; 2 was replaced by 5
    )
    for day, cost in ((3, 10 + 50 * 2 + 50 * 3), (5, 10 * 4 + 90 * 5 + 10 * 6), (6, 10 * 4 + 100 * 7)):
        zone.usage({"UsageDate": f"1/{day}/2026", "Quantity": "110"})
        assert zone.run()["charges"][0]["list_cost_usd"] == cost


@pytest.mark.parametrize(
    ("quantity", "cost", "price"),
    [
        ("29", "21.39", "0.737586206896552"),
        ("210.950039", "155.63", "0.737757626107858"),
        ("555.950039", "410.17", "0.737782122900436"),
    ],
)
def test_m4_month_to_date(zone, quantity, cost, price):
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"])])
    zone.price({"UnitPrice": "0.868"})
    zone.usage({"Quantity": quantity})
    (row,) = zone.run()["month_to_date"].values()
    assert (row["billable_cost_usd"], row["effective_unit_price"]) == (Decimal(cost), Decimal(price))


def test_m4_free_tier(zone):
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"])])
    free = {"UnitPrice": "0", "PricingTierRangeMin": "1", "PricingTierRangeMax": "5"}
    paid = {"UnitPrice": "2.99", "PricingTierRangeMin": "6", "PricingTierRangeMax": "9223372036854780000"}
    zone.price(free, paid)
    zone.usage({"Quantity": "4"}, {"Quantity": "33", "UsageDate": "1/6/2026"})
    first, second = zone.run()["month_to_date"].values()
    assert first["effective_unit_price"] is None
    assert second["cumulative_net_cost_usd"] == Decimal("81.328")
    assert second["effective_unit_price"] == Decimal("81.32") / 32


def test_status_and_statement(zone):
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"], scope=VM)])
    other = VM.replace("vm1", "vm10")
    zone.usage(
        {"PartnerEarnedCreditPercentage": "15"},
        {},
        {"ResourceURI": other, "PartnerEarnedCreditPercentage": "15"},
        {"ResourceURI": other},
    )
    result = zone.run()
    assert [row["pec_status"] for row in result["charges"]] == ["earned", "missed", "unexpected", "not_earned"]
    (total,) = result["statement"].values()
    assert {name: str(value.normalize()) for name, value in total.items()} == {
        "list_cost_usd": "4E+1",
        "pec_credit_usd": "3",
        "net_cost_usd": "37",
        "applied_credit_usd": "3",
        "missed_credit_usd": "1.5",
        "unexpected_credit_usd": "1.5",
        "recoverable_credit_usd": "1.5",
    }


def test_missed_runs_of_days(zone):
    zone.snapshot("role_assignments", "2026-01-01", [assignment(USERS["MPN1"])])
    earned = {"UsageDate": "1/29/2026", "PartnerEarnedCreditPercentage": "15"}
    days = ["1/27/2026", "1/28/2026", "1/28/2026", "1/30/2026", "1/31/2026", "2/1/2026"]
    zone.usage({**earned, "UsageDate": "1/28/2026"}, earned, *({"UsageDate": day} for day in days))
    january, february = date(2026, 1, 1), date(2026, 2, 1)
    assert {(key[0], key[3]): tuple(row.values())[:3] for key, row in zone.run()["missed"].items()} == {
        (january, date(2026, 1, 27)): (date(2026, 1, 28), Decimal("4.5"), 3),
        (january, date(2026, 1, 30)): (date(2026, 1, 31), 3, 2),
        (february, february): (february, Decimal("1.5"), 1),
    }


def test_export_lifecycle(zone):
    zone.usage({"Quantity": "1"}, {"Quantity": "1"}, name="part1_2026-01-31")
    zone.usage({"Quantity": "2"}, name="part2_20260131")
    zone.usage({"Quantity": "9"}, name="unbilled_2026-01-30")
    zone.usage({"Quantity": "4", "BillingCurrency": "GBP"}, name="gbp_2026-01-30")
    zone.usage({"Quantity": "3", "UsageDate": "2026-02-01"}, name="feb_2026-02-02")
    result = zone.run()
    assert sorted(row["quantity"] for row in result["charges"]) == [1, 1, 2, 3, 4, 10]
    assert result["superseded"] == 1
    zone.usage({"Quantity": "7", "InvoiceNumber": "G1"}, name="billed_2026-02-08_G120250101")
    zone.usage({"Quantity": "8", "InvoiceNumber": "G1"}, name="billed_2026-02-09")
    zone.usage({"Quantity": "-1", "InvoiceNumber": "G2"}, name="billed_2026-03-08")
    result = zone.run()
    assert sorted(row["quantity"] for row in result["charges"]) == [-1, 3, 4, 8]


def quantities(result):
    """The quantities that count, in order, and the files that they come from."""
    return sorted(row["quantity"] for row in result["charges"]), {row["source_file"] for row in result["charges"]}


def test_the_same_content_of_one_export_date_is_one_file(zone):
    lines = {"Quantity": "1"}, {"Quantity": "1"}, {"Quantity": "many"}
    names = ["unbilled_2026-01-31", "unbilled_2026-01-31 (1)", "copies/unbilled_20260131T101500Z"]
    for name in names:
        zone.usage(*lines, name=name)
    usage = zone.root / "daily_rated_usage"
    plain = (usage / f"{names[0]}.csv").read_bytes()
    (usage / "unbilled_2026-01-31.csv.gz").write_bytes(gzip.compress(plain[:99]) + gzip.compress(plain[99:]))
    (usage / "unbilled_2026-01-31T23.csv.gz").write_bytes(b"\xef\xbb\xbf" + plain)  # a client that unpacks, an editor that marks
    first = "daily_rated_usage/copies/unbilled_20260131T101500Z.csv"
    result = zone.run()
    assert quantities(result) == ([1, 1], {first})
    assert result["rejected"] == {(first, 4)}
    assert set(result["duplicates"].values()) == {first} and len(result["duplicates"]) == 4
    (usage / "copies" / "unbilled_20260131T101500Z.csv").unlink()
    assert quantities(zone.run()) == ([1, 1], {"daily_rated_usage/unbilled_2026-01-31 (1).csv"}), "a space comes before a point"
    zone.usage(*lines, name="unbilled_2026-01-30")
    zone.usage({"Quantity": "2"}, name="unbilled_2026-01-31_part2")
    assert quantities(zone.run())[0] == [1, 1, 2], "another date is another export, another content another part"


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("csv.gz", lambda content: gzip.compress(content, mtime=0)[:-9]),
        ("csv", lambda content: gzip.compress(content, mtime=0)[:-9]),
        ("csv", lambda content: content[:-3]),
        ("csv", lambda content: b"".join(content.rsplit(b'"', 1))),
        ("csv", lambda content: b'"' + content),
        ("csv", lambda content: content.replace(b"Quantity", b"Amount", 1)),
        ("csv", lambda content: content.replace(b"MpnId", b"Partner", 1)),
    ],
)
def test_a_file_that_is_unreadable_as_a_whole_is_put_aside(zone, name, damage):
    zone.usage({"CustomerName": "Alder, B", "BenefitType": "Charge, B"}, {"CustomerName": "Alder, B", "BenefitType": "Charge, B"})
    path = zone.root / "daily_rated_usage" / f"unbilled_2026-02-01.{name}"
    path.write_bytes(damage((path.parent / "unbilled_2026-01-31.csv").read_bytes()))
    result = zone.run()
    assert quantities(result) == ([10, 10], {"daily_rated_usage/unbilled_2026-01-31.csv"})
    assert (result["quarantined"], result["rejected"]) == ({f"daily_rated_usage/{path.name}"}, set())


def test_json_lines_and_rejected_rows(zone):
    lower = {name[0].lower() + name[1:]: value for name, value in USAGE.items()}
    lower |= {"rateOfPartnerEarnedCredit": 0.15, "resellerMpnId": 0, "invoiceNumber": "G7"}
    lower |= {"usageDate": "2026-01-05T00:00:00Z", "quantity": 2.5}
    for name in ("partnerEarnedCreditPercentage", "tier2MpnId"):
        del lower[name]
    path = zone.root / "daily_rated_usage" / "api_2026-02-08.jsonl"
    path.write_text("\n".join([json.dumps(lower), "{broken", json.dumps({**lower, "mpnId": None})]) + "\n")
    zone.usage({"UsageDate": "13/31/2026"}, {"Quantity": "1,5"}, {"MpnId": ""}, {"BillingCurrency": "GBP"})
    broken = zone.root / "daily_rated_usage" / "unbilled_2026-01-31.csv"
    broken.write_text(broken.read_text() + "too,few\r\n")
    result = zone.run()
    csv_name, json_name = "daily_rated_usage/unbilled_2026-01-31.csv", "daily_rated_usage/api_2026-02-08.jsonl"
    assert result["rejected"] == {(csv_name, n) for n in (2, 3, 4, 6)} | {(json_name, 2), (json_name, 3)}
    rows = {row["source_file"]: row for row in result["charges"]}
    assert rows[csv_name]["line_number"] == 5
    row = rows[json_name]
    assert (row["quantity"], row["applied_pec_rate"], row["usage_date"]) == (
        Decimal("2.5"),
        Decimal("0.15"),
        date(2026, 1, 5),
    )
