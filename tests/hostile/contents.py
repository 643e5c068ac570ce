"""Faults of values: what the archive keeps as it is, and staging must find out; and the largest amounts that are accepted."""

import json

from . import base, texts
from .pieces import Hostile

# Tables that are also read as JSON records.
AS_JSON = ("daily_rated_usage", "invoice_reconciliation")


def value_faults():
    """Hostile(s) whose records the archive keeps as they are: what their values say, staging must find out."""
    for kind in base.GOOD:
        columns = list(base.GOOD[kind])
        for name, values in (("text", texts.TEXTS), ("number", texts.NUMBERS), ("date", texts.DATES)):
            for number, value in enumerate(values):
                changes = [{column: value} for column in columns] + [dict.fromkeys(columns, value)]
                yield Hostile(base.place(kind, f"{name}_{number}"), base.table(kind, *changes), None, (), len(changes))
        blank = [{column: ""} for column in columns] + [dict.fromkeys(columns, "")]
        yield Hostile(base.place(kind, "blank_values"), base.table(kind, *blank), None, (), len(blank))
    for kind in AS_JSON:
        for number, value in enumerate((None, 0, -1, 1.5, True, [], {}, ["x", {"y": None}], {"a": {"b": []}}, "", "\0", 10**30)):
            changes = [{column: value} for column in base.GOOD[kind]]
            yield Hostile(base.place(kind, f"json_type_{number}", "jsonl"), base.records(kind, *changes), None, (), len(changes))


def extremes():
    """Hostile(s) with the largest and smallest amounts that are accepted, many times: sums and products must hold them."""
    most, all_nines = "999999999999999.999999999999999999", "9" * 12
    usage = [
        *[{"pricingpretaxtotal": sign + most, "billingpretaxtotal": sign + "99999999999999999.9"} for sign in ("", "", "-", "") * 30],
        *[{"quantity": all_nines, "unitprice": "0"}, {"quantity": "-" + all_nines, "unitprice": "0"}] * 5,
        *[{"quantity": "999999.999999999999999", "unitprice": "99999999.9999999999999999999999", "pctobcexchangerate": rate} for rate in ("0.000000000000000001", "1", "999.9", "9999999.9")] * 9,
        *[{"quantity": all_nines, "unitprice": "999", "effectiveunitprice": "9999999999999999", "partnerearnedcreditpercentage": "100", "creditpercentage": "99.9999"}] * 9,
        {"quantity": "0.000000000000001", "unitprice": "0.0000000000000000000001", "pctobcexchangerate": "0.000000000000000001"},
        {"quantity": "0", "unitprice": "99999999"}, {"partnerearnedcreditpercentage": "0.0001"}, {"usagedate": "2010-01-01"}, {"usagedate": "2100-12-31"},
    ]  # fmt: skip
    usage = [change | {"partnerid": "hostile-extremes"} for change in usage]
    products = [{"productid": f"HOSTILE0000{number}"} for number in range(2, 5)]
    yield Hostile(base.place("daily_rated_usage", "extremes"), base.table("daily_rated_usage", *usage, *(change | product for change in usage for product in products)), None, (), 4 * len(usage))
    yield Hostile(base.place("daily_rated_usage", "extremes_billed"), base.table("daily_rated_usage", *(change | {"invoicenumber": "GHOSTILE2", "partnerid": "hostile-billed"} for change in usage)), None, (), len(usage))
    sheet = [
        products[0] | {"unitprice": "99999999.9999999999999999999999"}, products[1] | {"unitprice": "0.0000000000000000000001"},
        *[products[2] | {"pricingtierrangemin": low, "pricingtierrangemax": high, "unitprice": price} for low, high, price in
          (("0", "100", "99999999"), ("101", "99999999999999999999", "0.0000000000000000000001"), ("99999999999999999999", "", "99999999"))],
        products[1] | {"effectivestartdate": "2010-01-01", "effectiveenddate": "2100-12-31"}, products[1] | {"effectivestartdate": "2100-12-31", "effectiveenddate": "2010-01-01"},
    ]  # fmt: skip
    yield Hostile(base.place("price_sheet", "extremes"), base.table("price_sheet", *sheet), None, (), len(sheet))
    lines = [
        *[{"subtotal": sign + "999999999999999.99", "pctobcexchangerate": rate, "chargetype": kind} for sign in ("", "-") for rate in ("9999999", "0.000000000000000001", "") for kind in ("new", "customerCredit")] * 5,
        *[{"billablequantity": all_nines, "unitprice": "0.9", "effectiveunitprice": "0.9", "quantity": all_nines, "pctobcexchangerate": "9999999"}] * 5,
        *[{"billablequantity": "9999", "unitprice": "99999999", "effectiveunitprice": "-99999999", "quantity": "-" + all_nines, "subtotal": "0"}] * 5,
    ]  # fmt: skip
    for number in ("GHOSTILE2", "GHOSTILE3"):
        changes = [line | {"invoicenumber": number} for line in lines]
        yield Hostile(base.place("invoice_reconciliation", f"extremes_{number}"), base.table("invoice_reconciliation", *changes), None, (), len(changes))
        one_line = json.dumps([base.GOOD["invoice_reconciliation"] | change for change in changes[:20]]).encode()
        yield Hostile(base.place("invoice_reconciliation", f"extremes_one_line_{number}", "json"), one_line, None, (), 20)
    rates = [{"currencycode": code, "usdperunit": rate} for code, rate in (("XTS", "0.0000001"), ("XTT", "9999999.9"), ("XTU", "0.00000009"), ("XTV", "10000000"))]
    yield Hostile(base.place("fx_rates", "extremes"), base.table("fx_rates", *rates), None, (), 4)
    yield Hostile(base.place("claims", "extremes"), base.table("claims", *[{"settledusd": "999999999999999.999999999999999999"}] * 50), None, (), 50)
    circle = [{"groupobjectid": f"hostile-g{one}", "memberprincipalid": f"hostile-g{other}"} for one in range(8) for other in range(8)]
    yield Hostile(base.place("group_members", "everybody_in_everybody"), base.table("group_members", *circle), None, (), len(circle))
    long_id = base.GOOD["daily_rated_usage"]["resourceuri"] + "/a" * 50_000
    yield Hostile(base.place("daily_rated_usage", "long_ids"), base.table("daily_rated_usage", {"resourceuri": long_id}, {"resourceuri": "/" * 100_000}), None, (), 2)
    odd = {"scope": base.SCOPE + "/a" * 50_000, "id": base.SCOPE + "/a" * 50_000 + "/providers/Microsoft.Authorization/roleAssignments/hostile-long"}
    yield Hostile(base.document_place("role_assignments", "long_ids"), base.items("role_assignments", odd), None, (), 1)
    for kind, other in (("partner_locations", {"partnerglobalid": "hostile-other"}), ("agent_groups", {"partnerid": "hostile-other"}), ("agreements", {"validto": "2026-07-10"}),
                        ("subscription_partners", {"transactingpartnerid": "hostile-other"}), ("management_groups", {"managementgroupid": "/"}), ("claims", {"settledusd": "-1"}),
                        ("partner_id_links", {"partnerid": "hostile-other"}), ("fx_rates", {"usdperunit": "2"}), ("price_sheet", {"unitprice": "2"})):  # fmt: skip
        yield Hostile(base.place(kind, "against_itself"), base.table(kind, {}, other, {}, other), None, (), 4)


