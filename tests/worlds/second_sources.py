"""What a second source tells: usage of the month before from Cost Management, and beside the daily file; links as JSON."""

import csv
import io
import json
import random
import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from .knobs import DAY, chance, iso, midnight, plain
from .truth import World
from .usage import Line
from .usage_files import line_values
from .zone import Zone

LINKS_AS_JSON = 0.5  # of the links that never end


def cost_line(rng: random.Random, world: World, line: Line, quantity: Decimal, shift: timedelta) -> dict[str, str]:
    """A line as Cost and usage details tell it; shift: how many days earlier."""
    values = {name: plain(value) if isinstance(value, Decimal) else value for name, value in line_values(world, line, quantity, "").items()}
    day = line.day - shift
    rate = "0.15" if line.is_applied else "0"
    models = {"Reservation": "Reservation", "SavingsPlan": "SavingsPlan", "": rng.choice(("OnDemand", "On Demand", ""))}
    return {
        "invoiceId": "", "partnerTenantId": values["PartnerId"], "customerTenantId": values["CustomerId"], "customerName": values["CustomerName"],
        "billingPeriodStartDate": f"{day:%m}/01/{day:%Y}", "date": rng.choice((f"{day:%m/%d/%Y}", day.isoformat())), "meterId": values["MeterId"],
        "meterName": values["MeterName"], "meterCategory": values["MeterCategory"], "ProductId": values["ProductId"] + values["SkuId"],
        "SubscriptionId": values["EntitlementId"], "publisherName": values["PublisherName"], "resourceGroupName": values["ResourceGroup"],
        "ResourceId": values["ResourceURI"], "quantity": values["Quantity"], "chargeType": "Purchase" if chance(rng, 0.05) else "Usage",
        "billingCurrency": values["BillingCurrency"], "pricingCurrency": "USD", "costInBillingCurrency": values["BillingPreTaxTotal"],
        "costInPricingCurrency": values["PricingPreTaxTotal"], "unitPrice": values["UnitPrice"],
        "exchangeRatePricingToBilling": values["PCToBCExchangeRate"], "partnerEarnedCreditRate": rng.choice((rate, plain(Decimal(rate) * 100))),
        "partnerEarnedCreditApplied": rng.choice(("1", "True", "") if line.is_applied else ("0", "False", "")),
        "PricingModel": models.get(line.benefit, ""), "reservationId": "r" if line.benefit == "Reservation" else "",
        "tags": values["Tags"], "additionalInfo": values["AdditionalInfo"],
    }  # fmt: skip


def write_cost_management(world: World, zone: Zone) -> None:
    """Two runs of an export: the month before the first, of which there is no daily file, and lines of months that the daily file has."""
    rng = random.Random(f"{world.seed}-cost_management")
    if not world.has("cost_management"):
        return
    by_subscription: dict[str, list[Line]] = {}
    for line in world.lines:
        if line.day.replace(day=1) == world.calendar.months[0] and line.product.product_id and line.meter:
            by_subscription.setdefault(line.subscription.id, []).append(line)
    rows: list[dict[str, str]] = []
    earlier: list[dict[str, str]] = []
    for lines in by_subscription.values():
        if chance(rng, 0.6):
            some = rng.sample(lines, min(len(lines), 12))
            rows += [cost_line(rng, world, line, line.quantity, 31 * DAY) for line in some]
            earlier += [cost_line(rng, world, line, line.quantity + 1, 31 * DAY) for line in some[::2]]
        if chance(rng, 0.6):
            rows += [cost_line(rng, world, line, line.quantity * 3, 0 * DAY) for line in rng.sample(lines, min(len(lines), 3))]
    for run, (content, days) in enumerate(((earlier, 40), (rows, 41))):
        if not content:
            continue
        out = io.StringIO()
        writer = csv.DictWriter(out, list(content[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(content)
        at = midnight(world.calendar.days[-1]) + timedelta(days=days, hours=6)
        run_id = uuid.uuid5(uuid.NAMESPACE_OID, f"{world.seed} {run}")
        zone.write(f"cost_management/mpa/{run_id}/part_0_0001.csv{rng.choice(('', '.gz'))}", out.getvalue().encode(), at)


def links_as_json(world: World, zone: Zone, links: list[tuple]) -> list[tuple]:
    """Writes some links as answers of their identities; returns the others. An identity with several links stays in the directory."""
    rng = random.Random(f"{world.seed}-links_as_json")
    if not world.has("links_as_json"):
        return links
    owners = [owner.lower() for owner, *_ in links]
    kept = []
    for owner, partner, begin, end in links:
        if begin is None or end is not None or owners.count(owner.lower()) > 1 or not chance(rng, LINKS_AS_JSON):
            kept.append((owner, partner, begin, end))
            continue
        answer: dict[str, object] = {"id": f"/providers/Microsoft.ManagementPartner/partners/{partner}", "name": partner, "partnerId": partner, "state": "Active"}
        changed = iso(begin, "1Z" if begin.microsecond else "Z")
        before = iso(datetime(2020, 1, 1))
        answer |= rng.choice(({"version": 1, "createdTime": changed}, {"version": 3, "createdTime": before, "updatedTime": changed}, {"updatedTime": changed}))
        if chance(rng, 0.5):
            answer["objectId"] = owner
        shape: object = answer if chance(rng, 0.5) else {"id": answer["id"], "name": partner, "properties": answer}
        zone.write(f"partner_id_links/{owner}/{rng.choice(('2026-12-01', '2026-12-02'))}.json", json.dumps(shape).encode())
    return kept