def paths_of(value, path=()):
    """The paths of all members of a JSON value."""
    for key, held in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from paths_of(held, (*path, key))


def changed(value, path, put):
    """A copy of a JSON value with another value at a path; put: what stands there, or a function of what stood there."""
    if not path:
        return put
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(copy[path[0]], path[1:], put)
    return copy


def without(value, path):
    """A copy of a JSON value without the member at a path."""
    copy = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1:
        del copy[path[0]]
    else:
        copy[path[0]] = without(copy[path[0]], path[1:])
    return copy


def item_faults():
    """Hostile(s) of documents: every member of an item absent, of a wrong type, or of a hostile text."""
    odd = [None, 0, -1.5, True, False, "", " ", "maybe", [], {}, [[]], [None], ["x"], [{}], {"a": 1}, [{"principalId": []}], "\0", 10**40, *texts.TEXTS, *texts.DATES]
    for folder, item in base.ITEMS.items():
        paths = list(paths_of(item))
        yield Hostile(base.document_place(folder, "absent_members"), json.dumps([without(item, path) for path in paths]).encode(), None, (), len(paths))
        for number, value in enumerate(odd):
            listed = [changed(item, path, value) for path in paths] + [item | {"properties": value}, item | {"properties": json.dumps(value)}]
            yield Hostile(base.document_place(folder, f"member_{number}"), json.dumps(listed).encode(), None, (), len(listed))
        for number, body in enumerate(("", "null", "[]", "{", '{"properties": []}', '"x"', "x" * 3000, '{"properties": {"principalId": {"a": 1}}}', "{" * 3000)):
            if folder == "activity_log":
                listed = [changed(item, ("properties", name), body) for name in ("requestbody", "responseBody")]
                yield Hostile(base.document_place(folder, f"body_{number}"), json.dumps(listed).encode(), None, (), len(listed))
